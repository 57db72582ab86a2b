package io.basewatch.elf.loading;

import org.jspecify.annotations.Nullable;

/**
 * One reason for which a loader refuses an object.
 *
 * @param object path of the object at fault in the image, as the loader calls it
 * @param name what is missing or not understood: an interpreter's or a library's name, a symbol, a relocation's number
 * @param version of the symbol, or the version that a file does not have; null where none is asked for
 * @param line exactly as the loader would print it
 */
public record LoadFault(
        Kind kind, String object, String name, @Nullable String version, String line) {

    public enum Kind {
        /** The kernel finds no loader: execve(2) fails with ENOENT. */
        INTERPRETER_MISSING,
        /** A needed library is not found. */
        LIBRARY_MISSING,
        /** A needed library is there, but is of another machine, class or damaged. */
        LIBRARY_UNFIT,
        /** A library has no such version ({@code version `GLIBC_2.34' not found}). */
        VERSION_MISSING,
        /** Nobody in scope offers the symbol. */
        SYMBOL_MISSING,
        /** The loader does not know the type of relocation. */
        RELOCATION_UNSUPPORTED,
        /** A variable of the thread at a fixed distance in a library that is opened late, or another trouble of TLS. */
        TLS
    }
}
