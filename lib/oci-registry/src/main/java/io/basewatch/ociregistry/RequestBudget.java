package io.basewatch.ociregistry;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** How much one registry is asked: so many requests at once, so many a second, and none before the moment it asked to be left alone until. */
final class RequestBudget {

    private final Semaphore slots;
    private final long intervalNanos;
    private final long burstNanos;
    private final Duration patience;
    private long nextNanos = System.nanoTime() - TimeUnit.SECONDS.toNanos(1);
    private long quietUntilNanos = nextNanos;

    /**
     * @param patience how long a request waits for a free slot before it fails
     */
    RequestBudget(double requestsPerSecond, int concurrent, Duration patience) {
        this.slots = new Semaphore(concurrent, true);
        this.intervalNanos = Math.round(TimeUnit.SECONDS.toNanos(1) / requestsPerSecond);
        this.burstNanos = Math.max(0, TimeUnit.SECONDS.toNanos(1) - intervalNanos);
        this.patience = patience;
    }

    /**
     * Waits for leave to send one request.
     *
     * @return false when no slot came free in time; else {@link #release()} must follow
     */
    boolean acquire() throws InterruptedException {
        if (!slots.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        try {
            TimeUnit.NANOSECONDS.sleep(reserve());
            return true;
        } catch (InterruptedException | RuntimeException | Error e) {
            slots.release();
            throw e;
        }
    }

    void release() {
        slots.release();
    }

    /** Nobody asks before this much time has passed. */
    synchronized void quietFor(Duration pause) {
        long until = System.nanoTime() + pause.toNanos();
        if (until - quietUntilNanos > 0) {
            quietUntilNanos = until;
        }
    }

    /** Takes the next place in the row; the nanoseconds until it is due. */
    private synchronized long reserve() {
        long now = System.nanoTime();
        long earliest = now - burstNanos;
        long place = nextNanos - earliest > 0 ? nextNanos : earliest;
        nextNanos = place + intervalNanos;
        long due = place - quietUntilNanos > 0 ? place : quietUntilNanos;
        return Math.max(0, due - now);
    }
}
