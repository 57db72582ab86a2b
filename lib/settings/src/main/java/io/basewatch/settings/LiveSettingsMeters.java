package io.basewatch.settings;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/** Says whether the files of settings, as they are now, are in force: in health and meters. */
final class LiveSettingsMeters implements HealthIndicator {

    private static final Status DEGRADED =
            new Status("DEGRADED", "changed settings were refused, those before are in force");

    private final LiveSettings settings;

    /**
     * @param service whose settings these are, for the label
     */
    LiveSettingsMeters(LiveSettings settings, MeterRegistry meters, String service) {
        this.settings = settings;
        Gauge.builder(
                        "basewatch.settings.refused",
                        settings,
                        each -> each.problem().isPresent() ? 1 : 0)
                .description("1 while the files of settings are refused, and those before are in force")
                .tag("service", service)
                .register(meters);
        FunctionCounter.builder("basewatch.settings.taken", settings, LiveSettings::taken)
                .description("Times that changed settings were taken over")
                .tag("service", service)
                .register(meters);
    }

    @Override
    public Health health() {
        return settings.problem()
                .map(problem -> Health.status(DEGRADED).withDetail("refused", problem))
                .orElseGet(Health::up)
                .build();
    }
}
