package io.basewatch.layerfacts;

import org.jspecify.annotations.Nullable;

/**
 * One entry of a layer or a root file system, as its tar header or inode says.
 *
 * @param path relative to the root, normalised: no leading slash, no {@code .}, {@code ..} or empty components
 * @param size of a regular file's content in bytes, else 0
 * @param mode permission bits, as in {@code chmod}
 * @param linkTarget of a symlink, as written (may be absolute, relative, dangling or hostile); null for everything else
 */
public record FileEntry(
        String path,
        Type type,
        long size,
        int mode,
        @Nullable String linkTarget) {

    public enum Type {
        FILE,
        DIRECTORY,
        SYMLINK,
        /** A device, fifo or socket. */
        OTHER
    }

    /** The last component of the path. */
    public String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    public boolean isExecutable() {
        return type == Type.FILE && (mode & 0111) != 0;
    }
}
