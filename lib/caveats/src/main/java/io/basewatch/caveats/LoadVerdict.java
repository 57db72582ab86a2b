package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.loading.LoadProof;
import org.jspecify.annotations.Nullable;

/**
 * Whether an object of an image would load, and who would load it.
 *
 * @param proof of its start, or of its being opened by the host
 * @param host path of the program that opens it; null for a program, and where no host is known
 * @param hostKind the kind of host whose plugin it is: {@code python}, {@code node}, {@code php}, {@code ruby}, {@code jvm}, {@code perl}, {@code erlang}, {@code
 *     nginx}, {@code httpd}, {@code pam}, {@code nss}; null for what is no plugin
 * @param atCall whether what is missing strikes at the first call only, as the host binds lazily
 */
record LoadVerdict(
        ElfFile object,
        LoadProof proof,
        Reach reach,
        @Nullable String host,
        @Nullable String hostKind,
        boolean atCall) {

    /** How likely it is to be loaded; the nearest first. */
    enum Reach {
        /** What the image starts. */
        FIRST,
        /** Named by the command or its scripts, found in PATH, or needed by such a program. */
        REACHABLE,
        /** Lies where a runtime of the image looks for what it opens. */
        PLUGIN,
        /** Nothing is known to load it. */
        UNUSED
    }
}
