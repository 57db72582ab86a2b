package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.ociregistry.NamePatterns;
import io.basewatch.ociregistry.RegistryEntries;
import io.basewatch.ociregistry.RegistryEntry;
import io.basewatch.ociregistry.RegistryKind;
import io.basewatch.ociregistry.RegistrySettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class WatcherSettingsTest {

    private static WatcherSettings bind(Map<String, String> properties) {
        return bind("basewatch.watcher", properties, WatcherSettings.class);
    }

    private static List<RegistryEntry> registries(Map<String, String> properties) {
        return bind("basewatch", properties, RegistryEntries.class).registries();
    }

    private static RegistryEntry rule(Map<String, String> properties) {
        return registries(properties).get(0);
    }

    private static <T> T bind(String prefix, Map<String, String> properties, Class<T> type) {
        return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate(prefix, type);
    }

    @Test
    void defaults() {
        WatcherSettings settings = bind(Map.of());
        assertThat(registries(Map.of())).isEmpty();
        assertThat(settings.interval()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.parallelRepositories()).isEqualTo(4);
        assertThat(settings.name()).isEqualTo("watcher");
        assertThat(settings.removals().brake(Duration.ofMinutes(10)))
                .isEqualTo(new RemovalBrake(0.2, 100, Duration.ofMinutes(9)));
        assertThat(settings.compareInterval()).isEqualTo(Duration.ofHours(24));
        assertThat(settings.compareGrace()).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void defaultsOfARegistry() {
        Map<String, String> properties = Map.of("basewatch.registries[0].url", "https://r.example.com");
        assertThat(rule(properties).watchedRepositories()).isSameAs(NamePatterns.ALL);
        assertThat(rule(properties).watchedTags()).isSameAs(NamePatterns.ALL);
        assertThat(rule(properties).interval()).isNull();
        assertThat(registries(properties).get(0).settings())
                .isEqualTo(RegistrySettings.of(URI.create("https://r.example.com")));
    }

    @Test
    void everyKey() {
        String first = "basewatch.registries[0].";
        Map<String, String> properties = Map.ofEntries(
                Map.entry("basewatch.watcher.interval", "10m"),
                Map.entry("basewatch.watcher.parallel-repositories", "2"),
                Map.entry("basewatch.watcher.name", "inner"),
                Map.entry("basewatch.watcher.removals.max-share", "0.5"),
                Map.entry("basewatch.watcher.removals.max-number", "1000"),
                Map.entry("basewatch.watcher.compare-interval", "7d"),
                Map.entry("basewatch.watcher.compare-grace", "1h"),
                Map.entry(first + "url", "https://r.example.com:5000"),
                Map.entry(first + "username", "watcher"),
                Map.entry(first + "password", "secret"),
                Map.entry(first + "docker-config", "/etc/basewatch/config.json"),
                Map.entry(first + "certificates[0]", "/etc/basewatch/ca.pem"),
                Map.entry(first + "repositories.include[0]", "team/**"),
                Map.entry(first + "repositories.exclude[0]", "team/old"),
                Map.entry(first + "tags.include[0]", "v*"),
                Map.entry(first + "tags.exclude[0]", "*-dev"),
                Map.entry(first + "interval", "2m"),
                Map.entry(first + "connect-timeout", "3s"),
                Map.entry(first + "request-timeout", "30s"),
                Map.entry(first + "requests-per-second", "50"),
                Map.entry(first + "concurrent-requests", "8"));
        WatcherSettings settings = bind(properties);
        assertThat(settings.interval()).isEqualTo(Duration.ofMinutes(10));
        assertThat(settings.parallelRepositories()).isEqualTo(2);
        assertThat(settings.name()).isEqualTo("inner");
        assertThat(settings.removals().maxShare()).isEqualTo(0.5);
        assertThat(settings.removals().maxNumber()).isEqualTo(1000);
        assertThat(settings.compareInterval()).isEqualTo(Duration.ofDays(7));
        assertThat(settings.compareGrace()).isEqualTo(Duration.ofHours(1));
        RegistryEntry registry = rule(properties);
        assertThat(registry.watchedRepositories().include()).containsExactly("team/**");
        assertThat(registry.watchedRepositories().exclude()).containsExactly("team/old");
        assertThat(registry.watchedTags().include()).containsExactly("v*");
        assertThat(registry.watchedTags().exclude()).containsExactly("*-dev");
        assertThat(registry.interval()).isEqualTo(Duration.ofMinutes(2));
        RegistrySettings connection = registries(properties).get(0).settings();
        assertThat(connection.url()).isEqualTo(URI.create("https://r.example.com:5000"));
        assertThat(connection.credentials().username()).isEqualTo("watcher");
        assertThat(connection.credentials().secret()).isEqualTo("secret");
        assertThat(connection.dockerConfig()).isEqualTo(Path.of("/etc/basewatch/config.json"));
        assertThat(connection.certificates()).isEqualTo(List.of(Path.of("/etc/basewatch/ca.pem")));
        assertThat(connection.connectTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(connection.requestTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(connection.requestsPerSecond()).isEqualTo(50);
        assertThat(connection.concurrentRequests()).isEqualTo(8);
    }

    @Test
    void aPasswordIsNotPrinted() {
        String first = "basewatch.registries[0].";
        List<RegistryEntry> registries =
                registries(Map.of(first + "url", "https://r", first + "username", "u", first + "password", "hunter2"));
        assertThat(registries.toString()).doesNotContain("hunter2");
    }

    @Test
    void refusesHalfOfCredentials() {
        assertThatThrownBy(() -> registries(Map.of(
                        "basewatch.registries[0].url", "https://r.example.com",
                        "basewatch.registries[0].username", "u")))
                .rootCause()
                .hasMessageContaining("r.example.com")
                .hasMessageContaining("username without a password");
    }

    @Test
    void refusesARegistryWithoutUrl() {
        RegistryEntry registry =
                registries(Map.of("basewatch.registries[0].username", "")).get(0);
        assertThatIllegalArgumentException().isThrownBy(registry::settings).withMessageContaining("no url");
    }

    @Test
    void refusesASettingThatIsNoneAndNamesIt() {
        for (Map.Entry<String, String> wrong : Map.of(
                        "basewatch.watcher.removals.max-share", "20",
                        "basewatch.watcher.removals.max-number", "-1",
                        "basewatch.watcher.compare-interval", "0s",
                        "basewatch.watcher.compare-grace", "-1s",
                        "basewatch.watcher.name", " ")
                .entrySet()) {
            assertThatThrownBy(() -> bind(Map.of(wrong.getKey(), wrong.getValue())))
                    .rootCause()
                    .hasMessageContaining(wrong.getKey());
        }
    }

    @Test
    void refusesAnIntervalOfARegistryThatIsNone() {
        assertThatThrownBy(() -> registries(Map.of(
                        "basewatch.registries[0].url", "https://r.example.com",
                        "basewatch.registries[0].interval", "0s")))
                .rootCause()
                .hasMessageContaining("basewatch.registries")
                .hasMessageContaining("r.example.com")
                .hasMessageContaining("PT0S");
    }

    @Test
    void whatIsPromisedIsTwiceTheIntervalOrWhatIsSaidUnlessThatCannotBeKept() {
        Duration five = Duration.ofMinutes(5);
        assertThat(bind(Map.of()).cadence("r", five).staleness()).isEqualTo(Duration.ofMinutes(10));
        WatcherSettings said = bind(Map.of("basewatch.watcher.max-staleness", "6h"));
        assertThat(said.cadence("r", five).staleness()).isEqualTo(Duration.ofHours(6));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> said.cadence("r.example.com", Duration.ofHours(4)))
                .withMessageContaining("basewatch.watcher.max-staleness is PT6H")
                .withMessageContaining("r.example.com is swept every PT4H")
                .withMessageContaining("PT8H");
    }

    @Test
    void ofTheVersionsAllAreWatchedOrSoManyAsIsSaidAndNoFewerThanOne() {
        String url = "basewatch.registries[0].url";
        String newest = "basewatch.registries[0].newest";
        assertThat(rule(Map.of(url, "https://r")).newestTags().isAll()).isTrue();
        assertThat(rule(Map.of(url, "https://r", newest, "3")).newestTags().number())
                .isEqualTo(3);
        assertThatThrownBy(() -> rule(Map.of(url, "https://r.example.com", newest, "0")))
                .rootCause()
                .hasMessageContaining("newest of registry https://r.example.com")
                .hasMessageContaining("is 0");
    }

    @Test
    void refusesAnIntervalThatIsNone() {
        assertThatThrownBy(() -> bind(Map.of("basewatch.watcher.interval", "0s")))
                .rootCause()
                .hasMessageContaining("basewatch.watcher.interval");
    }

    @Test
    void kindImmutableTagsAndWebhooksAreWrittenAsTheDocumentationHasThem() {
        RegistryEntry entry = rule(Map.of(
                "basewatch.registries[0].url", "https://docker.io",
                "basewatch.registries[0].kind", "docker-hub",
                "basewatch.registries[0].api-url", "https://hub.example.com",
                "basewatch.registries[0].api-token", "t0ken",
                "basewatch.registries[0].immutable-tags[0]", "v*"));
        assertThat(entry.settings().kind()).isEqualTo(RegistryKind.DOCKER_HUB);
        assertThat(entry.settings().apiUrl()).isEqualTo(URI.create("https://hub.example.com"));
        assertThat(entry.settings().apiToken()).isEqualTo("t0ken");
        assertThat(entry.immutable()).accepts("v1").rejects("latest");
        assertThat(entry.toString()).doesNotContain("t0ken");
        WatcherSettings settings = bind(Map.of(
                "basewatch.watcher.webhooks[0].kind", "docker-hub",
                "basewatch.watcher.webhooks[0].registry", "registry-1.docker.io",
                "basewatch.watcher.webhooks[0].secret", "0123456789abcdef"));
        assertThat(settings.webhooks()).hasSize(1);
        assertThat(bind(Map.of()).webhooks()).isEmpty();
    }
}
