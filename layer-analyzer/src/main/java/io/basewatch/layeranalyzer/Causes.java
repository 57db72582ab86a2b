package io.basewatch.layeranalyzer;

import org.jspecify.annotations.Nullable;

/** Looks through what exceptions were wrapped in on their way. */
final class Causes {

    /** Deeper than any exception is wrapped; a circle of causes ends here. */
    private static final int DEPTH = 20;

    private Causes() {}

    static <T extends Throwable> @Nullable T find(@Nullable Throwable thrown, Class<T> type) {
        Throwable at = thrown;
        for (int depth = 0; at != null && depth < DEPTH; depth++) {
            if (type.isInstance(at)) {
                return type.cast(at);
            }
            at = at.getCause();
        }
        return null;
    }

    static Throwable innermost(Throwable thrown) {
        Throwable at = thrown;
        for (int depth = 0; at.getCause() != null && depth < DEPTH; depth++) {
            at = at.getCause();
        }
        return at;
    }
}
