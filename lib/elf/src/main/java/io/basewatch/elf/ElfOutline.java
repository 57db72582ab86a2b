package io.basewatch.elf;

import io.basewatch.fleetmodel.Libc.Family;
import org.jspecify.annotations.Nullable;

/**
 * What one ELF file is, without what there can be much of: enough for most questions, small enough to be held for every file of an image.
 *
 * @param interpreter PT_INTERP; null when there is none
 * @param builtFor the C library it asks for; null when it asks for none, or for none that is known
 * @param origin without its package and compilers
 */
public record ElfOutline(
        ElfHeader header,
        ElfFacts.Kind kind,
        @Nullable String interpreter,
        @Nullable String soname,
        @Nullable Family builtFor,
        ElfOrigin origin,
        ElfReading reading) {

    public boolean has(Marker marker) {
        return origin.has(marker);
    }
}
