package io.basewatch.registrywatcher;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** How far the watcher is, for whoever shows it to people. Thread-safe. */
public final class WatcherProgress {

    /**
     * One registry since this process started.
     *
     * @param registry host and port
     * @param tagsFound watched tags found in the sweep that runs, or else in the last one; of a repository that was not due, those of its last look
     * @param eventsPublished acknowledged by Kafka
     * @param failures what could not be read or told; counted again in each sweep
     * @param removalsHeld tags that the last complete sweep found missing and that wait for another sweep's or a person's word
     * @param sweeping whether a sweep runs now
     * @param firstSweepDone whether one complete sweep has ended
     * @param lastSweep how the last sweep ended
     */
    public record RegistryProgress(
            String registry,
            long tagsFound,
            long eventsPublished,
            long failures,
            long removalsHeld,
            boolean sweeping,
            boolean firstSweepDone,
            LastSweep lastSweep) {}

    /** How a sweep ended. */
    public enum LastSweep {
        /** No sweep has ended yet, but for such as our own store or Kafka has kept from their end. */
        NONE,
        /** Everything was listed; single tags may have failed. */
        COMPLETE,
        /** The registry, Kafka or the store kept it from its end. */
        FAILED
    }

    /** Problems of a registry that are remembered, the last ones. */
    private static final int PROBLEMS = 10;

    /**
     * A sweep, from when it began.
     *
     * @param repositories that it has gone through, looked at or not due
     * @param ended null while it runs
     */
    public record Sweep(Instant began, @Nullable Instant ended, long repositories, long tags) {

        /** When it will have gone through as many repositories as the one before, at its pace; null where that is not known, as it has begun just now or is past these. */
        @Nullable
        Instant forecast(long expected, Instant now) {
            if (repositories == 0 || repositories > expected) {
                return null;
            }
            Duration took = Duration.between(began, now);
            return now.plusMillis(Math.round(took.toMillis() * ((double) (expected - repositories) / repositories)));
        }
    }

    /** What changes of a registry; guarded by itself. */
    private static final class Counts {
        long tagsFound;
        long eventsPublished;
        long failures;
        long removalsHeld;
        boolean sweeping;
        boolean paused;
        boolean firstSweepDone;
        LastSweep lastSweep = LastSweep.NONE;
        long repositories;

        @Nullable
        Instant began;

        @Nullable
        Sweep lastComplete;

        final Deque<Problem> problems = new ArrayDeque<>();

        synchronized RegistryProgress of(String registry) {
            return new RegistryProgress(
                    registry, tagsFound, eventsPublished, failures, removalsHeld, sweeping, firstSweepDone, lastSweep);
        }
    }

    private final Map<String, Counts> registries = new ConcurrentHashMap<>();
    private final DistinctImages imagesTold = new DistinctImages();

    WatcherProgress() {}

    /** All watched registries, by name. */
    public List<RegistryProgress> snapshot() {
        return new TreeMap<>(registries)
                .entrySet().stream().map(one -> one.getValue().of(one.getKey())).toList();
    }

    /** Images of all registries that were told since this process started, each once however many tags lead to it; off by a thousandth at most. */
    public long imagesTold() {
        return imagesTold.count();
    }

    /** Whether each watched registry was swept completely at least once. */
    public boolean firstSweepsDone() {
        return snapshot().stream().allMatch(RegistryProgress::firstSweepDone);
    }

    void watch(String registry) {
        registries.put(registry, new Counts());
    }

    /** It is not watched any more. */
    void forget(String registry) {
        registries.remove(registry);
    }

    private Counts counts(String registry) {
        return registries.computeIfAbsent(registry, name -> new Counts());
    }

    void sweepStarts(String registry, Instant at) {
        Counts counts = counts(registry);
        synchronized (counts) {
            counts.tagsFound = 0;
            counts.repositories = 0;
            counts.began = at;
            counts.sweeping = true;
        }
    }

    /** The sweep that runs has gone through one more. */
    void repositoryDone(String registry) {
        Counts counts = counts(registry);
        synchronized (counts) {
            counts.repositories++;
        }
    }

    /** The sweep that runs now; null when none does. */
    public @Nullable Sweep running(String registry) {
        Counts counts = counts(registry);
        synchronized (counts) {
            return counts.sweeping && counts.began != null
                    ? new Sweep(counts.began, null, counts.repositories, counts.tagsFound)
                    : null;
        }
    }

    /** The last one that listed everything; null when there was none since this process started. */
    public @Nullable Sweep lastComplete(String registry) {
        Counts counts = counts(registry);
        synchronized (counts) {
            return counts.lastComplete;
        }
    }

    void tagsFound(String registry, long tags) {
        Counts counts = counts(registry);
        synchronized (counts) {
            counts.tagsFound += tags;
        }
    }

    void published(String registry, ImageEvent event) {
        if (event instanceof ImagePushed pushed) {
            imagesTold.add(pushed.digest());
        }
        Counts counts = counts(registry);
        synchronized (counts) {
            counts.eventsPublished++;
        }
    }

    void failed(String registry) {
        Counts counts = counts(registry);
        synchronized (counts) {
            counts.failures++;
        }
    }

    /** What went wrong last with a registry, in words and with its moment; empty when nothing did since this process started. */
    public Optional<Problem> lastProblem(String registry) {
        return problems(registry).stream().findFirst();
    }

    /** The last few different ones, the newest first. */
    List<Problem> problems(String registry) {
        Counts counts = counts(registry);
        synchronized (counts) {
            List<Problem> newestFirst = new ArrayList<>(counts.problems);
            Collections.reverse(newestFirst);
            return newestFirst;
        }
    }

    /** Without anything secret. */
    public record Problem(Instant at, String text) {}

    void problem(String registry, Instant at, String text) {
        Counts counts = counts(registry);
        synchronized (counts) {
            counts.problems.removeIf(known -> known.text().equals(text));
            counts.problems.add(new Problem(at, text));
            if (counts.problems.size() > PROBLEMS) {
                counts.problems.remove();
            }
        }
    }

    void paused(String registry, boolean isPaused) {
        Counts counts = counts(registry);
        synchronized (counts) {
            counts.paused = isPaused;
        }
    }

    /** Whether somebody has paused it: what is known of it gets older. */
    public boolean isPaused(String registry) {
        Counts counts = counts(registry);
        synchronized (counts) {
            return counts.paused;
        }
    }

    void removalsHeld(String registry, long tags) {
        Counts counts = counts(registry);
        synchronized (counts) {
            counts.removalsHeld = tags;
        }
    }

    /**
     * @param kept by our own store or Kafka, whose health says so: it is tried again at once, and is not the first
     */
    void sweepEnded(String registry, boolean complete, boolean kept, Instant at) {
        Counts counts = counts(registry);
        synchronized (counts) {
            counts.sweeping = false;
            counts.firstSweepDone |= complete;
            if (!kept || counts.lastSweep != LastSweep.NONE) {
                counts.lastSweep = complete ? LastSweep.COMPLETE : LastSweep.FAILED;
            }
            if (complete && counts.began != null) {
                counts.lastComplete = new Sweep(counts.began, at, counts.repositories, counts.tagsFound);
            }
        }
    }

    /** The sweep that ran was told to end: that says nothing of the registry. */
    void sweepLeft(String registry) {
        Counts counts = counts(registry);
        synchronized (counts) {
            counts.sweeping = false;
        }
    }

    /**
     * Counts images without keeping them, in one megabyte however many there are: each sets one of eight million bits, and how many are set says
     * how many there were (K.-Y. Whang et al., "A linear-time probabilistic counting algorithm", 1990).
     */
    private static final class DistinctImages {

        private static final int BITS = 1 << 23;

        private final BitSet seen = new BitSet();
        private int set;

        synchronized void add(Digest image) {
            int bit = Integer.parseInt(image.hex().substring(0, 7), 16) & (BITS - 1);
            if (!seen.get(bit)) {
                seen.set(bit);
                set++;
            }
        }

        synchronized long count() {
            return Math.round(-BITS * Math.log1p(-set / (double) BITS));
        }
    }
}
