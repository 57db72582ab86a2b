package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an image stands on: the weighed sum of the findings.
 *
 * @param distro null when the files do not say, or those that do were not read
 * @param libc the system's first; never empty: {@link Libc#none()} and {@link Libc#unknown()} are claims too
 * @param packages the system's first; empty when the image has no package database, or when nothing of it was read; {@link PackageDatabase#unknown} alone
 *     when none was found in what was read of it
 * @param files of the system; null where not all of the image was read, and in what an older program wrote
 */
public record Fingerprint(
        @Nullable Distro distro,
        List<Libc> libc,
        List<PackageDatabase> packages,
        List<LanguageRuntime> runtimes,
        List<Contradiction> contradictions,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable FileSketch files) {

    /** One of which it is not told which files it has. */
    public Fingerprint(
            @Nullable Distro distro,
            List<Libc> libc,
            List<PackageDatabase> packages,
            List<LanguageRuntime> runtimes,
            List<Contradiction> contradictions) {
        this(distro, libc, packages, runtimes, contradictions, null);
    }

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

    /** Of the first database; null where there is none, or not all of it was read. */
    public @Nullable PackageSketch packageSketch() {
        return packages.isEmpty() ? null : packages.get(0).sketch();
    }

    /** The same, of an image whose files were looked through. */
    public Fingerprint with(FileSketch seen) {
        return new Fingerprint(distro, libc, packages, runtimes, contradictions, seen);
    }

    public Libc systemLibc() {
        return libc.get(0);
    }
}
