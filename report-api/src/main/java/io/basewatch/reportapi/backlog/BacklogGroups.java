package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Entry;
import io.basewatch.backlog.Points;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a backlog put together by what they have in common.
 *
 * @param day the support phases are those of this day
 * @param total groups there are
 * @param items those with the most benefit first; at most {@value #MAX}
 */
record BacklogGroups(LocalDate day, By group, int total, List<Group> items) {

    static final int MAX = 1_000;

    private static final int FIRST = 5;

    /** What entries may have in common. */
    enum By {
        /** An entry with images of several owners is in the group of each. */
        OWNER,
        /** The repository that the base comes from, whatever its tag. */
        BASE,
        /** The repositories whose Dockerfile has to be changed; an entry is in the group of each. */
        REPOSITORY;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param name null for entries that have none: of no owner, of a base without a name
     * @param images behind the entries, of this group alone where that is known: by owner
     * @param dockerfiles to be changed, of this group alone where that is known: by repository
     * @param benefit of the entries as a whole
     * @param score the best
     * @param first the entries to move first
     */
    record Group(
            @Nullable String name,
            int entries,
            long images,
            long dockerfiles,
            double benefit,
            double score,
            List<Brief> first) {}

    /** One entry. */
    record Brief(int rank, String id, String name, double score, String plan) {}

    /** What is being put together. */
    private static final class Sum {
        private final List<Ranked> entries = new ArrayList<>();
        private long images;
        private long dockerfiles;
        private double benefit;

        void add(Ranked ranked, long ofImages, long ofDockerfiles) {
            entries.add(ranked);
            images += ofImages;
            dockerfiles += ofDockerfiles;
            benefit += ranked.entry().benefit().total();
        }

        Group group(@Nullable String name) {
            return new Group(
                    name,
                    entries.size(),
                    images,
                    dockerfiles,
                    Points.round(benefit),
                    entries.stream()
                            .mapToDouble(each -> each.entry().score())
                            .max()
                            .orElse(0),
                    entries.stream()
                            .sorted(Comparator.comparingInt(Ranked::rank))
                            .limit(FIRST)
                            .map(each -> new Brief(
                                    each.rank(),
                                    each.entry().id(),
                                    each.entry().name(),
                                    each.entry().score(),
                                    "/api/v1/backlog/" + each.entry().id()))
                            .toList());
        }
    }

    /** @param most groups at most */
    static BacklogGroups of(List<Ranked> entries, By by, LocalDate day, int most) {
        Map<@Nullable String, Sum> sums = new HashMap<>();
        entries.forEach(each -> add(sums, each, by));
        List<Group> groups = new ArrayList<>();
        sums.forEach((name, sum) -> groups.add(sum.group(name)));
        groups.sort(Comparator.comparingDouble(Group::benefit)
                .reversed()
                .thenComparing(group -> String.valueOf(group.name())));
        return new BacklogGroups(
                day, by, groups.size(), groups.stream().limit(most).toList());
    }

    private static void add(Map<@Nullable String, Sum> sums, Ranked ranked, By by) {
        Entry entry = ranked.entry();
        switch (by) {
            case OWNER -> {
                long nobodys = entry.images();
                for (Map.Entry<String, Long> each : entry.owners().entrySet()) {
                    sum(sums, each.getKey()).add(ranked, each.getValue(), entry.changeCount());
                    nobodys -= each.getValue();
                }
                if (nobodys > 0) {
                    sum(sums, null).add(ranked, nobodys, entry.changeCount());
                }
            }
            case BASE -> sum(sums, base(entry)).add(ranked, entry.images(), entry.changeCount());
            case REPOSITORY ->
                entry.changes()
                        .forEach(change ->
                                sum(sums, change.repository().toString()).add(ranked, entry.images(), 1));
        }
    }

    private static Sum sum(Map<@Nullable String, Sum> sums, @Nullable String name) {
        return sums.computeIfAbsent(name, any -> new Sum());
    }

    /** Null for a base without a name, and for an entry without a base. */
    private static @Nullable String base(Entry entry) {
        if (entry.names().isEmpty()) {
            return null;
        }
        String name = entry.names().get(0);
        int colon = name.lastIndexOf(':');
        return colon > name.lastIndexOf('/') ? name.substring(0, colon) : name;
    }
}
