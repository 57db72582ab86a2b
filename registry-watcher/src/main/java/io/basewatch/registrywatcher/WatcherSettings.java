package io.basewatch.registrywatcher;

import io.basewatch.registrywatcher.WebhookMessage.Kind;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the watcher is told.
 *
 * @param interval between the starts of two sweeps of a registry, give or take a tenth; registries may have their own
 * @param maxStaleness how old what is known of a repository may get; null for twice the interval, which has each sweep look at everything
 * @param parallelRepositories of one registry, swept at once
 * @param name watchers of one name watch the same registries
 * @param compareInterval between two comparisons of what was told with what the fleet says
 * @param webhooks registries that say at once what changed
 * @param compareGrace how long what was told may be under way before a comparison misses it
 */
@ConfigurationProperties("basewatch.watcher")
record WatcherSettings(
        @DefaultValue("5m") Duration interval,
        @Nullable Duration maxStaleness,
        @DefaultValue("4") int parallelRepositories,
        @DefaultValue("watcher") String name,
        @DefaultValue Removals removals,
        @DefaultValue("24h") Duration compareInterval,
        @DefaultValue("10m") Duration compareGrace,
        @DefaultValue List<Webhook> webhooks) {

    /**
     * Who may say that something changed.
     *
     * @param registry {@code host[:port]} of a watched one
     * @param secret that its messages prove to know
     */
    record Webhook(Kind kind, String registry, String secret) {

        /** As many characters as a secret has that nobody guesses. */
        private static final int SHORTEST = 16;

        Webhook(@Nullable Kind kind, @Nullable String registry, @Nullable String secret) {
            if (kind == null || registry == null || registry.isBlank()) {
                throw new IllegalArgumentException(
                        "an entry of basewatch.watcher.webhooks needs kind, registry (host[:port]) and secret");
            }
            if (secret == null || secret.length() < SHORTEST) {
                throw new IllegalArgumentException("secret of the " + kind.word() + " webhook of " + registry
                        + " in basewatch.watcher.webhooks is missing or shorter than " + SHORTEST + " characters");
            }
            this.kind = kind;
            this.registry = registry;
            this.secret = secret;
        }

        @Override
        public String toString() {
            return "Webhook[kind=" + kind + ", registry=" + registry + "]";
        }
    }

    /**
     * Above which removals are held. See {@link RemovalBrake}.
     *
     * @param maxShare of a registry's tags, 0 to 1
     * @param maxNumber of tags
     */
    record Removals(
            @DefaultValue("0.2") double maxShare,
            @DefaultValue("100") int maxNumber) {

        Removals {
            brake(maxShare, maxNumber, Duration.ZERO);
        }

        /**
         * @param interval of the registry's sweeps, which begin a tenth of it early at most
         */
        RemovalBrake brake(Duration interval) {
            return brake(maxShare, maxNumber, interval.multipliedBy(9).dividedBy(10));
        }

        private static RemovalBrake brake(double maxShare, int maxNumber, Duration agreement) {
            return new RemovalBrake(maxShare, maxNumber, agreement);
        }
    }

    WatcherSettings {
        requirePositive("basewatch.watcher.interval", interval);
        requirePositive("basewatch.watcher.compare-interval", compareInterval);
        if (compareGrace.isNegative()) {
            throw new IllegalArgumentException(
                    "basewatch.watcher.compare-grace is " + compareGrace + ", not 0 or longer");
        }
        if (name.isBlank()) {
            throw new IllegalArgumentException("basewatch.watcher.name is empty; leave the line out for 'watcher'");
        }
        if (parallelRepositories < 1 || parallelRepositories > 64) {
            throw new IllegalArgumentException(
                    "basewatch.watcher.parallel-repositories is " + parallelRepositories + ", not 1 to 64");
        }
    }

    /**
     * How often the repositories of a registry are looked at.
     *
     * @param every between two of its sweeps
     * @throws IllegalArgumentException when what is to be promised cannot be kept
     */
    Cadence cadence(String registry, Duration every) {
        if (maxStaleness == null) {
            return Cadence.every(every);
        }
        if (maxStaleness.compareTo(every.multipliedBy(2)) < 0) {
            throw new IllegalArgumentException("basewatch.watcher.max-staleness is " + maxStaleness
                    + ", but registry " + registry + " is swept every " + every + ": give twice that or more, "
                    + every.multipliedBy(2) + ", or a shorter interval");
        }
        return new Cadence(every, maxStaleness);
    }

    static void requirePositive(String key, Duration value) {
        if (value.toMillis() <= 0) {
            throw new IllegalArgumentException(key + " is " + value + ", not a positive duration");
        }
    }
}
