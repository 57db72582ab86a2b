package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegistryEntryTest {

    private static final URI URL = URI.create("https://registry.example.com:5000");

    @Test
    void aUrlAloneIsTheDefaultSettings() {
        assertThat(entry(URL, null, null).settings()).isEqualTo(RegistrySettings.of(URL));
    }

    @Test
    void everySettingIsHandedOn() {
        RegistrySettings settings = new RegistryEntry(
                        URL,
                        "fleet",
                        "secret",
                        Path.of("docker.json"),
                        List.of("auth.example.org"),
                        List.of(Path.of("ca.pem")),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(4),
                        5.5,
                        6,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null)
                .settings();

        assertThat(settings.url()).isEqualTo(URL);
        assertThat(settings.credentials()).isEqualTo(new Credentials("fleet", "secret"));
        assertThat(settings.dockerConfig()).isEqualTo(Path.of("docker.json"));
        assertThat(settings.tokenServices()).containsExactly("auth.example.org");
        assertThat(settings.certificates()).containsExactly(Path.of("ca.pem"));
        assertThat(settings.connectTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.requestTimeout()).isEqualTo(Duration.ofSeconds(4));
        assertThat(settings.requestsPerSecond()).isEqualTo(5.5);
        assertThat(settings.concurrentRequests()).isEqualTo(6);
    }

    @Test
    void oneTimeoutLeavesTheOtherAsItIs() {
        RegistryEntry entry = new RegistryEntry(
                URL,
                null,
                null,
                null,
                null,
                null,
                null,
                Duration.ofMinutes(5),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);

        assertThat(entry.settings().requestTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(entry.settings().connectTimeout())
                .isEqualTo(RegistrySettings.of(URL).connectTimeout());
    }

    @Test
    void emptyCredentialsAreNone() {
        assertThat(entry(URL, "", "").settings().credentials()).isNull();
    }

    @Test
    void halfOfTheCredentialsIsAMistakeThatNamesTheRegistryAndNotThePassword() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> entry(URL, "fleet", ""))
                .withMessageContaining(URL.toString())
                .withMessageContaining("a username without a password");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> entry(URL, null, "secret-7f"))
                .withMessageContaining(URL.toString())
                .withMessageContaining("a password without a username")
                .withMessageNotContaining("secret-7f");
    }

    @Test
    void anEntryNeedsAUrl() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> entry(null, null, null).settings())
                .withMessageContaining("basewatch.registries")
                .withMessageContaining("url");
    }

    @Test
    void aNumberThatCannotBeIsNamed() {
        RegistryEntry entry = new RegistryEntry(
                URL, null, null, null, null, null, null, null, 0.0, null, null, null, null, null, null, null, null,
                null, null, null, null, null, null, null);

        assertThatIllegalArgumentException().isThrownBy(entry::settings).withMessageContaining("requestsPerSecond");
    }

    @Test
    void neitherPasswordNorCredentialsInTheUrlAreEverPrinted() {
        assertThat(entry(URL, "fleet", "secret-7f").toString())
                .contains("fleet")
                .contains(URL.toString())
                .doesNotContain("secret-7f");
        URI leaky = URI.create("https://fleet:secret-7f@registry.example.com");
        assertThat(entry(leaky, null, null).toString()).doesNotContain("secret-7f");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> entry(leaky, null, null).settings())
                .withMessageContaining("registry.example.com")
                .withMessageNotContaining("secret-7f");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> entry(leaky, "fleet", null))
                .withMessageNotContaining("secret-7f");
    }

    @Test
    void aRegistryThatIsThereTwiceHoweverItIsWrittenIsNamed() {
        RegistryEntries twice = new RegistryEntries(List.of(
                entry(URL, null, null),
                entry(URI.create("https://other.example.com"), null, null),
                entry(URI.create("http://REGISTRY.example.com:5000/"), null, null)));
        assertThatIllegalArgumentException()
                .isThrownBy(twice::settings)
                .withMessage("basewatch.registries names the registry registry.example.com:5000 twice");
    }

    @Test
    void noRegistriesAtAllAreNone() {
        assertThat(new RegistryEntries(null).settings()).isEmpty();
    }

    @Test
    void anIntervalThatIsNoneIsNamedWithItsRegistryAndValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RegistryEntry(
                        URL,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        Duration.ZERO,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null))
                .withMessageContaining("interval")
                .withMessageContaining(URL.toString())
                .withMessageContaining("PT0S");
    }

    private static RegistryEntry entry(URI url, String username, String password) {
        return new RegistryEntry(
                url, username, password, null, null, null, null, null, null, null, null, null, null, null, null, null,
                null, null, null, null, null, null, null, null);
    }
}
