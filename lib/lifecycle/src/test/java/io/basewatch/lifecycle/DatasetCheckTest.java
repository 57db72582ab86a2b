package io.basewatch.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.basewatch.lifecycle.DatasetRefused.Why;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetCheckTest {

    private static final LocalDate TODAY = LocalDate.parse("2026-11-21");

    private final String bundled = new String(Lifecycle.bundled().json(), StandardCharsets.UTF_8);

    @Test
    void takesTheDatasetOfThisBuild() throws DatasetRefused {
        Lifecycle taken = DatasetCheck.check(Lifecycle.bundled().json(), Lifecycle.bundled(), TODAY);

        assertThat(taken.products()).isEqualTo(Lifecycle.bundled().products());
        assertThat(taken.digest()).matches("sha256:[0-9a-f]{64}");
    }

    @Test
    void theCanariesAreThoseOfTheDatasetToo() throws DatasetRefused {
        for (String day : new String[] {"2026-11-21", "2027-07-01", "2029-01-01", "2040-01-01"}) {
            DatasetCheck.check(Lifecycle.bundled().json(), Lifecycle.bundled(), LocalDate.parse(day));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                // an ended release lives again: its dates moved, no end any more, no dates at all, its name gone
                "debian | 10 | 'security_support_end': '2024-06-30' | 'security_support_end': '2027-06-30' | debian 10 ended on 2024-06-30",
                "centos | 8 | 'security_support_end': '2021-12-31' | 'security_support_end': false | centos 8 ended on 2021-12-31",
                "centos | 7 | 'security_support_end': '2024-06-30', | | centos 7 ended on 2024-06-30",
                "alpine | 3.18 | 'cycle': '3.18' | 'cycle': '3.18-lts' | alpine 3.18 ended on 2025-05-09",
                "ubuntu | 16.04 | 'release': '2016-04-21' | 'phase': 'standard' | ubuntu 16.04 ended on 2021-04-30",
                "ubuntu | 14.04 | 'release': '2014-04-17' | 'phase': 'rolling' | ubuntu 14.04 ended on 2019-04-25",
                // one that is supported dies
                "debian | 13 | 'security_support_end': '2030-06-30' | 'security_support_end': '2028-08-09' | debian 13 is supported until 2030-06-30",
                "alpine | 3.24 | 'release': '2026-06-09' | 'phase': 'ended' | alpine 3.24 is supported until 2028-06-01",
                "rhel | 9 | 'cycle': '9' | 'cycle': '9.0' | rhel 9 is supported until 2032-05-31"
            })
    void refusesADatasetInWhichACanaryHasChangedSides(
            String product, String cycle, String before, String after, String words) {
        DatasetRefused refused = refused(changed(product, cycle, before, after == null ? "" : after));

        assertThat(refused.why()).isEqualTo(Why.CANARY);
        assertThat(refused).hasMessageContaining(words);
    }

    @Test
    void refusesADatasetThatHasLostAProductOrAThirdOfItsReleases() {
        String lost = bundled.replaceFirst("\"slackware\": \\{", "\"slackware-linux\": {");
        assertThat(refused(lost).why()).isEqualTo(Why.SHRUNK);
        assertThat(refused(lost)).hasMessageContaining("product 'slackware' is gone");

        String fewer = bundled.replaceAll("(?m)^.*\"cycle\": \"(1[0-9]|2[0-9])\", .*fedora.*\\n", "");
        assertThat(refused(fewer).why()).isEqualTo(Why.SHRUNK);
        assertThat(refused(fewer)).hasMessageContaining("product 'fedora' has lost 20 of its 45 releases");
    }

    @Test
    void takesADatasetWithNewReleasesMovedEndsAndFieldsItDoesNotKnow() throws DatasetRefused {
        String newer = changed("debian", "14", "'codename'", "'colour': {'is': ['purple']}, 'codename'")
                .replace("\"generated\":", "\"maker\": \"us\", \"generated\":")
                .replaceFirst(
                        "\\{\"cycle\": \"3.24\"",
                        "{\"cycle\": \"3.25\", \"release\": \"2026-11-20\", \"security_support_end\": \"2028-11-01\"},\n    {\"cycle\": \"3.24\"");

        Lifecycle taken = DatasetCheck.check(bytes(newer), Lifecycle.bundled(), TODAY);

        assertThat(taken.support("alpine", "3.25.1", null, null, TODAY).ltsEnds())
                .isEqualTo("2028-11-01");
        assertThat(taken.support("alpine", "3.26.0", null, null, TODAY).phase().toString())
                .isEqualTo("unknown");
    }

    @Test
    void leavesADatasetOfALaterSchemaToLaterVersions() {
        DatasetRefused refused = refused(bundled.replaceFirst("\"schema\": 1", "\"schema\": 2"));

        assertThat(refused.why()).isEqualTo(Why.FORM);
        assertThat(refused).hasMessageContaining("schema 2").hasMessageContaining("update Basewatch");
        for (String schema : new String[] {"0", "-1", "\"1\"", "1.5", "null", "99999999999"}) {
            assertThat(refused(bundled.replaceFirst("\"schema\": 1", "\"schema\": " + schema))
                            .why())
                    .isEqualTo(Why.FORM);
        }
    }

    @Test
    void refusesADatasetFromTheFutureOrOfNoForm() {
        assertThat(refused(bundled.replaceFirst("\"generated\": \"[^\"]+\"", "\"generated\": \"2027-01-01\""))
                        .why())
                .isEqualTo(Why.AGE);
        for (String text : new String[] {"", " ", "{}", "[]", "null", "<html>", "{\"generated\":\"2026-11-21\"}"}) {
            assertThat(refused(text).why()).as(text).isEqualTo(Why.FORM);
        }
        assertThat(catchThrowableOfType(
                                DatasetRefused.class,
                                () -> DatasetCheck.check(
                                        new byte[DatasetCheck.MAX_BYTES + 1], Lifecycle.bundled(), TODAY))
                        .why())
                .isEqualTo(Why.TOO_LARGE);
    }

    @Test
    void aDatasetThatWasCutOffIsNeverRead() {
        byte[] small = bytes(
                "{\"generated\":\"2026-11-21\",\"products\":{\"x\":{\"cycles\":[{\"cycle\":\"1\",\"release\":\"2020-01-01\","
                        + "\"security_support_end\":\"2021-01-01\",\"extended_end\":\"2022-01-01\",\"extended_name\":\"paid\"}]}}}");
        byte[] mapping = bytes("{\"entries\":[]}");
        Lifecycle.of(small, mapping);
        for (int length = 0; length < small.length; length++) {
            byte[] cut = Arrays.copyOf(small, length);
            assertThatIllegalArgumentException().isThrownBy(() -> Lifecycle.of(cut, mapping));
        }
        byte[] whole = bytes(bundled.strip());
        for (int length = 0; length < whole.length; length += 613) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThat(catchThrowableOfType(
                                    DatasetRefused.class, () -> DatasetCheck.check(cut, Lifecycle.bundled(), TODAY))
                            .why())
                    .isEqualTo(Why.FORM);
        }
    }

    private DatasetRefused refused(String dataset) {
        return catchThrowableOfType(
                DatasetRefused.class, () -> DatasetCheck.check(bytes(dataset), Lifecycle.bundled(), TODAY));
    }

    /** The bundled dataset with something else in one release's row. */
    private String changed(String product, String cycle, String before, String after) {
        int from = bundled.indexOf("\n  \"" + product + "\": {");
        int row = bundled.indexOf("{\"cycle\": \"" + cycle + "\"", from);
        int end = bundled.indexOf('\n', row);
        String old = bundled.substring(row, end);
        String changed = old.replace(before.replace('\'', '"'), after.replace('\'', '"'));
        assertThat(changed).isNotEqualTo(old);
        return bundled.substring(0, row) + changed + bundled.substring(end);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
