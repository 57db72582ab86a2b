package io.basewatch.elf;

import io.basewatch.fleetmodel.Libc.Family;
import org.jspecify.annotations.Nullable;

/** For which C library an ELF file was built, from what it asks for. */
public final class LinkedLibc {

    private static final int OSABI_FREEBSD = 9;

    private LinkedLibc() {}

    /** @return null when the file does not ask for a C library, or for none of those we know */
    public static @Nullable Family of(ElfFacts facts) {
        String interpreter = facts.loading().interpreter();
        if (interpreter != null) {
            Family named = ofLoaderName(interpreter);
            if (named != null) {
                return named;
            }
        }
        if (facts.header().osAbi() == OSABI_FREEBSD) {
            return null;
        }
        for (String needed : facts.loading().needed()) {
            if (needed.startsWith("libc.musl-") || needed.startsWith("ld-musl-")) {
                return Family.MUSL;
            }
            if (needed.equals("libc.so.6") || needed.equals("libc.so.6.1")) {
                return Family.GLIBC;
            }
            if (needed.equals("libc.so.0") || needed.startsWith("ld-uClibc") || needed.startsWith("ld64-uClibc")) {
                return Family.UCLIBC;
            }
        }
        if (needsGlibcVersions(facts)) {
            return Family.GLIBC;
        }
        if (facts.loading().needed().contains("libc.so.1")) {
            return Family.UCLIBC;
        }
        if (facts.loading().needed().contains("libc.so")) {
            return facts.origin().isAndroid()
                            || facts.loading().needed().contains("libdl.so")
                            || facts.loading().needed().contains("liblog.so")
                            || facts.loading().needed().contains("libm.so")
                    ? Family.BIONIC
                    : Family.MUSL;
        }
        return null;
    }

    /** gcc's own library calls two of its versions GLIBC_2.0 and GLIBC_2.1, wherever it is built. */
    private static boolean needsGlibcVersions(ElfFacts facts) {
        return facts.versions().needs().stream()
                .filter(need -> !need.file().startsWith("libgcc_s"))
                .flatMap(need -> need.names().stream())
                .anyMatch(version -> version.startsWith("GLIBC_"));
    }

    /** @return the family whose loaders are named so; null for a name that says nothing */
    public static @Nullable Family ofLoaderName(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (name.startsWith("ld-musl-")) {
            return Family.MUSL;
        }
        if (name.contains("uClibc")) {
            return Family.UCLIBC;
        }
        if (name.equals("linker") || name.equals("linker64")) {
            return Family.BIONIC;
        }
        if (name.startsWith("ld-linux")
                || name.startsWith("ld-lsb")
                || name.startsWith("ld64.so.")
                || name.startsWith("ld.so.")
                || name.equals("ld.so")
                || name.matches("ld-2\\.\\d+(\\.\\d+)?\\.so")) {
            return Family.GLIBC;
        }
        return null;
    }

    /**
     * Which library was linked into a static executable.
     *
     * @return null when no trace survives: pure Go, assembly, a small program without error texts
     */
    public static @Nullable Family linkedInto(ElfOrigin origin) {
        if (origin.abiTag() != null) {
            // Comes with glibc's start files only.
            return Family.GLIBC;
        }
        if ((origin.has(Marker.MUSL_NO_ERROR) && origin.has(Marker.MUSL_RANGE)) || origin.has(Marker.MUSL_LOCPATH)) {
            return Family.MUSL;
        }
        if ((origin.has(Marker.GLIBC_TUNABLES) && (origin.has(Marker.GNU_RANGE) || origin.has(Marker.GLIBC_CACHE)))
                || origin.has(Marker.GLIBC_KERNEL)) {
            return Family.GLIBC;
        }
        if (origin.has(Marker.GNU_RANGE)
                && !origin.has(Marker.GCONV_PATH)
                && (origin.has(Marker.UCLIBC_TZ) || origin.has(Marker.UCLIBC_LDSO))) {
            return Family.UCLIBC;
        }
        return null;
    }

    public static @Nullable Family familyOf(ElfOrigin.LibcText text) {
        return switch (text.family()) {
            case "musl" -> Family.MUSL;
            case "glibc" -> Family.GLIBC;
            case "uclibc" -> Family.UCLIBC;
            case "bionic" -> Family.BIONIC;
            default -> null;
        };
    }
}
