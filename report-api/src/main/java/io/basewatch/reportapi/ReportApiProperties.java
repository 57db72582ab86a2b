package io.basewatch.reportapi;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the report API.
 *
 * @param metricsRefresh pause between two countings of the fleet for its metrics; a scrape never counts
 * @param metricsDistros distributions with a series of their own, those with the most images; the others are one, {@code other}
 */
@ConfigurationProperties("basewatch.report-api")
record ReportApiProperties(
        @DefaultValue("60s") Duration metricsRefresh,
        @DefaultValue("25") int metricsDistros) {

    ReportApiProperties {
        if (metricsRefresh.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(
                    "basewatch.report-api.metrics-refresh is " + metricsRefresh + ": give 1s or more");
        }
        if (metricsDistros < 1 || metricsDistros > 200) {
            throw new IllegalArgumentException(
                    "basewatch.report-api.metrics-distros is " + metricsDistros + ": give 1 to 200");
        }
    }
}
