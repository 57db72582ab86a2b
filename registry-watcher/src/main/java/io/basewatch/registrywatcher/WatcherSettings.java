package io.basewatch.registrywatcher;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the watcher is told.
 *
 * @param interval between the starts of two sweeps of a registry, give or take a tenth; registries may have their own
 * @param parallelRepositories of one registry, swept at once
 */
@ConfigurationProperties("basewatch.watcher")
record WatcherSettings(
        @DefaultValue("5m") Duration interval,
        @DefaultValue("4") int parallelRepositories) {

    WatcherSettings {
        requirePositive("basewatch.watcher.interval", interval);
        if (parallelRepositories < 1 || parallelRepositories > 64) {
            throw new IllegalArgumentException(
                    "basewatch.watcher.parallel-repositories is " + parallelRepositories + ", not 1 to 64");
        }
    }

    static void requirePositive(String key, Duration value) {
        if (value.toMillis() <= 0) {
            throw new IllegalArgumentException(key + " is " + value + ", not a positive duration");
        }
    }
}
