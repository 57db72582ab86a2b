package io.basewatch.fleetstore;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The fleet as it was counted last, for all who want to know. A count stands for a second, or for ten times as long as it took. Who asks after that has a new one
 * made, and gets it if that takes but a moment; else the last one, which says how old it is. Where there is none yet, or only a very old one, he waits, but not
 * long, and not in any number. Thread-safe.
 */
public final class FleetCounts {

    private static final long SHORTEST_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** So that counting is never more than a tenth of what the store does. */
    private static final int TIMES_ITS_COST = 10;

    /** How long somebody waits for a new count who can have the last one. */
    private static final Duration MOMENT = Duration.ofMillis(15);

    /** A count that is older than this is nothing to fall back on. */
    private static final long OLDEST_NANOS = TimeUnit.MINUTES.toNanos(2);

    /** How long somebody waits for a count where there is none. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Each waits in a thread of its own; whoever serves them has others to serve. */
    private static final int MOST_WAITING = 32;

    private final FleetQueries fleet;
    private final Clock clock;
    private final LongSupplier nanos;
    private final Duration moment;
    private final Duration patience;
    private @Nullable CompletableFuture<FleetCount> counting;
    private int waiting;
    private @Nullable FleetCount last;
    private long madeAt;
    private long standsUntil;

    /**
     * @param clock for {@link FleetCount#asOf()}
     */
    public FleetCounts(FleetQueries fleet, Clock clock) {
        this(fleet, clock, System::nanoTime, MOMENT, PATIENCE);
    }

    FleetCounts(FleetQueries fleet, Clock clock, LongSupplier nanos, Duration moment, Duration patience) {
        this.fleet = fleet;
        this.clock = clock;
        this.nanos = nanos;
        this.moment = moment;
        this.patience = patience;
    }

    /**
     * A count that still stands, or a new one, or the last one while a new one is being made.
     *
     * @throws StoreUnavailableException when counting takes longer than anybody is let wait, or too many wait already
     * @throws RuntimeException whatever the store throws, to all who waited; it is asked again by who comes next
     */
    public FleetCount recent() {
        CompletableFuture<FleetCount> count;
        FleetCount fallback = null;
        synchronized (this) {
            if (last != null) {
                long now = nanos.getAsLong();
                if (now - standsUntil < 0) {
                    return last;
                }
                fallback = now - madeAt < OLDEST_NANOS ? last : null;
            }
            if (fallback != null && counting != null) {
                return fallback;
            }
            if (waiting == MOST_WAITING) {
                throw new StoreUnavailableException(
                        "the fleet is being counted, and " + waiting + " wait for that already", null);
            }
            waiting++;
            if (counting == null) {
                counting = begin();
            }
            count = counting;
        }
        try {
            return count.get((fallback == null ? patience : moment).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            if (fallback != null) {
                return fallback;
            }
            throw new StoreUnavailableException("the fleet is not counted after " + patience.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("told to stop while the fleet is counted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            synchronized (this) {
                waiting--;
            }
        }
    }

    /** In a thread of its own: nobody who asks is held for as long as a count may take. */
    private CompletableFuture<FleetCount> begin() {
        CompletableFuture<FleetCount> count = new CompletableFuture<>();
        Thread counter = new Thread(() -> count(count), "fleet-count");
        counter.setDaemon(true);
        counter.start();
        return count;
    }

    private void count(CompletableFuture<FleetCount> count) {
        try {
            FleetCount made = fresh();
            over();
            count.complete(made);
        } catch (RuntimeException | Error e) {
            over();
            count.completeExceptionally(e);
        }
    }

    private synchronized void over() {
        counting = null;
    }

    /**
     * A new count, which then is the recent one.
     *
     * @throws RuntimeException whatever the store throws
     */
    public FleetCount fresh() {
        long start = nanos.getAsLong();
        FleetCount made = fleet.count(clock);
        long end = nanos.getAsLong();
        synchronized (this) {
            last = made;
            madeAt = end;
            standsUntil = end + Math.max(SHORTEST_NANOS, (end - start) * TIMES_ITS_COST);
        }
        return made;
    }
}
