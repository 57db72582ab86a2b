package io.basewatch.standalone;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The smallest x86-64 ELF files that say what a real one says about its loader and libraries (System V ABI, chapters 4 and 5). They are read, never run.
 */
final class SampleElf {

    private static final int EHDR = 64;
    private static final int PHDR = 56;
    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int PT_INTERP = 3;
    private static final int DT_NEEDED = 1;
    private static final int DT_STRTAB = 5;
    private static final int DT_STRSZ = 10;
    private static final int DT_SONAME = 14;

    private SampleElf() {}

    /** A program that a loader starts. */
    static byte[] program(String interpreter, String... needed) {
        return write(2, interpreter, null, List.of(needed), "");
    }

    /** A shared object; a libc says its version in its text. */
    static byte[] library(String soname, String text, String... needed) {
        return write(3, null, soname, List.of(needed), text);
    }

    /** A program that needs no loader. */
    static byte[] staticProgram(String text) {
        return write(2, null, null, List.of(), text);
    }

    private static byte[] write(
            int type, @Nullable String interpreter, @Nullable String soname, List<String> needed, String text) {
        boolean dynamic = soname != null || !needed.isEmpty();
        int segments = 1 + (interpreter == null ? 0 : 1) + (dynamic ? 1 : 0);
        int start = EHDR + segments * PHDR;

        byte[] interp = interpreter == null ? new byte[0] : terminated(interpreter);
        ByteArrayOutputStream strings = new ByteArrayOutputStream();
        strings.write(0);
        List<long[]> entries = new ArrayList<>();
        for (String name : needed) {
            entries.add(new long[] {DT_NEEDED, strings.size()});
            strings.writeBytes(terminated(name));
        }
        if (soname != null) {
            entries.add(new long[] {DT_SONAME, strings.size()});
            strings.writeBytes(terminated(soname));
        }
        int stringsAt = start + interp.length;
        int dynamicAt = (stringsAt + strings.size() + 7) & ~7;
        entries.add(new long[] {DT_STRTAB, stringsAt});
        entries.add(new long[] {DT_STRSZ, strings.size()});
        entries.add(new long[] {0, 0});
        int dynamicSize = dynamic ? entries.size() * 16 : 0;
        byte[] rodata = terminated(text);
        int size = dynamicAt + dynamicSize + rodata.length;

        ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
        elf.putShort((short) type)
                .putShort((short) 62)
                .putInt(1)
                .putLong(start)
                .putLong(EHDR)
                .putLong(0)
                .putInt(0);
        elf.putShort((short) EHDR).putShort((short) PHDR).putShort((short) segments);
        elf.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        segment(elf, PT_LOAD, 0, size);
        if (interpreter != null) {
            segment(elf, PT_INTERP, start, interp.length);
        }
        if (dynamic) {
            segment(elf, PT_DYNAMIC, dynamicAt, dynamicSize);
        }
        elf.put(interp).put(strings.toByteArray()).position(dynamicAt);
        if (dynamic) {
            entries.forEach(entry -> elf.putLong(entry[0]).putLong(entry[1]));
        }
        return elf.put(rodata).array();
    }

    /** Addresses are file offsets: one segment maps the whole file at zero. */
    private static void segment(ByteBuffer elf, int type, long offset, long size) {
        elf.putInt(type).putInt(5).putLong(offset).putLong(offset).putLong(offset);
        elf.putLong(size).putLong(size).putLong(8);
    }

    private static byte[] terminated(String text) {
        return (text + "\0").getBytes(StandardCharsets.UTF_8);
    }
}
