package io.basewatch.reportapi.trend;

import io.basewatch.backlog.Backlog;
import io.basewatch.backlog.Entry;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.BacklogJournal;
import io.basewatch.fleetstore.FleetQueries;
import io.basewatch.fleetstore.TagHistory;
import io.basewatch.fleetstore.TrendArchive;
import io.basewatch.fleetstore.Turn;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.Member;
import io.basewatch.reportapi.backlog.Backlogs;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts the fleet for each day, in turn with others, and makes up for days on which nobody did. */
final class TrendMaker {

    private static final Logger LOG = LoggerFactory.getLogger(TrendMaker.class);

    /** Days that are made up for; what is older stays open. */
    static final int MAX_BACKFILLED = 400;

    /** While images come that are not analysed yet, a count is soon none. */
    private static final Duration WHILE_IT_FILLS = Duration.ofSeconds(30);

    private static final Census.Seen PENDING = new Census.Seen(null, null, Libc.Family.UNKNOWN, null, Map.of());

    private final TrendArchive archive;
    private final Supplier<FleetTree> fleet;
    private final Backlogs backlogs;
    private final BacklogJournal journal;
    private final TagHistory history;
    private final FleetQueries images;
    private final Backlog.SupportAt support;
    private final Backlog.OwnerOf owners;
    private final Clock clock;
    private final Duration interval;

    /** Days of which nobody knows enough: looked at once. */
    private Set<LocalDate> hopeless = Set.of();

    /**
     * @param interval for which nobody needs to count again
     */
    TrendMaker(
            TrendArchive archive,
            Supplier<FleetTree> fleet,
            Backlogs backlogs,
            BacklogJournal journal,
            TagHistory history,
            FleetQueries images,
            Backlog.SupportAt support,
            Backlog.OwnerOf owners,
            Clock clock,
            Duration interval) {
        this.archive = archive;
        this.fleet = fleet;
        this.backlogs = backlogs;
        this.journal = journal;
        this.history = history;
        this.images = images;
        this.support = support;
        this.owners = owners;
        this.clock = clock;
        this.interval = interval;
    }

    Duration make(Turn turn) {
        Duration rest = interval;
        if (turn.isMine()) {
            TrendArchive.Day today = today();
            Map<String, Long> phases = today.series().getOrDefault(Series.PHASE.toString(), Map.of());
            // Before the first tag was seen nothing is known: a fleet without images is one that had some.
            if (!phases.isEmpty() || history.first() != null) {
                archive.keep(today);
            }
            if ((phases.isEmpty() || phases.containsKey(Census.PENDING)) && rest.compareTo(WHILE_IT_FILLS) > 0) {
                rest = WHILE_IT_FILLS;
            }
        }
        if (turn.isMine()) {
            fillUp(turn);
        }
        return rest;
    }

    TrendArchive.Day today() {
        Instant now = clock.instant();
        LocalDate day = LocalDate.ofInstant(now, ZoneOffset.UTC);
        Census census = new Census(support, owners, day);
        fleet.get().forEachImage((image, base) -> {
            List<Repository> places = image.repositories();
            if (!places.isEmpty()) {
                census.add(Census.Seen.of(image), places);
            }
        });
        Map<String, Map<String, Long>> series = new LinkedHashMap<>(census.lines());
        List<Entry> standing = backlogs.standing(day);
        series.put(Series.BACKLOG.toString(), backlog(standing.size(), journal.countClosed()));
        series.put(
                Series.BACKLOG_IMAGES.toString(),
                Map.of("open", standing.stream().mapToLong(Entry::images).sum()));
        return new TrendArchive.Day(day, now, false, series);
    }

    private static Map<String, Long> backlog(long open, long closed) {
        Map<String, Long> lines = new LinkedHashMap<>();
        lines.put("open", open);
        lines.put("closed", closed);
        return lines;
    }

    /** Makes up for the days before today that nobody counted, as far as the past of all tags is known. */
    void fillUp(Turn turn) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        TreeSet<LocalDate> missing = new TreeSet<>();
        Set<LocalDate> kept = archive.kept(today.minusDays(MAX_BACKFILLED), today);
        for (LocalDate day = today.minusDays(MAX_BACKFILLED); day.isBefore(today); day = day.plusDays(1)) {
            if (!kept.contains(day)) {
                missing.add(day);
            }
        }
        if (hopeless.containsAll(missing)) {
            return;
        }
        Past past = Past.of(history, journal.times(), missing);
        Known facts = new Known();
        int filled = 0;
        TreeSet<LocalDate> left = new TreeSet<>();
        for (LocalDate day : missing) {
            if (!past.isKnown(day)) {
                left.add(day);
            } else if (turn.isMine()) {
                archive.keep(day(day, past, facts));
                filled++;
            } else {
                return;
            }
        }
        hopeless = left;
        if (filled > 0) {
            LOG.info("days that nobody counted are made up for days={} unknown={}", filled, left.size());
        }
    }

    private final class Known {

        private final Map<Digest, Optional<Census.Seen>> seen = new HashMap<>();

        /** Empty where nothing is known of it any more. */
        Optional<Census.Seen> image(Digest image) {
            return seen.computeIfAbsent(
                    image,
                    digest -> fleet.get()
                            .image(digest)
                            .map(Census.Seen::of)
                            .or(() -> images.image(digest).map(stored -> seen(stored.analysis()))));
        }
    }

    private TrendArchive.Day day(LocalDate day, Past past, Known facts) {
        Census census = new Census(support, owners, day);
        // What an image was judged by then is not known now.
        Set<Series> unknown = EnumSet.of(Series.CAVEAT);
        for (Map.Entry<Digest, Collection<Repository>> led : past.images(day).entrySet()) {
            Optional<Census.Seen> image = facts.image(led.getKey());
            if (fleet.get().image(led.getKey()).isEmpty()) {
                // Its labels may have said whose it was.
                unknown.add(Series.OWNER);
            }
            if (image.isEmpty()) {
                unknown.addAll(EnumSet.of(Series.DISTRO, Series.DISTRIBUTION, Series.LIBC, Series.PHASE));
            }
            census.add(image.orElse(PENDING), List.copyOf(led.getValue()));
        }
        census.leaveOut(unknown);
        Map<String, Map<String, Long>> series = new LinkedHashMap<>(census.lines());
        past.backlog(day).ifPresent(then -> series.put(Series.BACKLOG.toString(), backlog(then.open(), then.closed())));
        return new TrendArchive.Day(day, clock.instant(), true, series);
    }

    private static Census.Seen seen(@Nullable ImageAnalysis analysis) {
        if (analysis == null) {
            return PENDING;
        }
        Distro distro = analysis.fingerprint().distro();
        return new Census.Seen(
                analysis.status(),
                distro == null
                        ? null
                        : new Member.Ground(distro.id(), distro.version(), distro.codename(), distro.variant()),
                analysis.fingerprint().systemLibc().family(),
                null,
                Map.of());
    }
}
