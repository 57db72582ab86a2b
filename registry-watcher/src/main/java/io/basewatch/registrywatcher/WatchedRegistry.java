package io.basewatch.registrywatcher;

import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetstore.TagLedger;
import io.basewatch.ociregistry.Listing;
import io.basewatch.ociregistry.NamePatterns;
import io.basewatch.ociregistry.NewestTags;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.WantedPlatforms;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One registry, what is watched of it, and what every {@link Look} at it shares. Thread-safe. */
final class WatchedRegistry {

    private static final Logger log = LoggerFactory.getLogger(WatchedRegistry.class);

    /** Names that were passed over and are remembered to have been told; of more than that, each is told each time. */
    private static final int REMEMBERED_NAMES = 10_000;

    private final Registry registry;
    private final WatchRules rules;
    private final Listing listing;
    private final LookTimes times;
    private final TagLedger ledger;
    private final Teller teller;
    private final WatcherMetrics metrics;
    private final WatcherProgress progress;
    private final Clock clock;
    private final Set<String> passedOver = new ConcurrentSkipListSet<>();
    private volatile boolean swept;
    private volatile boolean stopped;
    private volatile boolean paused;

    /**
     * @param publisher returns after Kafka's acknowledgement or throws an {@link io.basewatch.eventlog.EventLogUnavailableException}
     */
    WatchedRegistry(
            Registry registry,
            WatchRules rules,
            TagLedger ledger,
            BiConsumer<Urgency, ImageEvent> publisher,
            WatcherMetrics metrics,
            WatcherProgress progress,
            Clock clock) {
        this.registry = registry;
        this.rules = rules;
        this.listing = registry.listing(rules.repositories());
        this.times = new LookTimes(clock.instant());
        this.ledger = ledger;
        this.teller = new Teller(ledger, publisher, clock);
        this.metrics = metrics;
        this.progress = progress;
        this.clock = clock;
        metrics.measure(registry);
        metrics.measure(rules.cadence().staleness(), () -> Duration.between(times.oldest(), clock.instant()));
        progress.watch(registry.host());
    }

    /** For who was told that something changed there: it may be missing, but nobody has agreed to that. */
    Look look() {
        return look(null);
    }

    /**
     * The same.
     *
     * @param told when that was said; null when nobody knows
     */
    Look look(@Nullable Instant told) {
        return new Look(this, clock.instant(), told, entry -> false, () -> {});
    }

    Registry registry() {
        return registry;
    }

    NamePatterns repositories() {
        return rules.repositories();
    }

    NamePatterns tags() {
        return rules.tags();
    }

    /** Which of a repository's tags that have a watched name are too old to be watched. */
    NewestTags newest() {
        return rules.newest();
    }

    /** Of whose images are told. */
    WantedPlatforms platforms() {
        return rules.platforms();
    }

    /** Whether what refers to new images is asked for. */
    boolean asksForReferrers() {
        return rules.referrers();
    }

    Listing listing() {
        return listing;
    }

    /** Whether a tag is one that never moves once it is there, as the operator says. */
    boolean isImmutable(String tag) {
        return rules.immutable().test(tag);
    }

    LookTimes times() {
        return times;
    }

    Instant now() {
        return clock.instant();
    }

    TagLedger ledger() {
        return ledger;
    }

    Teller teller() {
        return teller;
    }

    WatcherMetrics metrics() {
        return metrics;
    }

    WatcherProgress progress() {
        return progress;
    }

    /** From the first complete sweep on, what is new in it came there just now. */
    void swept() {
        swept = true;
    }

    boolean isSwept() {
        return swept;
    }

    /** Each look ends after the batch it is at; there are no more after it. */
    void stop() {
        stopped = true;
    }

    boolean isStopped() {
        return stopped;
    }

    /** As {@link #stop}, until it is taken back. */
    void pause(boolean now) {
        paused = now;
    }

    boolean isPaused() {
        return paused;
    }

    /**
     * Counts and tells, once, that a name is not watched though it is listed.
     *
     * @param name fit to be printed
     */
    void passOver(String reason, String name) {
        if (passedOver.contains(name)) {
            return;
        }
        if (passedOver.size() < REMEMBERED_NAMES) {
            passedOver.add(name);
        }
        metrics.passedOver(reason);
        log.warn("passed over, the others are watched registry={} reason={} what={}", registry.host(), reason, name);
    }
}
