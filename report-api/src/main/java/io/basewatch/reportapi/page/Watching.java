package io.basewatch.reportapi.page;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far registries are watched; known to pages where the watcher runs in the same process. */
public interface Watching {

    /** All that are watched, by name. */
    List<Watched> registries();

    /**
     * One registry since this process started.
     *
     * @param since when the sweep that runs began; null while none does
     * @param gone repositories that it has gone through
     * @param expected those that the last complete one went through; null where there was none
     * @param complete as of when everything in it is known: when the last complete sweep began; null where there was none
     * @param paused whether somebody wants it left alone
     * @param problem what went wrong last, and is not over; null for nothing
     */
    record Watched(
            String registry,
            @Nullable Instant since,
            long gone,
            @Nullable Long expected,
            @Nullable Instant complete,
            boolean paused,
            @Nullable String problem) {}
}
