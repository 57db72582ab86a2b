package io.basewatch.elf;

import io.basewatch.elf.ElfFacts.LibcText;
import io.basewatch.elf.ElfFacts.VersionNeed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the captured parts of an ELF file: file header, program headers and what the dynamic section leads to (System V ABI, chapters 4 and 5). Every
 * count and offset is hostile: each walk has an end of its own, and what is not there makes the facts "truncated".
 */
final class ElfReader {

    static final int MAX_NAME = 4096;

    private static final int MAX_SEGMENTS = 1024;
    private static final int MAX_DYNAMIC = 8192;
    private static final int MAX_NEEDED = 4096;
    private static final int MAX_VERSIONS = 4096;
    private static final int MAX_SYMBOLS = 1 << 20;
    private static final int MAX_RELOCATIONS = 4 << 20;
    private static final int MAX_EXPORTS = 1 << 16;
    private static final int MAX_EXPORT_BYTES = 4 << 20;
    private static final int MAX_NOTE_BYTES = 64 << 10;
    /** Where compilers leave their names in a stripped file: behind the data, before the section headers. */
    private static final int COMMENT_BYTES = 32 << 10;

    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int PT_INTERP = 3;
    private static final int PT_NOTE = 4;
    private static final int PT_TLS = 7;
    private static final int PT_GNU_STACK = 0x6474e551;

    private static final int DT_NEEDED = 1;
    private static final int DT_PLTRELSZ = 2;
    private static final int DT_HASH = 4;
    private static final int DT_STRTAB = 5;
    private static final int DT_SYMTAB = 6;
    private static final int DT_RELA = 7;
    private static final int DT_RELASZ = 8;
    private static final int DT_STRSZ = 10;
    private static final int DT_SONAME = 14;
    private static final int DT_RPATH = 15;
    private static final int DT_REL = 17;
    private static final int DT_RELSZ = 18;
    private static final int DT_PLTREL = 20;
    private static final int DT_JMPREL = 23;
    private static final int DT_BIND_NOW = 24;
    private static final int DT_RUNPATH = 29;
    private static final int DT_FLAGS = 30;
    private static final int DT_RELRSZ = 35;
    private static final int DT_RELR = 36;
    private static final int DT_ANDROID_REL = 0x6000000f;
    private static final int DT_ANDROID_RELA = 0x60000011;
    private static final int DT_GNU_HASH = 0x6ffffef5;
    private static final int DT_VERSYM = 0x6ffffff0;
    private static final int DT_FLAGS_1 = 0x6ffffffb;
    private static final int DT_VERDEF = 0x6ffffffc;
    private static final int DT_VERDEFNUM = 0x6ffffffd;
    private static final int DT_VERNEED = 0x6ffffffe;
    private static final int DT_VERNEEDNUM = 0x6fffffff;
    private static final int DT_MIPS_LOCAL_GOTNO = 0x7000000a;
    private static final int DT_MIPS_SYMTABNO = 0x70000011;
    private static final int DT_MIPS_GOTSYM = 0x70000013;

    private static final long DF_BIND_NOW = 8;
    private static final long DF_1_NOW = 1;

    private record Segment(int type, int flags, long offset, long address, long fileSize, long memorySize) {}

    private final Capture bytes;
    private final String fileName;

    private boolean is64;
    private boolean isBigEndian;
    private int type;
    private int machine;
    private long flags;
    private long segmentsAt;
    private int segmentSize;
    private int segmentCount;

    private boolean truncated;
    private @Nullable String problem;

    private final List<Segment> segments = new ArrayList<>();
    private final Map<Long, Long> dynamic = new TreeMap<>();
    private final List<Long> neededAt = new ArrayList<>();
    private long stringsAt = -1;
    private long stringsSize;

    ElfReader(Capture bytes, String fileName) {
        this.bytes = bytes;
        this.fileName = fileName;
    }

    // --- what is asked while the file streams by ---

    /** @return whether the file header is there and makes sense */
    boolean readHeader() {
        if (!bytes.has(0, 52)) {
            return fail("the file header is cut");
        }
        int fileClass = bytes.u8(4);
        int data = bytes.u8(5);
        if ((fileClass != 1 && fileClass != 2) || (data != 1 && data != 2)) {
            return fail("class " + fileClass + " and data encoding " + data + " are none of ELF's");
        }
        is64 = fileClass == 2;
        isBigEndian = data == 2;
        if (is64 && !bytes.has(0, 64)) {
            return fail("the file header is cut");
        }
        type = u16(16);
        machine = u16(18);
        segmentsAt = word(is64 ? 32 : 28);
        flags = u32(is64 ? 48 : 36);
        segmentSize = u16(is64 ? 54 : 42);
        segmentCount = u16(is64 ? 56 : 44);
        return true;
    }

    /** @return whether all program headers are there */
    boolean readSegments() {
        segments.clear();
        if (segmentCount == 0) {
            return true;
        }
        int least = is64 ? 56 : 32;
        if (segmentSize < least) {
            return fail("program headers of " + segmentSize + " bytes");
        }
        int count = Math.min(segmentCount, MAX_SEGMENTS);
        truncated |= count < segmentCount;
        for (int i = 0; i < count; i++) {
            long at = segmentsAt + (long) i * segmentSize;
            if (!bytes.has(at, least)) {
                return fail("program header " + i + " lies outside of what is there");
            }
            segments.add(
                    is64
                            ? new Segment(
                                    (int) u32(at),
                                    (int) u32(at + 4),
                                    word(at + 8),
                                    word(at + 16),
                                    word(at + 32),
                                    word(at + 40))
                            : new Segment(
                                    (int) u32(at),
                                    (int) u32(at + 24),
                                    u32(at + 4),
                                    u32(at + 8),
                                    u32(at + 16),
                                    u32(at + 20)));
        }
        return true;
    }

    void wantSegments() {
        for (Segment segment : segments) {
            if (segment.type == PT_DYNAMIC || segment.type == PT_INTERP || segment.type == PT_NOTE) {
                bytes.want(segment.offset, Math.min(segment.fileSize, 1 << 18));
            }
        }
        if (segments.isEmpty() && segmentCount > 0) {
            bytes.want(segmentsAt, (long) Math.min(segmentCount, MAX_SEGMENTS) * segmentSize);
        }
    }

    boolean isDynamicThere() {
        Segment segment = segment(PT_DYNAMIC);
        return segment != null && bytes.has(segment.offset, segment.fileSize);
    }

    void wantTables() {
        readDynamic();
        bytes.want(fileOffset(tag(DT_STRTAB)), tag(DT_STRSZ, 0));
        for (int table : new int[] {DT_SYMTAB, DT_VERSYM, DT_HASH, DT_GNU_HASH, DT_VERNEED, DT_VERDEF}) {
            bytes.want(fileOffset(tag(table)), 1 << 20);
        }
        bytes.want(fileOffset(tag(DT_JMPREL)), tag(DT_PLTRELSZ, 0));
        bytes.want(fileOffset(tag(DT_RELA)), tag(DT_RELASZ, 0));
        bytes.want(fileOffset(tag(DT_REL)), tag(DT_RELSZ, 0));
    }

    /** Texts are searched in executables, and in libc files; libraries are the bulk of an image and say nothing that way. */
    boolean isWorthScanning() {
        if (LibcTextReader.isCandidate(fileName, null)) {
            return true;
        }
        boolean isNamedLibrary = fileName.contains(".so") || fileName.endsWith(".node");
        return type == ElfFacts.ET_EXEC
                || (type == ElfFacts.ET_DYN
                        && !isNamedLibrary
                        && (segment(PT_INTERP) != null || segment(PT_DYNAMIC) != null));
    }

    // --- the facts ---

    ElfFacts read(Map<Marker, String> scanned, GoBuildReader goReader) {
        boolean isRead = readHeader() && readSegments();
        String interpreter = null;
        List<String> needed = new ArrayList<>();
        String soname = null;
        String rpath = null;
        String runpath = null;
        List<VersionNeed> versionNeeds = new ArrayList<>();
        List<String> versionDefinitions = new ArrayList<>();
        Notes notes = new Notes();
        Symbols symbols = new Symbols();
        boolean hasDynamic = false;
        if (isRead) {
            interpreter = interpreter();
            for (Segment segment : segments) {
                if (segment.type == PT_NOTE) {
                    notes.read(segment);
                }
            }
            hasDynamic = readDynamic();
            if (hasDynamic) {
                for (long at : neededAt) {
                    String name = string(at);
                    if (name != null) {
                        needed.add(name);
                    }
                }
                soname = dynamicString(DT_SONAME);
                rpath = dynamicString(DT_RPATH);
                runpath = dynamicString(DT_RUNPATH);
                readVersionNeeds(versionNeeds);
                readVersionDefinitions(versionDefinitions);
                symbols.read();
            }
        }
        Map<Marker, String> markers = new TreeMap<>(scanned);
        if (isPacked()) {
            markers.put(Marker.PACKED, "");
        }
        LibcText libc = null;
        if (isRead && type == ElfFacts.ET_DYN && LibcTextReader.isCandidate(fileName, soname)) {
            libc = LibcTextReader.read(fileName, soname, notes.isAndroid, versionDefinitions, bytes.copy(0, (int)
                    Math.min(bytes.position(), Capture.HEAD_BYTES)));
        }
        Segment stack = segment(PT_GNU_STACK);
        Segment tls = segment(PT_TLS);
        long dynamicFlags = tag(DT_FLAGS, 0);
        long dynamicFlags1 = tag(DT_FLAGS_1, 0);
        return new ElfFacts(
                is64 ? 64 : 32,
                isBigEndian,
                Math.max(0, bytes.u8(7)),
                type,
                machine,
                flags,
                truncated || problem != null,
                problem,
                interpreter,
                hasDynamic,
                stack == null ? -1 : positive(stack.memorySize),
                tls == null ? -1 : positive(tls.memorySize),
                needed,
                soname,
                rpath,
                runpath,
                dynamicFlags,
                dynamicFlags1,
                dynamic.containsKey((long) DT_BIND_NOW)
                        || (dynamicFlags & DF_BIND_NOW) != 0
                        || (dynamicFlags1 & DF_1_NOW) != 0,
                tag(DT_RELR, -1) >= 0 && tag(DT_RELRSZ, 1) > 0,
                versionNeeds,
                versionDefinitions,
                SymbolNames.of(symbols.references),
                SymbolNames.of(symbols.exports),
                symbols.exportsCut,
                notes.buildId,
                notes.abiTag,
                notes.isAndroid,
                compiler(),
                markers,
                libc,
                go(goReader));
    }

    private static long positive(long value) {
        return value < 0 || value == Long.MAX_VALUE ? Long.MAX_VALUE - 1 : value;
    }

    private @Nullable String interpreter() {
        Segment segment = segment(PT_INTERP);
        if (segment == null) {
            return null;
        }
        int size = (int) Math.max(0, Math.min(segment.fileSize, MAX_NAME));
        if (size == 0 || !bytes.has(segment.offset, size)) {
            truncated = true;
            problem = problem != null ? problem : "PT_INTERP lies outside of what is there";
            return "";
        }
        return text(segment.offset, size);
    }

    private boolean readDynamic() {
        dynamic.clear();
        neededAt.clear();
        Segment segment = segment(PT_DYNAMIC);
        if (segment == null) {
            return false;
        }
        int size = is64 ? 16 : 8;
        long count = segment.fileSize / size;
        for (long i = 0; i < count; i++) {
            long at = segment.offset + i * size;
            if (i >= MAX_DYNAMIC || !bytes.has(at, size)) {
                truncated = true;
                break;
            }
            long tag = is64 ? word(at) : (int) u32(at);
            long value = word(at + size / 2);
            if (tag == 0) {
                break;
            }
            if (tag == DT_NEEDED) {
                if (neededAt.size() < MAX_NEEDED) {
                    neededAt.add(value);
                } else {
                    truncated = true;
                }
            } else {
                dynamic.putIfAbsent(tag, value);
            }
        }
        stringsAt = fileOffset(tag(DT_STRTAB));
        stringsSize = tag(DT_STRSZ, 0);
        return true;
    }

    private long tag(int tag) {
        return tag(tag, -1);
    }

    private long tag(int tag, long otherwise) {
        Long value = dynamic.get((long) tag);
        return value == null ? otherwise : value;
    }

    private @Nullable String dynamicString(int tag) {
        long at = tag(tag);
        return at < 0 ? null : string(at);
    }

    /** A string of the dynamic string table; null, and the facts truncated, when it is not there. */
    private @Nullable String string(long at) {
        if (at < 0 || at >= stringsSize || stringsAt < 0) {
            truncated = true;
            return null;
        }
        long start = stringsAt + at;
        long limit = Math.min(stringsSize - at, MAX_NAME);
        int length = 0;
        while (length < limit) {
            int b = bytes.u8(start + length);
            if (b < 0) {
                truncated = true;
                return null;
            }
            if (b == 0) {
                byte[] name = bytes.copy(start, length);
                return new String(name, StandardCharsets.ISO_8859_1);
            }
            length++;
        }
        truncated = true;
        return null;
    }

    private void readVersionNeeds(List<VersionNeed> needs) {
        long count = Math.min(tag(DT_VERNEEDNUM, 0), MAX_VERSIONS);
        long at = fileOffset(tag(DT_VERNEED));
        int read = 0;
        for (long i = 0; i < count; i++) {
            if (!bytes.has(at, 16)) {
                truncated = true;
                return;
            }
            int auxCount = u16(at + 2);
            String file = string(u32(at + 4));
            long auxAt = at + u32(at + 8);
            long next = u32(at + 12);
            List<String> versions = new ArrayList<>();
            for (int j = 0; j < auxCount; j++) {
                if (++read > MAX_VERSIONS || !bytes.has(auxAt, 16)) {
                    truncated = true;
                    break;
                }
                String version = string(u32(auxAt + 8));
                if (version != null) {
                    versions.add(version);
                }
                long auxNext = u32(auxAt + 12);
                if (auxNext == 0) {
                    break;
                }
                auxAt += auxNext;
            }
            if (file != null) {
                needs.add(new VersionNeed(file, versions));
            }
            if (next == 0) {
                return;
            }
            at += next;
        }
    }

    private void readVersionDefinitions(List<String> definitions) {
        long count = Math.min(tag(DT_VERDEFNUM, 0), MAX_VERSIONS);
        long at = fileOffset(tag(DT_VERDEF));
        for (long i = 0; i < count; i++) {
            if (!bytes.has(at, 20)) {
                truncated = true;
                return;
            }
            boolean isBase = (u16(at + 2) & 1) != 0;
            long auxAt = at + u32(at + 12);
            long next = u32(at + 16);
            if (!isBase) {
                String version = bytes.has(auxAt, 8) ? string(u32(auxAt)) : null;
                if (version == null) {
                    truncated = true;
                } else {
                    definitions.add(version);
                }
            }
            if (next == 0) {
                return;
            }
            at += next;
        }
    }

    /** Which symbols are there, and which of them relocations ask for. */
    private final class Symbols {
        final TreeMap<String, Integer> references = new TreeMap<>();
        final TreeMap<String, Integer> exports = new TreeMap<>();
        boolean exportsCut;

        private byte[] asked = new byte[64];
        private int highest;

        void read() {
            long at = fileOffset(tag(DT_SYMTAB));
            if (at < 0) {
                return;
            }
            readRelocations(DT_JMPREL, tag(DT_PLTRELSZ, 0), tag(DT_PLTREL, DT_RELA) == DT_RELA);
            readRelocations(DT_RELA, tag(DT_RELASZ, 0), true);
            readRelocations(DT_REL, tag(DT_RELSZ, 0), false);
            if (dynamic.containsKey((long) DT_ANDROID_REL) || dynamic.containsKey((long) DT_ANDROID_RELA)) {
                // Android's packed relocations are not unpacked.
                truncated = true;
            }
            askMipsGot();
            long count = Math.min(MAX_SYMBOLS, Math.max(symbolCount(at), highest + 1L));
            int size = is64 ? 24 : 16;
            long versions = fileOffset(tag(DT_VERSYM));
            int exportBytes = 0;
            for (int i = 1; i < count; i++) {
                long symbol = at + (long) i * size;
                if (!bytes.has(symbol, size)) {
                    truncated = true;
                    return;
                }
                int ask = i < asked.length ? asked[i] : 0;
                int info = bytes.u8(symbol + (is64 ? 4 : 12));
                int other = bytes.u8(symbol + (is64 ? 5 : 13));
                int section = u16(symbol + (is64 ? 6 : 14));
                long value = word(symbol + (is64 ? 8 : 4));
                int binding = info >> 4;
                int kind = info & 15;
                boolean isUndefined = section == 0;
                if (isUndefined ? ask != 0 : (ask & ElfFacts.REF_COPY) != 0) {
                    String name = string(u32(symbol));
                    if (name != null && !name.isEmpty()) {
                        int weak = binding == 2 ? ElfFacts.REF_WEAK : 0;
                        references.merge(
                                name,
                                isUndefined ? ask | weak : ElfFacts.REF_COPY,
                                (before, now) ->
                                        ((before | now) & ~ElfFacts.REF_WEAK) | (before & now & ElfFacts.REF_WEAK));
                    }
                }
                int export = exportFlags(binding, kind, other, isUndefined, value);
                if (export < 0) {
                    continue;
                }
                if (exports.size() >= MAX_EXPORTS || exportBytes > MAX_EXPORT_BYTES) {
                    exportsCut = true;
                    continue;
                }
                String name = string(u32(symbol));
                if (name == null || name.isEmpty()) {
                    continue;
                }
                if (versions >= 0) {
                    if (!bytes.has(versions + 2L * i, 2)) {
                        truncated = true;
                        continue;
                    }
                    int version = u16(versions + 2L * i);
                    if (version == 0) {
                        // Local to the object.
                        continue;
                    }
                    export |= (version & 0x8000) != 0 ? ElfFacts.EXPORT_HIDDEN_VERSION : 0;
                }
                exportBytes += name.length();
                // Of several versions of a name, the default one is what a loader that ignores versions sees.
                exports.merge(
                        name, export, (before, now) -> (before & ElfFacts.EXPORT_HIDDEN_VERSION) != 0 ? now : before);
            }
        }

        private int exportFlags(int binding, int kind, int other, boolean isUndefined, long value) {
            boolean isGlobal = binding == 1 || binding == 2 || binding == 10;
            int visibility = other & 3;
            boolean isOffered = kind == 0 || kind == 1 || kind == 2 || kind == 5 || kind == 6 || kind == 10;
            if (!isGlobal || !isOffered || visibility == 1 || visibility == 2 || (value == 0 && kind != 6)) {
                return -1;
            }
            if (isUndefined) {
                return kind == 2 && value != 0 ? ElfFacts.EXPORT_STUB : -1;
            }
            return (kind == 10 ? ElfFacts.EXPORT_IFUNC : 0)
                    | (binding == 2 ? ElfFacts.EXPORT_WEAK : 0)
                    | (kind == 1 || kind == 5 ? ElfFacts.EXPORT_DATA : 0)
                    | (kind == 6 ? ElfFacts.EXPORT_TLS : 0);
        }

        private void readRelocations(int table, long size, boolean withAddend) {
            long at = fileOffset(tag(table));
            if (at < 0 || size <= 0) {
                return;
            }
            int step = (is64 ? 16 : 8) + (withAddend ? (is64 ? 8 : 4) : 0);
            long count = size / step;
            if (count > MAX_RELOCATIONS) {
                truncated = true;
                count = MAX_RELOCATIONS;
            }
            int plt = table == DT_JMPREL ? ElfFacts.REF_PLT : 0;
            for (long i = 0; i < count; i++) {
                long info = at + i * step + (is64 ? 8 : 4);
                if (!bytes.has(info, is64 ? 8 : 4)) {
                    truncated = true;
                    return;
                }
                long symbol;
                long kind;
                if (!is64) {
                    long word = u32(info);
                    symbol = word >>> 8;
                    kind = word & 0xff;
                } else if (machine == ElfFacts.EM_MIPS) {
                    // MIPS has the symbol first and then four single bytes, in either byte order.
                    symbol = u32(info);
                    kind = bytes.u8(info + 7);
                } else {
                    long word = word(info);
                    symbol = word >>> 32;
                    kind = word & 0xffffffffL;
                }
                if (symbol > 0) {
                    ask(symbol, plt != 0 ? plt : Relocations.use(machine, is64, kind));
                }
            }
        }

        private void ask(long symbol, int flag) {
            if (symbol >= MAX_SYMBOLS) {
                truncated = true;
                return;
            }
            int i = (int) symbol;
            if (i >= asked.length) {
                asked = Arrays.copyOf(asked, Math.max(i + 1, 2 * asked.length));
            }
            asked[i] |= (byte) flag;
            highest = Math.max(highest, i);
        }

        /** On MIPS the global part of the GOT is filled without relocations. */
        private void askMipsGot() {
            long first = tag(DT_MIPS_GOTSYM);
            long count = tag(DT_MIPS_SYMTABNO);
            if (machine != ElfFacts.EM_MIPS || first < 1 || count < 0 || tag(DT_MIPS_LOCAL_GOTNO) < 0) {
                return;
            }
            for (long i = first; i < Math.min(count, MAX_SYMBOLS); i++) {
                ask(i, ElfFacts.REF_GOT);
            }
        }

        private long symbolCount(long symbolsAt) {
            long hash = fileOffset(tag(DT_HASH));
            if (hash >= 0) {
                // s390x and alpha alone have hash tables of 64 bit words.
                boolean isWide = is64 && (machine == ElfFacts.EM_S390 || machine == 0x9026);
                if (bytes.has(hash, isWide ? 16 : 8)) {
                    return isWide ? positive(word(hash + 8)) : u32(hash + 4);
                }
                truncated = true;
            }
            long gnuHash = fileOffset(tag(DT_GNU_HASH));
            if (gnuHash >= 0) {
                return gnuHashCount(gnuHash);
            }
            if (machine == ElfFacts.EM_MIPS && tag(DT_MIPS_SYMTABNO) >= 0) {
                return tag(DT_MIPS_SYMTABNO);
            }
            // Neither table: the strings follow the symbols nearly everywhere.
            return stringsAt > symbolsAt ? (stringsAt - symbolsAt) / (is64 ? 24 : 16) : 0;
        }

        /** The table has no count; the highest chain's end is it. */
        private long gnuHashCount(long at) {
            if (!bytes.has(at, 16)) {
                truncated = true;
                return 0;
            }
            long buckets = u32(at);
            long first = u32(at + 4);
            long bloom = u32(at + 8);
            long bucketsAt = at + 16 + bloom * (is64 ? 8 : 4);
            if (buckets > MAX_SYMBOLS || !bytes.has(bucketsAt, buckets * 4)) {
                truncated = true;
                return 0;
            }
            long last = 0;
            for (long i = 0; i < buckets; i++) {
                last = Math.max(last, u32(bucketsAt + 4 * i));
            }
            if (last < first) {
                return first;
            }
            long chain = bucketsAt + 4 * buckets;
            for (long i = last; i < MAX_SYMBOLS; i++) {
                long entry = chain + 4 * (i - first);
                if (!bytes.has(entry, 4)) {
                    truncated = true;
                    return i;
                }
                if ((u32(entry) & 1) != 0) {
                    return i + 1;
                }
            }
            truncated = true;
            return MAX_SYMBOLS;
        }
    }

    private final class Notes {
        @Nullable
        String buildId;

        @Nullable
        String abiTag;

        boolean isAndroid;

        void read(Segment segment) {
            long size = Math.min(segment.fileSize, MAX_NOTE_BYTES);
            long at = segment.offset;
            long end = at + size;
            while (end - at >= 12) {
                if (!bytes.has(at, 12)) {
                    truncated = true;
                    return;
                }
                long nameSize = u32(at);
                long contentSize = u32(at + 4);
                long kind = u32(at + 8);
                long content = at + 12 + aligned(nameSize);
                if (nameSize > size || contentSize > size || content + contentSize > end) {
                    return;
                }
                if (nameSize <= 16 && contentSize <= 1024) {
                    if (!bytes.has(at + 12, nameSize) || !bytes.has(content, contentSize)) {
                        truncated = true;
                        return;
                    }
                    note(text(at + 12, (int) nameSize), kind, content, (int) contentSize);
                }
                at = content + aligned(contentSize);
            }
        }

        private long aligned(long size) {
            return (size + 3) & ~3L;
        }

        private void note(String owner, long kind, long at, int size) {
            if (owner.equals("GNU") && kind == 1 && size >= 16) {
                String[] systems = {"Linux", "Hurd", "Solaris", "FreeBSD"};
                int system = (int) Math.min(u32(at), systems.length);
                abiTag = (system < systems.length ? systems[system] : "system " + u32(at)) + " " + u32(at + 4) + "."
                        + u32(at + 8) + "." + u32(at + 12);
            } else if (owner.equals("GNU") && kind == 3 && size > 0 && size <= 64) {
                buildId = HexFormat.of().formatHex(bytes.copy(at, size));
            } else if (owner.equals("Android")) {
                isAndroid = true;
            }
        }
    }

    /** The compiler's text near the end of the file, where .comment lies in a stripped one. */
    private @Nullable String compiler() {
        long end = bytes.position();
        byte[] tail = bytes.copy(Math.max(0, end - COMMENT_BYTES), COMMENT_BYTES);
        int at = LibcTextReader.indexOf(tail, COMPILER, 0);
        if (at < 0) {
            return null;
        }
        int stop = at;
        while (stop < tail.length && stop - at < 80 && tail[stop] >= ' ' && tail[stop] < 0x7f) {
            stop++;
        }
        return new String(tail, at, stop - at, StandardCharsets.ISO_8859_1);
    }

    private static final byte[] COMPILER = "GCC: (".getBytes(StandardCharsets.ISO_8859_1);

    private static final byte[] PACKED = Marker.PACKED.pattern.getBytes(StandardCharsets.ISO_8859_1);

    /** UPX leaves its magic in a loader information behind the program headers. */
    private boolean isPacked() {
        return LibcTextReader.indexOf(bytes.copy(0, 1024), PACKED, 0) >= 0;
    }

    /** Go before 1.18 left two pointers to strings; they are followed as far as the capture goes. */
    private @Nullable GoBuild go(GoBuildReader reader) {
        GoBuild build = reader.finish();
        long at = reader.oldFormAt();
        if (build == null || at < 0) {
            return build;
        }
        int pointer = bytes.u8(at + 14);
        if (pointer != (is64 ? 8 : 4)) {
            return build;
        }
        String version = goString(at + 16);
        if (version == null || !(version.startsWith("go") || version.startsWith("devel"))) {
            return build;
        }
        String info = goString(at + 16 + pointer);
        return new GoBuild(
                version,
                info == null ? null : GoBuildReader.field(info, "path\t"),
                info == null ? null : GoBuildReader.cgo(info));
    }

    private @Nullable String goString(long pointerAt) {
        int size = is64 ? 8 : 4;
        long header = bytes.has(pointerAt, size) ? fileOffset(word(pointerAt)) : -1;
        if (header < 0 || !bytes.has(header, 2L * size)) {
            return null;
        }
        long data = fileOffset(word(header));
        long length = word(header + size);
        if (data < 0 || length < 0 || length > (1 << 20) || !bytes.has(data, length)) {
            return null;
        }
        return new String(bytes.copy(data, (int) length), StandardCharsets.ISO_8859_1);
    }

    private @Nullable Segment segment(int type) {
        for (Segment segment : segments) {
            if (segment.type == type) {
                return segment;
            }
        }
        return null;
    }

    /** @return -1 when no loaded segment has that address */
    private long fileOffset(long address) {
        if (address == -1) {
            return -1;
        }
        for (Segment segment : segments) {
            if (segment.type == PT_LOAD
                    && address >= segment.address
                    && address - segment.address < segment.fileSize
                    && segment.offset >= 0) {
                long offset = segment.offset + (address - segment.address);
                return offset < 0 ? -1 : offset;
            }
        }
        return -1;
    }

    private boolean fail(String why) {
        problem = why;
        truncated = true;
        return false;
    }

    private String text(long at, int size) {
        byte[] copy = bytes.copy(at, size);
        int end = 0;
        while (end < copy.length && copy[end] != 0) {
            end++;
        }
        return new String(copy, 0, end, StandardCharsets.ISO_8859_1);
    }

    /** The unsigned readers give 0 for what is not there; callers ask {@link Capture#has} where that could be taken for a value. */
    private int u16(long at) {
        int first = Math.max(0, bytes.u8(at));
        int second = Math.max(0, bytes.u8(at + 1));
        return isBigEndian ? (first << 8) | second : (second << 8) | first;
    }

    private long u32(long at) {
        long first = u16(at);
        long second = u16(at + 2);
        return isBigEndian ? (first << 16) | second : (second << 16) | first;
    }

    private long u64(long at) {
        long first = u32(at);
        long second = u32(at + 4);
        return isBigEndian ? (first << 32) | second : (second << 32) | first;
    }

    /** An address or offset of the file's class. */
    private long word(long at) {
        return is64 ? u64(at) : u32(at);
    }
}
