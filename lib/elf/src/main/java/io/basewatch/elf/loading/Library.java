package io.basewatch.elf.loading;

import io.basewatch.elf.ElfFile;
import io.basewatch.layerfacts.FileEntry;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The files of a root file system, for all processes that load them: each is looked up, and made {@link Known}, once, up to bounds. One thread. */
final class Library {

    private static final int MAX_KNOWN_BYTES = 64 << 20;
    private static final int MAX_PATHS = 100_000;

    final Effort effort = new Effort();

    private final LoaderView view;
    private final Map<String, Opened> opened = new HashMap<>();

    /** In order of their last use. */
    private final LinkedHashMap<String, Known> known = new LinkedHashMap<>(16, 0.75f, true);

    private long knownBytes;
    private int numbers;

    Library(LoaderView view) {
        this.view = view;
    }

    LoaderView view() {
        return view;
    }

    /** What open(2) and a look at the content say. */
    sealed interface Opened {}

    /** There is none. */
    record Missing() implements Opened {}

    record Directory() implements Opened {}

    record Elf(ElfFile file) implements Opened {}

    /** Another kind of file. */
    record NotElf(FileEntry entry) implements Opened {}

    /** There is one of which nothing can be said. */
    record Unread(String why) implements Opened {}

    private static final Missing MISSING = new Missing();

    /** @param path absolute */
    Opened open(String path) {
        Opened before = opened.get(path);
        if (before != null) {
            return before;
        }
        Opened now = look(path);
        if (opened.size() < MAX_PATHS) {
            opened.put(path, now);
        }
        return now;
    }

    private Opened look(String path) {
        if (path.indexOf('\0') >= 0) {
            return MISSING;
        }
        FileEntry entry = view.find(path).orElse(null);
        if (entry == null) {
            return MISSING;
        }
        if (entry.type() == FileEntry.Type.DIRECTORY) {
            return new Directory();
        }
        if (entry.type() != FileEntry.Type.FILE) {
            return new Unread(path + " is no regular file");
        }
        Optional<ElfFile> elf = view.elfFiles().find(path);
        if (elf.isPresent()) {
            return new Elf(elf.get());
        }
        boolean isUnread = !view.isWhole()
                || view.elfFiles().reasons().stream()
                        .anyMatch(reason -> reason.message().startsWith(entry.path() + ":"));
        return isUnread ? new Unread(path + " is there, but its content is not known") : new NotElf(entry);
    }

    /** @return null when its facts cannot be read */
    @Nullable
    Known known(ElfFile file) {
        Known before = known.get(file.path());
        if (before != null) {
            return before;
        }
        Content content =
                view.elfFiles().derived(file, Content.class, Content::new).orElse(null);
        if (content == null) {
            return null;
        }
        Known now = new Known(file, content, numbers++);
        known.put(file.path(), now);
        knownBytes += now.bytes();
        forgetOldest();
        return now;
    }

    /** Keeps what was found out of a library alone. */
    void keep(Known about, Known.Alone alone) {
        boolean isHeld = known.get(about.path()) == about;
        knownBytes -= isHeld ? about.bytes() : 0;
        about.alone = alone;
        knownBytes += isHeld ? about.bytes() : 0;
        forgetOldest();
    }

    private void forgetOldest() {
        Iterator<Known> oldest = known.values().iterator();
        while (knownBytes > MAX_KNOWN_BYTES && known.size() > 1) {
            knownBytes -= oldest.next().bytes();
            oldest.remove();
        }
    }
}
