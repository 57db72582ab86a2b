package io.basewatch.fleetstore;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the store is kept small by.
 *
 * @param retention how long an image that no tag leads to is kept, with its analysis
 * @param housekeepingInterval between two looks for what is to be removed
 */
@ConfigurationProperties("basewatch.store")
record HousekeepingSettings(
        @DefaultValue("30d") Duration retention,
        @DefaultValue("6h") Duration housekeepingInterval) {

    HousekeepingSettings {
        if (retention.compareTo(Duration.ofDays(1)) < 0) {
            throw new IllegalArgumentException("basewatch.store.retention is " + retention + ": give 1d or more");
        }
        if (housekeepingInterval.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(
                    "basewatch.store.housekeeping-interval is " + housekeepingInterval + ": give 1s or more");
        }
    }
}
