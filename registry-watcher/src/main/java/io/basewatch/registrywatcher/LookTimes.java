package io.basewatch.registrywatcher;

import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** As of when each repository of a registry is known. In memory alone: a process that has just begun knows of none, and looks at all. Thread-safe. */
final class LookTimes {

    /**
     * What the last look at a repository found.
     *
     * @param asOf all that happened there before this was seen
     * @param changed when it last changed, as far as was told
     * @param tags that are watched and were listed
     * @param known tags that the ledger has of it
     * @param due whether the next sweep looks at it, however quiet it is: something could not be read, or somebody said that it changed
     */
    record Seen(Instant asOf, Instant changed, long tags, long known, boolean due) {

        Seen nowDue() {
            return new Seen(asOf, changed, tags, known, true);
        }
    }

    private final Map<String, Seen> seen = new ConcurrentHashMap<>();
    private volatile Instant before;

    /**
     * @param began when this process began to watch
     */
    LookTimes(Instant began) {
        this.before = began;
    }

    /**
     * Hears as of when all repositories were known to watchers before this process.
     *
     * @param moment null when they never were
     */
    void knownBefore(@Nullable Instant moment) {
        if (moment != null) {
            mayBeAsOldAs(moment);
        }
    }

    /** Another process may have looked at what this one has not; when it did last, nobody says, but hardly before this. */
    void mayBeAsOldAs(Instant moment) {
        before = moment.isBefore(before) ? moment : before;
    }

    void looked(String repository, Seen now) {
        seen.put(repository, now);
    }

    /** It could not be read, or somebody said that it changed. */
    void due(String repository) {
        seen.compute(
                repository,
                (name, known) -> known == null ? new Seen(before, Instant.EPOCH, 0, 0, true) : known.nowDue());
    }

    /** Null for a repository that nobody has looked at yet. */
    @Nullable
    Seen last(String repository) {
        return seen.get(repository);
    }

    /** Repositories of which the ledger has tags, or may have. */
    Set<String> told() {
        Set<String> told = new HashSet<>();
        seen.forEach((name, last) -> {
            if (last.known() > 0 || last.due()) {
                told.add(name);
            }
        });
        return told;
    }

    /** What changed in a repository, and was not seen before, changed after this. */
    Instant asOf(String repository) {
        Seen last = seen.get(repository);
        return last == null ? before : last.asOf();
    }

    /**
     * A sweep has gone through all of them: there are no others.
     *
     * @param began when it did
     */
    void swept(Collection<String> repositories, Instant began) {
        Set<String> gone = new HashSet<>(seen.keySet());
        repositories.forEach(gone::remove);
        seen.keySet().removeAll(gone);
        before = began;
    }

    /** As of when each repository is known: all that happened before was seen. */
    Instant oldest() {
        Instant oldest = before;
        for (Seen each : seen.values()) {
            oldest = each.asOf().isBefore(oldest) ? each.asOf() : oldest;
        }
        return oldest;
    }
}
