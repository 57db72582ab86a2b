package io.basewatch.fleetmodel;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A language runtime, server or toolchain found in an image.
 *
 * @param name {@code python}, {@code node}, {@code java}, {@code go}, {@code nginx}…
 * @param version null when the files do not say
 * @param details few, short, named facts, by name: {@code vendor}, {@code libc}, {@code cgo}; may be empty
 */
public record LanguageRuntime(
        String name, @Nullable String version, Map<String, String> details, List<Evidence> evidence) {

    public LanguageRuntime {
        details = Collections.unmodifiableMap(new TreeMap<>(details));
        evidence = List.copyOf(evidence);
    }
}
