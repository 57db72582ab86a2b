package io.basewatch.elf;

import io.basewatch.layerfacts.PackedReader;
import io.basewatch.layerfacts.PackedWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the file says to its loader about itself and the files it wants: PT_INTERP and the dynamic section.
 *
 * @param interpreter PT_INTERP; null when there is none
 * @param isDynamic whether there is a PT_DYNAMIC
 * @param needed DT_NEEDED, in order
 * @param auxiliary DT_AUXILIARY, in order: libraries that stand in for this one where they are there
 * @param filters DT_FILTER, in order: libraries that stand in for this one
 * @param config DT_CONFIG; null when there is none
 * @param flags DT_FLAGS
 * @param flags1 DT_FLAGS_1
 * @param relr whether it has relative relocations in the compact form (DT_RELR), which musl reads since 1.2.4 and glibc since 2.36
 * @param tags every tag of the dynamic section, once, ascending
 * @param optional what the file announces to open at run time: the texts of its notes, JSON, as {@code systemd}'s specification "ELF dlopen metadata" has them
 */
public record ElfLoading(
        @Nullable String interpreter,
        boolean isDynamic,
        List<String> needed,
        @Nullable String soname,
        @Nullable String rpath,
        @Nullable String runpath,
        List<String> auxiliary,
        List<String> filters,
        @Nullable String config,
        long flags,
        long flags1,
        boolean relr,
        List<Long> tags,
        List<String> optional) {

    /** {@code flags}: its own symbols come first. */
    public static final int DF_SYMBOLIC = 0x2;
    /** {@code flags}: relocations change code. */
    public static final int DF_TEXTREL = 0x4;
    /** {@code flags}: nothing is bound lazily. */
    public static final int DF_BIND_NOW = 0x8;
    /** {@code flags}: has static TLS. */
    public static final int DF_STATIC_TLS = 0x10;
    /** {@code flags1}: nothing is bound lazily. */
    public static final long DF_1_NOW = 0x1;
    /** {@code flags1}: a position independent executable. */
    public static final long DF_1_PIE = 0x0800_0000L;

    private static final long DT_HASH = 4;
    private static final long DT_SYMBOLIC = 16;
    private static final long DT_TEXTREL = 22;
    private static final long DT_BIND_NOW = 24;
    private static final long DT_GNU_HASH = 0x6ffffef5L;

    public ElfLoading {
        needed = List.copyOf(needed);
        auxiliary = List.copyOf(auxiliary);
        filters = List.copyOf(filters);
        tags = List.copyOf(tags);
        optional = List.copyOf(optional);
    }

    /** Whether all symbols must be found when the file is loaded. */
    public boolean bindsNow() {
        return tags.contains(DT_BIND_NOW) || (flags & DF_BIND_NOW) != 0 || (flags1 & DF_1_NOW) != 0;
    }

    public boolean isSymbolic() {
        return tags.contains(DT_SYMBOLIC) || (flags & DF_SYMBOLIC) != 0;
    }

    /** Whether relocations change code, which hardened kernels and musl's static loader refuse. */
    public boolean hasTextRelocations() {
        return tags.contains(DT_TEXTREL) || (flags & DF_TEXTREL) != 0;
    }

    /** Whether there is the hash table of the System V ABI (DT_HASH), the only one that some loaders read. */
    public boolean hasSysvHash() {
        return tags.contains(DT_HASH);
    }

    public boolean hasGnuHash() {
        return tags.contains(DT_GNU_HASH);
    }

    void write(PackedWriter out) {
        out.textOrNull(interpreter).flag(isDynamic).texts(needed);
        out.textOrNull(soname).textOrNull(rpath).textOrNull(runpath);
        out.texts(auxiliary).texts(filters).textOrNull(config);
        out.number(flags).number(flags1).flag(relr);
        out.number(tags.size());
        long before = 0;
        for (long tag : tags) {
            out.number(tag - before);
            before = tag;
        }
        out.texts(optional);
    }

    static ElfLoading read(PackedReader in) {
        return new ElfLoading(
                in.textOrNull(),
                in.flag(),
                in.texts(),
                in.textOrNull(),
                in.textOrNull(),
                in.textOrNull(),
                in.texts(),
                in.texts(),
                in.textOrNull(),
                in.number(),
                in.number(),
                in.flag(),
                tags(in),
                in.texts());
    }

    private static List<Long> tags(PackedReader in) {
        Long[] tags = new Long[in.count()];
        long before = 0;
        for (int i = 0; i < tags.length; i++) {
            before += in.number();
            tags[i] = before;
        }
        return List.of(tags);
    }
}
