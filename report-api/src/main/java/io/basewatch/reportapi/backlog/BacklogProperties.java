package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Weights;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the backlog.
 *
 * @param journalInterval between two notes of what stands in it
 * @param weights what counts how much
 */
@ConfigurationProperties("basewatch.backlog")
record BacklogProperties(
        @DefaultValue("1m") Duration journalInterval,
        @DefaultValue WeightsProperties weights) {

    BacklogProperties {
        if (journalInterval.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(
                    "basewatch.backlog.journal-interval is " + journalInterval + ": give 1s or more");
        }
    }

    /** As of {@link Weights}. */
    record WeightsProperties(
            @DefaultValue("35") double ended,
            @DefaultValue("45") double certain,
            @DefaultValue("20") double risk,
            @DefaultValue("0.1") double furtherImage,
            @DefaultValue("5") double unknownEffort,
            @DefaultValue("0.5") double rebuild) {

        Weights toWeights() {
            return new Weights(ended, certain, risk, furtherImage, unknownEffort, rebuild);
        }
    }
}
