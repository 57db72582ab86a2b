package io.basewatch.elf.loading;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.ElfLoading;
import io.basewatch.elf.ElfReading;
import io.basewatch.elf.ElfReading.Cut;
import io.basewatch.elf.ElfSymbols;
import io.basewatch.elf.ElfVersions;
import io.basewatch.elf.SymbolTable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What loaders look at of a file, wherever it lies and whoever loads it. Never changes. */
final class Content implements ElfFiles.Derived {

    /** Of a reference: its {@code REF_*} flags below, the place of its version above. */
    static final int VERSION_SHIFT = 8;

    private static final long LIBC_START = SymbolTable.hash("__libc_start_main");
    private static final long STDIN = SymbolTable.hash("stdin");
    private static final long DT_VERSYM = 0x6ffffff0L;
    private static final long DT_VERDEF = 0x6ffffffcL;

    final ElfHeader header;
    final ElfLoading loading;
    final ElfVersions versions;
    final ElfReading reading;
    final List<Long> relocationTypes;
    final boolean hasTls;
    final long tlsBytes;
    final boolean hasVersions;
    final boolean definesVersions;
    final Exports exports;

    /** Whether it offers what every C library does, and no library that is laid before one. */
    final boolean isLibc;

    /** In order of their names, as the table that holds these has them. */
    final long[] references;

    final int[] referenceInfos;
    final List<SymbolTable.Version> referenceVersions;

    private final Map<String, Integer> definitions = new HashMap<>();

    Content(ElfFacts facts) {
        header = facts.header();
        loading = facts.loading();
        versions = facts.versions();
        reading = facts.reading();
        relocationTypes = facts.symbols().relocationTypes();
        tlsBytes = facts.layout().tlsBytes();
        hasTls = tlsBytes > 0;
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
            referenceInfos[at[0]++] = version << VERSION_SHIFT | (flags & 0xff);
        });
    }

    boolean asks(int reference, int flag) {
        return (referenceInfos[reference] & flag) != 0;
    }

    /** Null when it asks for no version. */
    SymbolTable.@Nullable Version version(int reference) {
        int version = referenceInfos[reference] >>> VERSION_SHIFT;
        return version == 0 ? null : referenceVersions.get(version - 1);
    }

    /** Whether what is not among its exports may be there all the same. */
    boolean mayOfferMore() {
        return reading.truncated()
                || reading.cuts().stream()
                        .anyMatch(cut -> cut == Cut.EXPORTS || cut == Cut.CONTENT || cut == Cut.STRUCTURE);
    }

    /** Why it may ask for more than is known; null when it does not. */
    @Nullable
    String mayAskMore() {
        if (reading.problem() != null) {
            return reading.problem();
        }
        return reading.isCut() ? reading.cutText() : reading.truncated() ? "is cut off, or damaged" : null;
    }

    /** The place of a version among its definitions, from 1; 0 when it does not define it. */
    int definition(String version) {
        return definitions.getOrDefault(version, 0);
    }

    /** Whether a relocation has a variable of the thread of its own at a fixed distance; null when that cannot be told. */
    @Nullable
    Boolean fixesOwnTls() {
        if (!hasTls || (loading.flags() & ElfLoading.DF_STATIC_TLS) == 0) {
            return false;
        }
        boolean asksOthers = Arrays.stream(referenceInfos).anyMatch(info -> (info & ElfSymbols.REF_TLS_FIXED) != 0);
        return asksOthers ? null : (Boolean) true;
    }

    @Override
    public int bytes() {
        return exports.bytes() + 12 * references.length + 60 * definitions.size() + 500;
    }
}
