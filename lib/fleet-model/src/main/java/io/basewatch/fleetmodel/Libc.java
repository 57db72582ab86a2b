package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A C library an image stands on or carries. The first of a fingerprint's list is the system's: the one that the shell and the entrypoint really reach.
 *
 * @param version exact, from the library itself where that is possible; null when nothing says it
 * @param linkedInto for {@link Family#STATIC}: the family that was linked into the executables, null when no marker survives
 * @param vendor the text a vendor left in the library: {@code Debian GLIBC 2.36-9+deb12u9}; null when there is none
 * @param evidence empty only for {@link Family#NONE} and {@link Family#UNKNOWN}
 */
public record Libc(
        Family family,
        @Nullable String version,
        Linkage linkage,
        @Nullable Family linkedInto,
        @Nullable String vendor,
        List<Evidence> evidence) {

    public Libc {
        evidence = List.copyOf(evidence);
    }

    public static Libc none() {
        return new Libc(Family.NONE, null, Linkage.NONE, null, null, List.of());
    }

    public static Libc unknown() {
        return new Libc(Family.UNKNOWN, null, Linkage.UNKNOWN, null, null, List.of());
    }

    /** {@code none}: there is nothing to run, and that is known; {@code unknown}: there is, or may be, and the files that were read do not say. */
    public enum Family {
        MUSL,
        GLIBC,
        UCLIBC,
        BIONIC,
        STATIC,
        NONE,
        UNKNOWN;

        @JsonCreator
        public static Family parse(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public enum Linkage {
        DYNAMIC,
        STATIC,
        NONE,
        UNKNOWN;

        @JsonCreator
        public static Linkage parse(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
