package io.basewatch.elf.reading;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.ElfLayout;
import io.basewatch.elf.ElfLoading;
import io.basewatch.elf.ElfOrigin;
import io.basewatch.elf.ElfOrigin.LibcText;
import io.basewatch.elf.ElfReading;
import io.basewatch.elf.ElfReading.Cut;
import io.basewatch.elf.ElfSymbols;
import io.basewatch.elf.ElfVersions;
import io.basewatch.elf.GoBuild;
import io.basewatch.elf.Marker;
import io.basewatch.elf.Relocations;
import io.basewatch.elf.SymbolTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the captured parts of an ELF file: file header, program headers and what the dynamic section leads to (System V ABI, chapters 4 and 5). Every
 * count and offset is hostile: each walk has an end of its own, which is told as a {@link Cut}, and what is not there makes the facts "truncated".
 */
final class ElfReader {

    private static final int MAX_TEXT = 4096;
    private static final int MAX_SEGMENTS = 1024;
    private static final int MAX_DYNAMIC = 8192;
    private static final int MAX_NEEDED = 4096;
    private static final int MAX_VERSIONS = 8192;
    private static final int MAX_SYMBOLS = 1 << 20;
    private static final int MAX_RELOCATIONS = 4 << 20;
    /** Twice what the largest libraries of the field offer or ask for; each of references and exports, with their names. */
    private static final int MAX_KEPT_SYMBOLS = 1 << 17;

    private static final int MAX_KEPT_NAME_BYTES = 12 << 20;
    /** Of all names that are looked at: a hostile table lets a million symbols share one long text. */
    private static final long MAX_LOOKED_AT_NAME_BYTES = 128L << 20;

    private static final int MAX_RELOCATION_TYPES = 64;
    private static final int MAX_NOTE_BYTES = 64 << 10;
    private static final int MAX_NOTE_TEXT = 4096;
    private static final int MAX_NOTES_KEPT = 32;
    private static final int MAX_COMPILERS = 4;
    /** Where compilers leave their names in a stripped file: behind the data, before the section headers. */
    private static final int COMMENT_BYTES = 32 << 10;

    /** Bytes of a segment that is kept as a whole though nothing yet says what is in it, and of all of them. */
    private static final int MAX_SMALL_SEGMENT = 6 << 20;

    private static final int MAX_SMALL_SEGMENTS = 12 << 20;

    private static final int EM_SPARCV9 = 43;

    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int PT_INTERP = 3;
    private static final int PT_NOTE = 4;
    private static final int PT_TLS = 7;
    private static final int PT_GNU_STACK = 0x6474e551;
    private static final int PT_GNU_PROPERTY = 0x6474e553;

    private static final int PF_X = 1;
    private static final int PF_W = 2;

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
    private static final int DT_RUNPATH = 29;
    private static final int DT_FLAGS = 30;
    private static final int DT_RELRSZ = 35;
    private static final int DT_RELR = 36;
    private static final int DT_ANDROID_REL = 0x6000000f;
    private static final int DT_ANDROID_RELA = 0x60000011;
    private static final int DT_GNU_HASH = 0x6ffffef5;
    private static final int DT_VERSYM = 0x6ffffff0;
    private static final int DT_CONFIG = 0x6ffffefa;
    private static final int DT_FLAGS_1 = 0x6ffffffb;
    private static final int DT_VERDEF = 0x6ffffffc;
    private static final int DT_VERDEFNUM = 0x6ffffffd;
    private static final int DT_VERNEED = 0x6ffffffe;
    private static final int DT_VERNEEDNUM = 0x6fffffff;
    private static final int DT_MIPS_LOCAL_GOTNO = 0x7000000a;
    private static final int DT_MIPS_SYMTABNO = 0x70000011;
    private static final int DT_MIPS_GOTSYM = 0x70000013;
    private static final int DT_AUXILIARY = 0x7ffffffd;
    private static final int DT_FILTER = 0x7fffffff;

    private record Segment(
            int type, int flags, long offset, long address, long fileSize, long memorySize, long align) {}

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
    private final Set<Cut> cuts = EnumSet.noneOf(Cut.class);

    private final List<Segment> segments = new ArrayList<>();
    private final Map<Long, Long> dynamic = new TreeMap<>();
    private final List<Long> neededAt = new ArrayList<>();
    private final List<Long> auxiliaryAt = new ArrayList<>();
    private final List<Long> filtersAt = new ArrayList<>();
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
        if (count < segmentCount) {
            cuts.add(Cut.STRUCTURE);
        }
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
                                    word(at + 40),
                                    word(at + 48))
                            : new Segment(
                                    (int) u32(at),
                                    (int) u32(at + 24),
                                    u32(at + 4),
                                    u32(at + 8),
                                    u32(at + 16),
                                    u32(at + 20),
                                    u32(at + 28)));
        }
        return true;
    }

    void wantSegments() {
        for (Segment segment : segments) {
            if (segment.type == PT_DYNAMIC
                    || segment.type == PT_INTERP
                    || segment.type == PT_NOTE
                    || segment.type == PT_GNU_PROPERTY) {
                bytes.want(segment.offset, Math.min(segment.fileSize, 1 << 18));
            }
        }
        wantSmallSegments();
        if (segments.isEmpty() && segmentCount > 0) {
            bytes.want(segmentsAt, (long) Math.min(segmentCount, MAX_SEGMENTS) * segmentSize);
        }
    }

    /**
     * Whoever edits a library's names (patchelf, as wheels are made) lays each table that grew into a segment of its own at the end, the hash table before the section that leads to it: when
     * that is read, the other has passed by. Where there are too many the last ones are kept.
     */
    private void wantSmallSegments() {
        List<Segment> small = new ArrayList<>();
        for (Segment segment : segments) {
            if (segment.type == PT_LOAD
                    && (segment.flags & PF_X) == 0
                    && segment.fileSize > 0
                    && segment.fileSize <= MAX_SMALL_SEGMENT
                    && segment.offset >= Capture.HEAD_BYTES - segment.fileSize) {
                small.add(segment);
            }
        }
        small.sort((one, other) -> Long.compare(other.offset, one.offset));
        long left = MAX_SMALL_SEGMENTS;
        for (Segment segment : small) {
            left -= segment.fileSize;
            if (left < 0) {
                return;
            }
            bytes.want(segment.offset, segment.fileSize);
        }
    }

    /** As the segments say. */
    CodeRanges code() {
        boolean isApart = false;
        List<CodeRanges.Range> ranges = new ArrayList<>();
        for (Segment segment : segments) {
            if (segment.type == PT_LOAD && segment.fileSize > 0) {
                int mayChangeOrRun = segment.flags & (PF_W | PF_X);
                isApart |= segment.offset == 0 && mayChangeOrRun == 0;
                if (segment.offset > 0 && mayChangeOrRun == PF_X) {
                    ranges.add(new CodeRanges.Range(segment.offset, segment.offset + segment.fileSize));
                }
            }
        }
        return isApart && ranges.size() <= CodeRanges.MAX ? new CodeRanges(ranges) : CodeRanges.NONE;
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

    /** Texts are searched in executables, in libc files and in what Go linked; other libraries are the bulk of an image and say nothing that way. */
    boolean isWorthScanning() {
        if (LibcTextReader.isCandidate(fileName, null)) {
            return true;
        }
        boolean isNamedLibrary = fileName.contains(".so") || fileName.endsWith(".node");
        return type == ElfHeader.ET_EXEC
                || (type == ElfHeader.ET_DYN
                        && (isNamedLibrary ? notes().isGo : segment(PT_INTERP) != null || segment(PT_DYNAMIC) != null));
    }

    // --- the facts ---

    ElfFacts read(Map<Marker, String> scanned, GoBuildReader goReader) {
        boolean isRead = readHeader() && readSegments();
        Notes notes = isRead ? notes() : new Notes();
        String interpreter = isRead ? interpreter() : null;
        boolean isDynamic = isRead && readDynamic();
        ElfLoading loading = loading(interpreter, isDynamic, notes);
        VersionTable table = new VersionTable();
        Symbols symbols = new Symbols(table);
        if (isDynamic) {
            table.readNeeds();
            table.readDefinitions();
            symbols.read();
        }
        ElfVersions versions = new ElfVersions(table.needs, table.definitions);
        ElfOrigin origin = origin(notes, loading.soname(), versions, scanned, isRead, goReader);
        return new ElfFacts(
                header(),
                layout(notes),
                loading,
                versions,
                origin,
                new ElfReading(truncated || problem != null, problem, cuts),
                symbols.facts(versions));
    }

    private ElfHeader header() {
        return new ElfHeader(
                is64 ? 64 : 32, isBigEndian, Math.max(0, bytes.u8(7)), Math.max(0, bytes.u8(8)), type, machine, flags);
    }

    private ElfLayout layout(Notes notes) {
        Segment stack = segment(PT_GNU_STACK);
        Segment tls = segment(PT_TLS);
        long least = 0;
        long most = 0;
        boolean writableCode = false;
        for (Segment segment : segments) {
            if (segment.type == PT_LOAD) {
                long align = positive(segment.align);
                least = most == 0 ? align : Math.min(least, align);
                most = Math.max(most, align);
                writableCode |= (segment.flags & (PF_W | PF_X)) == (PF_W | PF_X);
            }
        }
        return new ElfLayout(
                stack == null ? -1 : positive(stack.memorySize),
                stack != null && (stack.flags & PF_X) != 0,
                tls == null ? -1 : positive(tls.memorySize),
                tls == null ? 0 : positive(tls.align),
                least,
                most,
                writableCode,
                notes.properties);
    }

    private ElfLoading loading(@Nullable String interpreter, boolean isDynamic, Notes notes) {
        return new ElfLoading(
                interpreter,
                isDynamic,
                strings(neededAt),
                dynamicString(DT_SONAME),
                dynamicString(DT_RPATH),
                dynamicString(DT_RUNPATH),
                strings(auxiliaryAt),
                strings(filtersAt),
                dynamicString(DT_CONFIG),
                tag(DT_FLAGS, 0),
                tag(DT_FLAGS_1, 0),
                tag(DT_RELR, -1) >= 0 && tag(DT_RELRSZ, 1) > 0,
                List.copyOf(dynamic.keySet()),
                notes.optional);
    }

    private List<String> strings(List<Long> offsets) {
        List<String> strings = new ArrayList<>();
        for (long at : offsets) {
            String string = string(at);
            if (string != null) {
                strings.add(string);
            }
        }
        return strings;
    }

    private ElfOrigin origin(
            Notes notes,
            @Nullable String soname,
            ElfVersions versions,
            Map<Marker, String> scanned,
            boolean isRead,
            GoBuildReader goReader) {
        Map<Marker, String> markers = new TreeMap<>(scanned);
        if (isPacked()) {
            markers.put(Marker.PACKED, "");
        }
        LibcText libc = null;
        if (isRead && type == ElfHeader.ET_DYN && LibcTextReader.isCandidate(fileName, soname)) {
            libc = LibcTextReader.read(fileName, soname, notes.isAndroid, versions.definitions(), bytes.copy(0, (int)
                    Math.min(bytes.position(), Capture.HEAD_BYTES)));
        }
        return new ElfOrigin(
                notes.buildId,
                notes.abiTag,
                notes.isAndroid,
                notes.isGo,
                notes.packaged,
                compilers(isRead),
                markers,
                libc,
                go(goReader));
    }

    private Notes notes() {
        Notes notes = new Notes();
        if (type == ElfHeader.ET_CORE) {
            // The memory of a program that ended, not a program.
            return notes;
        }
        for (Segment segment : segments) {
            // The properties' segment lies over a note, and old linkers leave it out.
            if (segment.type == PT_NOTE || (segment.type == PT_GNU_PROPERTY && segment(PT_NOTE) == null)) {
                notes.read(segment);
            }
        }
        return notes;
    }

    private static long positive(long value) {
        return value < 0 || value == Long.MAX_VALUE ? Long.MAX_VALUE - 1 : value;
    }

    private @Nullable String interpreter() {
        Segment segment = segment(PT_INTERP);
        if (segment == null) {
            return null;
        }
        int size = (int) Math.max(0, Math.min(segment.fileSize, MAX_TEXT));
        if (size == 0 || !isThere(segment.offset, size)) {
            truncated = true;
            problem = problem != null ? problem : "PT_INTERP lies outside of what is there";
            return "";
        }
        return text(segment.offset, size);
    }

    private boolean readDynamic() {
        dynamic.clear();
        for (List<Long> offsets : List.of(neededAt, auxiliaryAt, filtersAt)) {
            offsets.clear();
        }
        Segment segment = segment(PT_DYNAMIC);
        if (segment == null) {
            return false;
        }
        int size = is64 ? 16 : 8;
        long count = segment.fileSize / size;
        for (long i = 0; i < count; i++) {
            long at = segment.offset + i * size;
            if (!isThere(at, size)) {
                break;
            }
            if (i >= MAX_DYNAMIC) {
                cuts.add(Cut.STRUCTURE);
                break;
            }
            long tag = is64 ? word(at) : (int) u32(at);
            long value = word(at + size / 2);
            if (tag == 0) {
                break;
            }
            List<Long> offsets = tag == DT_NEEDED
                    ? neededAt
                    : tag == DT_AUXILIARY ? auxiliaryAt : tag == DT_FILTER ? filtersAt : null;
            if (offsets == null) {
                dynamic.putIfAbsent(tag, value);
            } else {
                dynamic.putIfAbsent(tag, 0L);
                if (offsets.size() < MAX_NEEDED) {
                    offsets.add(value);
                } else {
                    cuts.add(Cut.NEEDED);
                }
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
        return string(at, MAX_TEXT, Cut.STRUCTURE);
    }

    /** @param cut what is told when the string is longer than {@code max} */
    private @Nullable String string(long at, int max, Cut cut) {
        int length = stringLength(at, max, cut);
        return length < 0 ? null : bytes.text(stringsAt + at, length);
    }

    /** As of {@link #string(long, int, Cut)}, whose bytes are all there; negative where there is none. */
    private int stringLength(long at, int max, Cut cut) {
        if (at < 0 || at >= stringsSize || stringsAt < 0) {
            truncated = true;
            return -1;
        }
        long start = stringsAt + at;
        int length = bytes.textLength(start, Math.min(stringsSize - at, max + 1L));
        if (length < 0) {
            long longest = Math.min(stringsSize - at, max + 1L);
            if (isThere(start, longest) && longest > max) {
                cuts.add(cut);
            }
            truncated = true;
        }
        return length;
    }

    /** Whether all bytes of a range are there; where not, the facts say whose fault it is. */
    private boolean isThere(long at, long length) {
        if (bytes.has(at, length)) {
            return true;
        }
        truncated = true;
        if (at >= 0 && length >= 0 && at <= bytes.position() - length) {
            cuts.add(Cut.CONTENT);
        }
        return false;
    }

    /** Versions with the numbers by which symbols name them. */
    private final class VersionTable {
        final List<ElfVersions.Need> needs = new ArrayList<>();
        final List<String> definitions = new ArrayList<>();

        /** By a symbol's version number, the place in the list of all versions, from 1. */
        private final Map<Integer, Integer> needed = new HashMap<>();

        private final Map<Integer, Integer> defined = new HashMap<>();
        private int count;
        private int lookedAt;

        void readNeeds() {
            long at = fileOffset(tag(DT_VERNEED));
            for (long left = tag(DT_VERNEEDNUM, 0); left > 0; left--) {
                if (!isThere(at, 16) || isFull()) {
                    return;
                }
                String file = string(u32(at + 4));
                List<ElfVersions.Wanted> versions = new ArrayList<>();
                readWanted(at + u32(at + 8), u16(at + 2), file, versions);
                if (file != null) {
                    needs.add(new ElfVersions.Need(file, versions));
                }
                long next = u32(at + 12);
                if (next == 0) {
                    return;
                }
                at += next;
            }
        }

        /** Counts what is looked at, so that hostile tables come to an end. */
        private boolean isFull() {
            if (lookedAt++ < MAX_VERSIONS) {
                return false;
            }
            cuts.add(Cut.VERSIONS);
            return true;
        }

        private void readWanted(long first, int auxCount, @Nullable String file, List<ElfVersions.Wanted> versions) {
            long at = first;
            for (int i = 0; i < auxCount; i++) {
                if (!isThere(at, 16) || isFull()) {
                    return;
                }
                String version = string(u32(at + 8));
                if (version != null && file != null) {
                    versions.add(new ElfVersions.Wanted(version, (u16(at + 4) & 2) != 0));
                    needed.putIfAbsent(u16(at + 6) & 0x7fff, ++count);
                }
                long next = u32(at + 12);
                if (next == 0) {
                    return;
                }
                at += next;
            }
        }

        void readDefinitions() {
            long at = fileOffset(tag(DT_VERDEF));
            for (long left = tag(DT_VERDEFNUM, 0); left > 0; left--) {
                if (!isThere(at, 20) || isFull()) {
                    return;
                }
                boolean isBase = (u16(at + 2) & 1) != 0;
                long auxAt = at + u32(at + 12);
                if (!isBase) {
                    String version = isThere(auxAt, 8) ? string(u32(auxAt)) : null;
                    if (version != null) {
                        definitions.add(version);
                        defined.putIfAbsent(u16(at + 4) & 0x7fff, definitions.size());
                    }
                }
                long next = u32(at + 16);
                if (next == 0) {
                    return;
                }
                at += next;
            }
        }

        int ofReference(int number) {
            return needed.getOrDefault(number & 0x7fff, 0);
        }

        int ofExport(int number) {
            return defined.getOrDefault(number & 0x7fff, 0);
        }
    }

    /** Which symbols are there, and which of them relocations ask for. */
    private final class Symbols {
        private final VersionTable versions;
        private final Kept references = new Kept(Cut.REFERENCES);
        private final Kept exports = new Kept(Cut.EXPORTS);
        private final TreeSet<Long> relocationTypes = new TreeSet<>();

        private byte[] asked = new byte[64];
        private int highest;
        private long versionsAt = -1;

        /** All of them, so that it need not be asked for each. */
        private boolean hasVersions;

        Symbols(VersionTable versions) {
            this.versions = versions;
        }

        ElfSymbols facts(ElfVersions facts) {
            return new ElfSymbols(
                    references.table(facts.ofReferences()),
                    exports.table(facts.ofExports()),
                    List.copyOf(relocationTypes));
        }

        void read() {
            long at = fileOffset(tag(DT_SYMTAB));
            readRelocations(DT_JMPREL, tag(DT_PLTRELSZ, 0), tag(DT_PLTREL, DT_RELA) == DT_RELA);
            readRelocations(DT_RELA, tag(DT_RELASZ, 0), true);
            readRelocations(DT_REL, tag(DT_RELSZ, 0), false);
            if (isPackedForAndroid(DT_ANDROID_REL) || isPackedForAndroid(DT_ANDROID_RELA)) {
                cuts.add(Cut.RELOCATIONS);
                truncated = true;
            }
            if (at < 0) {
                return;
            }
            askMipsGot();
            versionsAt = fileOffset(tag(DT_VERSYM));
            long count = Math.max(symbolCount(at), highest + 1L);
            int size = is64 ? 24 : 16;
            boolean isWhole = count <= MAX_SYMBOLS && bytes.has(at, count * size);
            hasVersions = count <= MAX_SYMBOLS && versionsAt >= 0 && bytes.has(versionsAt, 2 * count);
            for (int i = 1; i < count; i++) {
                long symbol = at + (long) i * size;
                if (!isWhole && !isThere(symbol, size)) {
                    return;
                }
                if (i >= MAX_SYMBOLS) {
                    references.cut();
                    exports.cut();
                    return;
                }
                look(symbol, i);
            }
        }

        /** Solaris has the same numbers for other things. */
        private boolean isPackedForAndroid(int table) {
            long at = fileOffset(tag(table));
            return at >= 0 && text(at, 4).equals("APS2");
        }

        private void look(long symbol, int index) {
            int ask = index < asked.length ? asked[index] & 0xff : 0;
            // Three fields in four bytes, behind the name or behind name, value and size.
            long fields = u32(symbol + (is64 ? 4 : 12));
            int info = (int) (isBigEndian ? fields >>> 24 : fields) & 0xff;
            int other = (int) (isBigEndian ? fields >>> 16 : fields >>> 8) & 0xff;
            boolean isUndefined = (isBigEndian ? fields & 0xffff : fields >>> 16) == 0;
            long value = word(symbol + (is64 ? 8 : 4));
            int binding = info >> 4;
            int kind = info & 15;
            int export = exportFlags(binding, kind, other, isUndefined, value);
            int version = 1;
            if (versionsAt >= 0 && (ask != 0 || export >= 0)) {
                if (!hasVersions && !isThere(versionsAt + 2L * index, 2)) {
                    return;
                }
                version = u16(versionsAt + 2L * index);
            }
            boolean isHidden = (version & 0x8000) != 0;
            if (ask != 0) {
                int weak = binding == 2 ? ElfSymbols.REF_WEAK : 0;
                boolean isUnseen = binding != 0 && (isHidden || version == 0 || kind == 10);
                if (isUndefined) {
                    references.add(symbol, versions.ofReference(version), ask | weak);
                } else if ((ask & ElfSymbols.REF_COPY) != 0) {
                    references.add(symbol, versions.ofReference(version), ElfSymbols.REF_COPY);
                } else if (isUnseen) {
                    references.add(symbol, 0, ask | weak | ElfSymbols.REF_OWN);
                }
            }
            // A version of 0 makes the symbol local to the file.
            if (export >= 0 && version != 0) {
                exports.add(
                        symbol, versions.ofExport(version), export | (isHidden ? ElfSymbols.EXPORT_HIDDEN_VERSION : 0));
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
                return kind == 2 && value != 0 ? ElfSymbols.EXPORT_STUB : -1;
            }
            return (kind == 10 ? ElfSymbols.EXPORT_IFUNC : 0)
                    | (binding == 2 ? ElfSymbols.EXPORT_WEAK : 0)
                    | (binding == 10 ? ElfSymbols.EXPORT_UNIQUE : 0)
                    | (kind == 1 || kind == 5 ? ElfSymbols.EXPORT_DATA : 0)
                    | (kind == 6 ? ElfSymbols.EXPORT_TLS : 0);
        }

        private void readRelocations(int table, long size, boolean withAddend) {
            long at = fileOffset(tag(table));
            if (at < 0 || size <= 0) {
                return;
            }
            int step = (is64 ? 16 : 8) + (withAddend ? (is64 ? 8 : 4) : 0);
            long count = size / step;
            int plt = table == DT_JMPREL ? ElfSymbols.REF_PLT : 0;
            boolean isWhole = bytes.has(at, count * step);
            long lastKind = -1;
            int use = 0;
            for (long i = 0; i < count; i++) {
                long info = at + i * step + (is64 ? 8 : 4);
                if (!isWhole && !isThere(info, is64 ? 8 : 4)) {
                    return;
                }
                if (i >= MAX_RELOCATIONS) {
                    cuts.add(Cut.RELOCATIONS);
                    return;
                }
                long symbol;
                long kind;
                if (!is64) {
                    long word = u32(info);
                    symbol = word >>> 8;
                    kind = word & 0xff;
                } else if (machine == ElfHeader.EM_MIPS) {
                    // MIPS has the symbol first and then four single bytes, in either byte order.
                    symbol = u32(info);
                    kind = bytes.u8(info + 7);
                } else {
                    long word = word(info);
                    symbol = word >>> 32;
                    // SPARC keeps data of the relocation in the type's upper bytes.
                    kind = word & (machine == EM_SPARCV9 ? 0xff : 0xffffffffL);
                }
                if (kind != lastKind) {
                    lastKind = kind;
                    use = plt | Relocations.use(machine, is64, kind, plt == 0);
                    addType(kind);
                }
                if (symbol > 0 && kind != 0) {
                    ask(symbol, use);
                }
            }
        }

        private void addType(long kind) {
            if (relocationTypes.size() < MAX_RELOCATION_TYPES || relocationTypes.contains(kind)) {
                relocationTypes.add(kind);
            } else {
                cuts.add(Cut.RELOCATIONS);
            }
        }

        private void ask(long symbol, int flag) {
            if (symbol >= MAX_SYMBOLS) {
                cuts.add(Cut.REFERENCES);
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
            if (machine != ElfHeader.EM_MIPS || first < 1 || count < 0 || tag(DT_MIPS_LOCAL_GOTNO) < 0) {
                return;
            }
            for (long i = first; i < Math.min(count, MAX_SYMBOLS); i++) {
                ask(i, ElfSymbols.REF_GOT);
            }
        }

        private long symbolCount(long symbolsAt) {
            long hash = fileOffset(tag(DT_HASH));
            if (hash >= 0) {
                // s390x and alpha alone have hash tables of 64 bit words.
                boolean isWide = is64 && (machine == ElfHeader.EM_S390 || machine == 0x9026);
                if (isThere(hash, isWide ? 16 : 8)) {
                    return isWide ? positive(word(hash + 8)) : u32(hash + 4);
                }
            }
            long gnuHash = fileOffset(tag(DT_GNU_HASH));
            if (gnuHash >= 0) {
                return gnuHashCount(gnuHash);
            }
            if (machine == ElfHeader.EM_MIPS && tag(DT_MIPS_SYMTABNO) >= 0) {
                return tag(DT_MIPS_SYMTABNO);
            }
            // Neither table: the strings follow the symbols nearly everywhere.
            return stringsAt > symbolsAt ? (stringsAt - symbolsAt) / (is64 ? 24 : 16) : 0;
        }

        /** The table has no count; the highest chain's end is it. */
        private long gnuHashCount(long at) {
            if (!isThere(at, 16)) {
                return 0;
            }
            long buckets = u32(at);
            long first = u32(at + 4);
            long bloom = u32(at + 8);
            long bucketsAt = at + 16 + bloom * (is64 ? 8 : 4);
            if (!isThere(bucketsAt, buckets * 4)) {
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
                if (!isThere(entry, 4)) {
                    return i;
                }
                if ((u32(entry) & 1) != 0) {
                    return i + 1;
                }
            }
            return MAX_SYMBOLS;
        }
    }

    /** Symbols that are kept, up to the bounds. */
    private final class Kept {
        private final SymbolTable.Builder symbols = new SymbolTable.Builder();
        private final Cut cut;

        Kept(Cut cut) {
            this.cut = cut;
        }

        void cut() {
            cuts.add(cut);
        }

        void add(long symbol, int version, int flags) {
            if (symbols.size() >= MAX_KEPT_SYMBOLS
                    || symbols.nameBytes() >= MAX_KEPT_NAME_BYTES
                    || lookedAt >= MAX_LOOKED_AT_NAME_BYTES) {
                cut();
                return;
            }
            long at = u32(symbol);
            int length = stringLength(at, SymbolTable.MAX_NAME, cut);
            lookedAt += length < 0 ? SymbolTable.MAX_NAME : length;
            if (length > 0) {
                symbolName = symbolName.length < length ? new byte[length] : symbolName;
                bytes.copy(stringsAt + at, symbolName, length);
                symbols.add(symbolName, 0, length, version, flags);
            }
        }

        /** Of several symbols of one name and version, what any asks for is asked for; one that must be there must, and one that is seen is seen. */
        SymbolTable table(List<SymbolTable.Version> versions) {
            return symbols.build(
                    (before, now) -> cut == Cut.REFERENCES
                            ? ((before | now) & ~ElfSymbols.REF_WEAK) | (before & now & ElfSymbols.REF_WEAK)
                            : (before & ElfSymbols.EXPORT_HIDDEN_VERSION) != 0 ? now : before,
                    versions);
        }
    }

    /** Of the symbol that is being looked at. */
    private byte[] symbolName = new byte[256];

    private long lookedAt;

    private final class Notes {
        @Nullable
        String buildId;

        @Nullable
        String abiTag;

        @Nullable
        String packaged;

        boolean isAndroid;
        boolean isGo;
        final List<ElfLayout.Property> properties = new ArrayList<>();
        final List<String> optional = new ArrayList<>();

        void read(Segment segment) {
            if (segment.fileSize > MAX_NOTE_BYTES) {
                cuts.add(Cut.STRUCTURE);
            }
            long size = Math.min(segment.fileSize, MAX_NOTE_BYTES);
            long at = segment.offset;
            long end = at + size;
            while (end - at >= 12) {
                if (!isThere(at, 12)) {
                    return;
                }
                long nameSize = u32(at);
                long contentSize = u32(at + 4);
                long kind = u32(at + 8);
                long content = at + aligned(12 + nameSize, 4);
                if (nameSize > size || contentSize > size || content + contentSize > end) {
                    return;
                }
                if (nameSize <= 16 && contentSize <= MAX_NOTE_TEXT) {
                    if (!isThere(at + 12, nameSize) || !isThere(content, contentSize)) {
                        return;
                    }
                    note(text(at + 12, (int) nameSize), kind, content, (int) contentSize);
                }
                // Also where a segment of properties is aligned to 8, as these are as long as that.
                at = content + aligned(contentSize, 4);
            }
        }

        private long aligned(long size, int align) {
            return (size + align - 1) & -align;
        }

        private void note(String owner, long kind, long at, int size) {
            if (owner.equals("GNU") && kind == 1 && size >= 16) {
                String[] systems = {"Linux", "Hurd", "Solaris", "FreeBSD"};
                int system = (int) Math.min(u32(at), systems.length);
                abiTag = (system < systems.length ? systems[system] : "system " + u32(at)) + " " + u32(at + 4) + "."
                        + u32(at + 8) + "." + u32(at + 12);
            } else if (owner.equals("GNU") && kind == 3 && size > 0 && size <= 64) {
                buildId = HexFormat.of().formatHex(bytes.copy(at, size));
            } else if (owner.equals("GNU") && kind == 5) {
                properties(at, size);
            } else if (owner.equals("FDO") && kind == 0xcafe1a7eL) {
                packaged = text(at, size);
            } else if (owner.equals("FDO") && kind == 0x407c0c0aL) {
                if (optional.size() < MAX_NOTES_KEPT) {
                    optional.add(text(at, size));
                } else {
                    cuts.add(Cut.STRUCTURE);
                }
            } else if (owner.equals("Android")) {
                isAndroid = true;
            } else if (owner.equals("Go")) {
                isGo = true;
            }
        }

        /** NT_GNU_PROPERTY_TYPE_0: type, size, data, each aligned to the file's words. */
        private void properties(long at, int size) {
            long end = at + size;
            long next = at;
            while (end - next >= 8) {
                long dataSize = u32(next + 4);
                if (dataSize > end - next - 8) {
                    return;
                }
                long value = dataSize >= 8 ? u64(next + 8) : dataSize >= 4 ? u32(next + 8) : 0;
                // Old linkers leave one for each object that was linked.
                if (!hasProperty(u32(next), value)) {
                    if (properties.size() >= MAX_NOTES_KEPT) {
                        cuts.add(Cut.STRUCTURE);
                        return;
                    }
                    properties.add(new ElfLayout.Property(u32(next), value));
                }
                next += 8 + aligned(dataSize, is64 ? 8 : 4);
            }
        }

        private boolean hasProperty(long type, long value) {
            for (ElfLayout.Property known : properties) {
                if (known.type() == type && known.value() == value) {
                    return true;
                }
            }
            return false;
        }
    }

    /** The compilers' texts, in order. */
    private List<String> compilers(boolean isRead) {
        byte[] comment = isRead ? comment() : null;
        byte[] searched =
                comment != null ? comment : bytes.copy(Math.max(0, bytes.position() - COMMENT_BYTES), COMMENT_BYTES);
        List<String> compilers = new ArrayList<>();
        for (Needle start : COMPILERS) {
            int at = start.in(searched, 0);
            while (at >= 0 && compilers.size() < MAX_COMPILERS) {
                int stop = at;
                while (stop < searched.length && stop - at < 80 && searched[stop] >= ' ' && searched[stop] < 0x7f) {
                    stop++;
                }
                String text = new String(searched, at, stop - at, StandardCharsets.ISO_8859_1);
                if (!compilers.contains(text)) {
                    compilers.add(text);
                }
                at = start.in(searched, stop);
            }
        }
        return compilers;
    }

    /**
     * The section {@code .comment} (System V ABI, chapter 4, "Special Sections"); empty where there is none, null where nobody says where it is: then the file's end may hold it all the same.
     */
    private byte @Nullable [] comment() {
        long at = word(is64 ? 40 : 32);
        int size = u16(is64 ? 58 : 46);
        int count = u16(is64 ? 60 : 48);
        int names = u16(is64 ? 62 : 50);
        if (at < 52 || size < (is64 ? 64 : 40) || names == 0 || names >= count || !bytes.has(at, (long) count * size)) {
            return null;
        }
        long namesAt = word(at + (long) names * size + (is64 ? 24 : 16));
        for (int i = 1; i < count; i++) {
            long section = at + (long) i * size;
            long name = namesAt + u32(section);
            if (bytes.u8(name + 1) == 'c' && text(name, 9).equals(".comment")) {
                long from = word(section + (is64 ? 24 : 16));
                long length = Math.min(COMMENT_BYTES, word(section + (is64 ? 32 : 20)));
                return bytes.has(from, length) ? bytes.copy(from, (int) length) : null;
            }
        }
        return bytes.has(namesAt, 1) ? new byte[0] : null;
    }

    private static final List<Needle> COMPILERS =
            List.of(new Needle("GCC: ("), new Needle("clang version "), new Needle("rustc version "));

    private static final Needle PACKED = new Needle(Marker.PACKED.pattern());

    /** UPX leaves its magic in a loader information behind the program headers. */
    private boolean isPacked() {
        return PACKED.in(bytes.copy(0, 1024), 0) >= 0;
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
        return GoBuildReader.of(version, info);
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
        return bytes.u16(at, isBigEndian);
    }

    private long u32(long at) {
        return bytes.u32(at, isBigEndian);
    }

    private long u64(long at) {
        return bytes.u64(at, isBigEndian);
    }

    /** An address or offset of the file's class. */
    private long word(long at) {
        return is64 ? u64(at) : u32(at);
    }
}
