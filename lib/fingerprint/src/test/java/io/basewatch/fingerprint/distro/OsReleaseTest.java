package io.basewatch.fingerprint.distro;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OsReleaseTest {

    @Test
    void takesQuotesAndEscapesAsAShellDoes() {
        assertThat(value("A=plain")).isEqualTo("plain");
        assertThat(value("A=\"double quoted\"")).isEqualTo("double quoted");
        assertThat(value("A='single \\ quoted $x'")).isEqualTo("single \\ quoted $x");
        assertThat(value("A=\"a \\\"b\\\" \\$c \\\\ \\`d\\`\"")).isEqualTo("a \"b\" $c \\ `d`");
        assertThat(value("A=\"one\"'two'three")).isEqualTo("onetwothree");
        assertThat(value("A=\"\"")).isEmpty();
    }

    @Test
    void forgivesWhatRealFilesGetWrong() {
        assertThat(value("  A = Alpine Linux  ")).isEqualTo("Alpine Linux");
        assertThat(value("export A=x")).isEqualTo("x");
        assertThat(value("A=\"not closed\nB=2\n")).isEqualTo("not closed");
        assertThat(value("A=x # a remark")).isEqualTo("x");
        assertThat(value("A=https://example.org/#part")).isEqualTo("https://example.org/#part");
        assertThat(value("A=\"with # sign\"")).isEqualTo("with # sign");
    }

    @Test
    void doesNotBelieveAValueInWhichTheFileEnds() {
        assertThat(OsRelease.parse("A=1\nB=\"12")).isEqualTo(new OsRelease(java.util.Map.of("A", "1"), true));
        assertThat(OsRelease.parse("A=1\nB=\"12\"").isCut()).isFalse();
        assertThat(OsRelease.parse("A='it''s' # it's").isCut()).isFalse();
    }

    @Test
    void letsTheLastAssignmentWin() {
        assertThat(value("A=1\nB=2\nA=3")).isEqualTo("3");
    }

    @Test
    void skipsRemarksBlanksAndLinesThatAssignNothing() {
        assertThat(OsRelease.parse("#A=1\n\n \nfoo\n=x\nA B=1\nOK=1\r\nALSO=2\r")
                        .fields())
                .containsOnlyKeys("OK", "ALSO")
                .containsEntry("OK", "1")
                .containsEntry("ALSO", "2");
    }

    @Test
    void dropsControlCharactersAndWhatNoRealValueIsLongEnoughFor() {
        assertThat(value("A=\"a\u001b[31m\u0000b\"")).isEqualTo("a[31mb");
        assertThat(value("A=" + "x".repeat(10_000)).length()).isEqualTo(512);
    }

    @Test
    void treatsAnEmptyFieldAsAbsent() {
        assertThat(OsRelease.parse("VERSION_CODENAME=\"\"").get("VERSION_CODENAME"))
                .isNull();
    }

    private static String value(String text) {
        return OsRelease.parse(text).fields().get("A");
    }
}
