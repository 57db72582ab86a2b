package io.basewatch.layeranalyzer;

import io.basewatch.fleetstore.LayerFactsStore;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.worker.GrowingPauses;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What the analyzer is told.
 *
 * @param images taken from each topic at once: consumers of each
 * @param threads layers of backfill read at once, beside which live ones have places of their own; null: as many as there are processors
 * @param limits of layers
 * @param lazyReads whether only what matters is pulled of layers with a table of contents
 * @param isal whether the library ISA-L may inflate layers, where the machine has it
 * @param lease how long another analyzer leaves a layer alone of which nothing was heard
 * @param claimPatience how long a layer that another analyzer reads is waited for in one try
 * @param imageTime after which no further layer of an image is begun in one try
 * @param livePatience how long one backfill event gives way to live ones
 * @param lagInterval between two looks at the group's lag
 * @param rederiveInterval between two looks for images whose analysis is by an older analyzer
 * @param lookAgain at images that could not be read for a reason that may pass
 * @param retries of events that were not handled
 */
@ConfigurationProperties("basewatch.analyzer")
record AnalyzerSettings(
        @DefaultValue("4") int images,
        @Nullable Integer threads,
        @DefaultValue Limits limits,
        @DefaultValue("true") boolean lazyReads,
        @DefaultValue("true") boolean isal,
        @DefaultValue("60s") Duration lease,
        @DefaultValue("10m") Duration claimPatience,
        @DefaultValue("1h") Duration imageTime,
        @DefaultValue("30s") Duration livePatience,
        @DefaultValue("10s") Duration lagInterval,
        @DefaultValue("1h") Duration rederiveInterval,
        @DefaultValue LookAgain lookAgain,
        @DefaultValue Retries retries) {

    AnalyzerSettings {
        if (images < 1 || images > 256) {
            throw new IllegalArgumentException("basewatch.analyzer.images is " + images + ", not 1 to 256");
        }
        if (threads != null && (threads < 1 || threads > 256)) {
            throw new IllegalArgumentException("basewatch.analyzer.threads is " + threads + ", not 1 to 256");
        }
        requirePositive("basewatch.analyzer.lease", lease);
        requirePositive("basewatch.analyzer.claim-patience", claimPatience);
        requirePositive("basewatch.analyzer.image-time", imageTime);
        requirePositive("basewatch.analyzer.live-patience", livePatience);
        requirePositive("basewatch.analyzer.lag-interval", lagInterval);
        requirePositive("basewatch.analyzer.rederive-interval", rederiveInterval);
    }

    private static void requirePositive(String key, Duration value) {
        if (value.toMillis() <= 0) {
            throw new IllegalArgumentException(key + " is " + value + ", not a positive duration");
        }
    }

    int layersAtOnce() {
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }

    /**
     * Hard caps of one layer; each is {@link LayerLimits#defaults()}' own where it is null.
     *
     * @param maxBytesOut uncompressed
     * @param maxRatio uncompressed to stored
     * @param maxEntries of the tar
     * @param maxFile one file
     * @param maxTime from the first byte to the last
     * @param maxFacts what is kept of one layer, never more than the store takes; of all layers of an image, twice as much
     */
    record Limits(
            @Nullable DataSize maxBytesOut,
            @Nullable Double maxRatio,
            @Nullable Integer maxEntries,
            @Nullable DataSize maxFile,
            @Nullable Duration maxTime,
            @Nullable DataSize maxFacts) {

        LayerLimits toLayerLimits() {
            LayerLimits defaults = LayerLimits.defaults();
            return new LayerLimits(
                    maxBytesOut == null ? defaults.maxBytesOut() : maxBytesOut.toBytes(),
                    maxRatio == null ? defaults.maxRatio() : maxRatio,
                    maxEntries == null ? defaults.maxEntries() : maxEntries,
                    defaults.maxPathBytes(),
                    defaults.maxDepth(),
                    maxFile == null ? defaults.maxFileBytes() : maxFile.toBytes(),
                    maxTime == null ? defaults.maxTime() : maxTime,
                    // What is above the store would be read and then not kept.
                    Math.min(
                            LayerFactsStore.MAX_FACTS,
                            maxFacts == null ? defaults.maxFactsBytes() : maxFacts.toBytes()));
        }
    }

    /**
     * @param firstPause doubled after each further look
     */
    record LookAgain(
            @DefaultValue("1m") Duration firstPause,
            @DefaultValue("6h") Duration longestPause) {

        LookAgain {
            requirePauses("basewatch.analyzer.look-again", firstPause, longestPause);
        }

        GrowingPauses pauses() {
            return new GrowingPauses(firstPause, longestPause);
        }
    }

    /**
     * @param attempts on an image whose registry fails, the first included; of an outage of store or Kafka there are as many as it takes
     * @param firstPause doubled after each further attempt
     */
    record Retries(
            @DefaultValue("4") int attempts,
            @DefaultValue("2s") Duration firstPause,
            @DefaultValue("30s") Duration longestPause) {

        Retries {
            if (attempts < 1) {
                throw new IllegalArgumentException(
                        "basewatch.analyzer.retries.attempts is " + attempts + ", not positive");
            }
            requirePauses("basewatch.analyzer.retries", firstPause, longestPause);
        }

        GrowingPauses pauses() {
            return new GrowingPauses(firstPause, longestPause);
        }
    }

    private static void requirePauses(String keys, Duration firstPause, Duration longestPause) {
        requirePositive(keys + ".first-pause", firstPause);
        if (longestPause.compareTo(firstPause) < 0) {
            throw new IllegalArgumentException(
                    keys + ".longest-pause is " + longestPause + ", less than the first-pause of " + firstPause);
        }
    }
}
