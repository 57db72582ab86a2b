package io.basewatch.registrywatcher;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Sweeps each registry at once when the application has started, and then at its interval. Each registry has one thread, so that two of its
 * sweeps never overlap. Starts last and stops first of all, so that Kafka and the store are there as long as it runs.
 */
final class SweepSchedule implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(SweepSchedule.class);

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** A registry and how often it is swept. */
    record Entry(RegistrySweeper sweeper, Duration interval) {}

    private final List<Entry> entries;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean running;

    SweepSchedule(List<Entry> entries) {
        this.entries = List.copyOf(entries);
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
        for (Entry entry : entries) {
            Thread thread =
                    new Thread(() -> sweep(entry), "sweep-" + entry.sweeper().registry());
            threads.add(thread);
            thread.start();
        }
    }

    private void sweep(Entry entry) {
        try {
            while (running) {
                long start = System.nanoTime();
                entry.sweeper().sweep();
                TimeUnit.NANOSECONDS.sleep(pause(entry.interval()) - (System.nanoTime() - start));
            }
        } catch (InterruptedException e) {
            log.debug("no further sweep registry={}", entry.sweeper().registry());
        }
    }

    /** The interval give or take a tenth, so that a registry is not asked by all its watchers in step. In nanoseconds. */
    private static long pause(Duration interval) {
        return (long) (interval.toNanos() * ThreadLocalRandom.current().nextDouble(0.9, 1.1));
    }

    @Override
    public synchronized void stop() {
        if (!running) {
            return;
        }
        running = false;
        entries.forEach(entry -> entry.sweeper().stop());
        threads.forEach(Thread::interrupt);
        long until = System.nanoTime() + PATIENCE.toNanos();
        try {
            for (Thread thread : threads) {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())));
                if (thread.isAlive()) {
                    log.warn(
                            "a sweep did not end in time, what it told last is told again thread={}", thread.getName());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.clear();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
