package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Backlog;
import io.basewatch.backlog.Entry;
import io.basewatch.backlog.Weights;
import io.basewatch.lifecycle.CurrentLifecycle;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.FleetTree;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The backlog as it was made last, for each of the few days that are asked about. One is made anew when the fleet or the lifecycle data has changed, but never for longer than a
 * tenth of the time: until then the last one is answered, which is as old as that. Thread-safe; one is made at a time.
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
    private final Map<LocalDate, Made> made = new LinkedHashMap<>(8, 0.75f, true);

    private record Made(Backlog backlog, Lifecycle by, long standsUntil) {}

    /**
     * @param fleet throws as long as it is not known wholly
     */
    public Backlogs(
            Supplier<FleetTree> fleet,
            CurrentLifecycle lifecycle,
            Backlog.SupportAt support,
            Backlog.OwnerOf owners,
            Weights weights) {
        this.fleet = fleet;
        this.lifecycle = lifecycle;
        this.support = support;
        this.owners = owners;
        this.weights = weights;
    }

    /** As of that day. */
    Backlog of(LocalDate day) {
        FleetTree tree = fleet.get();
        synchronized (made) {
            Lifecycle now = lifecycle.get();
            @Nullable Made last = made.get(day);
            long start = System.nanoTime();
            if (last != null
                    && (start - last.standsUntil() < 0
                            || (last.backlog().version() == tree.version() && last.by() == now))) {
                return last.backlog();
            }
            Backlog backlog = Backlog.of(tree, now, support, owners, weights, day);
            long end = System.nanoTime();
            long cost = end - start;
            made.put(day, new Made(backlog, now, cost < CHEAP_NANOS ? end : end + cost * TIMES_ITS_COST));
            if (made.size() > DAYS) {
                made.remove(made.keySet().iterator().next());
            }
            return backlog;
        }
    }

    /** Entries of that day that stand for a reason that is listed without being asked for. */
    public List<Entry> standing(LocalDate day) {
        return of(day).entries().stream()
                .filter(entry -> entry.why().stream().anyMatch(BacklogController.USUAL::contains))
                .toList();
    }

    FleetTree fleet() {
        return fleet.get();
    }
}
