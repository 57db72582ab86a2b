package io.basewatch.ociregistry;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How much one registry is asked: so many requests at once, so many a second, and none before the moment it asked to be left alone until.
 *
 * <p>How many a second: at first as many as any registry takes, then with each good answer more, as long as the answers come as fast as they did; half as many when the registry
 * says that it is too much or has trouble; never more than is set. All that ask the registry share this.
 */
final class RequestBudget {

    private final Slots slots;
    private final int concurrent;
    /** Requests a second to begin with. */
    static final double FIRST = 100;

    private static final double LEAST = 1;

    /** Below this a registry is not slow, however much faster it was before. */
    private static final double SLOW_NANOS = 250e6;

    /** How much an answer weighs in the mean of those before. */
    private static final double WEIGHT = 1.0 / 32;

    private final double all;
    private double most;
    private int taken;
    private final Duration patience;
    private double perSecond;
    private boolean slowed;
    private double meanNanos;
    private double fastestNanos = Double.MAX_VALUE;
    private int answers;
    private long changedNanos = System.nanoTime() - TimeUnit.SECONDS.toNanos(1);
    private long nextNanos = System.nanoTime() - TimeUnit.SECONDS.toNanos(1);
    private long quietUntilNanos = nextNanos;

    /** Places for requests at once, of which there may be fewer from some moment on. */
    private static final class Slots extends Semaphore {

        private static final long serialVersionUID = 1;

        Slots(int places) {
            super(places, true);
        }

        void take(int places) {
            reducePermits(places);
        }
    }

    /**
     * @param patience how long a request waits for a free slot before it fails
     */
    RequestBudget(double requestsPerSecond, int concurrent, Duration patience) {
        this.slots = new Slots(concurrent);
        this.concurrent = concurrent;
        this.all = requestsPerSecond;
        this.most = requestsPerSecond;
        this.perSecond = Math.min(FIRST, requestsPerSecond);
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

    /**
     * From now on it is shared by so many processes, each of which asks its part; what is under way is not stopped.
     *
     * @param processes 1 or more
     */
    synchronized void shareAmong(int processes) {
        most = all / processes;
        perSecond = Math.min(perSecond, most);
        int others = concurrent - Math.max(1, concurrent / processes);
        if (others > taken) {
            slots.take(others - taken);
        } else {
            slots.release(taken - others);
        }
        taken = others;
    }

    /** Nobody asks before this much time has passed. */
    synchronized void quietFor(Duration pause) {
        long until = System.nanoTime() + pause.toNanos();
        if (until - quietUntilNanos > 0) {
            quietUntilNanos = until;
        }
    }

    /** Requests a second at this moment. */
    synchronized double perSecond() {
        return perSecond;
    }

    /**
     * Hears how an answer came.
     *
     * @param nanos it took until its headers were there
     */
    synchronized void answered(long nanos) {
        answers++;
        // The first answers carry connections and a program that has just started.
        meanNanos = answers == 1 ? nanos : meanNanos + (nanos - meanNanos) * Math.max(WEIGHT, 1.0 / answers);
        if (answers >= 1 / WEIGHT) {
            fastestNanos = Math.min(fastestNanos, meanNanos);
            if (meanNanos > SLOW_NANOS && meanNanos > 4 * fastestNanos) {
                slowDown(0.8);
                return;
            }
        }
        // Twice as much each second, until the registry has once shown where its end is; then a tenth of that more.
        perSecond = Math.min(most, perSecond + (slowed ? 0.1 : 1));
    }

    /** The registry said that it is too much, or has trouble of its own. */
    synchronized void refused() {
        slowDown(0.5);
    }

    /** Once a second at most: what is under way when it is said will be refused as well. */
    private void slowDown(double factor) {
        long now = System.nanoTime();
        if (now - changedNanos >= TimeUnit.SECONDS.toNanos(1)) {
            changedNanos = now;
            slowed = true;
            perSecond = Math.max(Math.min(LEAST, most), perSecond * factor);
        }
    }

    /** Takes the next place in the row; the nanoseconds until it is due. */
    private synchronized long reserve() {
        long intervalNanos = Math.round(TimeUnit.SECONDS.toNanos(1) / perSecond);
        long burstNanos = Math.max(0, TimeUnit.SECONDS.toNanos(1) - intervalNanos);
        long now = System.nanoTime();
        long earliest = now - burstNanos;
        long place = nextNanos - earliest > 0 ? nextNanos : earliest;
        nextNanos = place + intervalNanos;
        long due = place - quietUntilNanos > 0 ? place : quietUntilNanos;
        return Math.max(0, due - now);
    }
}
