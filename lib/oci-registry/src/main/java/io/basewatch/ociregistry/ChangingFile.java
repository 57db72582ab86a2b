package io.basewatch.ociregistry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/** Tells whether a file is another one than when it was looked at last: also behind links, as Kubernetes mounts secrets. Not thread-safe. */
final class ChangingFile {

    private final Path file;
    private @Nullable Stamp last;

    /** What of a file changes whenever it is written or replaced. */
    private record Stamp(
            FileTime modified, long size, @Nullable Object key) {}

    ChangingFile(Path file) {
        this.file = file;
    }

    /** Whether it was never looked at, or has changed, come or gone since. */
    boolean hasChanged() {
        Stamp now = null;
        try {
            BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
            now = new Stamp(is.lastModifiedTime(), is.size(), is.fileKey());
        } catch (IOException e) {
            // Not there, or not for us: said by whoever reads it.
        }
        boolean changed = now == null || !now.equals(last);
        last = now;
        return changed;
    }
}
