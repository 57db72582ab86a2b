package io.basewatch.registrywatcher;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Does something when the application has started and again and again, in a thread of its own. What breaks it once does not end it. */
class Repeating implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Repeating.class);

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** May be interrupted at any time. */
    interface Task {
        void run() throws InterruptedException;
    }

    private final String name;
    private final Supplier<Duration> pause;
    private final Task task;
    private final Semaphore wakes = new Semaphore(0);
    private @Nullable Thread thread;

    /**
     * @param pause between the starts of two runs; asked for each time
     */
    Repeating(String name, Supplier<Duration> pause, Task task) {
        this.name = name;
        this.pause = pause;
        this.task = task;
    }

    /** The next run comes now, or at once after the one that runs. */
    void wake() {
        wakes.release();
    }

    @Override
    public synchronized void start() {
        if (thread == null) {
            thread = new Thread(this::run, name);
            thread.start();
        }
    }

    private void run() {
        String problem = "";
        try {
            while (!Thread.interrupted()) {
                long start = System.nanoTime();
                try {
                    task.run();
                    problem = "";
                } catch (RuntimeException e) {
                    String now = String.valueOf(e.getMessage());
                    if (!now.equals(problem)) {
                        log.warn("not done, trying again task={} problem=\"{}\"", name, now);
                    }
                    problem = now;
                }
                long left = pause.get().toNanos() - (System.nanoTime() - start);
                if (wakes.tryAcquire(Math.max(0, left), TimeUnit.NANOSECONDS)) {
                    wakes.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            log.debug("ended task={}", name);
        }
    }

    @Override
    public synchronized void stop() {
        Thread running = thread;
        thread = null;
        if (running == null) {
            return;
        }
        running.interrupt();
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
        return thread != null;
    }
}
