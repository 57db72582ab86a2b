package io.basewatch.registrywatcher;

import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Repositories that somebody said have changed, until they are looked at. Each is there once, however often it was said; of more than can be held the whole registry is swept
 * instead, so that nothing said is forgotten. Thread-safe.
 */
final class DueRepositories {

    static final int HELD = 10_000;

    private record Due(String registry, String repository) {}

    /** Looks at a repository. */
    interface Eyes {
        /**
         * @param said when it was first said that the repository changed
         */
        void look(String registry, String repository, Instant said);
    }

    private final Map<Due, Instant> held = new HashMap<>();
    private final BlockingQueue<Due> queue = new LinkedBlockingQueue<>();
    private final Eyes eyes;
    private final Consumer<String> sweep;
    private final Clock clock;

    /**
     * @param sweep takes a registry
     */
    DueRepositories(Eyes eyes, Consumer<String> sweep, Clock clock) {
        this.eyes = eyes;
        this.sweep = sweep;
        this.clock = clock;
    }

    void add(String registry, String repository) {
        Due due = new Due(registry, repository);
        boolean full;
        synchronized (held) {
            full = held.size() >= HELD && !held.containsKey(due);
            if (!full && held.putIfAbsent(due, clock.instant()) == null) {
                queue.add(due);
            }
        }
        if (full) {
            sweep.accept(registry);
        }
    }

    int size() {
        synchronized (held) {
            return held.size();
        }
    }

    /** Looks at the next one, and waits until there is one. What is said of it from now on has it looked at again. */
    void lookAtNext() throws InterruptedException {
        Due due = queue.take();
        Instant said;
        synchronized (held) {
            said = held.remove(due);
        }
        eyes.look(due.registry(), due.repository(), said == null ? clock.instant() : said);
    }
}
