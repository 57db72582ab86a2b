package io.basewatch.elf;

import io.basewatch.layerfacts.PackedReader;
import io.basewatch.layerfacts.PackedWriter;

/**
 * What one ELF file says to the kernel, to its loader and of its origin. Names in the groups follow the System V ABI.
 *
 * <p>Encoded: the version, the groups in this order, symbols last, so that an {@link ElfOutline} is read without them.
 */
public record ElfFacts(
        ElfHeader header,
        ElfLayout layout,
        ElfLoading loading,
        ElfVersions versions,
        ElfOrigin origin,
        ElfReading reading,
        ElfSymbols symbols) {

    /** The kind of facts that are kept of each ELF file. */
    public static final String KIND = "elf";

    /** Raised when anything of the encoding changes; facts of another version are refused. */
    private static final int VERSION = 2;

    /** What the file is to the kernel and the loader. */
    public enum Kind {
        DYNAMIC_EXECUTABLE,
        STATIC_EXECUTABLE,
        /** Static and position independent. */
        STATIC_PIE,
        SHARED_LIBRARY,
        /** Object file or kernel module. */
        OBJECT,
        OTHER;

        public boolean isStatic() {
            return this == STATIC_EXECUTABLE || this == STATIC_PIE;
        }

        public boolean isExecutable() {
            return this == DYNAMIC_EXECUTABLE || isStatic();
        }
    }

    public Kind kind() {
        int type = header.type();
        boolean isPie = (loading.flags1() & ElfLoading.DF_1_PIE) != 0;
        if (type == ElfHeader.ET_REL) {
            return Kind.OBJECT;
        }
        if (type != ElfHeader.ET_EXEC && type != ElfHeader.ET_DYN) {
            return Kind.OTHER;
        }
        if (type == ElfHeader.ET_DYN && !isPie && (loading.soname() != null || loading.interpreter() == null)) {
            // glibc's libraries can be started, and name a loader for it; they are libraries all the same.
            return Kind.SHARED_LIBRARY;
        }
        if (loading.interpreter() != null) {
            return Kind.DYNAMIC_EXECUTABLE;
        }
        if (!loading.needed().isEmpty()) {
            return type == ElfHeader.ET_EXEC ? Kind.DYNAMIC_EXECUTABLE : Kind.SHARED_LIBRARY;
        }
        return type == ElfHeader.ET_EXEC ? Kind.STATIC_EXECUTABLE : Kind.STATIC_PIE;
    }

    /** What the file is, without what there can be much of. */
    public ElfOutline outline() {
        return new ElfOutline(
                header,
                kind(),
                loading.interpreter(),
                loading.soname(),
                LinkedLibc.of(this),
                origin.outline(),
                reading);
    }

    public byte[] encode() {
        PackedWriter out = new PackedWriter();
        out.u8(VERSION);
        header.write(out);
        layout.write(out);
        loading.write(out);
        versions.write(out);
        origin.write(out);
        reading.write(out);
        symbols.write(out);
        return out.toBytes();
    }

    /** @throws IllegalArgumentException when these are no facts of this version, or damaged ones */
    public static ElfFacts decode(byte[] bytes) {
        PackedReader in = new PackedReader("ELF facts", bytes);
        ElfFacts front = front(in);
        ElfSymbols symbols = ElfSymbols.read(in, front.versions);
        in.end();
        return new ElfFacts(
                front.header, front.layout, front.loading, front.versions, front.origin, front.reading, symbols);
    }

    /**
     * The outline alone, at a fraction of what all facts cost; their symbols are not looked at.
     *
     * @throws IllegalArgumentException when these are no facts of this version, or their front is damaged
     */
    public static ElfOutline decodeOutline(byte[] bytes) {
        return front(new PackedReader("ELF facts", bytes)).outline();
    }

    /**
     * The versions alone, likewise.
     *
     * @throws IllegalArgumentException as of {@link #decodeOutline}
     */
    static ElfVersions decodeVersions(byte[] bytes) {
        return front(new PackedReader("ELF facts", bytes)).versions;
    }

    private static ElfFacts front(PackedReader in) {
        int version = in.u8();
        if (version != VERSION) {
            throw new IllegalArgumentException("ELF facts of version " + version + "; this version of Basewatch reads "
                    + VERSION + " only: the layer must be read again");
        }
        return new ElfFacts(
                ElfHeader.read(in),
                ElfLayout.read(in),
                ElfLoading.read(in),
                ElfVersions.read(in),
                ElfOrigin.read(in),
                ElfReading.read(in),
                ElfSymbols.NONE);
    }
}
