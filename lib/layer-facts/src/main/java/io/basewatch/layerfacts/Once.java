package io.basewatch.layerfacts;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** Something that is made once, by the thread that needs it first; all others wait for it. What making it throws is thrown to each of them. Thread-safe. */
public final class Once<T> {

    private final FutureTask<T> made;

    public Once(Callable<T> make) {
        this.made = new FutureTask<>(make);
    }

    /** Ahead of whoever needs it: throws nothing, and waits for nobody. */
    public void make() {
        made.run();
    }

    /** Waits also while this thread is interrupted: whoever makes it only calculates. */
    public T get() {
        made.run();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return made.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw thrown(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException thrown(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
    }
}
