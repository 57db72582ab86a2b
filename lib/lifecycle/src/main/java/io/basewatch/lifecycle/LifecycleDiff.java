package io.basewatch.lifecycle;

import io.basewatch.fleetmodel.Support;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is different between two datasets, product by product in the newer one's order. */
public final class LifecycleDiff {

    /** What became of a release. */
    public enum Kind {
        CAME,
        WENT,
        /** A date or what is offered is another one. */
        MOVED
    }

    /**
     * One release.
     *
     * @param before null when it came
     * @param after null when it went
     */
    public record Change(
            Kind kind,
            String product,
            String cycle,
            @Nullable Support before,
            @Nullable Support after) {

        /** Whether its phase on the day that was asked for is another one. */
        public boolean changesPhase() {
            return before == null || after == null || before.phase() != after.phase();
        }

        /** Each field that is different, for people: {@code free fixes 2026-11-01 -> 2027-05-01}. */
        public List<String> moved() {
            List<String> moved = new ArrayList<>();
            if (before != null && after != null) {
                add(moved, "released", before.released(), after.released());
                add(moved, "full support", before.standardEnds(), after.standardEnds());
                add(moved, "free fixes", before.ltsEnds(), after.ltsEnds());
                add(moved, "paid fixes", before.extendedEnds(), after.extendedEnds());
                add(moved, "offers", offers(before), offers(after));
                add(moved, "phase", before.phase(), after.phase());
            }
            return moved;
        }

        private static List<String> offers(Support support) {
            return support.extended().stream().map(Support.Extended::name).toList();
        }

        private static void add(List<String> moved, String what, @Nullable Object before, @Nullable Object after) {
            if (!Objects.equals(before, after)) {
                moved.add(what + " " + (before == null ? "unknown" : before) + " -> "
                        + (after == null ? "unknown" : after));
            }
        }
    }

    private LifecycleDiff() {}

    /**
     * @param day that phases are of
     */
    public static List<Change> between(Lifecycle before, Lifecycle after, LocalDate day) {
        Set<String> products = new LinkedHashSet<>(after.products());
        products.addAll(before.products());
        List<Change> changes = new ArrayList<>();
        for (String product : products) {
            Map<String, Support> old = byCycle(before, product, day);
            Map<String, Support> now = byCycle(after, product, day);
            now.forEach((cycle, support) -> {
                Support was = old.get(cycle);
                Change change = new Change(was == null ? Kind.CAME : Kind.MOVED, product, cycle, was, support);
                if (was == null || !change.moved().isEmpty()) {
                    changes.add(change);
                }
            });
            old.forEach((cycle, support) -> {
                if (!now.containsKey(cycle)) {
                    changes.add(new Change(Kind.WENT, product, cycle, support, null));
                }
            });
        }
        return changes;
    }

    private static Map<String, Support> byCycle(Lifecycle dates, String product, LocalDate day) {
        Map<String, Support> byCycle = new LinkedHashMap<>();
        for (Support each : dates.releases(product, day)) {
            if (each.cycle() != null) {
                byCycle.put(each.cycle(), each);
            }
        }
        return byCycle;
    }
}
