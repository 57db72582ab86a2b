package io.basewatch.elf.loading;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An object in a process. */
final class Loaded {

    /** As the loader calls it: the path by which it was opened. */
    final String name;

    final Known known;

    /** Whose need brought it; null for the program and for preloads. */
    final @Nullable Loaded requester;

    Loaded(String name, Known known, @Nullable Loaded requester) {
        this.name = name;
        this.known = known;
        this.requester = requester;
    }

    String path() {
        return known.path();
    }

    /** The directory part of its name; empty for one without. */
    String directory() {
        return name.substring(0, Math.max(0, name.lastIndexOf('/')));
    }

    /** The paths of many, in order. */
    static List<String> paths(List<Loaded> objects) {
        return objects.stream().map(Loaded::path).toList();
    }
}
