package io.basewatch.registrywatcher;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** How far the watcher is, for whoever shows it to people. Thread-safe. */
public final class WatcherProgress {

    /**
     * One registry since this process started.
     *
     * @param registry host and port
     * @param tagsFound watched tags found in the sweep that runs, or else in the last one
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

    /** What changes of a registry; guarded by itself. */
    private static final class Counts {
        long tagsFound;
        long eventsPublished;
        long failures;
        long removalsHeld;
        boolean sweeping;
        boolean firstSweepDone;
        LastSweep lastSweep = LastSweep.NONE;

        synchronized RegistryProgress of(String registry) {
            return new RegistryProgress(
                    registry, tagsFound, eventsPublished, failures, removalsHeld, sweeping, firstSweepDone, lastSweep);
        }
    }

    private final Map<String, Counts> registries = new ConcurrentHashMap<>();
    private final Map<String, Problem> problems = new ConcurrentHashMap<>();
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

    private Counts counts(String registry) {
        return registries.computeIfAbsent(registry, name -> new Counts());
    }

    void sweepStarts(String registry) {
        Counts counts = counts(registry);
        synchronized (counts) {
            counts.tagsFound = 0;
            counts.sweeping = true;
        }
    }

    void tagFound(String registry) {
        Counts counts = counts(registry);
        synchronized (counts) {
            counts.tagsFound++;
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
        return Optional.ofNullable(problems.get(registry));
    }

    /** Without anything secret. */
    public record Problem(Instant at, String text) {}

    void problem(String registry, String text) {
        problems.put(registry, new Problem(Instant.now(), text));
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
    void sweepEnded(String registry, boolean complete, boolean kept) {
        Counts counts = counts(registry);
        synchronized (counts) {
            counts.sweeping = false;
            counts.firstSweepDone |= complete;
            if (!kept || counts.lastSweep != LastSweep.NONE) {
                counts.lastSweep = complete ? LastSweep.COMPLETE : LastSweep.FAILED;
            }
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
