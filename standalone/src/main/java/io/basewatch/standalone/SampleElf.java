package io.basewatch.standalone;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The smallest 64-bit ELF files that say what a real one says about its loader, its libraries and what it takes from them (System V ABI, chapters 4 and 5; symbol versions as GNU has
 * them). They are read, never run. Addresses are file offsets.
 *
 * <p>A symbol is a name, or {@code name@VERSION}; what is asked for in a version is asked of {@code libc.so.6}.
 */
final class SampleElf {

    static final int X86_64 = 62;
    static final int AARCH64 = 183;

    private static final int EXECUTABLE = 2;
    private static final int SHARED = 3;

    private static final int EHDR = 64;
    private static final int PHDR = 56;
    private static final int SYMBOL = 24;
    private static final int RELOCATION = 24;

    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int PT_INTERP = 3;

    private static final long DT_NEEDED = 1;
    private static final long DT_HASH = 4;
    private static final long DT_STRTAB = 5;
    private static final long DT_SYMTAB = 6;
    private static final long DT_RELA = 7;
    private static final long DT_RELASZ = 8;
    private static final long DT_RELAENT = 9;
    private static final long DT_STRSZ = 10;
    private static final long DT_SYMENT = 11;
    private static final long DT_SONAME = 14;
    private static final long DT_VERSYM = 0x6ffffff0L;
    private static final long DT_VERDEF = 0x6ffffffcL;
    private static final long DT_VERDEFNUM = 0x6ffffffdL;
    private static final long DT_VERNEED = 0x6ffffffeL;
    private static final long DT_VERNEEDNUM = 0x6fffffffL;

    private static final String VERSIONED = "libc.so.6";

    /** A place for a reference to a function, by machine. */
    private static final Map<Integer, Integer> GLOB_DAT = Map.of(X86_64, 6, AARCH64, 1025);

    private final int machine;
    private final int type;
    private final @Nullable String interpreter;
    private final @Nullable String soname;
    private List<String> needed = List.of();
    private List<String> asked = List.of();
    private List<String> given = List.of();
    private String text = "";

    private SampleElf(int machine, int type, @Nullable String interpreter, @Nullable String soname) {
        this.machine = machine;
        this.type = type;
        this.interpreter = interpreter;
        this.soname = soname;
    }

    /** A program that a loader starts. */
    static SampleElf program(int machine, String interpreter) {
        return new SampleElf(machine, EXECUTABLE, interpreter, null);
    }

    static SampleElf library(int machine, String soname) {
        return new SampleElf(machine, SHARED, null, soname);
    }

    /** A program that needs no loader. */
    static SampleElf staticProgram(int machine) {
        return new SampleElf(machine, EXECUTABLE, null, null);
    }

    SampleElf needs(String... libraries) {
        needed = List.of(libraries);
        return this;
    }

    SampleElf asks(Stream<String> symbols) {
        asked = symbols.toList();
        return this;
    }

    SampleElf gives(Stream<String> symbols) {
        given = symbols.toList();
        return this;
    }

    /** What is found in it as text: a libc says its version there. */
    SampleElf says(String words) {
        text = words;
        return this;
    }

    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Integer> known = new LinkedHashMap<>();

    private int string(String word) {
        return known.computeIfAbsent(word, any -> {
            int at = strings.size();
            strings.writeBytes(terminated(word));
            return at;
        });
    }

    private static String name(String symbol) {
        int at = symbol.indexOf('@');
        return at < 0 ? symbol : symbol.substring(0, at);
    }

    private static @Nullable String version(String symbol) {
        int at = symbol.indexOf('@');
        return at < 0 ? null : symbol.substring(at + 1);
    }

    /** Versions in the order in which they come first. */
    private static List<String> versions(List<String> symbols) {
        return symbols.stream()
                .flatMap(symbol -> Stream.ofNullable(version(symbol)))
                .distinct()
                .toList();
    }

    byte[] bytes() {
        strings.write(0);
        boolean dynamic = soname != null || !needed.isEmpty();
        int segments = 1 + (interpreter == null ? 0 : 1) + (dynamic ? 1 : 0);
        int start = EHDR + segments * PHDR;
        byte[] interp = interpreter == null ? new byte[0] : terminated(interpreter);

        List<String> wanted = versions(asked);
        List<String> defined = versions(given);
        List<String> symbols = Stream.concat(asked.stream(), given.stream()).toList();
        List<long[]> entries = new ArrayList<>();
        needed.forEach(library -> entries.add(new long[] {DT_NEEDED, string(library)}));
        if (soname != null) {
            entries.add(new long[] {DT_SONAME, string(soname)});
        }
        // Every text before the place of the next table is known.
        symbols.forEach(symbol -> string(name(symbol)));
        wanted.forEach(this::string);
        defined.forEach(this::string);
        string(VERSIONED);

        int count = symbols.size() + 1;
        int stringsAt = start + interp.length;
        int symbolsAt = aligned(stringsAt + strings.size());
        int hashAt = symbolsAt + count * SYMBOL;
        int relocationsAt = aligned(hashAt + 4 * (2 + 1 + count));
        int versionsAt = relocationsAt + asked.size() * RELOCATION;
        int needAt = aligned(versionsAt + 2 * count);
        int definitionAt = aligned(needAt + (wanted.isEmpty() ? 0 : 16 * (1 + wanted.size())));
        int dynamicAt = aligned(definitionAt + (defined.isEmpty() ? 0 : 28 * (1 + defined.size())));
        entries.add(new long[] {DT_STRTAB, stringsAt});
        entries.add(new long[] {DT_STRSZ, strings.size()});
        entries.add(new long[] {DT_SYMTAB, symbolsAt});
        entries.add(new long[] {DT_SYMENT, SYMBOL});
        entries.add(new long[] {DT_HASH, hashAt});
        if (!asked.isEmpty()) {
            entries.add(new long[] {DT_RELA, relocationsAt});
            entries.add(new long[] {DT_RELASZ, (long) asked.size() * RELOCATION});
            entries.add(new long[] {DT_RELAENT, RELOCATION});
        }
        if (!wanted.isEmpty() || !defined.isEmpty()) {
            entries.add(new long[] {DT_VERSYM, versionsAt});
        }
        if (!wanted.isEmpty()) {
            entries.add(new long[] {DT_VERNEED, needAt});
            entries.add(new long[] {DT_VERNEEDNUM, 1});
        }
        if (!defined.isEmpty()) {
            entries.add(new long[] {DT_VERDEF, definitionAt});
            entries.add(new long[] {DT_VERDEFNUM, defined.size() + 1});
        }
        entries.add(new long[] {0, 0});

        byte[] rodata = terminated(text);
        int textAt = dynamic ? dynamicAt + entries.size() * 16 : start + interp.length;
        ByteBuffer elf = ByteBuffer.allocate(textAt + rodata.length).order(ByteOrder.LITTLE_ENDIAN);
        header(elf, start, segments);
        segment(elf, PT_LOAD, 0, elf.capacity());
        if (interpreter != null) {
            segment(elf, PT_INTERP, start, interp.length);
        }
        if (dynamic) {
            segment(elf, PT_DYNAMIC, dynamicAt, entries.size() * 16L);
        }
        elf.put(interp);
        if (dynamic) {
            elf.put(strings.toByteArray());
            symbols(elf.position(symbolsAt), symbols);
            hash(elf.position(hashAt), count);
            relocations(elf.position(relocationsAt), start);
            symbolVersions(elf.position(versionsAt), symbols, wanted, defined);
            needs(elf.position(needAt), wanted);
            definitions(elf.position(definitionAt), wanted.size(), defined);
            elf.position(dynamicAt);
            entries.forEach(entry -> elf.putLong(entry[0]).putLong(entry[1]));
        }
        return elf.position(textAt).put(rodata).array();
    }

    private void header(ByteBuffer elf, int start, int segments) {
        elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
        elf.putShort((short) type).putShort((short) machine).putInt(1);
        elf.putLong(start).putLong(EHDR).putLong(0).putInt(0);
        elf.putShort((short) EHDR).putShort((short) PHDR).putShort((short) segments);
        elf.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    }

    private static void segment(ByteBuffer elf, int kind, long offset, long size) {
        elf.putInt(kind).putInt(5).putLong(offset).putLong(offset).putLong(offset);
        elf.putLong(size).putLong(size).putLong(8);
    }

    /** Global functions, those that are asked for first. */
    private void symbols(ByteBuffer elf, List<String> symbols) {
        elf.put(new byte[SYMBOL]);
        for (int n = 0; n < symbols.size(); n++) {
            boolean isGiven = n >= asked.size();
            elf.putInt(string(name(symbols.get(n)))).put((byte) 0x12).put((byte) 0);
            elf.putShort((short) (isGiven ? 1 : 0)).putLong(isGiven ? EHDR : 0).putLong(isGiven ? 8 : 0);
        }
    }

    /** One bucket, whose chain goes through all. */
    private static void hash(ByteBuffer elf, int count) {
        elf.putInt(1).putInt(count).putInt(count > 1 ? 1 : 0).putInt(0);
        for (int n = 1; n < count; n++) {
            elf.putInt(n + 1 < count ? n + 1 : 0);
        }
    }

    private void relocations(ByteBuffer elf, int place) {
        long kind = GLOB_DAT.getOrDefault(machine, 0);
        for (int n = 0; n < asked.size(); n++) {
            elf.putLong(place).putLong(((n + 1L) << 32) | kind).putLong(0);
        }
    }

    /** 0 and 1 are none; then those that are wanted, then those that are defined, of which the first is the file itself. */
    private void symbolVersions(ByteBuffer elf, List<String> symbols, List<String> wanted, List<String> defined) {
        elf.putShort((short) 0);
        for (int n = 0; n < symbols.size(); n++) {
            String version = version(symbols.get(n));
            int number = n < asked.size() ? wanted.indexOf(version) : wanted.size() + defined.indexOf(version);
            elf.putShort((short) (version == null ? 1 : number + 2));
        }
    }

    private void needs(ByteBuffer elf, List<String> wanted) {
        if (wanted.isEmpty()) {
            return;
        }
        elf.putShort((short) 1).putShort((short) wanted.size()).putInt(string(VERSIONED));
        elf.putInt(16).putInt(0);
        for (int n = 0; n < wanted.size(); n++) {
            elf.putInt(hash(wanted.get(n))).putShort((short) 0).putShort((short) (n + 2));
            elf.putInt(string(wanted.get(n))).putInt(n + 1 < wanted.size() ? 16 : 0);
        }
    }

    private void definitions(ByteBuffer elf, int before, List<String> defined) {
        for (int n = -1; n < defined.size() && !defined.isEmpty(); n++) {
            String version = n < 0 ? String.valueOf(soname) : defined.get(n);
            elf.putShort((short) 1).putShort((short) (n < 0 ? 1 : 0)).putShort((short) (n < 0 ? 1 : before + n + 2));
            elf.putShort((short) 1).putInt(hash(version)).putInt(20).putInt(n + 1 < defined.size() ? 28 : 0);
            elf.putInt(string(version)).putInt(0);
        }
    }

    /** Of a name, as the ABI has it. */
    private static int hash(String name) {
        int hash = 0;
        for (byte letter : name.getBytes(StandardCharsets.US_ASCII)) {
            hash = (hash << 4) + letter;
            int high = hash & 0xf0000000;
            hash = (hash ^ (high >>> 24)) & ~high;
        }
        return hash;
    }

    private static int aligned(int at) {
        return (at + 7) & ~7;
    }

    private static byte[] terminated(String word) {
        return (word + "\0").getBytes(StandardCharsets.UTF_8);
    }
}
