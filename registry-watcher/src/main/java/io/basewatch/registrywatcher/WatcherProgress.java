package io.basewatch.registrywatcher;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** How far the watcher is, for whoever shows it to people. Thread-safe. */
public final class WatcherProgress {

    /**
     * One registry since this process started.
     *
     * @param registry host and port
     * @param tagsFound watched tags found in the sweep that runs, or else in the last one
     * @param eventsPublished acknowledged by Kafka
     * @param failures what could not be read or told; counted again in each sweep
     * @param sweeping whether a sweep runs now
     * @param firstSweepDone whether one complete sweep has ended
     * @param lastSweep how the last sweep ended
     */
    public record RegistryProgress(
            String registry,
            long tagsFound,
            long eventsPublished,
            long failures,
            boolean sweeping,
            boolean firstSweepDone,
            LastSweep lastSweep) {}

    /** How a sweep ended. */
    public enum LastSweep {
        /** No sweep has ended yet. */
        NONE,
        /** Everything was listed; single tags may have failed. */
        COMPLETE,
        /** The registry, Kafka or the store kept it from its end. */
        FAILED
    }

    private final Map<String, RegistryProgress> registries = new ConcurrentHashMap<>();

    WatcherProgress() {}

    /** All watched registries, by name. */
    public List<RegistryProgress> snapshot() {
        return List.copyOf(new TreeMap<>(registries).values());
    }

    /** Whether each watched registry was swept completely at least once. */
    public boolean firstSweepsDone() {
        return registries.values().stream().allMatch(RegistryProgress::firstSweepDone);
    }

    void watch(String registry) {
        registries.put(registry, new RegistryProgress(registry, 0, 0, 0, false, false, LastSweep.NONE));
    }

    void sweepStarts(String registry) {
        update(
                registry,
                p -> new RegistryProgress(
                        registry, 0, p.eventsPublished, p.failures, true, p.firstSweepDone, p.lastSweep));
    }

    void tagFound(String registry) {
        update(
                registry,
                p -> new RegistryProgress(
                        registry,
                        p.tagsFound + 1,
                        p.eventsPublished,
                        p.failures,
                        p.sweeping,
                        p.firstSweepDone,
                        p.lastSweep));
    }

    void published(String registry) {
        update(
                registry,
                p -> new RegistryProgress(
                        registry,
                        p.tagsFound,
                        p.eventsPublished + 1,
                        p.failures,
                        p.sweeping,
                        p.firstSweepDone,
                        p.lastSweep));
    }

    void failed(String registry) {
        update(
                registry,
                p -> new RegistryProgress(
                        registry,
                        p.tagsFound,
                        p.eventsPublished,
                        p.failures + 1,
                        p.sweeping,
                        p.firstSweepDone,
                        p.lastSweep));
    }

    void sweepEnded(String registry, boolean complete) {
        update(
                registry,
                p -> new RegistryProgress(
                        registry,
                        p.tagsFound,
                        p.eventsPublished,
                        p.failures,
                        false,
                        p.firstSweepDone || complete,
                        complete ? LastSweep.COMPLETE : LastSweep.FAILED));
    }

    private void update(String registry, UnaryOperator<RegistryProgress> change) {
        registries.computeIfPresent(registry, (name, progress) -> change.apply(progress));
    }
}
