package io.basewatch.layerfacts;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One entry of a layer or a root file system, as its tar header or inode says. Immutable. */
public final class FileEntry {

    public enum Type {
        FILE,
        DIRECTORY,
        SYMLINK,
        /** A device, fifo or socket. */
        OTHER
    }

    private final String path;
    private final Type type;
    private final long size;
    private final int mode;
    private final @Nullable String linkTarget;

    /** Asked for by many of each file. */
    private @Nullable String name;

    private @Nullable String folder;

    /**
     * @param path relative to the root, normalised: no leading slash, no {@code .}, {@code ..} or empty components
     * @param size of a regular file's content in bytes, else 0
     * @param mode permission bits, as in {@code chmod}
     * @param linkTarget of a symlink, as written (may be absolute, relative, dangling or hostile); null for everything else
     */
    public FileEntry(String path, Type type, long size, int mode, @Nullable String linkTarget) {
        this.path = path;
        this.type = type;
        this.size = size;
        this.mode = mode;
        this.linkTarget = linkTarget;
    }

    public String path() {
        return path;
    }

    public Type type() {
        return type;
    }

    /** In bytes. */
    public long size() {
        return size;
    }

    public int mode() {
        return mode;
    }

    /** Null for what is no symlink. */
    public @Nullable String linkTarget() {
        return linkTarget;
    }

    /** The last component of the path. */
    public String name() {
        String last = name;
        if (last == null) {
            last = path.substring(path.lastIndexOf('/') + 1);
            name = last;
        }
        return last;
    }

    /** The path without its last component; empty for what lies in the root. */
    public String folder() {
        String of = folder;
        if (of == null) {
            of = path.substring(0, Math.max(0, path.lastIndexOf('/')));
            folder = of;
        }
        return of;
    }

    public boolean isExecutable() {
        return type == Type.FILE && (mode & 0111) != 0;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FileEntry entry
                && path.equals(entry.path)
                && type == entry.type
                && size == entry.size
                && mode == entry.mode
                && Objects.equals(linkTarget, entry.linkTarget);
    }

    @Override
    public int hashCode() {
        return Objects.hash(path, type, size, mode, linkTarget);
    }

    @Override
    public String toString() {
        return type + " " + path;
    }
}
