package io.basewatch.elf;

import io.basewatch.fleetmodel.Digest;
import org.jspecify.annotations.Nullable;

/**
 * One name of an ELF file.
 *
 * @param path at which it really lies, relative to the root
 * @param mode permission bits, as in {@code chmod}
 * @param layer as evidence names it; null in a plain root file system
 */
public record ElfFile(String path, int mode, @Nullable Digest layer, ElfOutline outline) {

    /** The last component of the path. */
    public String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Relative to the root, empty for the root itself. */
    public String directory() {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }
}
