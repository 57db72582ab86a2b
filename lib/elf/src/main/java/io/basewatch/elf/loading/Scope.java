package io.basewatch.elf.loading;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Objects that are loaded together, in load order: the scope in which their symbols are looked for. */
final class Scope {

    /** No process that anybody runs has a tenth of that. */
    static final int MAX_OBJECTS = 4_000;

    final List<Loaded> objects = new ArrayList<>();
    private final BitSet numbers = new BitSet();
    private final Map<String, Loaded> byPath = new HashMap<>();
    private final Map<String, Loaded> byAlias = new HashMap<>();

    Scope() {}

    /** With the objects of another, to which more can be added. */
    Scope(Scope before) {
        objects.addAll(before.objects);
        numbers.or(before.numbers);
        byPath.putAll(before.byPath);
        byAlias.putAll(before.byAlias);
    }

    void add(Loaded object) {
        objects.add(object);
        numbers.set(object.known.number);
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

    /** The numbers of all its objects. */
    BitSet numbers() {
        return (BitSet) numbers.clone();
    }

    boolean hasAll(BitSet wanted) {
        BitSet missing = (BitSet) wanted.clone();
        missing.andNot(numbers);
        return missing.isEmpty();
    }

    boolean has(String path) {
        return byPath.containsKey(path);
    }
}
