package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.ociregistry.RegistrySettings;
import io.basewatch.registrywatcher.WatcherSettings.WatchedRegistry;
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
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("basewatch.watcher", WatcherSettings.class);
    }

    @Test
    void defaults() {
        WatcherSettings settings = bind(Map.of());
        assertThat(settings.registries()).isEmpty();
        assertThat(settings.interval()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.parallelRepositories()).isEqualTo(4);
    }

    @Test
    void defaultsOfARegistry() {
        WatchedRegistry registry = bind(Map.of("basewatch.watcher.registries[0].url", "https://r.example.com"))
                .registries()
                .get(0);
        assertThat(registry.watchedRepositories()).isSameAs(NamePatterns.ALL);
        assertThat(registry.watchedTags()).isSameAs(NamePatterns.ALL);
        assertThat(registry.interval()).isNull();
        assertThat(registry.connection()).isEqualTo(RegistrySettings.of(URI.create("https://r.example.com")));
    }

    @Test
    void everyKey() {
        String first = "basewatch.watcher.registries[0].";
        WatcherSettings settings = bind(Map.ofEntries(
                Map.entry("basewatch.watcher.interval", "10m"),
                Map.entry("basewatch.watcher.parallel-repositories", "2"),
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
                Map.entry(first + "concurrent-requests", "8")));
        assertThat(settings.interval()).isEqualTo(Duration.ofMinutes(10));
        assertThat(settings.parallelRepositories()).isEqualTo(2);
        WatchedRegistry registry = settings.registries().get(0);
        assertThat(registry.watchedRepositories().include()).containsExactly("team/**");
        assertThat(registry.watchedRepositories().exclude()).containsExactly("team/old");
        assertThat(registry.watchedTags().include()).containsExactly("v*");
        assertThat(registry.watchedTags().exclude()).containsExactly("*-dev");
        assertThat(registry.interval()).isEqualTo(Duration.ofMinutes(2));
        RegistrySettings connection = registry.connection();
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
        String first = "basewatch.watcher.registries[0].";
        WatcherSettings settings =
                bind(Map.of(first + "url", "https://r", first + "username", "u", first + "password", "hunter2"));
        assertThat(settings.toString()).doesNotContain("hunter2");
    }

    @Test
    void refusesHalfOfCredentials() {
        assertThatThrownBy(() -> bind(Map.of(
                        "basewatch.watcher.registries[0].url", "https://r.example.com",
                        "basewatch.watcher.registries[0].username", "u")))
                .rootCause()
                .hasMessageContaining("r.example.com")
                .hasMessageContaining("username without a password");
    }

    @Test
    void refusesARegistryWithoutUrl() {
        WatchedRegistry registry = bind(Map.of("basewatch.watcher.registries[0].interval", "2m"))
                .registries()
                .get(0);
        assertThatIllegalArgumentException().isThrownBy(registry::connection).withMessageContaining("no url");
    }

    @Test
    void refusesAnIntervalThatIsNone() {
        assertThatThrownBy(() -> bind(Map.of("basewatch.watcher.interval", "0s")))
                .rootCause()
                .hasMessageContaining("basewatch.watcher.interval");
    }
}
