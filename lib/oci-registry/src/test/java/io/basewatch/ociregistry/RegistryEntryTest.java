package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.basewatch.fleetmodel.Platform;
import io.basewatch.ociregistry.NewestTags.By;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryEntryTest {

    private static final URI URL = URI.create("https://registry.example.com:5000");

    @Test
    void aUrlAloneIsTheDefaultSettings() {
        assertThat(entry(URL, null, null).settings()).isEqualTo(RegistrySettings.of(URL));
    }

    @Test
    void everySettingIsHandedOn() {
        RegistrySettings settings = RegistryEntry.at(URL)
                .credentials("fleet", "secret")
                .dockerConfig(Path.of("docker.json"))
                .tokenServices("auth.example.org")
                .certificates(Path.of("ca.pem"))
                .connectTimeout(Duration.ofSeconds(3))
                .requestTimeout(Duration.ofSeconds(4))
                .requestsPerSecond(5.5)
                .concurrentRequests(6)
                .build()
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
        RegistryEntry entry =
                RegistryEntry.at(URL).requestTimeout(Duration.ofMinutes(5)).build();

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
        RegistryEntry entry = RegistryEntry.at(URL).requestsPerSecond(0).build();

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
                .isThrownBy(() -> RegistryEntry.at(URL).interval(Duration.ZERO).build())
                .withMessageContaining("interval")
                .withMessageContaining(URL.toString())
                .withMessageContaining("PT0S");
    }

    @Test
    void theNewestByDateNeedARegistryThatTellsDates() {
        assertThat(RegistryEntry.at(URL)
                        .kind(RegistryKind.HARBOR)
                        .newest(3, By.DATE)
                        .build()
                        .newestTags())
                .isEqualTo(new NewestTags(3, By.DATE));
        for (RegistryKind kind : new RegistryKind[] {null, RegistryKind.GITLAB, RegistryKind.ZOT}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            RegistryEntry.at(URL).kind(kind).newest(3, By.DATE).build())
                    .withMessageContaining("newest-by of registry " + URL + " of basewatch.registries is date")
                    .withMessageContaining("kind " + (kind == null ? "distribution" : kind.word()))
                    .withMessageContaining("google, harbor, quay, docker-hub, github, acr, ecr");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegistryEntry.at(URL)
                        .kind(RegistryKind.HARBOR)
                        .newest(null, By.DATE)
                        .build())
                .withMessageContaining("newest-by without newest");
    }

    @Test
    void platformsAreWhatBuildersCallThemHoweverTheyAreWritten() {
        RegistryEntry entry =
                RegistryEntry.at(URL).platforms("Linux/AMD64", "linux/arm64/v8").build();
        WantedPlatforms wanted = entry.wantedPlatforms();
        assertThat(wanted).hasToString("linux/amd64,linux/arm64");
        assertThat(wanted.accepts(Platform.parse("linux/amd64"))).isTrue();
        assertThat(wanted.accepts(Platform.parse("linux/x86_64"))).isTrue();
        assertThat(wanted.accepts(Platform.parse("linux/amd64/v3"))).isTrue();
        assertThat(wanted.accepts(Platform.parse("linux/arm64"))).isTrue();
        assertThat(wanted.accepts(Platform.parse("linux/arm/v7"))).isFalse();
        assertThat(wanted.accepts(Platform.parse("linux/s390x"))).isFalse();
        assertThat(wanted.accepts(null)).as("only looking tells").isTrue();
        assertThat(RegistryEntry.at(URL).platforms().build().wantedPlatforms()).isEqualTo(WantedPlatforms.ALL);
        assertThat(RegistryEntry.at(URL).build().wantedPlatforms().accepts(Platform.parse("linux/s390x")))
                .isTrue();
    }

    @Test
    void ofOneArchitectureEachVariantCanBeWantedByItselfOrAllAtOnce() {
        WantedPlatforms seven = WantedPlatforms.of(List.of("linux/arm/v7"));
        assertThat(seven.accepts(Platform.parse("linux/arm/v7"))).isTrue();
        assertThat(seven.accepts(Platform.parse("linux/arm/v6"))).isFalse();
        assertThat(seven.accepts(Platform.parse("linux/arm")))
                .as("of which nobody says the variant")
                .isTrue();
        WantedPlatforms all = WantedPlatforms.of(List.of("linux/arm"));
        assertThat(all.accepts(Platform.parse("linux/arm/v6"))).isTrue();
        assertThat(all.accepts(Platform.parse("linux/arm64"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "amd64, linux/amd64 or linux/arm/v7",
        "linux/arm/v7/x, linux/amd64 or linux/arm/v7",
        "'', linux/amd64 or linux/arm/v7",
        "windows/amd64, not Linux",
        "linux/x86_64, written linux/amd64",
        "linux/armhf, written linux/arm/v7",
        "linux/amd46, 'amd64, arm, arm64'"
    })
    void aPlatformThatIsNoneIsNamedWithItsRegistryAndWhatToWriteInstead(String wrong, String fix) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        RegistryEntry.at(URL).platforms("linux/arm64", wrong).build())
                .withMessageContaining("platforms of registry " + URL + " of basewatch.registries")
                .withMessageContaining("'" + wrong + "'")
                .withMessageContaining(fix);
    }

    private static RegistryEntry entry(URI url, String username, String password) {
        return RegistryEntry.at(url).credentials(username, password).build();
    }
}
