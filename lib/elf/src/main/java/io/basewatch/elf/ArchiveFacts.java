package io.basewatch.elf;

import io.basewatch.layerfacts.PackedReader;
import io.basewatch.layerfacts.PackedWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ELF files inside of one zip archive (jar, war, wheel, egg): what a program unpacks and loads at run time.
 *
 * @param problem why the archive was not read to its end; null when it was
 * @param entries in order of their appearance; an archive in the archive separates its own with {@code !/}
 */
public record ArchiveFacts(@Nullable String problem, List<Entry> entries) {

    /** The kind of facts that are kept of each archive. */
    public static final String KIND = "archive";

    private static final int VERSION = 2;

    public record Entry(String path, ElfFacts facts) {}

    public ArchiveFacts {
        entries = List.copyOf(entries);
    }

    public byte[] encode() {
        PackedWriter out = new PackedWriter();
        out.u8(VERSION).textOrNull(problem).number(entries.size());
        entries.forEach(entry -> out.text(entry.path()).bytes(entry.facts().encode()));
        return out.toBytes();
    }

    /** @throws IllegalArgumentException when these are no facts of this version, or damaged ones */
    public static ArchiveFacts decode(byte[] bytes) {
        PackedReader in = new PackedReader("archive facts", bytes);
        int version = in.u8();
        if (version != VERSION) {
            throw new IllegalArgumentException("archive facts of version " + version
                    + "; this version of Basewatch reads " + VERSION + " only: the layer must be read again");
        }
        String problem = in.textOrNull();
        int count = in.count();
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(new Entry(in.text(), ElfFacts.decode(in.bytes())));
        }
        in.end();
        return new ArchiveFacts(problem, entries);
    }
}
