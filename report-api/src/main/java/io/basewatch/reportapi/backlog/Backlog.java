package io.basewatch.reportapi.backlog;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.fleetstore.StandsOn;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.reportapi.backlog.BacklogEntry.Ground;
import io.basewatch.reportapi.backlog.BacklogEntry.Why;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Ranks what the fleet stands on by one rule that can be said in two sentences. */
final class Backlog {

    static final int ENDED = 4;
    static final int EXTENDED = 3;
    static final int UNKNOWN = 1;
    static final int MUSL = 2;

    static final String RULE =
            "Ranked by images × points, the higher first; points: support ended 4, only paid support 3,"
                    + " support unknown 1 (where it is included), and 2 more on musl. Of the same score the release that ended"
                    + " earlier goes first.";

    /** Which groups are listed. */
    enum Include {
        MUSL,
        PAST_SUPPORT,
        UNKNOWN
    }

    private final Lifecycle lifecycle;
    private final LocalDate day;
    private final Set<Include> include;

    Backlog(Lifecycle lifecycle, LocalDate day, Set<Include> include) {
        this.lifecycle = lifecycle;
        this.day = day;
        this.include = include;
    }

    List<BacklogEntry> rank(List<StandsOn> groups) {
        Map<Ground, Gathered> byGround = new LinkedHashMap<>();
        for (StandsOn group : groups) {
            Support support = support(group);
            if (group.status() != AnalysisStatus.SKIPPED && isIncluded(group.libc(), support.phase())) {
                byGround.computeIfAbsent(ground(group, support), ground -> new Gathered(ground, support))
                        .add(group);
            }
        }
        List<BacklogEntry> entries =
                new ArrayList<>(byGround.values().stream().map(this::entry).toList());
        entries.sort(ORDER);
        List<BacklogEntry> ranked = new ArrayList<>();
        for (BacklogEntry entry : entries) {
            ranked.add(entry.withRank(ranked.size() + 1));
        }
        return ranked;
    }

    private static final Comparator<BacklogEntry> ORDER = Comparator.comparingLong(BacklogEntry::score)
            .reversed()
            .thenComparing(entry -> entry.support().ltsEnds(), Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(entry -> entry.standsOn().toString());

    private Support support(StandsOn group) {
        return lifecycle.support(group.distro(), group.version(), group.codename(), group.variant(), day);
    }

    private boolean isIncluded(Libc.Family libc, SupportPhase phase) {
        return (include.contains(Include.MUSL) && libc == Libc.Family.MUSL)
                || (include.contains(Include.PAST_SUPPORT) && phase.isPastSupport())
                || (include.contains(Include.UNKNOWN) && phase == SupportPhase.UNKNOWN);
    }

    private static Ground ground(StandsOn group, Support support) {
        String release = support.cycle() != null
                ? support.cycle()
                : group.version() != null ? group.version() : group.codename();
        return new Ground(group.distro(), release, group.variant(), group.libc());
    }

    private BacklogEntry entry(Gathered gathered) {
        List<Why> why = why(gathered.ground.libc(), gathered.support);
        int points = why.stream().mapToInt(Why::points).sum();
        return new BacklogEntry(
                0,
                gathered.images * points,
                points,
                why,
                gathered.ground,
                gathered.support,
                gathered.images,
                gathered.byStatus,
                List.copyOf(gathered.repositories),
                Math.max(gathered.repositories.size(), gathered.largestRepositoryCount),
                gathered.allRepositories,
                gathered.bytes,
                gathered.oldest,
                gathered.newest);
    }

    private List<Why> why(Libc.Family libc, Support support) {
        List<Why> why = new ArrayList<>();
        if (support.phase() == SupportPhase.ENDED) {
            why.add(new Why("ended", ENDED, "support ended" + since(lastDay(support)) + unconfirmed(support)));
        } else if (support.phase() == SupportPhase.EXTENDED) {
            String until = support.extendedEnds() == null ? "" : ", until " + support.extendedEnds();
            why.add(new Why(
                    "extended",
                    EXTENDED,
                    "free fixes ended" + since(support.ltsEnds()) + "; only paid or opt-in support is left" + until
                            + unconfirmed(support)));
        } else if (support.phase() == SupportPhase.UNKNOWN) {
            why.add(new Why("unknown", UNKNOWN, "the lifecycle dataset does not know this release"));
        }
        if (libc == Libc.Family.MUSL) {
            why.add(new Why("musl", MUSL, "stands on musl: programs built for glibc do not run as they are"));
        }
        return why;
    }

    private static @Nullable LocalDate lastDay(Support support) {
        return support.extendedEnds() != null ? support.extendedEnds() : support.ltsEnds();
    }

    private String since(@Nullable LocalDate last) {
        return last == null ? "" : " on " + last + ", " + ChronoUnit.DAYS.between(last, day) + " days ago";
    }

    private static String unconfirmed(Support support) {
        return support.source() != null && support.source().contains("unconfirmed") ? " (date unconfirmed)" : "";
    }

    /** Groups that differ only in what the entry does not tell apart: point releases, statuses. */
    private static final class Gathered {
        private final Ground ground;
        private final Support support;
        private final Map<AnalysisStatus, Long> byStatus = new EnumMap<>(AnalysisStatus.class);
        private final TreeSet<Repository> repositories = new TreeSet<>();
        private long images;
        private long bytes;
        private long largestRepositoryCount;
        private boolean allRepositories = true;
        private @Nullable Instant oldest;
        private @Nullable Instant newest;

        Gathered(Ground ground, Support support) {
            this.ground = ground;
            this.support = support;
        }

        void add(StandsOn group) {
            images += group.images();
            bytes += group.compressedBytes();
            byStatus.merge(group.status(), group.images(), Long::sum);
            repositories.addAll(group.repositories());
            largestRepositoryCount = Math.max(largestRepositoryCount, group.repositoryCount());
            allRepositories &= group.repositories().size() == group.repositoryCount();
            Instant old = group.oldestCreated();
            if (old != null && (oldest == null || old.isBefore(oldest))) {
                oldest = old;
            }
            Instant young = group.newestCreated();
            if (young != null && (newest == null || young.isAfter(newest))) {
                newest = young;
            }
        }
    }
}
