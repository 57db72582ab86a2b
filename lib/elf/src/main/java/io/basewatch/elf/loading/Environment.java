package io.basewatch.elf.loading;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a loader reads of a process' environment.
 *
 * @param libraryPath LD_LIBRARY_PATH; null where it is not set
 * @param preload LD_PRELOAD; null where it is not set
 * @param bindNow whether LD_BIND_NOW is set to something
 * @param directory the absolute path in which the process starts, from which relative paths lead
 */
public record Environment(
        @Nullable String libraryPath, @Nullable String preload, boolean bindNow, String directory) {

    public static final Environment NONE = new Environment(null, null, false, "/");

    /** @param variables {@code NAME=value}; of two of one name the last holds */
    public static Environment of(List<String> variables, @Nullable String directory) {
        String bindNow = value(variables, "LD_BIND_NOW=");
        return new Environment(
                value(variables, "LD_LIBRARY_PATH="),
                value(variables, "LD_PRELOAD="),
                bindNow != null && !bindNow.isEmpty(),
                directory == null || !directory.startsWith("/") ? "/" : directory);
    }

    private static @Nullable String value(List<String> variables, String start) {
        return variables.stream()
                .filter(variable -> variable.startsWith(start))
                .reduce((before, now) -> now)
                .map(variable -> variable.substring(start.length()))
                .orElse(null);
    }
}
