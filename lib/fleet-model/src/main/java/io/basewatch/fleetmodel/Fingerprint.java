package io.basewatch.fleetmodel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an image stands on: the weighed sum of the findings.
 *
 * @param distro null when the files do not say, or those that do were not read
 * @param libc the system's first; never empty: {@link Libc#none()} and {@link Libc#unknown()} are claims too
 * @param packages the system's first; empty when the image has no package database, or when nothing of it was read; {@link PackageDatabase#unknown} alone
 *     when none was found in what was read of it
 */
public record Fingerprint(
        @Nullable Distro distro,
        List<Libc> libc,
        List<PackageDatabase> packages,
        List<LanguageRuntime> runtimes,
        List<Contradiction> contradictions) {

    public Fingerprint {
        if (libc.isEmpty()) {
            throw new IllegalArgumentException("a fingerprint names at least one libc, be it 'none' or 'unknown'");
        }
        libc = List.copyOf(libc);
        packages = List.copyOf(packages);
        runtimes = List.copyOf(runtimes);
        contradictions = List.copyOf(contradictions);
    }

    /** For an image of which nothing could be read. */
    public static Fingerprint unknown() {
        return new Fingerprint(null, List.of(Libc.unknown()), List.of(), List.of(), List.of());
    }

    public Libc systemLibc() {
        return libc.get(0);
    }
}
