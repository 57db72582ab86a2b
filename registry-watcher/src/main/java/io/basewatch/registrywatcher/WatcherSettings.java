package io.basewatch.registrywatcher;

import io.basewatch.ociregistry.Credentials;
import io.basewatch.ociregistry.RegistrySettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the watcher is told.
 *
 * @param registries none: nothing is watched
 * @param interval between the starts of two sweeps of a registry, give or take a tenth; registries may have their own
 * @param parallelRepositories of one registry, swept at once
 */
@ConfigurationProperties("basewatch.watcher")
record WatcherSettings(
        @DefaultValue List<WatchedRegistry> registries,
        @DefaultValue("5m") Duration interval,
        @DefaultValue("4") int parallelRepositories) {

    WatcherSettings {
        registries = List.copyOf(registries);
        requirePositive("basewatch.watcher.interval", interval);
        if (parallelRepositories < 1 || parallelRepositories > 64) {
            throw new IllegalArgumentException(
                    "basewatch.watcher.parallel-repositories is " + parallelRepositories + ", not 1 to 64");
        }
    }

    private static void requirePositive(String key, Duration value) {
        if (value.toMillis() <= 0) {
            throw new IllegalArgumentException(key + " is " + value + ", not a positive duration");
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
     * @param repositories which ones; plain names under {@code include} for a registry that does not list its repositories
     * @param tags which ones, in all of these repositories
     * @param interval null: as for all
     * @param requestsPerSecond on average
     * @param concurrentRequests at once
     */
    record WatchedRegistry(
            @Nullable URI url,
            @Nullable String username,
            @Nullable String password,
            @Nullable Path dockerConfig,
            @DefaultValue List<Path> certificates,
            @Nullable NamePatterns repositories,
            @Nullable NamePatterns tags,
            @Nullable Duration interval,
            @DefaultValue("10s") Duration connectTimeout,
            @DefaultValue("60s") Duration requestTimeout,
            @DefaultValue("20") double requestsPerSecond,
            @DefaultValue("16") int concurrentRequests) {

        WatchedRegistry {
            certificates = List.copyOf(certificates);
            if ((username == null || username.isEmpty()) != (password == null || password.isEmpty())) {
                throw new IllegalArgumentException("registry " + url + " of basewatch.watcher.registries has "
                        + (username == null || username.isEmpty()
                                ? "a password without a username"
                                : "a username without a password"));
            }
            if (interval != null) {
                requirePositive("basewatch.watcher.registries.interval of registry " + url, interval);
            }
        }

        /**
         * @throws IllegalArgumentException naming the setting that is not legal
         */
        RegistrySettings connection() {
            if (url == null) {
                throw new IllegalArgumentException("a registry of basewatch.watcher.registries has no url");
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

        NamePatterns watchedRepositories() {
            return repositories == null ? NamePatterns.ALL : repositories;
        }

        NamePatterns watchedTags() {
            return tags == null ? NamePatterns.ALL : tags;
        }

        @Override
        public String toString() {
            return "WatchedRegistry[url=" + url + ", username=" + username + ", repositories=" + watchedRepositories()
                    + ", tags=" + watchedTags() + "]";
        }
    }
}
