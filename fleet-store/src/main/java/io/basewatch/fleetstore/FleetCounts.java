package io.basewatch.fleetstore;

import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The fleet as it was counted last, for all who want to know: counting reads every image's line, which takes seconds for a large fleet. A count stands for a second, or for ten
 * times as long as it took. Who asks while one is made waits for that one. Thread-safe.
 */
public final class FleetCounts {

    private static final long SHORTEST_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** So that counting is never more than a tenth of what the store does. */
    private static final int TIMES_ITS_COST = 10;

    private final FleetQueries fleet;
    private final Clock clock;
    private final LongSupplier nanos;
    private @Nullable CompletableFuture<FleetCount> counting;
    private @Nullable FleetCount last;
    private long standsUntil;

    /**
     * @param clock for {@link FleetCount#asOf()}
     */
    public FleetCounts(FleetQueries fleet, Clock clock) {
        this(fleet, clock, System::nanoTime);
    }

    FleetCounts(FleetQueries fleet, Clock clock, LongSupplier nanos) {
        this.fleet = fleet;
        this.clock = clock;
        this.nanos = nanos;
    }

    /**
     * A count that still stands, or a new one.
     *
     * @throws RuntimeException whatever the store throws, to all who waited; it is asked again by who comes next
     */
    public FleetCount recent() {
        CompletableFuture<FleetCount> mine = new CompletableFuture<>();
        CompletableFuture<FleetCount> others;
        synchronized (this) {
            if (last != null && nanos.getAsLong() - standsUntil < 0) {
                return last;
            }
            others = counting;
            if (others == null) {
                counting = mine;
            }
        }
        if (others != null) {
            return madeByAnother(others);
        }
        try {
            FleetCount made = fresh();
            mine.complete(made);
            return made;
        } catch (RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            synchronized (this) {
                counting = null;
            }
        }
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
            standsUntil = end + Math.max(SHORTEST_NANOS, (end - start) * TIMES_ITS_COST);
        }
        return made;
    }

    private static FleetCount madeByAnother(CompletableFuture<FleetCount> count) {
        try {
            return count.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw e;
        }
    }
}
