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

/** Notes what stands in the backlog, in turn with others, and knows since when each entry does. */
final class Journalist {

    private final BacklogJournal journal;
    private final Backlogs backlogs;
    private final BacklogMetrics metrics;
    private final Clock clock;
    private final Duration interval;
    private volatile Map<String, Line> open = Map.of();

    /**
     * @param interval for which nobody needs to note again
     */
    Journalist(BacklogJournal journal, Backlogs backlogs, BacklogMetrics metrics, Clock clock, Duration interval) {
        this.journal = journal;
        this.backlogs = backlogs;
        this.metrics = metrics;
        this.clock = clock;
        this.interval = interval;
    }

    /** What stands for a reason that is listed without being asked for. */
    Duration note(Turn turn) {
        if (turn.isMine()) {
            journal.note(standing().stream()
                    .map(entry -> new Standing(entry.id(), entry.name(), entry.score(), entry.images()))
                    .toList());
        }
        return interval;
    }

    private List<Entry> standing() {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        return backlogs.of(today).entries().stream()
                .filter(entry -> entry.why().stream().anyMatch(BacklogController.USUAL::contains))
                .toList();
    }

    /** Learns what was noted, by whomever. */
    void look() {
        open = journal.open();
        metrics.show(standing(), journal.countClosed());
    }

    /** By id; those that were not noted yet are not there. */
    Map<String, Line> open() {
        return open;
    }

    List<Line> closed(int limit) {
        return journal.closed(limit);
    }
}
