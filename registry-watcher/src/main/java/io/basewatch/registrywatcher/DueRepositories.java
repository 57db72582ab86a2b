package io.basewatch.registrywatcher;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Repositories that somebody said have changed, until they are looked at. Each is there once, however often it was said; of more than can be held the whole registry is swept
 * instead, so that nothing said is forgotten. Thread-safe.
 */
final class DueRepositories {

    static final int HELD = 10_000;

    private record Due(String registry, String repository) {}

    private final Set<Due> held = new LinkedHashSet<>();
    private final BlockingQueue<Due> queue = new LinkedBlockingQueue<>();
    private final BiConsumer<String, String> look;
    private final Consumer<String> sweep;

    /**
     * @param look takes registry and repository
     * @param sweep takes a registry
     */
    DueRepositories(BiConsumer<String, String> look, Consumer<String> sweep) {
        this.look = look;
        this.sweep = sweep;
    }

    void add(String registry, String repository) {
        Due due = new Due(registry, repository);
        boolean full;
        synchronized (held) {
            full = held.size() >= HELD && !held.contains(due);
            if (!full && held.add(due)) {
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
        synchronized (held) {
            held.remove(due);
        }
        look.accept(due.registry(), due.repository());
    }
}
