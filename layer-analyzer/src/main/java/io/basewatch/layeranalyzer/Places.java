package io.basewatch.layeranalyzer;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Places for layers that are read at once by this process. Backfill may have so many of them; beside these, half as many are for live images
 * alone, which may take any. So backfill never keeps a live image waiting, and the memory that layers need stays bounded. Thread-safe.
 */
final class Places {

    private final int shared;
    private final int all;
    private int takenLive;
    private int takenBackfill;
    private int waitingLive;

    /**
     * @param shared layers of backfill read at once, at most
     */
    Places(int shared) {
        this.shared = shared;
        this.all = shared + Math.max(1, shared / 2);
    }

    /** False when none became free in this time; else {@link #giveBack} must follow. */
    synchronized boolean take(Urgency urgency, Duration patience) throws InterruptedException {
        long until = System.nanoTime() + patience.toNanos();
        boolean live = urgency == Urgency.LIVE;
        waitingLive += live ? 1 : 0;
        try {
            while (!isFree(live)) {
                long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                wait(left);
            }
        } finally {
            waitingLive -= live ? 1 : 0;
        }
        takenLive += live ? 1 : 0;
        takenBackfill += live ? 0 : 1;
        return true;
    }

    private boolean isFree(boolean live) {
        boolean any = takenLive + takenBackfill < all;
        return live ? any : any && takenBackfill < shared && waitingLive == 0;
    }

    synchronized void giveBack(Urgency urgency) {
        if (urgency == Urgency.LIVE) {
            takenLive--;
        } else {
            takenBackfill--;
        }
        notifyAll();
    }
}
