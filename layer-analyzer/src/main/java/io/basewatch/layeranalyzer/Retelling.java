package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import java.time.Duration;
import java.util.OptionalLong;

/** Tells images again on the backfill topic, never so many that live work would see them. Thread-safe. */
final class Retelling {

    /** Events that may wait for the analyzers before another one is told. */
    private static final long MAX_WAITING = 1_000;

    /** What Kafka said longer ago than this says nothing about now. */
    static final Duration FRESH = Duration.ofMinutes(1);

    private final Announcer announcer;
    private final AnalyzerProgress progress;
    private long look;
    private long toldSinceLook;

    Retelling(Announcer announcer, AnalyzerProgress progress) {
        this.announcer = announcer;
        this.progress = progress;
    }

    /** Whether another one may be told now; not while nobody knows how many wait. */
    synchronized boolean mayTell() {
        if (progress.lastLookBegan() != look) {
            look = progress.lastLookBegan();
            toldSinceLook = 0;
        }
        OptionalLong waiting = progress.waiting(FRESH);
        return waiting.isPresent() && waiting.getAsLong() + toldSinceLook < MAX_WAITING;
    }

    /** Returns after Kafka's acknowledgement. */
    void tell(ImagePushed push) {
        announcer.again(push);
        synchronized (this) {
            toldSinceLook++;
        }
    }
}
