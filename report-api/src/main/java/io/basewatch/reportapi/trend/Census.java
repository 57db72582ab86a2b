package io.basewatch.reportapi.trend;

import io.basewatch.backlog.Backlog;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetstore.TrendArchive;
import io.basewatch.lineage.FleetSight;
import io.basewatch.lineage.Member;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Counts the images of one day, each once in a series (in those of registries and owners once in each that has it). Every image is in a line: one that was not read, or says nothing, in
 * one that says so. Of the lines of a series the largest stay, the others are one.
 */
final class Census {

    /** All that have no line of their own. */
    static final String OTHER = "other";

    /** Read, but the files do not say. */
    static final String UNKNOWN = "unknown";

    /** Not analysed yet. */
    static final String PENDING = "pending";

    static final String UNSCANNABLE = "unscannable";

    /** No image that a system stands in. */
    static final String SKIPPED = "skipped";

    /** Judged, and nothing found; of no owner. */
    static final String NONE = "none";

    /** Lines of a series that have names of the fleet's own. */
    static final int NAMES = 40;

    private static final Set<String> OURS = Set.of(OTHER, UNKNOWN, PENDING, UNSCANNABLE, SKIPPED, NONE);

    private final Backlog.SupportAt support;
    private final Backlog.OwnerOf owners;
    private final LocalDate day;
    private final Map<Series, Map<String, Long>> counts = new EnumMap<>(Series.class);

    Census(Backlog.SupportAt support, Backlog.OwnerOf owners, LocalDate day) {
        this.support = support;
        this.owners = owners;
        this.day = day;
        for (Series each : EnumSet.of(
                Series.DISTRO,
                Series.DISTRIBUTION,
                Series.LIBC,
                Series.PHASE,
                Series.CAVEAT,
                Series.REGISTRY,
                Series.OWNER)) {
            counts.put(each, new HashMap<>());
        }
    }

    /**
     * What is known of an image, wherever it is.
     *
     * @param status null while it is not analysed
     * @param caveats their kinds; null while it is not judged
     * @param labels see {@link Member#labels}
     */
    record Seen(
            @Nullable AnalysisStatus status,
            Member.@Nullable Ground ground,
            Libc.Family libc,
            @Nullable Set<Caveat.Kind> caveats,
            Map<String, String> labels) {

        static Seen of(FleetSight member) {
            return new Seen(
                    member.status(),
                    member.ground(),
                    member.libc(),
                    member.caveats() == null ? null : kinds(member.caveats()),
                    member.labels());
        }

        private static Set<Caveat.Kind> kinds(List<Member.CaveatKey> caveats) {
            Set<Caveat.Kind> kinds = EnumSet.noneOf(Caveat.Kind.class);
            caveats.forEach(caveat -> kinds.add(caveat.kind()));
            return kinds;
        }
    }

    /**
     * @param places repositories with a tag that leads to it
     */
    void add(Seen image, List<Repository> places) {
        places(places, image.labels());
        String unread = unread(image.status());
        if (unread != null) {
            count(Series.DISTRO, unread);
            count(Series.DISTRIBUTION, unread);
            count(Series.LIBC, unread);
            count(Series.PHASE, unread);
            count(Series.CAVEAT, image.status() == AnalysisStatus.SKIPPED ? SKIPPED : UNKNOWN);
            return;
        }
        Support supported = support.of(image.ground(), places, day);
        Member.Ground ground = image.ground();
        count(Series.DISTRIBUTION, ground == null ? UNKNOWN : own(ground.distro()));
        count(Series.DISTRO, ground == null ? UNKNOWN : own(release(ground, supported)));
        count(Series.LIBC, image.libc().toString());
        count(Series.PHASE, supported.phase().toString());
        caveats(image);
    }

    private static @Nullable String unread(@Nullable AnalysisStatus status) {
        if (status == null) {
            return PENDING;
        }
        return switch (status) {
            case UNSCANNABLE -> UNSCANNABLE;
            case SKIPPED -> SKIPPED;
            case COMPLETE, PARTIAL -> null;
        };
    }

    static String release(Member.Ground ground, Support supported) {
        return Distro.releaseCalled(
                ground.distro(), ground.version(), ground.codename(), ground.variant(), supported.cycle());
    }

    /** What has been found is found; that nothing is to be found is known of what was read wholly alone. */
    private void caveats(Seen image) {
        Set<Caveat.Kind> kinds = image.caveats();
        if (kinds != null) {
            kinds.forEach(kind -> count(Series.CAVEAT, kind.toString()));
        }
        if (kinds == null || (kinds.isEmpty() && image.status() != AnalysisStatus.COMPLETE)) {
            count(Series.CAVEAT, UNKNOWN);
        } else if (kinds.isEmpty()) {
            count(Series.CAVEAT, NONE);
        }
    }

    private void places(List<Repository> places, Map<String, String> labels) {
        Set<String> registries = new TreeSet<>();
        Set<String> whose = new TreeSet<>();
        for (Repository place : places) {
            registries.add(own(place.registry()));
            String owner = owners.owner(place, labels);
            whose.add(owner == null ? NONE : own(owner));
        }
        registries.forEach(registry -> count(Series.REGISTRY, registry));
        whose.forEach(owner -> count(Series.OWNER, owner));
    }

    /** One of the fleet's names, which may be called like one of ours. */
    private static String own(String name) {
        String cut = name.length() <= TrendArchive.MAX_NAME ? name : name.substring(0, TrendArchive.MAX_NAME - 1) + "…";
        return OURS.contains(cut) ? "'" + cut + "'" : cut;
    }

    private void count(Series series, String line) {
        Objects.requireNonNull(counts.get(series)).merge(line, 1L, Long::sum);
    }

    /** Without what nobody can know of a day that is over. */
    void leaveOut(Set<Series> unknown) {
        counts.keySet().removeAll(unknown);
    }

    /** Whether a line is one of ours: it has no name of the fleet. */
    static boolean isOurs(String line) {
        return OURS.contains(line);
    }

    /** By series' names, of each the largest line first; our own lines last. */
    Map<String, Map<String, Long>> lines() {
        Map<String, Map<String, Long>> lines = new LinkedHashMap<>();
        counts.forEach((series, all) -> lines.put(series.toString(), bounded(all)));
        return lines;
    }

    private static Map<String, Long> bounded(Map<String, Long> all) {
        List<Map.Entry<String, Long>> names = all.entrySet().stream()
                .filter(each -> !OURS.contains(each.getKey()))
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .toList();
        Map<String, Long> bounded = new LinkedHashMap<>();
        names.stream().limit(NAMES).forEach(each -> bounded.put(each.getKey(), each.getValue()));
        long other = names.stream().skip(NAMES).mapToLong(Map.Entry::getValue).sum();
        if (other > 0) {
            bounded.put(OTHER, other);
        }
        for (String ours : List.of(NONE, UNKNOWN, PENDING, UNSCANNABLE, SKIPPED)) {
            if (all.containsKey(ours)) {
                bounded.put(ours, all.get(ours));
            }
        }
        return bounded;
    }
}
