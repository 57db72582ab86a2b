package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetstore.LayerFactsStore;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.ociregistry.RegistryEntries;
import io.basewatch.ociregistry.RegistryEntry;
import io.basewatch.ociregistry.RegistrySettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class AnalyzerSettingsTest {

    private static AnalyzerSettings bind(Map<String, String> properties) {
        return bind("basewatch.analyzer", properties, AnalyzerSettings.class);
    }

    private static List<RegistryEntry> registries(Map<String, String> properties) {
        return bind("basewatch", properties, RegistryEntries.class).registries();
    }

    private static <T> T bind(String prefix, Map<String, String> properties, Class<T> type) {
        return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate(prefix, type);
    }

    @Test
    void defaults() {
        AnalyzerSettings settings = bind(Map.of());
        assertThat(registries(Map.of())).isEmpty();
        assertThat(settings.layersAtOnce()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(settings.limits().toLayerLimits()).isEqualTo(LayerLimits.defaults());
        assertThat(settings.lazyReads()).isTrue();
        assertThat(settings.isal()).isTrue();
        assertThat(settings.lease()).isEqualTo(Duration.ofSeconds(60));
        assertThat(settings.claimPatience()).isEqualTo(Duration.ofMinutes(10));
        assertThat(settings.imageTime()).isEqualTo(Duration.ofHours(1));
        assertThat(settings.livePatience()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.lagInterval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.rederiveInterval()).isEqualTo(Duration.ofHours(1));
        assertThat(settings.retries())
                .isEqualTo(new AnalyzerSettings.Retries(4, Duration.ofSeconds(2), Duration.ofSeconds(30)));
        assertThat(settings.lookAgain())
                .isEqualTo(new AnalyzerSettings.LookAgain(Duration.ofMinutes(1), Duration.ofHours(6)));
    }

    @Test
    void everyKey() {
        String analyzer = "basewatch.analyzer.";
        String first = "basewatch.registries[0].";
        Map<String, String> properties = Map.ofEntries(
                Map.entry(analyzer + "threads", "3"),
                Map.entry(analyzer + "lazy-reads", "false"),
                Map.entry(analyzer + "isal", "false"),
                Map.entry(analyzer + "lease", "20s"),
                Map.entry(analyzer + "claim-patience", "2m"),
                Map.entry(analyzer + "image-time", "5m"),
                Map.entry(analyzer + "live-patience", "7s"),
                Map.entry(analyzer + "lag-interval", "30s"),
                Map.entry(analyzer + "rederive-interval", "3h"),
                Map.entry(analyzer + "limits.max-bytes-out", "1GB"),
                Map.entry(analyzer + "limits.max-ratio", "50"),
                Map.entry(analyzer + "limits.max-entries", "1000"),
                Map.entry(analyzer + "limits.max-file", "10MB"),
                Map.entry(analyzer + "limits.max-time", "1m"),
                Map.entry(analyzer + "limits.max-facts", "2MB"),
                Map.entry(analyzer + "retries.attempts", "2"),
                Map.entry(analyzer + "retries.first-pause", "1s"),
                Map.entry(analyzer + "retries.longest-pause", "9s"),
                Map.entry(analyzer + "look-again.first-pause", "5s"),
                Map.entry(analyzer + "look-again.longest-pause", "1h"),
                Map.entry(first + "url", "https://r.example.com:5000"),
                Map.entry(first + "username", "analyzer"),
                Map.entry(first + "password", "secret"),
                Map.entry(first + "docker-config", "/etc/basewatch/config.json"),
                Map.entry(first + "certificates[0]", "/etc/basewatch/ca.pem"),
                Map.entry(first + "connect-timeout", "3s"),
                Map.entry(first + "request-timeout", "30s"),
                Map.entry(first + "requests-per-second", "50"),
                Map.entry(first + "concurrent-requests", "8"));
        AnalyzerSettings settings = bind(properties);
        assertThat(settings.layersAtOnce()).isEqualTo(3);
        assertThat(settings.lazyReads()).isFalse();
        assertThat(settings.isal()).isFalse();
        assertThat(settings.lease()).isEqualTo(Duration.ofSeconds(20));
        assertThat(settings.claimPatience()).isEqualTo(Duration.ofMinutes(2));
        assertThat(settings.imageTime()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.livePatience()).isEqualTo(Duration.ofSeconds(7));
        assertThat(settings.lagInterval()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.rederiveInterval()).isEqualTo(Duration.ofHours(3));
        LayerLimits defaults = LayerLimits.defaults();
        assertThat(settings.limits().toLayerLimits())
                .isEqualTo(new LayerLimits(
                        1L << 30,
                        50,
                        1000,
                        defaults.maxPathBytes(),
                        defaults.maxDepth(),
                        10L << 20,
                        Duration.ofMinutes(1),
                        2L << 20));
        assertThat(settings.retries())
                .isEqualTo(new AnalyzerSettings.Retries(2, Duration.ofSeconds(1), Duration.ofSeconds(9)));
        assertThat(settings.lookAgain())
                .isEqualTo(new AnalyzerSettings.LookAgain(Duration.ofSeconds(5), Duration.ofHours(1)));
        RegistryEntry registry = registries(properties).get(0);
        RegistrySettings connection = registry.settings();
        assertThat(connection.url()).isEqualTo(URI.create("https://r.example.com:5000"));
        assertThat(connection.credentials().username()).isEqualTo("analyzer");
        assertThat(connection.credentials().secret()).isEqualTo("secret");
        assertThat(connection.dockerConfig()).isEqualTo(Path.of("/etc/basewatch/config.json"));
        assertThat(connection.certificates()).isEqualTo(List.of(Path.of("/etc/basewatch/ca.pem")));
        assertThat(connection.connectTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(connection.requestTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(connection.requestsPerSecond()).isEqualTo(50);
        assertThat(connection.concurrentRequests()).isEqualTo(8);
        assertThat(registry.toString()).doesNotContain("secret");
    }

    @Test
    void noMoreFactsOfALayerAreMadeThanTheStoreTakes() {
        assertThat(bind(Map.of("basewatch.analyzer.limits.max-facts", "2GB"))
                        .limits()
                        .toLayerLimits()
                        .maxFactsBytes())
                .isEqualTo(LayerFactsStore.MAX_FACTS);
    }

    @Test
    void refusesNoThreads() {
        assertThatThrownBy(() -> bind(Map.of("basewatch.analyzer.threads", "0")))
                .rootCause()
                .hasMessageContaining("basewatch.analyzer.threads is 0");
    }

    @Test
    void refusesHalfOfCredentials() {
        assertThatThrownBy(() -> registries(Map.of(
                        "basewatch.registries[0].url", "https://r.example.com",
                        "basewatch.registries[0].password", "p")))
                .rootCause()
                .hasMessageContaining("r.example.com")
                .hasMessageContaining("password without a username")
                .message()
                .doesNotContain("p=");
    }
}
