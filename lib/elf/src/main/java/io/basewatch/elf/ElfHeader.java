package io.basewatch.elf;

import io.basewatch.layerfacts.PackedReader;
import io.basewatch.layerfacts.PackedWriter;
import org.jspecify.annotations.Nullable;

/**
 * The file header.
 *
 * @param bits 32 or 64
 * @param osAbi EI_OSABI
 * @param abiVersion EI_ABIVERSION
 * @param type e_type: {@link #ET_REL}, {@link #ET_EXEC}, {@link #ET_DYN}…
 * @param machine e_machine: {@link #EM_X86_64}…
 * @param flags e_flags: how floats are passed on ARM and RISC-V, the ABI and the kind of NaN on MIPS
 */
public record ElfHeader(int bits, boolean bigEndian, int osAbi, int abiVersion, int type, int machine, long flags) {

    /** By hand, as what the JVM makes of a record takes a run that has just begun some milliseconds. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ElfHeader header
                && bits == header.bits
                && bigEndian == header.bigEndian
                && osAbi == header.osAbi
                && abiVersion == header.abiVersion
                && type == header.type
                && machine == header.machine
                && flags == header.flags;
    }

    @Override
    public int hashCode() {
        int hash = 31 * bits + Boolean.hashCode(bigEndian);
        hash = (31 * hash + osAbi) * 31 + abiVersion;
        hash = (31 * hash + type) * 31 + machine;
        return 31 * hash + Long.hashCode(flags);
    }

    public static final int ET_REL = 1;
    public static final int ET_EXEC = 2;
    public static final int ET_DYN = 3;
    public static final int ET_CORE = 4;

    public static final int EM_386 = 3;
    public static final int EM_MIPS = 8;
    public static final int EM_PPC = 20;
    public static final int EM_PPC64 = 21;
    public static final int EM_S390 = 22;
    public static final int EM_ARM = 40;
    public static final int EM_X86_64 = 62;
    public static final int EM_AARCH64 = 183;
    public static final int EM_RISCV = 243;
    public static final int EM_LOONGARCH = 258;

    /** {@code x86_64}, {@code aarch64}, {@code s390x}…, as {@code uname -m} or a libc's file names spell it; {@code machine N} for a rare one. */
    public String architecture() {
        return switch (machine) {
            case EM_386 -> "i386";
            case EM_X86_64 -> bits == 32 ? "x32" : "x86_64";
            case EM_AARCH64 -> bigEndian ? "aarch64_be" : "aarch64";
            case EM_ARM -> bigEndian ? "armeb" : "arm";
            case EM_PPC -> bigEndian ? "powerpc" : "powerpcle";
            case EM_PPC64 -> bigEndian ? "powerpc64" : "powerpc64le";
            case EM_S390 -> bits == 64 ? "s390x" : "s390";
            case EM_MIPS -> (bits == 64 ? "mips64" : "mips") + (bigEndian ? "" : "el");
            case EM_RISCV -> bits == 64 ? "riscv64" : "riscv32";
            case EM_LOONGARCH -> bits == 64 ? "loongarch64" : "loongarch32";
            default -> "machine " + machine;
        };
    }

    void write(PackedWriter out) {
        out.u8(bits).flag(bigEndian).u8(osAbi).u8(abiVersion);
        out.number(type).number(machine).number(flags);
    }

    static ElfHeader read(PackedReader in) {
        int bits = in.u8();
        if (bits != 32 && bits != 64) {
            throw in.broken("class of " + bits + " bits");
        }
        return new ElfHeader(
                bits,
                in.flag(),
                in.u8(),
                in.u8(),
                in.number(0xffff, "e_type"),
                in.number(0xffff, "e_machine"),
                in.number());
    }
}
