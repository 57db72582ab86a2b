package io.basewatch.registrywatcher;

import io.basewatch.registrywatcher.WatcherProgress.LastSweep;
import io.basewatch.registrywatcher.WatcherProgress.RegistryProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * How the last sweep of each registry ended, and whether it holds removals. A registry that is down, or that denies its tags, is not our failure:
 * {@code DEGRADED}, never {@code DOWN}.
 */
final class WatcherHealth implements HealthIndicator {

    static final Status DEGRADED = new Status("DEGRADED", "a registry could not be swept, or its removals are held");

    private final WatcherProgress progress;

    WatcherHealth(WatcherProgress progress) {
        this.progress = progress;
    }

    @Override
    public Health health() {
        Map<String, String> registries = new TreeMap<>();
        Map<String, Long> held = new TreeMap<>();
        List<String> paused = new ArrayList<>();
        boolean failed = false;
        for (RegistryProgress registry : progress.snapshot()) {
            registries.put(registry.registry(), registry.lastSweep().name().toLowerCase(Locale.ROOT));
            failed |= registry.lastSweep() == LastSweep.FAILED;
            if (progress.isPaused(registry.registry())) {
                paused.add(registry.registry());
            }
            if (registry.removalsHeld() > 0) {
                held.put(registry.registry(), registry.removalsHeld());
            }
        }
        Health.Builder health =
                Health.status(failed || !held.isEmpty() ? DEGRADED : Status.UP).withDetail("registries", registries);
        if (!paused.isEmpty()) {
            health.withDetail("paused", paused);
        }
        if (!held.isEmpty()) {
            health.withDetail("removalsHeld", held);
        }
        return health.build();
    }
}
