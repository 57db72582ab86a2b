package io.basewatch.registrywatcher;

import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** All meters of the watcher, by registry. Those with known labels are there from the start, at zero. */
final class WatcherMetrics {

    /** Beside the {@link Reason.Code}s of registries: what else keeps a sweep from its end. */
    static final String KAFKA_UNAVAILABLE = "kafka-unavailable";

    static final String STORE_UNAVAILABLE = "store-unavailable";

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
    private final AtomicLong tagsSeen = new AtomicLong();
    private final AtomicLong lastSweepSeconds = new AtomicLong();
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
        this.sweeps = Timer.builder("basewatch.watcher.sweep")
                .description("How long a sweep of the registry took, complete or not")
                .tag("registry", registry)
                .register(meters);
        for (String type : List.of("pushed", "tag-moved", "tag-removed")) {
            events(type);
        }
        for (Reason.Code code : USUAL_FAILURES) {
            failures(code.toString());
        }
        failures(KAFKA_UNAVAILABLE);
        failures(STORE_UNAVAILABLE);
        skipped(Reason.Code.NOT_AN_IMAGE);
        skipped(Reason.Code.NOT_LINUX);
    }

    void published(ImageEvent event) {
        String type;
        if (event instanceof ImagePushed) {
            type = "pushed";
        } else if (event instanceof TagMoved) {
            type = "tag-moved";
        } else {
            type = "tag-removed";
        }
        events(type).increment();
    }

    void failed(String reason) {
        failures(reason).increment();
    }

    void left(Reason.Code reason) {
        skipped(reason).increment();
    }

    void sweepEnded(Duration took) {
        sweeps.record(took);
    }

    void sweepCompleted(Instant at, long tags) {
        lastSweepSeconds.set(at.getEpochSecond());
        tagsSeen.set(tags);
    }

    private Counter events(String type) {
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
        return Counter.builder("basewatch.watcher.skipped")
                .description("What tags lead to beside images for Linux")
                .tag("registry", registry)
                .tag("reason", reason.toString())
                .register(meters);
    }
}
