package io.basewatch.registrywatcher;

import io.basewatch.eventlog.Ages;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetstore.LedgerComparison.Difference;
import io.basewatch.ociregistry.ArtifactKind;
import io.basewatch.ociregistry.ImageTargets.Skipped;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RequestKind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** All meters of the watcher, by registry. Those with known labels are there from the start, at zero. */
final class WatcherMetrics {

    /** Beside the {@link Reason.Code}s of registries: what else keeps a sweep from its end. */
    static final String KAFKA_UNAVAILABLE = "kafka-unavailable";

    static final String STORE_UNAVAILABLE = "store-unavailable";

    /** Why a name is passed over. */
    static final String ILLEGAL_REPOSITORY = "illegal-repository";

    static final String ILLEGAL_TAG = "illegal-tag";

    /** Why an image is skipped that could be looked at. */
    private static final String UNWATCHED = "unwatched";

    /** Those of each registry, made when first asked for. Thread-safe. */
    static final class Each {

        private final MeterRegistry meters;
        private final Map<String, WatcherMetrics> registries = new ConcurrentHashMap<>();

        Each(MeterRegistry meters) {
            this.meters = meters;
        }

        WatcherMetrics of(String registry) {
            return registries.computeIfAbsent(registry, name -> new WatcherMetrics(meters, name));
        }

        /** It is not watched any more, or by others: its series end. */
        void forget(String registry) {
            registries.remove(registry);
            meters.getMeters().stream()
                    .filter(meter -> meter.getId().getName().startsWith("basewatch.watcher.")
                            && registry.equals(meter.getId().getTag("registry")))
                    .forEach(meters::remove);
        }
    }

    private static final List<Reason.Code> USUAL_FAILURES = List.of(
            Reason.Code.REGISTRY_UNAVAILABLE,
            Reason.Code.UNAUTHORIZED,
            Reason.Code.MANIFEST_MISSING,
            Reason.Code.MANIFEST_INVALID,
            Reason.Code.DIGEST_MISMATCH,
            Reason.Code.LIMIT_EXCEEDED,
            Reason.Code.UNSUPPORTED_FORMAT,
            Reason.Code.TIMEOUT,
            Reason.Code.INTERNAL_ERROR);

    private final MeterRegistry meters;
    private final String registry;
    private volatile Duration promised = Duration.ZERO;
    private final AtomicLong paused = new AtomicLong();
    private final AtomicLong tagsSeen = new AtomicLong();
    private final AtomicLong lastSweepSeconds = new AtomicLong();
    private final AtomicLong removalsHeld = new AtomicLong();
    private final Timer sweeps;

    /**
     * @param registry host and port
     */
    WatcherMetrics(MeterRegistry meters, String registry) {
        this.meters = meters;
        this.registry = registry;
        Gauge.builder("basewatch.watcher.tags.seen", tagsSeen, AtomicLong::doubleValue)
                .description("Watched tags that the registry listed in its last complete sweep")
                .tag("registry", registry)
                .register(meters);
        Gauge.builder("basewatch.watcher.last.sweep.timestamp.seconds", lastSweepSeconds, AtomicLong::doubleValue)
                .description("When the last complete sweep ended, in seconds since 1970; 0 when there was none yet")
                .baseUnit("seconds")
                .tag("registry", registry)
                .register(meters);
        Gauge.builder("basewatch.watcher.removals.held", removalsHeld, AtomicLong::doubleValue)
                .description("Tags that the last complete sweep found missing and that wait for another word")
                .tag("registry", registry)
                .register(meters);
        Gauge.builder("basewatch.watcher.paused", paused, AtomicLong::doubleValue)
                .description("1 while the registry is paused by an operator, and not watched")
                .tag("registry", registry)
                .register(meters);
        ages(true);
        ages(false);
        changes(true);
        changes(false);
        missed();
        looks(true);
        looks(false);
        this.sweeps = Timer.builder("basewatch.watcher.sweep")
                .description("How long a sweep of the registry took, complete or not")
                .tag("registry", registry)
                .register(meters);
        for (String type : List.of("pushed", "tag-moved", "tag-removed")) {
            events(meters, registry, type);
        }
        for (Reason.Code code : USUAL_FAILURES) {
            failures(code.toString());
        }
        failures(KAFKA_UNAVAILABLE);
        failures(STORE_UNAVAILABLE);
        skipped(Reason.Code.NOT_AN_IMAGE);
        skipped(Reason.Code.NOT_LINUX);
        skipped(UNWATCHED);
        for (ArtifactKind kind : ArtifactKind.values()) {
            artifacts(kind);
        }
        illegal(ILLEGAL_REPOSITORY);
        illegal(ILLEGAL_TAG);
        for (Difference difference : Difference.values()) {
            differences(difference);
        }
    }

    /** From now on what the registry is asked is measured. */
    void measure(Registry asked) {
        for (RequestKind kind : RequestKind.values()) {
            FunctionCounter.builder("basewatch.watcher.requests", asked, of -> of.requests(kind))
                    .description("Requests that the registry has answered, by what they are for")
                    .tag("registry", registry)
                    .tag("class", kind.toString())
                    .register(meters);
        }
        Gauge.builder(
                        "basewatch.watcher.requests.remaining",
                        asked,
                        of -> of.remaining().orElse(-1))
                .description(
                        "What the registry says may still be asked or pulled until its next reset; -1 when it does not say")
                .tag("registry", registry)
                .register(meters);
        FunctionCounter.builder("basewatch.watcher.requests.refused", asked, Registry::refusals)
                .description("Requests that the registry has answered with 429 or 503")
                .tag("registry", registry)
                .register(meters);
        Gauge.builder("basewatch.watcher.requests.per.second", asked, Registry::requestsPerSecond)
                .description("How much the registry is asked at most at this moment")
                .tag("registry", registry)
                .register(meters);
    }

    /**
     * From now on it is measured how old what is known of the registry is.
     *
     * @param promised how old it may be
     * @param oldest how old what is known of a repository is, of the one for which that is most
     */
    void measure(Duration promised, Supplier<Duration> oldest) {
        this.promised = promised;
        Gauge.builder("basewatch.watcher.promised.staleness", () -> seconds(promised))
                .description("How old what is known of a repository may get")
                .baseUnit("seconds")
                .tag("registry", registry)
                .register(meters);
        Gauge.builder("basewatch.watcher.oldest.repository", () -> seconds(oldest.get()))
                .description("How long ago the repository was looked at that was not looked at for longest")
                .baseUnit("seconds")
                .tag("registry", registry)
                .register(meters);
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1000.0;
    }

    /**
     * A new or moved tag was told.
     *
     * @param age since it changed at the earliest
     * @param said whether that is when somebody said that it changed, and not when it was looked at before
     */
    void changeTold(Duration age, boolean said) {
        Ages.record(ages(said), age);
        changes(age.compareTo(promised) <= 0).increment();
    }

    private Timer ages(boolean said) {
        return Ages.timer(
                meters,
                "basewatch.watcher.change.to.event",
                "From when a tag changed at the earliest, as it was looked at or said, until Kafka had its events",
                "registry",
                registry,
                "since",
                said ? "said" : "looked");
    }

    private Counter changes(boolean inTime) {
        return Counter.builder("basewatch.watcher.changes")
                .description("New and moved tags that were told, by whether that was within the promised staleness")
                .tag("registry", registry)
                .tag("in_time", Boolean.toString(inTime))
                .register(meters);
    }

    /**
     * @param isPaused whether somebody has paused the registry
     */
    void paused(boolean isPaused) {
        paused.set(isPaused ? 1 : 0);
    }

    void published(ImageEvent event) {
        published(meters, event);
    }

    /** Counts also what is told of a registry that is not watched any more. */
    static void published(MeterRegistry meters, ImageEvent event) {
        String type;
        if (event instanceof ImagePushed) {
            type = "pushed";
        } else if (event instanceof TagMoved) {
            type = "tag-moved";
        } else {
            type = "tag-removed";
        }
        events(meters, event.repository().registry(), type).increment();
    }

    void failed(String reason) {
        failures(reason).increment();
    }

    /** Images that nobody wants to be looked at. */
    void unwatched(int images) {
        skipped(UNWATCHED).increment(images);
    }

    void left(Skipped skipped) {
        skipped(skipped.reason().code()).increment();
        if (skipped.artifact() != null) {
            artifacts(skipped.artifact()).increment();
        }
    }

    void passedOver(String reason) {
        illegal(reason).increment();
    }

    void differs(Difference difference) {
        differences(difference).increment();
    }

    void removalsHeld(long tags) {
        removalsHeld.set(tags);
    }

    void missedTurns(long sweeps) {
        missed().increment((double) sweeps);
    }

    /**
     * @param isLookedAt whether it was, or a later sweep does
     */
    void looked(boolean isLookedAt) {
        looks(isLookedAt).increment();
    }

    private Counter looks(boolean isLookedAt) {
        return Counter.builder("basewatch.watcher.repositories")
                .description("Repositories that sweeps and messages came to, by whether they were due")
                .tag("registry", registry)
                .tag("due", Boolean.toString(isLookedAt))
                .register(meters);
    }

    private Counter missed() {
        return Counter.builder("basewatch.watcher.sweeps.missed")
                .description("Sweeps that were left out because the one before them still ran")
                .tag("registry", registry)
                .register(meters);
    }

    void sweepEnded(Duration took) {
        sweeps.record(took);
    }

    void sweepCompleted(Instant at, long tags) {
        lastSweepSeconds.set(at.getEpochSecond());
        tagsSeen.set(tags);
    }

    private static Counter events(MeterRegistry meters, String registry, String type) {
        return Counter.builder("basewatch.watcher.events")
                .description("Image events that Kafka has acknowledged")
                .tag("registry", registry)
                .tag("type", type)
                .register(meters);
    }

    private Counter failures(String reason) {
        return Counter.builder("basewatch.watcher.failures")
                .description(
                        "Tags, repositories and sweeps that could not be read or told, and are tried again in the next sweep")
                .tag("registry", registry)
                .tag("reason", reason)
                .register(meters);
    }

    private Counter skipped(Reason.Code reason) {
        return skipped(reason.toString());
    }

    private Counter skipped(String reason) {
        return Counter.builder("basewatch.watcher.skipped")
                .description("What tags lead to beside images that are looked at")
                .tag("registry", registry)
                .tag("reason", reason)
                .register(meters);
    }

    private Counter artifacts(ArtifactKind kind) {
        return Counter.builder("basewatch.watcher.artifacts")
                .description("Of what was skipped, the artifacts: signatures, attestations, SBOMs, charts")
                .tag("registry", registry)
                .tag("kind", kind.toString())
                .register(meters);
    }

    private Counter illegal(String reason) {
        return Counter.builder("basewatch.watcher.passed.over")
                .description("Names that the registry lists and that no registry may have, each once")
                .tag("registry", registry)
                .tag("reason", reason)
                .register(meters);
    }

    private Counter differences(Difference difference) {
        return Counter.builder("basewatch.watcher.differences")
                .description("Tags of which the fleet said something else than was told, and which are told again")
                .tag("registry", registry)
                .tag("kind", FleetComparison.name(difference))
                .register(meters);
    }
}
