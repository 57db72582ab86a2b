package io.basewatch.registrywatcher;

import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Repositories that somebody said have changed, until they are looked at. Each is there once, however often it was said; of more than can be held the whole registry is swept
 * instead, so that nothing said is forgotten. Of one registry they are looked at one after the other, so that one that hangs keeps a single thread. Thread-safe.
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

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** In the order in which it was said, with when. */
    private final Map<Due, Instant> held = new LinkedHashMap<>();

    /** Registries at one of whose repositories somebody looks. */
    private final Set<String> looking = new HashSet<>();

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
        lock.lock();
        try {
            full = held.size() >= HELD && !held.containsKey(due);
            if (!full && held.putIfAbsent(due, clock.instant()) == null) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (full) {
            sweep.accept(registry);
        }
    }

    int size() {
        lock.lock();
        try {
            return held.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Looks at the next one of a registry at which nobody looks, and waits until there is one. What is said of it from now on has it looked at again.
     */
    void lookAtNext() throws InterruptedException {
        Due due;
        Instant said;
        lock.lockInterruptibly();
        try {
            Map.Entry<Due, Instant> next = next();
            while (next == null) {
                changed.await();
                next = next();
            }
            due = next.getKey();
            said = next.getValue();
            held.remove(due);
            looking.add(due.registry());
        } finally {
            lock.unlock();
        }
        try {
            eyes.look(due.registry(), due.repository(), said);
        } finally {
            lock.lock();
            try {
                looking.remove(due.registry());
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private Map.@Nullable Entry<Due, Instant> next() {
        for (Map.Entry<Due, Instant> each : held.entrySet()) {
            if (!looking.contains(each.getKey().registry())) {
                return each;
            }
        }
        return null;
    }
}
