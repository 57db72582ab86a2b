package io.basewatch.elf.loading;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.ElfLoading;
import io.basewatch.elf.ElfReading;
import io.basewatch.elf.ElfVersions;
import io.basewatch.elf.SymbolTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What loaders look at of a file, wherever it lies and whoever loads it. Never changes. */
final class Content implements ElfFiles.Derived {

    private static final long LIBC_START = SymbolTable.hash("__libc_start_main");
    private static final long STDIN = SymbolTable.hash("stdin");
    private static final long DT_VERSYM = 0x6ffffff0L;
    private static final long DT_VERDEF = 0x6ffffffcL;

    final ElfHeader header;
    final ElfLoading loading;
    final ElfVersions versions;
    final ElfReading reading;
    final List<Long> relocationTypes;
    final long tlsBytes;
    final boolean hasVersions;
    final boolean definesVersions;
    final Exports exports;
    final boolean isLibc;
    final long[] references;
    final int[] referenceInfos;
    final List<SymbolTable.Version> referenceVersions;

    /** The places of versions among its definitions, from 1. */
    final Map<String, Integer> definitions = new HashMap<>();

    Content(ElfFacts facts) {
        header = facts.header();
        loading = facts.loading();
        versions = facts.versions();
        reading = facts.reading();
        relocationTypes = facts.symbols().relocationTypes();
        tlsBytes = facts.layout().tlsBytes();
        hasVersions = loading.tags().contains(DT_VERSYM);
        definesVersions = loading.tags().contains(DT_VERDEF);
        exports = Exports.of(facts.symbols().exports());
        isLibc = exports.hasForMusl(LIBC_START, true) && exports.hasForMusl(STDIN, true);
        SymbolTable wanted = facts.symbols().references();
        references = new long[wanted.size()];
        referenceInfos = new int[wanted.size()];
        referenceVersions = wanted.versions();
        for (int i = 0; i < versions.definitions().size(); i++) {
            definitions.putIfAbsent(versions.definitions().get(i), i + 1);
        }
        int[] at = {0};
        wanted.visit((name, version, flags) -> {
            references[at[0]] = name;
            referenceInfos[at[0]++] = version << Known.VERSION_SHIFT | (flags & 0xff);
        });
    }

    @Override
    public int bytes() {
        return exports.bytes() + 12 * references.length + 60 * definitions.size() + 500;
    }
}
