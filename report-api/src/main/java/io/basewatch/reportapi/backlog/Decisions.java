package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Cause;
import io.basewatch.backlog.Entry;
import io.basewatch.fleetstore.BacklogJournal;
import io.basewatch.fleetstore.Waivers;
import io.basewatch.fleetstore.Waivers.Decision;
import io.basewatch.fleetstore.Waivers.End;
import io.basewatch.fleetstore.Waivers.Ended;
import io.basewatch.fleetstore.Waivers.Waiver;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which entries of the backlog people have decided to leave for a while. Thread-safe. */
final class Decisions {

    /** An entry that is missed for so long is gone: who read the fleet earlier may not know a new one yet. */
    private static final Duration MISSED = Duration.ofMinutes(10);

    private final Waivers waivers;
    private final BacklogJournal journal;
    private final Clock clock;

    /** By entry. */
    private volatile Map<String, Waiver> inForce = Map.of();

    Decisions(Waivers waivers, BacklogJournal journal, Clock clock) {
        this.waivers = waivers;
        this.journal = journal;
        this.clock = clock;
    }

    /** Learns what was decided, by whomever. */
    void look() {
        Map<String, Waiver> found = new HashMap<>();
        waivers.inForce().forEach(waiver -> found.put(waiver.decision().entry(), waiver));
        inForce = Map.copyOf(found);
    }

    /**
     * The waiver by which an entry, as it is on a day, is left.
     *
     * @return null where there is none, where its time is over or has not begun, and where it was given for something else
     */
    @Nullable
    Waiver of(Entry entry, LocalDate day) {
        Waiver waiver = inForce.get(entry.id());
        return waiver == null
                        || day.isAfter(waiver.decision().until())
                        || day.isBefore(day(waiver.givenAt()))
                        || !news(entry, waiver).isEmpty()
                ? null
                : waiver;
    }

    private static LocalDate day(Instant instant) {
        return LocalDate.ofInstant(instant, ZoneOffset.UTC);
    }

    /** What speaks for moving the entry that the waiver was not given for. */
    private static List<Cause> news(Entry entry, Waiver waiver) {
        List<Cause> known = waiver.decision().causes().stream()
                .flatMap(text -> Cause.parse(text).stream())
                .toList();
        return entry.causes().stream().filter(cause -> !cause.isAmong(known)).toList();
    }

    /**
     * @return empty when there is one in force already
     */
    Optional<Waiver> give(Decision decision) {
        Optional<Waiver> given = waivers.give(decision, clock.instant());
        look();
        return given;
    }

    /**
     * @return empty when there is none of this id that is in force
     */
    Optional<Waiver> withdraw(String id, String by, String reason) {
        Optional<Waiver> ended = waivers.end(id, new Ended(clock.instant(), End.WITHDRAWN, by, reason));
        look();
        return ended;
    }

    /**
     * Ends those whose time is over, or that were given for something else than what there is. Many may do so at a time.
     *
     * @param standing the whole backlog of today
     */
    void settle(List<Entry> standing) {
        Map<String, Entry> byId = standing.stream().collect(Collectors.toMap(Entry::id, entry -> entry));
        for (Waiver waiver : waivers.inForce()) {
            settle(waiver, byId.get(waiver.decision().entry()));
        }
    }

    private void settle(Waiver waiver, @Nullable Entry entry) {
        LocalDate until = waiver.decision().until();
        if (day(clock.instant()).isAfter(until)) {
            end(waiver, End.EXPIRED, "its last day was " + until);
        } else if (entry == null) {
            if (isGone(waiver)) {
                end(waiver, End.GONE, "the entry is in the backlog no more");
            }
        } else {
            List<Cause> news = news(entry, waiver);
            if (!news.isEmpty()) {
                end(
                        waiver,
                        End.CHANGED,
                        "it was not given for: "
                                + news.stream().map(Cause::toString).collect(Collectors.joining(", ")));
            }
        }
    }

    private void end(Waiver waiver, End why, String detail) {
        waivers.end(waiver.id(), new Ended(clock.instant(), why, null, detail));
    }

    private boolean isGone(Waiver waiver) {
        Instant longAgo = clock.instant().minus(MISSED);
        Instant closed = journal.find(waiver.decision().entry())
                .map(line -> line.closedAt() == null ? Instant.MAX : line.closedAt())
                .orElse(waiver.givenAt());
        return closed.isBefore(longAgo) && waiver.givenAt().isBefore(longAgo);
    }

    Optional<Waiver> find(String id) {
        return waivers.find(id);
    }

    /** As {@link Waivers#page}. */
    List<Waiver> page(@Nullable Boolean ended, @Nullable String entry, @Nullable String after, int limit) {
        return waivers.page(ended, entry, after, limit);
    }
}
