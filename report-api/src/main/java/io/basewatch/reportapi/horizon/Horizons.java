package io.basewatch.reportapi.horizon;

import io.basewatch.fleetmodel.Owners;
import io.basewatch.fleetstore.StandsOn;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lifecycle.SupportPolicy;
import io.basewatch.lineage.Bases;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was looked ahead for last, of a few days: it stays the same as long as all that it was made of does. Thread-safe. */
final class Horizons {

    private static final int MAX_KEPT = 8;

    private final SupportPolicy policy;
    private final Owners owners;

    /** Those asked for last come first; guarded by itself. */
    private final Deque<Kept> kept = new ArrayDeque<>();

    private record Kept(
            List<StandsOn> groups,
            LocalDate day,
            List<Integer> days,
            Lifecycle lifecycle,
            @Nullable Bases bases,
            Horizon horizon) {

        /** Two counts of a fleet in which nothing has changed say the same. */
        boolean isOf(List<StandsOn> others, LocalDate on, List<Integer> ahead, Lifecycle dates, @Nullable Bases now) {
            return lifecycle == dates
                    && bases == now
                    && day.equals(on)
                    && days.equals(ahead)
                    && (groups == others || groups.equals(others));
        }
    }

    Horizons(SupportPolicy policy, Owners owners) {
        this.policy = policy;
        this.owners = owners;
    }

    /** As {@link Horizon#of}. */
    Horizon of(List<StandsOn> groups, LocalDate day, List<Integer> days, Lifecycle lifecycle, @Nullable Bases bases) {
        Horizon found = find(groups, day, days, lifecycle, bases);
        Horizon horizon = found != null ? found : Horizon.of(groups, day, days, lifecycle, policy, owners, bases);
        synchronized (kept) {
            // With the groups of now, which are the same object the next time.
            kept.removeIf(each -> each.day().equals(day) && each.days().equals(days));
            kept.addFirst(new Kept(groups, day, days, lifecycle, bases, horizon));
            if (kept.size() > MAX_KEPT) {
                kept.removeLast();
            }
        }
        return horizon;
    }

    private @Nullable Horizon find(
            List<StandsOn> groups, LocalDate day, List<Integer> days, Lifecycle lifecycle, @Nullable Bases bases) {
        List<Kept> all;
        synchronized (kept) {
            all = List.copyOf(kept);
        }
        return all.stream()
                .filter(each -> each.isOf(groups, day, days, lifecycle, bases))
                .map(Kept::horizon)
                .findFirst()
                .orElse(null);
    }
}
