package io.basewatch.elf.loading;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.ElfLoading;
import io.basewatch.elf.ElfReading;
import io.basewatch.elf.ElfReading.Cut;
import io.basewatch.elf.ElfSymbols;
import io.basewatch.elf.ElfVersions;
import io.basewatch.elf.SymbolTable;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A file as loaders look at it, made once for all processes that load it. */
final class Known {

    /** Of a reference: its {@code REF_*} flags below, the place of its version above. */
    static final int VERSION_SHIFT = 8;

    final ElfFile file;
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

    /** Of the file, as long as it is known. */
    final int number;

    private final Map<String, Integer> definitions;

    /** What of the references nothing finds among the libraries that the file needs; null until it was looked for. */
    @Nullable
    Alone alone;

    /** A library loaded by itself. */
    static final class Alone {

        /** The numbers of all its objects. */
        final BitSet objects;

        /** Places of references that nothing there answers. */
        final int[] unresolved;

        /** For each file of which it wants versions, where the object lies that has the name; the loader's matter. */
        final List<String> byFile;

        Alone(BitSet objects, int[] unresolved, List<String> byFile) {
            this.objects = objects;
            this.unresolved = unresolved;
            this.byFile = byFile;
        }
    }

    Known(ElfFile file, Content content, int number) {
        this.number = number;
        this.file = file;
        header = content.header;
        loading = content.loading;
        versions = content.versions;
        reading = content.reading;
        relocationTypes = content.relocationTypes;
        tlsBytes = content.tlsBytes;
        hasTls = tlsBytes > 0;
        hasVersions = content.hasVersions;
        definesVersions = content.definesVersions;
        exports = content.exports;
        isLibc = content.isLibc;
        references = content.references;
        referenceInfos = content.referenceInfos;
        referenceVersions = content.referenceVersions;
        definitions = content.definitions;
    }

    String path() {
        return file.path();
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

    int bytes() {
        Alone held = alone;
        int more = held == null ? 0 : held.objects.size() / 8 + 4 * held.unresolved.length + 200;
        return exports.bytes() + 12 * references.length + 500 + more;
    }
}
