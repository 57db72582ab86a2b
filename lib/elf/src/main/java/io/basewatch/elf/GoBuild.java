package io.basewatch.elf;

import org.jspecify.annotations.Nullable;

/**
 * What the Go linker wrote into a file.
 *
 * @param version {@code go1.22.1}; null where the form is older than Go 1.18 and points outside what was kept
 * @param module the main module's path; null when it is not told
 * @param mode {@code exe}, {@code pie}, {@code c-shared}, {@code plugin}…; null when it is not told
 * @param cgo whether it was built with cgo; null when it is not told
 */
public record GoBuild(
        @Nullable String version,
        @Nullable String module,
        @Nullable String mode,
        @Nullable Boolean cgo) {}
