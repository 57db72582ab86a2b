package io.basewatch.ociregistry;

import java.util.ArrayList;
import java.util.List;

/** Entries of one page that are not watched; not more of them than somebody will read: a page may hold millions. */
final class PassedOver {

    private static final int MAX_TOLD = 1_000;

    private final List<String> told = new ArrayList<>();
    private int count;

    void add(String what) {
        if (++count < MAX_TOLD) {
            told.add(what);
        }
    }

    List<String> told() {
        if (count > told.size()) {
            told.add("and " + (count - told.size()) + " more");
        }
        return List.copyOf(told);
    }
}
