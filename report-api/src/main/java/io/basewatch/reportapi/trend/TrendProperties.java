package io.basewatch.reportapi.trend;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the trends.
 *
 * @param interval between two counts of a day; the last one of each day stays
 */
@ConfigurationProperties("basewatch.trends")
record TrendProperties(@DefaultValue("1h") Duration interval) {

    TrendProperties {
        if (interval.compareTo(Duration.ofSeconds(1)) < 0 || interval.compareTo(Duration.ofHours(12)) > 0) {
            throw new IllegalArgumentException("basewatch.trends.interval is " + interval + ": give 1s to 12h");
        }
    }
}
