package io.basewatch.fingerprint;

import io.basewatch.fleetmodel.FileSketch;
import io.basewatch.layerfacts.Conclusion;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Sees which files of the system an image has, whatever installed them. Only folders of the system are looked at: what an application adds beside these changes nothing, and neither does what
 * starting, building or configuring an image writes.
 */
final class SystemFiles implements Conclusion<ImageView, SystemFiles.Sketched> {

    /** Raised when other files are chosen: all sketches have to be made again then, those of well-known bases too. */
    static final String ID = "files/1";

    private static final List<String> ROOTS =
            List.of("bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "etc", "usr");

    /** In these, only what lies there itself: an interpreter that was built from source, not its library. */
    private static final List<String> FLAT = List.of("usr/local/bin", "usr/local/sbin", "usr/local/lib");

    private static final String LOCAL = "usr/local";

    /** Folders that packages of languages are installed into, and what is written whenever something is installed. */
    private static final Set<String> OTHERS = Set.of(
            "node_modules",
            "site-packages",
            "dist-packages",
            "gems",
            "__pycache__",
            "src",
            "cache",
            "ssl",
            "apk",
            "sysimage");

    /** What is different in each image although the system is the same, or is taken away to hide which one it is. */
    private static final Set<String> CHANGING = Set.of(
            "etc/passwd",
            "etc/passwd-",
            "etc/group",
            "etc/group-",
            "etc/shadow",
            "etc/shadow-",
            "etc/gshadow",
            "etc/gshadow-",
            "etc/subuid",
            "etc/subgid",
            "etc/hostname",
            "etc/hosts",
            "etc/resolv.conf",
            "etc/mtab",
            "etc/machine-id",
            "etc/ld.so.cache",
            "etc/timezone",
            "etc/localtime",
            "etc/.pwd.lock",
            "etc/debian_version",
            "etc/issue",
            "etc/issue.net",
            "etc/motd",
            "etc/environment");

    /** Of the file that names the release: that is compared by itself. */
    private static final String RELEASE = "-release";

    /** Of directories; none of a real system lies deeper. */
    private static final int MAX_DEPTH = 16;

    private static final int BYTES = 700;

    record Sketched(FileSketch files) {}

    @Override
    public Sketched draw(ImageView view) {
        IntStream.Builder hashes = IntStream.builder();
        Set<String> seen = new HashSet<>();
        Deque<String> left = new ArrayDeque<>(ROOTS);
        while (!left.isEmpty()) {
            String folder = left.pop();
            view.list(folder).map(ImageFile::entry).forEach(entry -> {
                if (entry.type() == FileEntry.Type.FILE) {
                    add(entry, hashes);
                } else if (entry.type() == FileEntry.Type.DIRECTORY && isSystem(entry) && seen.add(entry.path())) {
                    left.push(entry.path());
                }
            });
        }
        for (String folder : FLAT) {
            view.list(folder)
                    .map(ImageFile::entry)
                    .filter(entry -> entry.type() == FileEntry.Type.FILE)
                    .forEach(entry -> add(entry, hashes));
        }
        return new Sketched(FileSketch.of(hashes.build()));
    }

    /** A file that a link leads to is there once: its hash is that of where it lies. */
    private static void add(FileEntry entry, IntStream.Builder hashes) {
        if (!CHANGING.contains(entry.path()) && !entry.path().endsWith(RELEASE)) {
            hashes.add(FileSketch.hash(entry.path(), entry.size()));
        }
    }

    private static boolean isSystem(FileEntry folder) {
        return !folder.path().equals(LOCAL)
                && !OTHERS.contains(folder.name())
                && folder.path().chars().filter(c -> c == '/').count() < MAX_DEPTH;
    }

    @Override
    public boolean isLasting(Sketched drawn) {
        return true;
    }

    @Override
    public int bytes(Sketched drawn) {
        return BYTES;
    }
}
