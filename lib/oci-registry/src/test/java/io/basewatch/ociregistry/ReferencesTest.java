package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferencesTest {

    private static final String D = "@sha256:" + "a".repeat(64);

    @ParameterizedTest
    @CsvSource({
        "alpine, registry-1.docker.io/library/alpine:latest",
        "alpine:3.18, registry-1.docker.io/library/alpine:3.18",
        "docker.io/team/app:1, registry-1.docker.io/team/app:1",
        "index.docker.io/team/app:1, registry-1.docker.io/team/app:1",
        "localhost/a:1, localhost/a:1",
        "localhost:5000/a/b/c:1, localhost:5000/a/b/c:1",
        "registry.example.com/a_b/c-d.e:V1_2, registry.example.com/a_b/c-d.e:V1_2",
        "Registry.Example.COM/a:1, registry.example.com/a:1",
    })
    void understandsTheShortForms(String text, String whole) {
        assertThat(References.parse(text)).hasToString(whole);
    }

    @Test
    void keepsTagAndDigest() {
        assertThat(References.parse("r.example/a:1" + D)).hasToString("r.example/a:1" + D);
        assertThat(References.parse("r.example/a" + D)).hasToString("r.example/a" + D);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "UPPER/x",
                "UPPER",
                "r.example/UPPER",
                "a:b:c",
                "a@sha256:12",
                "a:",
                "/a",
                "a/",
                "a//b",
                "r.example/../a",
                "scratch",
                "http://r.example/a",
                "user:pw@r.example/a",
                "a\u0000b",
                "a:tag with blank",
                "-a",
                "r.example/a?x"
            })
    void refusesWhatIsNoReferenceAndNamesIt(String text) {
        assertThatThrownBy(() -> References.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("image reference '")
                .message()
                .matches("[^\\p{Cntrl}]*");
    }

    @Test
    void refusesWhatIsTooLong() {
        assertThatThrownBy(() -> References.parse("a".repeat(2_000))).hasMessageContaining("longer than");
    }

    @Test
    void knowsDockerHubByAllItsNames() {
        for (String url :
                new String[] {"https://docker.io", "https://index.docker.io/", "https://registry-1.docker.io"}) {
            assertThat(Registry.connect(RegistrySettings.of(URI.create(url))).host())
                    .isEqualTo("registry-1.docker.io");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://R.example:443, r.example",
        "http://r.example:80/, r.example",
        "https://r.example:5000, r.example:5000",
        "http://127.0.0.1:5000, 127.0.0.1:5000",
        "https://[::1]:5000, [::1]:5000",
    })
    void namesARegistryWithThePortThatIsNotTheSchemesOwn(String url, String host) {
        assertThat(RegistrySettings.of(URI.create(url)).host()).isEqualTo(host);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "r.example",
                "ftp://r.example",
                "https:///x",
                "https://r.example/path",
                "https://r.example?x=y",
                "https://u:p@r.example"
            })
    void refusesAUrlThatIsNoRegistrys(String url) {
        assertThatThrownBy(() -> RegistrySettings.of(URI.create(url))).isInstanceOf(IllegalArgumentException.class);
    }
}
