package io.basewatch.reportapi.lineage;

import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetstore.FleetQueries;
import io.basewatch.fleetstore.FleetReading;
import io.basewatch.lineage.Bases;
import io.basewatch.lineage.FleetTree;
import io.basewatch.reportapi.web.BusyException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fleet's tree of bases, kept in memory and brought up to date by what has changed in the store, a repository at a time. An image takes a kilobyte or less, so a million take a gigabyte of
 * heap. Until all of the fleet was read once, nothing is told of it.
 *
 * <p>Thread-safe.
 */
public final class Projection {

    private static final Logger LOG = LoggerFactory.getLogger(Projection.class);

    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);

    /** So that looking for changes is never more than a tenth of what the store does. What it costs to read all of the fleet once says nothing of what looking costs afterwards. */
    private static final int TIMES_ITS_COST = 10;

    private final Reading reading;
    private final FleetTree tree;
    private final Clock clock;
    private final LongSupplier nanos;
    private volatile @Nullable Moment last;
    private volatile @Nullable RuntimeException failure;
    private volatile int left = -1;
    private volatile Duration pause = SHORTEST_PAUSE;

    /**
     * @param bases all of them at that moment
     * @param asOf when it was read that something had changed
     */
    public record Moment(Bases bases, Instant asOf) {}

    /** Where what has changed is read: {@link FleetReading#readChanges}. */
    interface Reading {
        int readChanges(FleetReading.Taker taker) throws InterruptedException;

        /** {@link FleetReading#asOf}. */
        default FleetReading.@Nullable AsOf asOf() {
            return null;
        }
    }

    Projection(FleetReading reading, FleetTree tree, Clock clock) {
        this(of(reading), tree, clock, System::nanoTime);
    }

    Projection(Reading reading, FleetTree tree, Clock clock, LongSupplier nanos) {
        this.reading = reading;
        this.tree = tree;
        this.clock = clock;
        this.nanos = nanos;
    }

    private static Reading of(FleetReading reading) {
        return new Reading() {
            @Override
            public int readChanges(FleetReading.Taker taker) throws InterruptedException {
                return reading.readChanges(taker);
            }

            @Override
            public FleetReading.@Nullable AsOf asOf() {
                return reading.asOf();
            }
        };
    }

    /**
     * Takes in what has changed since the last time; what was stored before this was called is told when it returns.
     *
     * @throws RuntimeException whatever the store throws; what is known stays, and the next call goes on from there
     */
    public synchronized void refresh() throws InterruptedException {
        long begun = nanos.getAsLong();
        Instant asOf = clock.instant();
        try {
            reading.readChanges((content, more) -> {
                tree.replace(content.repository(), content.members(), content.formers());
                left = more;
                // It answers again: who asks now waits for the rest, not for the store.
                failure = null;
            });
            failure = null;
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
        Moment before = last;
        if (before == null || before.bases().version() != tree.version()) {
            last = new Moment(tree.bases(), asOf);
        }
        Duration cost = Duration.ofNanos(nanos.getAsLong() - begun);
        if (before == null) {
            LOG.info("the fleet's bases are known held={} took={}", tree.held(), cost);
        }
        Duration most = before == null ? SHORTEST_PAUSE : cost.multipliedBy(TIMES_ITS_COST);
        pause = most.compareTo(SHORTEST_PAUSE) > 0 ? most : SHORTEST_PAUSE;
    }

    Duration pause() {
        return pause;
    }

    /** Whether the whole fleet was read once. */
    public boolean isFilled() {
        return last != null;
    }

    /**
     * All bases as they were when the fleet was read last.
     *
     * @throws BusyException while the fleet was not read once
     * @throws RuntimeException whatever the store threw when that was tried last
     */
    public Moment moment() {
        Moment moment = last;
        if (moment == null) {
            RuntimeException failed = failure;
            if (failed != null) {
                throw failed;
            }
            int more = left;
            throw new BusyException("The fleet is being read for the first time since the start"
                    + (more < 0 ? "" : ", " + Counted.of(more, "repository is left", "repositories are left"))
                    + "; ask again in a few seconds.");
        }
        return moment;
    }

    /**
     * The tree itself, which may know more than {@link #moment} by now.
     *
     * @throws BusyException while the fleet was not read once
     */
    public FleetTree tree() {
        moment();
        return tree;
    }

    /** What lists of images can take from the tree instead of asking the store; null while the fleet was not read once. */
    public FleetQueries.@Nullable Known known() {
        FleetReading.AsOf asOf = reading.asOf();
        return asOf == null ? null : new FleetQueries.Known(tree, asOf);
    }
}
