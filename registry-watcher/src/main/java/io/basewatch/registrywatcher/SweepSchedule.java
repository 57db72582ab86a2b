package io.basewatch.registrywatcher;

import io.basewatch.worker.Worker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Sweeps each registry at once when the application has started, and then at its interval. Each registry has one thread, so that two of its
 * sweeps never overlap. Starts last and stops first of all, so that Kafka and the store are there as long as it runs.
 */
final class SweepSchedule implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(SweepSchedule.class);

    private static final Duration SOON = Duration.ofSeconds(1);

    /** A registry and how often it is swept. */
    record Entry(RegistrySweeper sweeper, Duration interval) {}

    private final Clock clock;
    private final Map<String, Instant> due = new ConcurrentHashMap<>();
    private final Map<String, Duration> pauses = new ConcurrentHashMap<>();
    private volatile List<Entry> entries = List.of();
    private volatile Map<String, Worker> threads = Map.of();
    private volatile boolean running;

    SweepSchedule(List<Entry> entries, Clock clock) {
        this.clock = clock;
        replace(entries);
    }

    /** From now on these are swept, and no others: of those that were there before, what they have in hand is ended first. */
    synchronized void replace(List<Entry> now) {
        List<Entry> before = entries;
        Map<String, Worker> kept = new LinkedHashMap<>();
        List<Worker> begun = new ArrayList<>();
        for (Entry entry : before) {
            Worker thread = threads.get(entry.sweeper().registry());
            if (thread != null && !now.contains(entry)) {
                entry.sweeper().stop();
                thread.stop();
                due.remove(entry.sweeper().registry());
                pauses.remove(entry.sweeper().registry());
            }
        }
        for (Entry entry : now) {
            String registry = entry.sweeper().registry();
            Worker thread = before.contains(entry) ? threads.get(registry) : null;
            if (thread == null) {
                thread = Worker.every(
                        "sweep-" + registry, () -> pauses.getOrDefault(registry, entry.interval()), () -> sweep(entry));
                begun.add(thread);
            }
            kept.put(registry, thread);
        }
        entries = List.copyOf(now);
        threads = Collections.unmodifiableMap(kept);
        if (running) {
            begun.forEach(Worker::start);
        }
    }

    private void sweep(Entry entry) {
        String registry = entry.sweeper().registry();
        Instant began = clock.instant();
        due.remove(registry);
        entry.sweeper().sweep();
        long missed = Duration.between(began, clock.instant()).dividedBy(entry.interval());
        entry.sweeper().missedTurns(missed);
        Duration pause = pause(entry);
        pauses.put(registry, pause);
        due.put(registry, began.plus(pause));
    }

    /** When the next sweep of a registry begins; null while one runs and before the first. */
    @Nullable
    Instant due(String registry) {
        return due.get(registry);
    }

    /** All that are watched, with how often. */
    List<Entry> entries() {
        return entries;
    }

    /** All that are watched. */
    List<String> registries() {
        return List.copyOf(threads.keySet());
    }

    /** Sweeps each registry now, or at once after the sweep that runs: what is due. */
    void sweepWhatIsDue() {
        threads.values().forEach(Worker::wake);
    }

    /** Sweeps all of a registry now, due or not, or at once after the sweep that runs. */
    void sweepNow(String registry) {
        for (Entry entry : entries) {
            if (entry.sweeper().registry().equals(registry)) {
                entry.sweeper().lookAtEverything();
            }
        }
        Worker thread = threads.get(registry);
        if (thread != null) {
            thread.wake();
        }
    }

    /**
     * Looks at one repository of a watched registry before its turn, in the thread that asks for it; at nothing else.
     *
     * @param said when somebody said that it changed
     */
    void look(String registry, String repository, Instant said) {
        for (Entry entry : entries) {
            if (running && entry.sweeper().registry().equals(registry)) {
                entry.sweeper().look(repository, said);
            }
        }
    }

    /**
     * Lets through the removals that are held, by a sweep that begins now.
     *
     * @return false for a registry that is not watched
     */
    boolean letRemovalsThrough(String registry) {
        for (Entry entry : entries) {
            if (entry.sweeper().registry().equals(registry)) {
                entry.sweeper().letRemovalsThrough();
                sweepNow(registry);
                return true;
            }
        }
        return false;
    }

    @Override
    public synchronized void start() {
        if (running) {
            return;
        }
        running = true;
        if (entries.isEmpty()) {
            log.warn("no registry to watch; name one under basewatch.registries");
        }
        threads.values().forEach(Worker::start);
    }

    /**
     * The interval give or take a tenth, so that a registry is not asked by all its watchers in step; shorter, and doubled each time, after a sweep
     * that our own store or Kafka kept from its end, as at a start that is faster than theirs. A registry that fails has its time.
     */
    private static Duration pause(Entry entry) {
        Duration usual = Duration.ofNanos(
                (long) (entry.interval().toNanos() * ThreadLocalRandom.current().nextDouble(0.9, 1.1)));
        int kept = entry.sweeper().keptInARow();
        if (kept == 0) {
            return usual;
        }
        Duration soon = SOON.multipliedBy(1L << Math.min(kept - 1, 5));
        return soon.compareTo(usual) < 0 ? soon : usual;
    }

    @Override
    public synchronized void stop() {
        if (!running) {
            return;
        }
        running = false;
        entries.forEach(entry -> entry.sweeper().stop());
        threads.values().forEach(Worker::stop);
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
