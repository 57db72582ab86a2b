package io.basewatch.reportapi.trend;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.BacklogJournal.Stood;
import io.basewatch.fleetstore.TagHistory;
import io.basewatch.fleetstore.TagHistory.Stay;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Where tags led, and what stood in the backlog, at the end of days that are over. */
final class Past {

    private final List<Stay> stays = new ArrayList<>();
    private final List<List<Stood>> entries;
    private Instant knownSince = Instant.MIN;
    private Instant first = Instant.MAX;

    private Past(List<List<Stood>> entries) {
        this.entries = entries;
    }

    /**
     * Of a large fleet's tags there are millions: nothing is held of them where nothing is known of any of the days, and else only where they led on one of these.
     *
     * @param entries of the backlog, of each when it stood
     * @param days that it will be asked for
     */
    static Past of(TagHistory history, List<List<Stood>> entries, Collection<LocalDate> days) {
        Past past = new Past(entries);
        history.forEachTag((known, stays) -> {
            if (known != null && known.isAfter(past.knownSince)) {
                past.knownSince = known;
            }
            for (Stay stay : stays) {
                if (stay.since() != null && stay.since().isBefore(past.first)) {
                    past.first = stay.since();
                }
            }
        });
        List<Instant> ends =
                days.stream().filter(past::isKnown).map(Past::end).sorted().toList();
        if (!ends.isEmpty()) {
            Map<Object, Object> same = new HashMap<>();
            history.forEachTag((known, stays) -> stays.stream()
                    .filter(stay -> ends.stream().anyMatch(end -> holds(stay.since(), stay.until(), end)))
                    .forEach(stay -> past.stays.add(new Stay(
                            one(same, stay.repository()), one(same, stay.images()), stay.since(), stay.until()))));
        }
        return past;
    }

    /** Of all that are equal: most tags of a repository lead to few images. */
    @SuppressWarnings("unchecked")
    private static <T> T one(Map<Object, Object> same, T value) {
        Object there = same.putIfAbsent(value, value);
        return there == null ? value : (T) there;
    }

    private static Instant end(LocalDate day) {
        return day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    /** Whether it is known of every tag where it led then, and there was one. */
    boolean isKnown(LocalDate day) {
        Instant end = end(day);
        return !knownSince.isAfter(end) && first.isBefore(end);
    }

    /** Images that a tag led to, each with the repositories of these tags. */
    Map<Digest, Collection<Repository>> images(LocalDate day) {
        Instant end = end(day);
        Map<Digest, Collection<Repository>> images = new TreeMap<>();
        for (Stay stay : stays) {
            if (holds(stay.since(), stay.until(), end)) {
                stay.images()
                        .forEach(image -> images.computeIfAbsent(image, any -> new TreeSet<>())
                                .add(stay.repository()));
            }
        }
        return images;
    }

    private static boolean holds(@Nullable Instant since, @Nullable Instant until, Instant end) {
        return (since == null || since.isBefore(end)) && (until == null || !until.isBefore(end));
    }

    /** How many entries of the backlog stood, and how many had gone. */
    record BacklogThen(long open, long closed) {}

    /** Empty for a day before anything was noted, and where something of it was forgotten. */
    Optional<BacklogThen> backlog(LocalDate day) {
        Instant end = end(day);
        long open = 0;
        long closed = 0;
        for (List<Stood> times : entries) {
            if (times.isEmpty()) {
                return Optional.empty();
            }
            if (times.stream().anyMatch(time -> holds(time.since(), time.until(), end))) {
                open++;
            } else if (times.get(0).since().isBefore(end)) {
                closed++;
            }
        }
        return open + closed == 0 ? Optional.empty() : Optional.of(new BacklogThen(open, closed));
    }
}
