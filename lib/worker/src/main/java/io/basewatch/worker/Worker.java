package io.basewatch.worker;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Does something again and again from when the application has started until it stops, in a thread of its own. What breaks it once does not end
 * it: it is tried again, after a second first and then with pauses that grow up to the usual one. Never two runs at a time, also when it was
 * stopped and started again while one would not end.
 */
public final class Worker implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    /** What is in hand should be small: it may end before what it uses is closed. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final GrowingPauses AFTER_FAILURES = new GrowingPauses(Duration.ofSeconds(1), Duration.ofDays(1));

    /** Done once in each round. May be interrupted at any time, and has to end then. */
    public interface Task {
        /** One round. */
        void run() throws InterruptedException;
    }

    /** As {@link Task}, until it is done. */
    public interface Attempt {
        /** Whether there is nothing more to do. */
        boolean run() throws InterruptedException;
    }

    private final String name;
    private final Supplier<Duration> pause;
    private final Attempt task;
    private final boolean pauseFirst;
    private final Semaphore wakes = new Semaphore(0);
    private @Nullable Run run;
    private @Nullable Thread thread;

    private Worker(String name, Supplier<Duration> pause, Attempt task, boolean pauseFirst) {
        this.name = name;
        this.pause = pause;
        this.task = task;
        this.pauseFirst = pauseFirst;
    }

    /**
     * @param name of the thread, and of the work in the log
     * @param pause between the starts of two rounds; asked for after each
     */
    public static Worker every(String name, Supplier<Duration> pause, Task task) {
        return new Worker(
                name,
                pause,
                () -> {
                    task.run();
                    return false;
                },
                false);
    }

    /** As {@link #every(String, Supplier, Task)}, in pauses that are all the same. */
    public static Worker every(String name, Duration pause, Task task) {
        return every(name, () -> pause, task);
    }

    /**
     * What is done once and may not succeed at first.
     *
     * @param pause after each attempt
     */
    public static Worker untilDone(String name, Duration pause, Attempt attempt) {
        return new Worker(name, () -> pause, attempt, false);
    }

    /** The same, which begins with a pause: there is more urgent work at the start. */
    public Worker pausingFirst() {
        return new Worker(name, pause, task, true);
    }

    /** The next round comes now, or at once after the one that runs. */
    public void wake() {
        wakes.release();
    }

    @Override
    public synchronized void start() {
        if (run == null) {
            run = new Run(thread);
            thread = thread(name, run);
            thread.start();
        }
    }

    /** Virtual from JDK 24 on; before that, one that waits within a {@code synchronized} keeps a processor's place from all others. */
    private static Thread thread(String name, Runnable work) {
        if (Runtime.version().feature() >= 24) {
            try {
                Class<?> builder = Class.forName("java.lang.Thread$Builder");
                Object named = builder.getMethod("name", String.class)
                        .invoke(Thread.class.getMethod("ofVirtual").invoke(null), name);
                return (Thread) builder.getMethod("unstarted", Runnable.class).invoke(named, work);
            } catch (ReflectiveOperationException e) {
                log.debug("no virtual thread task={}", name, e);
            }
        }
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    /** From a start to a stop. */
    private final class Run implements Runnable {

        private final @Nullable Thread before;
        private volatile boolean stopped;
        private int failures;
        private String problem = "";

        /**
         * @param before may not have ended yet
         */
        Run(@Nullable Thread before) {
            this.before = before;
        }

        @Override
        public void run() {
            awaitTheOneBefore();
            if (pauseFirst && !stopped) {
                await(pause.get().toNanos());
            }
            boolean done = false;
            while (!stopped && !done) {
                long began = System.nanoTime();
                done = round();
                // One that is not of stop(), which says so before it interrupts, is nothing to end for.
                Thread.interrupted();
                if (!stopped && !done) {
                    await(failures > 0 ? sooner().toNanos() : pause.get().toNanos() - (System.nanoTime() - began));
                }
            }
            log.debug("ended task={}", name);
        }

        /** To its end, also when this one is stopped meanwhile: whoever is started next waits for this one alone. */
        private void awaitTheOneBefore() {
            while (before != null && before.isAlive()) {
                try {
                    before.join();
                } catch (InterruptedException e) {
                    log.debug("interrupted while another ends task={} stopped={}", name, stopped);
                }
            }
        }

        private boolean round() {
            try {
                boolean done = task.run();
                if (failures > 0) {
                    log.info("done again task={} failures={}", name, failures);
                }
                failures = 0;
                problem = "";
                return done;
            } catch (InterruptedException | RuntimeException e) {
                failed(e);
            } catch (Error e) {
                if (!stopped) {
                    log.error("broke, trying again task={}", name, e);
                }
                failures++;
            }
            return false;
        }

        private void failed(Exception e) {
            failures++;
            String now = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            if (!stopped && !now.equals(problem)) {
                log.warn("not done, trying again task={} problem=\"{}\"", name, now);
            }
            problem = now;
        }

        private Duration sooner() {
            Duration usual = pause.get();
            Duration grown = AFTER_FAILURES.next(failures - 1);
            return grown.compareTo(usual) < 0 ? grown : usual;
        }

        private void await(long nanoseconds) {
            try {
                if (wakes.tryAcquire(Math.max(0, nanoseconds), TimeUnit.NANOSECONDS)) {
                    wakes.drainPermits();
                }
            } catch (InterruptedException e) {
                log.debug("interrupted task={} stopped={}", name, stopped);
            }
        }
    }

    /** Interrupts the round that runs, and waits for its end for a while. */
    @Override
    public void stop() {
        Thread running;
        synchronized (this) {
            if (run == null || thread == null) {
                return;
            }
            run.stopped = true;
            run = null;
            running = thread;
        }
        running.interrupt();
        if (running == Thread.currentThread()) {
            return;
        }
        try {
            running.join(PATIENCE.toMillis());
            if (running.isAlive()) {
                log.warn("did not end in time, what it had in hand is done again task={}", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return run != null;
    }
}
