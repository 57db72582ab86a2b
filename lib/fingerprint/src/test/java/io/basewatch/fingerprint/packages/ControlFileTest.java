package io.basewatch.fingerprint.packages;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ControlFileTest {

    private final PackageList problems = new PackageList();

    private List<Map<String, String>> read(String text) {
        List<Map<String, String>> stanzas = new ArrayList<>();
        ControlFile.read(text.getBytes(StandardCharsets.UTF_8), stanza -> stanzas.add(fields(stanza)), problems);
        return stanzas;
    }

    private static Map<String, String> fields(ControlFile.Stanza stanza) {
        Map<String, String> fields = new HashMap<>();
        fields.put("package", stanza.name());
        fields.put("status", stanza.status());
        fields.put("version", stanza.version());
        fields.put("architecture", stanza.architecture());
        fields.put("source", stanza.source());
        fields.put("maintainer", stanza.maintainer());
        fields.put("installed-size", stanza.installedSize());
        fields.put("installed-time", stanza.installedTime());
        fields.values().removeIf(Objects::isNull);
        return fields;
    }

    @Test
    void fieldsThatAreOfUseAreGivenByTheirNamesInLowerCase() {
        assertThat(read("PACKAGE: a\nVersion:1.0 \t\nHomepage: x\nmaintainer: Zoë: <z@x>\n"))
                .containsExactly(Map.of("package", "a", "version", "1.0", "maintainer", "Zoë: <z@x>"));
        assertThat(problems.isIncomplete()).isFalse();
    }

    @Test
    void eachFieldIsItsOwn() {
        assertThat(read(
                        "Package: a\nStatus: b\nVersion: c\nArchitecture: d\nSource: e\nMaintainer: f\nInstalled-Size: g\n"
                                + "Installed-Time: h\nPackage: i\n"))
                .containsExactly(Map.of(
                        "package",
                        "i",
                        "status",
                        "b",
                        "version",
                        "c",
                        "architecture",
                        "d",
                        "source",
                        "e",
                        "maintainer",
                        "f",
                        "installed-size",
                        "g",
                        "installed-time",
                        "h"));
    }

    @Test
    void aBlankLineEndsAStanzaWhateverItsBlanksAre() {
        assertThat(read("Package: a\n\nPackage: b\n \t\r\nPackage: c\n\u2003\nPackage: d\n"))
                .extracting(stanza -> stanza.get("package"))
                .containsExactly("a", "b", "c", "d");
    }

    @Test
    void whatContinuesAFieldIsNoneOfItsOwn() {
        assertThat(read("Package: a\nDescription: x\n Version: 2\n\tVersion: 3\n .\nVersion: 1\n"))
                .containsExactly(Map.of("package", "a", "version", "1"));
    }

    @Test
    void commentsAreNoPartOfAnything() {
        assertThat(read("# Package: z\n\n#\nPackage: a\n# Version: 1\n")).containsExactly(Map.of("package", "a"));
    }

    @Test
    void aNameIsTheWholeOfAField() {
        assertThat(read("Package: a\nPackages: b\nVersio: 1\nPackage : c\n")).containsExactly(Map.of("package", "a"));
    }

    @Test
    void aFieldOfALineThatIsTooLongIsCut() {
        assertThat(read("Package: " + "a".repeat(5000) + "\n").get(0).get("package"))
                .hasSize(4096 - "Package: ".length());
    }

    @Test
    void whatBreaksOffIsTold() {
        assertThat(read("Package: a\nVersion: 1")).containsExactly(Map.of("package", "a"));
        assertThat(problems.isIncomplete()).isTrue();
    }
}
