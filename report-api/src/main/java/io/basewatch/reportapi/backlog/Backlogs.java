package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Backlog;
import io.basewatch.backlog.Entry;
import io.basewatch.backlog.FollowingBacklog;
import io.basewatch.backlog.Weights;
import io.basewatch.lifecycle.CurrentLifecycle;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.FleetTree;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The backlog as it was made last, for each of the few days that are asked about. That of today follows the fleet change by change; one of another day is made anew when the fleet or the
 * lifecycle data has changed, but never for longer than a tenth of the time: until then the last one is answered, which is as old as that. Thread-safe; today's and one of another day
 * are made at a time for those who ask.
 */
public final class Backlogs {

    private static final int DAYS = 4;
    private static final int TIMES_ITS_COST = 10;

    /** What takes no longer is made as often as it is asked for. */
    private static final long CHEAP_NANOS = 300_000_000;

    private final Supplier<FleetTree> fleet;
    private final CurrentLifecycle lifecycle;
    private final Backlog.SupportAt support;
    private final Backlog.OwnerOf owners;
    private final Weights weights;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final Object following = new Object();

    /** Held by who makes today's for those who ask. */
    private final Object todays = new Object();

    /** Held by who makes one of another day for those who ask, which may take seconds: nobody who asks about today waits for that. */
    private final Object others = new Object();

    /** Guarded by {@link #following}. */
    private @Nullable Followed followed;

    private final Map<LocalDate, Made> made = new LinkedHashMap<>(8, 0.75f, true);

    /** Days that {@link #refresh} has to do with; guarded by the others. */
    private final Set<LocalDate> due = new LinkedHashSet<>();

    /** Good as long as it is of today, and by the lifecycle data there is. */
    private record Followed(FollowingBacklog backlog, LocalDate day, Lifecycle by, FleetTree fleet) {}

    /**
     * @param isCheap whether to make the next one is expected to be
     * @param standsUntil by the clock that counts nanoseconds
     */
    private record Made(Backlog backlog, Lifecycle by, boolean isCheap, long standsUntil) {}

    /**
     * @param fleet throws as long as it is not known wholly
     */
    public Backlogs(
            Supplier<FleetTree> fleet,
            CurrentLifecycle lifecycle,
            Backlog.SupportAt support,
            Backlog.OwnerOf owners,
            Weights weights,
            InstantSource clock) {
        this(fleet, lifecycle, support, owners, weights, clock, System::nanoTime);
    }

    Backlogs(
            Supplier<FleetTree> fleet,
            CurrentLifecycle lifecycle,
            Backlog.SupportAt support,
            Backlog.OwnerOf owners,
            Weights weights,
            InstantSource clock,
            LongSupplier nanos) {
        this.fleet = fleet;
        this.lifecycle = lifecycle;
        this.support = support;
        this.owners = owners;
        this.weights = weights;
        this.clock = clock;
        this.nanos = nanos;
    }

    /** As of that day. Where to make one takes long, nobody waits for a newer one than there is: {@link #refresh} makes it. */
    Backlog of(LocalDate day) {
        FleetTree tree = fleet.get();
        Lifecycle now = lifecycle.get();
        Backlog standing = standing(day, tree, now);
        if (standing != null) {
            return standing;
        }
        synchronized (isToday(day) ? todays : others) {
            Backlog meanwhile = standing(day, tree, now);
            if (meanwhile != null) {
                return meanwhile;
            }
            Made newer = make(tree, now, day);
            synchronized (made) {
                return keep(day, newer);
            }
        }
    }

    /** Null where whoever asks has to wait for another one. */
    private @Nullable Backlog standing(LocalDate day, FleetTree tree, Lifecycle now) {
        synchronized (made) {
            Made last = made.get(day);
            if (last == null) {
                return null;
            }
            boolean isGood = nanos.getAsLong() - last.standsUntil() < 0
                    || (last.backlog().version() == tree.version() && last.by() == now);
            if (!isGood && !last.isCheap()) {
                due.add(day);
                return last.backlog();
            }
            return isGood ? last.backlog() : null;
        }
    }

    private boolean isToday(LocalDate day) {
        return day.equals(LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
    }

    /** Makes anew what was asked for, is out of date, and takes too long for whoever asked to wait for it. To be called every now and then. */
    void refresh() {
        for (LocalDate day : due()) {
            // Others are answered meanwhile.
            Made newer = make(fleet.get(), lifecycle.get(), day);
            synchronized (made) {
                keep(day, newer);
            }
        }
    }

    private List<LocalDate> due() {
        synchronized (made) {
            List<LocalDate> days = List.copyOf(due);
            due.clear();
            return days;
        }
    }

    private Made make(FleetTree tree, Lifecycle now, LocalDate day) {
        if (isToday(day)) {
            return makeOfToday(tree, now, day);
        }
        return timed(() -> Backlog.of(tree, now, support, owners, weights, day), now);
    }

    private Made timed(Supplier<Backlog> making, Lifecycle by) {
        long start = nanos.getAsLong();
        Backlog backlog = making.get();
        long end = nanos.getAsLong();
        long cost = end - start;
        boolean isCheap = cost < CHEAP_NANOS;
        return new Made(backlog, by, isCheap, isCheap ? end : end + cost * TIMES_ITS_COST);
    }

    private Made makeOfToday(FleetTree tree, Lifecycle now, LocalDate day) {
        synchronized (following) {
            Followed last = followed;
            if (last != null
                    && last.fleet() == tree
                    && last.by() == now
                    && last.day().equals(day)) {
                return timed(last.backlog()::now, now);
            }
            Followed next =
                    new Followed(new FollowingBacklog(tree, now, support, owners, weights, day), day, now, tree);
            followed = next;
            // Whatever this takes, the next one is but what has changed.
            return new Made(next.backlog().now(), now, true, nanos.getAsLong());
        }
    }

    private Backlog keep(LocalDate day, Made newest) {
        made.put(day, newest);
        if (made.size() > DAYS) {
            made.remove(made.keySet().iterator().next());
        }
        return newest.backlog();
    }

    /** Entries of that day that stand for a reason that is listed without being asked for. */
    public List<Entry> standing(LocalDate day) {
        return of(day).entries().stream()
                .filter(entry -> entry.why().stream().anyMatch(BacklogController.USUAL::contains))
                .toList();
    }
}
