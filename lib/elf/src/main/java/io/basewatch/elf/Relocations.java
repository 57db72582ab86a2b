package io.basewatch.elf;

import java.util.Map;
import java.util.Set;

/** What a type of relocation asks for, by machine. Numbers from the processor supplements of the ABI, as in glibc's elf.h. */
public final class Relocations {

    private Relocations() {}

    /**
     * @param dynamicTls of variables of the thread that are looked up: module, offset in it, descriptor
     * @param fixedTls at a fixed distance: the initial-exec model
     */
    private record Types(
            int copy, int globalOffset, int jumpSlot, int indirect, Set<Integer> dynamicTls, Set<Integer> fixedTls) {}

    private static final Types NONE = new Types(-1, -1, -1, -1, Set.of(), Set.of());

    private static final Types PPC = new Types(19, 20, 21, 248, Set.of(68, 78), Set.of(73));

    private static final Map<Integer, Types> BY_MACHINE = Map.of(
            ElfHeader.EM_X86_64, new Types(5, 6, 7, 37, Set.of(16, 17, 36), Set.of(18)),
            ElfHeader.EM_386, new Types(5, 6, 7, 42, Set.of(35, 36, 41), Set.of(14, 37)),
            ElfHeader.EM_AARCH64, new Types(1024, 1025, 1026, 1032, Set.of(1028, 1029, 1031), Set.of(1030)),
            ElfHeader.EM_ARM, new Types(20, 21, 22, 160, Set.of(13, 17, 18), Set.of(19)),
            ElfHeader.EM_PPC, PPC,
            ElfHeader.EM_PPC64, PPC,
            ElfHeader.EM_S390, new Types(9, 10, 11, 61, Set.of(54, 55), Set.of(56)),
            ElfHeader.EM_RISCV, new Types(4, -1, 5, 58, Set.of(6, 7, 8, 9, 12), Set.of(10, 11)),
            ElfHeader.EM_LOONGARCH, new Types(4, -1, 5, 12, Set.of(6, 7, 8, 9, 13, 14), Set.of(10, 11)),
            ElfHeader.EM_MIPS, new Types(126, 51, 127, -1, Set.of(38, 39, 40, 41), Set.of(47, 48)));

    private static Types types(int machine) {
        return BY_MACHINE.getOrDefault(machine, NONE);
    }

    /**
     * @param isElsewhere whether the relocation stands outside of the procedure linkage table's
     * @return {@code ElfSymbols.REF_*}; nothing of a relocation of the procedure linkage table but what it has to do with variables of the thread
     */
    public static int use(int machine, boolean is64, long type, boolean isElsewhere) {
        Types types = types(machine);
        int number = number(machine, is64, type);
        int tls = types.fixedTls.contains(number)
                ? ElfSymbols.REF_TLS | ElfSymbols.REF_TLS_FIXED
                : types.dynamicTls.contains(number) ? ElfSymbols.REF_TLS : 0;
        return tls | (isElsewhere ? place(types, number) : 0);
    }

    private static int place(Types types, int number) {
        if (number == types.copy) {
            return ElfSymbols.REF_COPY;
        }
        if (number == types.globalOffset) {
            return ElfSymbols.REF_GOT;
        }
        return number == types.jumpSlot ? ElfSymbols.REF_PLT : ElfSymbols.REF_DATA;
    }

    /** Whether the type lets a function of the file choose the address (IRELATIVE), which musl does not know. */
    public static boolean isIndirect(ElfHeader header, long type) {
        return number(header.machine(), header.bits() == 64, type) == types(header.machine()).indirect;
    }

    /** AArch64 with 32 bit pointers counts from another start. */
    private static int number(int machine, boolean is64, long type) {
        int shift = machine == ElfHeader.EM_AARCH64 && !is64 ? 844 : 0;
        return type < 0 || type > Integer.MAX_VALUE - shift ? Integer.MAX_VALUE : (int) type + shift;
    }
}
