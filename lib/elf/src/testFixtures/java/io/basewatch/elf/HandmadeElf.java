package io.basewatch.elf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Builds small ELF files field by field, of any class and byte order, as a linker would lay them out. */
public final class HandmadeElf {

    private final boolean is64;
    private final ByteOrder order;
    private final int machine;
    private int type = ElfHeader.ET_DYN;
    private String interpreter;
    private String soname;
    private String rpath;
    private final List<String> needed = new ArrayList<>();
    private final Map<String, List<String>> versionNeeds = new LinkedHashMap<>();
    private final List<String> versionDefinitions = new ArrayList<>();
    private final List<String> undefined = new ArrayList<>();
    private final List<String> weak = new ArrayList<>();
    private final List<String> unused = new ArrayList<>();
    private final List<String> exported = new ArrayList<>();
    private long flags1;
    private long stack = -1;
    private boolean dynamic = true;
    private byte[] notes = {};
    private final List<long[]> tags = new ArrayList<>();
    private final Map<String, Integer> symbolVersions = new LinkedHashMap<>();
    private final Map<String, Integer> symbolInfos = new LinkedHashMap<>();
    private final Map<String, Integer> relocationTypes = new LinkedHashMap<>();
    private int stackFlags = 6;
    private int flags;
    private boolean weakNeeds;
    private byte[] data = {};
    private boolean gnuHash;

    private HandmadeElf(int bits, ByteOrder order, int machine) {
        this.is64 = bits == 64;
        this.order = order;
        this.machine = machine;
    }

    public static HandmadeElf x86_64() {
        return new HandmadeElf(64, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_X86_64);
    }

    public static HandmadeElf of(int bits, ByteOrder order, int machine) {
        return new HandmadeElf(bits, order, machine);
    }

    public HandmadeElf type(int type) {
        this.type = type;
        return this;
    }

    /** An executable that names a loader. */
    public HandmadeElf interpreter(String path) {
        interpreter = path;
        flags1 |= ElfLoading.DF_1_PIE;
        return this;
    }

    public HandmadeElf soname(String name) {
        soname = name;
        return this;
    }

    public HandmadeElf rpath(String path) {
        rpath = path;
        return this;
    }

    public HandmadeElf needed(String... names) {
        needed.addAll(List.of(names));
        return this;
    }

    public HandmadeElf versions(String file, String... versions) {
        versionNeeds.put(file, List.of(versions));
        return this;
    }

    /** Versions that a library defines for its symbols; its own name goes before them, as linkers put it. */
    public HandmadeElf versionDefinitions(String... versions) {
        versionDefinitions.addAll(List.of(versions));
        return this;
    }

    public HandmadeElf undefined(String... names) {
        undefined.addAll(List.of(names));
        return this;
    }

    public HandmadeElf weak(String... names) {
        weak.addAll(List.of(names));
        return this;
    }

    /** A name in one version more than {@link #exported}, {@link #undefined} give it: the number counts needs first, then definitions, from 2. */
    public HandmadeElf version(String symbol, int number) {
        symbolVersions.put(symbol, number);
        return this;
    }

    /** Binding and type of a symbol, as st_info has them. */
    public HandmadeElf info(String symbol, int info) {
        symbolInfos.put(symbol, info);
        return this;
    }

    /** The type of the relocation that asks for a symbol; else it is the machine's sixth. */
    public HandmadeElf relocation(String symbol, int relocationType) {
        relocationTypes.put(symbol, relocationType);
        return this;
    }

    /** One more entry of the dynamic section. */
    public HandmadeElf tag(long tag, long value) {
        tags.add(new long[] {tag, value});
        return this;
    }

    /** One more entry of the dynamic section that leads to a text. */
    public HandmadeElf tag(long tag, String text) {
        texts.put(tag, text);
        return this;
    }

    private final Map<Long, String> texts = new LinkedHashMap<>();

    /** What is wanted of versions may be missing. */
    public HandmadeElf weakVersions() {
        weakNeeds = true;
        return this;
    }

    public HandmadeElf flags(int eFlags) {
        flags = eFlags;
        return this;
    }

    public HandmadeElf executableStack() {
        stackFlags = 7;
        return this;
    }

    /** One more note. */
    public HandmadeElf note(String owner, int kind, byte[] content) {
        byte[] name = (owner + "\0").getBytes(StandardCharsets.US_ASCII);
        int size = 12 + ((name.length + 3) & ~3) + ((content.length + 3) & ~3);
        ByteBuffer all = ByteBuffer.allocate(notes.length + size).order(order).put(notes);
        all.putInt(name.length).putInt(content.length).putInt(kind).put(name);
        all.position((all.position() + 3) & ~3);
        all.put(content);
        notes = all.array();
        return this;
    }

    /** In the symbol table, without a relocation. */
    public HandmadeElf unused(String... names) {
        unused.addAll(List.of(names));
        return this;
    }

    public HandmadeElf exported(String... names) {
        exported.addAll(List.of(names));
        return this;
    }

    public HandmadeElf stack(long bytes) {
        stack = bytes;
        return this;
    }

    public HandmadeElf gnuHash() {
        gnuHash = true;
        return this;
    }

    /** Neither loader nor dynamic section. */
    public HandmadeElf isStatic() {
        dynamic = false;
        type = ElfHeader.ET_EXEC;
        return this;
    }

    public HandmadeElf abiTag() {
        ByteBuffer linux = ByteBuffer.allocate(16).order(order);
        linux.putInt(0).putInt(3).putInt(2).putInt(0);
        return note("GNU", 1, linux.array());
    }

    public HandmadeElf data(String text) {
        data = text.getBytes(StandardCharsets.ISO_8859_1);
        return this;
    }

    private ByteArrayOutputStream strings;

    private int string(String text) {
        int at = strings.size();
        strings.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        strings.write(0);
        return at;
    }

    private static final int SIZE = 1 << 16;

    public byte[] build() {
        strings = new ByteArrayOutputStream();
        strings.write(0);
        int exportBytes = Stream.of(exported, undefined)
                .flatMap(List::stream)
                .mapToInt(name -> name.length() + 64)
                .sum();
        ByteBuffer out = ByteBuffer.allocate(SIZE + exportBytes + data.length).order(order);
        out.put(new byte[] {
            0x7f, 'E', 'L', 'F', (byte) (is64 ? 2 : 1), (byte) (order == ByteOrder.BIG_ENDIAN ? 2 : 1), 1
        });
        out.position(16);
        out.putShort((short) type).putShort((short) machine).putInt(1);
        int headerSize = is64 ? 64 : 52;
        word(out, 0x1000);
        word(out, headerSize);
        word(out, 0);
        out.putInt(flags).putShort((short) headerSize).putShort((short) (is64 ? 56 : 32));
        int countAt = out.position();

        int at = 0x400;
        int interpreterAt = at;
        if (interpreter != null) {
            at = put(out, at, (interpreter + "\0").getBytes(StandardCharsets.ISO_8859_1));
        }
        int notesAt = at = align(at);
        at = put(out, at, notes);

        List<long[]> tags = new ArrayList<>(this.tags);
        texts.forEach((tag, text) -> tags.add(new long[] {tag, string(text)}));
        needed.forEach(name -> tags.add(new long[] {1, string(name)}));
        if (soname != null) {
            tags.add(new long[] {14, string(soname)});
        }
        if (rpath != null) {
            tags.add(new long[] {15, string(rpath)});
        }
        List<String> names = new ArrayList<>();
        List<Integer> infos = new ArrayList<>();
        undefined.forEach(name -> add(names, infos, name, 0x12));
        weak.forEach(name -> add(names, infos, name, 0x22));
        int asked = names.size();
        unused.forEach(name -> add(names, infos, name, 0x12));
        int firstExport = names.size();
        exported.forEach(name -> add(names, infos, name, 0x12));
        int symbolsAt = at = align(at);
        int symbolSize = is64 ? 24 : 16;
        for (int i = 0; i < names.size(); i++) {
            out.position(symbolsAt + (i + 1) * symbolSize);
            boolean isExport = i >= firstExport;
            int name = string(names.get(i));
            if (is64) {
                out.putInt(name).put((byte) (int) infos.get(i)).put((byte) 0).putShort((short) (isExport ? 7 : 0));
                out.putLong(isExport ? 0x2000 : 0).putLong(8);
            } else {
                out.putInt(name).putInt(isExport ? 0x2000 : 0).putInt(8);
                out.put((byte) (int) infos.get(i)).put((byte) 0).putShort((short) (isExport ? 7 : 0));
            }
        }
        at = symbolsAt + (names.size() + 1) * symbolSize;
        int hashAt = at = align(at);
        if (gnuHash) {
            // One bucket, one bloom word; the chain ends with the last export.
            out.position(hashAt);
            out.putInt(1).putInt(firstExport + 1).putInt(1).putInt(0);
            word(out, -1);
            out.putInt(exported.isEmpty() ? 0 : firstExport + 1);
            for (int i = 0; i < exported.size(); i++) {
                out.putInt(i == exported.size() - 1 ? 1 : 0);
            }
        } else if (is64 && machine == ElfHeader.EM_S390) {
            out.position(hashAt);
            out.putLong(1).putLong(names.size() + 1);
        } else {
            out.position(hashAt);
            out.putInt(1).putInt(names.size() + 1);
        }
        int relocationsAt = at = align(Math.max(out.position(), hashAt + 16));
        int relocationSize = is64 ? 24 : 8;
        for (int i = 0; i < asked; i++) {
            out.position(relocationsAt + i * relocationSize);
            word(out, 0x3000 + 8L * i);
            if (is64) {
                out.putLong(((long) (i + 1) << 32) | relocationTypes.getOrDefault(names.get(i), 6))
                        .putLong(0);
            } else {
                out.putInt(((i + 1) << 8) | relocationTypes.getOrDefault(names.get(i), 6));
            }
        }
        at = relocationsAt + asked * relocationSize;
        int versionsAt = at = align(at);
        if (!symbolVersions.isEmpty()) {
            for (int i = 0; i < names.size(); i++) {
                out.position(versionsAt + 2 * (i + 1));
                out.putShort((short) (int) symbolVersions.getOrDefault(names.get(i), 1));
            }
            at = versionsAt + 2 * (names.size() + 1);
        }
        int needsAt = at = align(at);
        int versionNumber = 2;
        int fileIndex = 0;
        for (var need : versionNeeds.entrySet()) {
            int count = need.getValue().size();
            boolean isLast = ++fileIndex == versionNeeds.size();
            out.position(at);
            out.putShort((short) 1)
                    .putShort((short) count)
                    .putInt(string(need.getKey()))
                    .putInt(16);
            out.putInt(isLast ? 0 : 16 + 16 * count);
            for (int i = 0; i < count; i++) {
                out.putInt(0).putShort((short) (weakNeeds ? 2 : 0)).putShort((short) versionNumber++);
                out.putInt(string(need.getValue().get(i))).putInt(i == count - 1 ? 0 : 16);
            }
            at = out.position();
        }
        int definitionsAt = at = align(at);
        for (int i = -1; i < versionDefinitions.size() && !versionDefinitions.isEmpty(); i++) {
            boolean isLast = i == versionDefinitions.size() - 1;
            out.position(at);
            out.putShort((short) 1).putShort((short) (i < 0 ? 1 : 0)).putShort((short) (i < 0 ? 1 : versionNumber++));
            out.putShort((short) 1).putInt(0).putInt(20).putInt(isLast ? 0 : 28);
            out.putInt(string(i < 0 ? String.valueOf(soname) : versionDefinitions.get(i)))
                    .putInt(0);
            at = out.position();
        }
        int stringsAt = at = align(at);
        byte[] table = strings.toByteArray();
        at = put(out, at, table);
        int dynamicAt = at = align(at);
        if (dynamic) {
            tags.add(new long[] {5, stringsAt});
            tags.add(new long[] {10, table.length});
            tags.add(new long[] {6, symbolsAt});
            tags.add(new long[] {gnuHash ? 0x6ffffef5L : 4, hashAt});
            if (asked > 0) {
                tags.add(new long[] {is64 ? 7 : 17, relocationsAt});
                tags.add(new long[] {is64 ? 8 : 18, (long) asked * relocationSize});
            }
            if (!symbolVersions.isEmpty()) {
                tags.add(new long[] {0x6ffffff0L, versionsAt});
            }
            if (!versionNeeds.isEmpty()) {
                tags.add(new long[] {0x6ffffffeL, needsAt});
                tags.add(new long[] {0x6fffffffL, versionNeeds.size()});
            }
            if (!versionDefinitions.isEmpty()) {
                tags.add(new long[] {0x6ffffffcL, definitionsAt});
                tags.add(new long[] {0x6ffffffdL, versionDefinitions.size() + 1});
            }
            tags.add(new long[] {0x6ffffffbL, flags1});
            tags.add(new long[] {0, 0});
            out.position(dynamicAt);
            for (long[] tag : tags) {
                word(out, tag[0]);
                word(out, tag[1]);
            }
            at = out.position();
        }
        int dynamicSize = at - dynamicAt;
        int end = put(out, align(at), data);

        List<long[]> segments = new ArrayList<>();
        segments.add(new long[] {1, 5, 0, end});
        if (interpreter != null) {
            segments.add(new long[] {3, 4, interpreterAt, interpreter.length() + 1});
        }
        if (notes.length > 0) {
            segments.add(new long[] {4, 4, notesAt, notes.length});
        }
        if (dynamic) {
            segments.add(new long[] {2, 6, dynamicAt, dynamicSize});
        }
        out.position(countAt);
        out.putShort((short) (segments.size() + (stack >= 0 ? 1 : 0)));
        out.position(headerSize);
        for (long[] segment : segments) {
            header(out, (int) segment[0], (int) segment[1], segment[2], segment[3], segment[3]);
        }
        if (stack >= 0) {
            header(out, 0x6474e551, stackFlags, 0, 0, stack);
        }
        byte[] bytes = new byte[end];
        out.position(0);
        out.get(bytes);
        return bytes;
    }

    private void header(ByteBuffer out, int segmentType, int flags, long offset, long fileSize, long memorySize) {
        out.putInt(segmentType);
        if (is64) {
            out.putInt(flags)
                    .putLong(offset)
                    .putLong(offset)
                    .putLong(offset)
                    .putLong(fileSize)
                    .putLong(memorySize)
                    .putLong(8);
        } else {
            out.putInt((int) offset).putInt((int) offset).putInt((int) offset).putInt((int) fileSize);
            out.putInt((int) memorySize).putInt(flags).putInt(4);
        }
    }

    private void add(List<String> names, List<Integer> infos, String name, int info) {
        names.add(name);
        infos.add(symbolInfos.getOrDefault(name, info));
    }

    private void word(ByteBuffer out, long value) {
        if (is64) {
            out.putLong(value);
        } else {
            out.putInt((int) value);
        }
    }

    private static int put(ByteBuffer out, int at, byte[] bytes) {
        out.position(at);
        out.put(bytes);
        return at + bytes.length;
    }

    private static int align(int at) {
        return (at + 15) & ~15;
    }
}
