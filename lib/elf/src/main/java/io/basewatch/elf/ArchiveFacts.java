package io.basewatch.elf;

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

    /** The kind of facts {@link ArchiveProbe} makes. */
    public static final String KIND = "archive";

    private static final int VERSION = 1;

    public record Entry(String path, ElfFacts facts) {}

    public ArchiveFacts {
        entries = List.copyOf(entries);
    }

    byte[] encode() {
        FactsWriter out = new FactsWriter();
        out.u8(VERSION).text(problem).number(entries.size());
        entries.forEach(entry -> out.text(entry.path()).bytes(entry.facts().encode()));
        return out.toBytes();
    }

    /** @throws IllegalArgumentException when these are no facts of this version, or damaged ones */
    public static ArchiveFacts decode(byte[] bytes) {
        FactsReader in = new FactsReader(bytes);
        int version = in.u8();
        if (version != VERSION) {
            throw new IllegalArgumentException("archive facts of version " + version + ", not " + VERSION);
        }
        String problem = in.text();
        int count = in.count();
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String path = in.text();
            if (path == null) {
                throw new IllegalArgumentException("entry " + i + " has no path");
            }
            entries.add(new Entry(path, ElfFacts.decode(in.bytes())));
        }
        in.end();
        return new ArchiveFacts(problem, entries);
    }
}
