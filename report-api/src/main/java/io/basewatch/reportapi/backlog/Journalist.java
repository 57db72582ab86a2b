package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Entry;
import io.basewatch.fleetstore.BacklogJournal;
import io.basewatch.fleetstore.BacklogJournal.Line;
import io.basewatch.fleetstore.BacklogJournal.Standing;
import io.basewatch.fleetstore.Turn;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/** Notes what stands in the backlog, in turn with others, and knows since when each entry does; ends the waivers that have come to their end. */
final class Journalist {

    private final BacklogJournal journal;
    private final Backlogs backlogs;
    private final Decisions decisions;
    private final BacklogMetrics metrics;
    private final Clock clock;
    private final Duration interval;
    private volatile Map<String, Line> open = Map.of();

    /**
     * @param interval for which nobody needs to note again
     */
    Journalist(
            BacklogJournal journal,
            Backlogs backlogs,
            Decisions decisions,
            BacklogMetrics metrics,
            Clock clock,
            Duration interval) {
        this.journal = journal;
        this.backlogs = backlogs;
        this.decisions = decisions;
        this.metrics = metrics;
        this.clock = clock;
        this.interval = interval;
    }

    /** What stands for a reason that is listed without being asked for. */
    Duration note(Turn turn) {
        if (turn.isMine()) {
            List<Entry> standing = standing();
            journal.note(standing.stream()
                    .map(entry -> new Standing(entry.id(), entry.name(), entry.score(), entry.images()))
                    .toList());
            decisions.settle(standing);
        }
        return interval;
    }

    private LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    private List<Entry> standing() {
        return backlogs.standing(today());
    }

    /** Learns what was noted, by whomever. */
    void look() {
        open = journal.open();
        decisions.look();
        List<Entry> standing = standing();
        LocalDate today = today();
        metrics.show(
                standing,
                journal.countClosed(),
                standing.stream()
                        .filter(entry -> decisions.of(entry, today) != null)
                        .count());
    }

    /** By id; those that were not noted yet are not there. */
    Map<String, Line> open() {
        return open;
    }

    List<Line> closed(int limit) {
        return journal.closed(limit);
    }
}
