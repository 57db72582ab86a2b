package io.basewatch.reportapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ClassPathResource;

class ReportApiPropertiesTest {

    @Test
    void hasDefaultsThatTheFileRepeats() throws IOException {
        ReportApiProperties defaults = bind(Map.of());
        assertThat(defaults).isEqualTo(new ReportApiProperties(Duration.ofSeconds(60), 25));

        PropertySource<?> file = new YamlPropertySourceLoader()
                .load("report-api", new ClassPathResource("report-api.yml"))
                .get(0);
        assertThat(bind(Map.of(
                        "basewatch.report-api.metrics-refresh",
                        String.valueOf(file.getProperty("basewatch.report-api.metrics-refresh")),
                        "basewatch.report-api.metrics-distros",
                        String.valueOf(file.getProperty("basewatch.report-api.metrics-distros")))))
                .isEqualTo(defaults);
    }

    @Test
    void readsEveryKey() {
        assertThat(bind(Map.of(
                        "basewatch.report-api.metrics-refresh", "5m",
                        "basewatch.report-api.metrics-distros", "3")))
                .isEqualTo(new ReportApiProperties(Duration.ofMinutes(5), 3));
    }

    @Test
    void refusesWhatWouldNotWork() {
        refused("metrics-refresh", "0s");
        refused("metrics-distros", "0");
        refused("metrics-distros", "100000");
    }

    private static void refused(String key, String value) {
        assertThatExceptionOfType(BindException.class)
                .isThrownBy(() -> bind(Map.of("basewatch.report-api." + key, value)))
                .havingRootCause()
                .withMessageContaining("basewatch.report-api." + key);
    }

    private static ReportApiProperties bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate("basewatch.report-api", ReportApiProperties.class);
    }
}
