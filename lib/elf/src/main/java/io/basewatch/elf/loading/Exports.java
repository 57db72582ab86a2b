package io.basewatch.elf.loading;

import io.basewatch.elf.ElfSymbols;
import io.basewatch.elf.SymbolTable;
import java.util.Arrays;

/** The symbols that an object offers, by the hashes of their names: 24 bytes each at most, as a C++ library has ten thousands of them. */
final class Exports {

    /** Flags below, the version's place in the object's list of definitions above; a free slot's name is 0. */
    private static final int VERSION_SHIFT = 8;

    private final long[] names;
    private final int[] infos;

    private Exports(int slots) {
        names = new long[slots];
        infos = new int[slots];
    }

    static Exports of(SymbolTable symbols) {
        int slots = Math.max(2, Integer.highestOneBit(Math.max(1, symbols.size() * 3 / 2)) * 2);
        Exports exports = new Exports(slots);
        symbols.visit((name, version, flags) -> exports.add(name, version << VERSION_SHIFT | (flags & 0xff)));
        return exports;
    }

    private void add(long name, int info) {
        int slot = slot(name);
        while (names[slot] != 0) {
            slot = (slot + 1) & (names.length - 1);
        }
        names[slot] = name;
        infos[slot] = info;
    }

    private int slot(long name) {
        return (int) (name >>> 33) & (names.length - 1);
    }

    int bytes() {
        return 12 * names.length + 64;
    }

    /** Whether it offers the name at all, in whatever form. */
    boolean has(long name) {
        for (int slot = slot(name); names[slot] != 0; slot = (slot + 1) & (names.length - 1)) {
            if (names[slot] == name) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether musl sees it: the default version, and no function that chooses one.
     *
     * @param defined whether the executable's own stub for a function of others does not do
     */
    boolean hasForMusl(long name, boolean defined) {
        int unseen =
                ElfSymbols.EXPORT_HIDDEN_VERSION | ElfSymbols.EXPORT_IFUNC | (defined ? ElfSymbols.EXPORT_STUB : 0);
        for (int slot = slot(name); names[slot] != 0; slot = (slot + 1) & (names.length - 1)) {
            if (names[slot] == name && (infos[slot] & unseen) == 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a reference that asks for no version finds it: the base version, the first one, or the only default one. Stubs are left out here and below: who has
     * one asks for the function itself.
     */
    boolean hasAny(long name) {
        int defaults = 0;
        for (int slot = slot(name); names[slot] != 0; slot = (slot + 1) & (names.length - 1)) {
            if (names[slot] != name || (infos[slot] & ElfSymbols.EXPORT_STUB) != 0) {
                continue;
            }
            if (infos[slot] >>> VERSION_SHIFT <= 1) {
                return true;
            }
            defaults += (infos[slot] & ElfSymbols.EXPORT_HIDDEN_VERSION) == 0 ? 1 : 0;
        }
        return defaults == 1;
    }

    /**
     * Whether a reference that asks for a version finds it.
     *
     * @param version its place in the object's list of definitions, from 1; 0 when it does not define it
     */
    boolean hasVersion(long name, int version) {
        for (int slot = slot(name); names[slot] != 0; slot = (slot + 1) & (names.length - 1)) {
            if (names[slot] != name || (infos[slot] & ElfSymbols.EXPORT_STUB) != 0) {
                continue;
            }
            int offered = infos[slot] >>> VERSION_SHIFT;
            boolean isBase = offered == 0 && (infos[slot] & ElfSymbols.EXPORT_HIDDEN_VERSION) == 0;
            if (isBase || (version > 0 && offered == version)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return Arrays.stream(names).filter(name -> name != 0).count() + " symbols";
    }
}
