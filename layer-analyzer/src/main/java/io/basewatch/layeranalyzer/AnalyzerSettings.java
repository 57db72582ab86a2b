package io.basewatch.layeranalyzer;

import io.basewatch.fingerprint.LayerLimits;
import io.basewatch.ociregistry.Credentials;
import io.basewatch.ociregistry.RegistrySettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What the analyzer is told.
 *
 * @param registries whose images are analyzed; events of others are given up
 * @param threads layers read at once; null: as many as there are processors
 * @param limits of layers
 * @param lease how long another analyzer leaves a layer alone of which nothing was heard
 * @param claimPatience how long a layer that another analyzer reads is waited for in one try
 * @param imageTime after which no further layer of an image is begun in one try
 * @param livePatience how long one backfill event gives way to live ones
 * @param lagInterval between two looks at the group's lag
 * @param retries of events that were not handled
 */
@ConfigurationProperties("basewatch.analyzer")
record AnalyzerSettings(
        @DefaultValue List<AnalyzedRegistry> registries,
        @Nullable Integer threads,
        @DefaultValue Limits limits,
        @DefaultValue("60s") Duration lease,
        @DefaultValue("10m") Duration claimPatience,
        @DefaultValue("1h") Duration imageTime,
        @DefaultValue("30s") Duration livePatience,
        @DefaultValue("10s") Duration lagInterval,
        @DefaultValue Retries retries) {

    AnalyzerSettings {
        registries = List.copyOf(registries);
        if (threads != null && (threads < 1 || threads > 256)) {
            throw new IllegalArgumentException("basewatch.analyzer.threads is " + threads + ", not 1 to 256");
        }
        requirePositive("basewatch.analyzer.lease", lease);
        requirePositive("basewatch.analyzer.claim-patience", claimPatience);
        requirePositive("basewatch.analyzer.image-time", imageTime);
        requirePositive("basewatch.analyzer.live-patience", livePatience);
        requirePositive("basewatch.analyzer.lag-interval", lagInterval);
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
     * @param maxFacts what is kept of one layer; of all layers of an image, twice as much
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
                    maxFacts == null ? defaults.maxFactsBytes() : maxFacts.toBytes());
        }
    }

    /**
     * @param attempts on an image whose registry fails, the first included
     * @param firstPause doubled after each further attempt
     * @param storePatience how long an event is tried that the store does not take
     */
    record Retries(
            @DefaultValue("4") int attempts,
            @DefaultValue("2s") Duration firstPause,
            @DefaultValue("30s") Duration longestPause,
            @DefaultValue("15m") Duration storePatience) {

        Retries {
            if (attempts < 1) {
                throw new IllegalArgumentException(
                        "basewatch.analyzer.retries.attempts is " + attempts + ", not positive");
            }
            requirePositive("basewatch.analyzer.retries.first-pause", firstPause);
            requirePositive("basewatch.analyzer.retries.store-patience", storePatience);
            if (longestPause.compareTo(firstPause) < 0) {
                throw new IllegalArgumentException("basewatch.analyzer.retries.longest-pause is " + longestPause
                        + ", less than the first-pause of " + firstPause);
            }
        }
    }

    /**
     * One registry.
     *
     * @param url {@code https://host[:port]}, or {@code http://} for plain text
     * @param username null to look into {@code dockerConfig}, and without that to ask as nobody
     * @param password goes with the user name
     * @param dockerConfig docker's {@code config.json}; null to use none
     * @param certificates PEM files of certificate authorities, trusted beside the Java default ones
     * @param requestsPerSecond on average
     * @param concurrentRequests at once
     */
    record AnalyzedRegistry(
            @Nullable URI url,
            @Nullable String username,
            @Nullable String password,
            @Nullable Path dockerConfig,
            @DefaultValue List<Path> certificates,
            @DefaultValue("10s") Duration connectTimeout,
            @DefaultValue("60s") Duration requestTimeout,
            @DefaultValue("20") double requestsPerSecond,
            @DefaultValue("16") int concurrentRequests) {

        AnalyzedRegistry {
            certificates = List.copyOf(certificates);
            if ((username == null || username.isEmpty()) != (password == null || password.isEmpty())) {
                throw new IllegalArgumentException("registry " + url + " of basewatch.analyzer.registries has "
                        + (username == null || username.isEmpty()
                                ? "a password without a username"
                                : "a username without a password"));
            }
        }

        /**
         * @throws IllegalArgumentException naming the setting that is not legal
         */
        RegistrySettings connection() {
            if (url == null) {
                throw new IllegalArgumentException("a registry of basewatch.analyzer.registries has no url");
            }
            return RegistrySettings.of(url)
                    .withCredentials(
                            username == null || username.isEmpty() || password == null
                                    ? null
                                    : new Credentials(username, password))
                    .withDockerConfig(dockerConfig)
                    .withCertificates(certificates)
                    .withTimeouts(connectTimeout, requestTimeout)
                    .withBudget(requestsPerSecond, concurrentRequests);
        }

        @Override
        public String toString() {
            return "AnalyzedRegistry[url=" + url + ", username=" + username + "]";
        }
    }
}
