package io.basewatch.elf.loading;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Objects that are loaded together, in load order: the scope in which their symbols are looked for. */
final class Process {

    /** No process that anybody runs has a tenth of that. */
    static final int MAX_OBJECTS = 4_000;

    final List<Loaded> objects = new ArrayList<>();
    private final Map<String, Loaded> byPath = new HashMap<>();
    private final Map<String, Loaded> byAlias = new HashMap<>();

    Process() {}

    /** With the objects of another, to which more can be added. */
    Process(Process before) {
        objects.addAll(before.objects);
        byPath.putAll(before.byPath);
        byAlias.putAll(before.byAlias);
    }

    void add(Loaded object) {
        objects.add(object);
        byPath.putIfAbsent(object.path(), object);
    }

    boolean isFull() {
        return objects.size() >= MAX_OBJECTS;
    }

    /** The object that lies there; null when none is loaded. */
    @Nullable
    Loaded at(String path) {
        return byPath.get(path);
    }

    void name(Loaded object, String alias) {
        byAlias.putIfAbsent(alias, object);
    }

    /** The first object that took that name; null when none did. */
    @Nullable
    Loaded named(String alias) {
        return byAlias.get(alias);
    }

    boolean has(String path) {
        return byPath.containsKey(path);
    }
}
