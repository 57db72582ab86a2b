package io.basewatch.elf;

/** What a relocation type asks for, by machine. Numbers from the processor supplements of the ABI, as in glibc's elf.h. */
final class Relocations {

    private Relocations() {}

    private record Types(int copy, int globalOffset, int jumpSlot) {}

    private static Types types(int machine) {
        return switch (machine) {
            case ElfFacts.EM_X86_64, ElfFacts.EM_386 -> new Types(5, 6, 7);
            case ElfFacts.EM_AARCH64 -> new Types(1024, 1025, 1026);
            case ElfFacts.EM_ARM -> new Types(20, 21, 22);
            case ElfFacts.EM_PPC, ElfFacts.EM_PPC64 -> new Types(19, 20, 21);
            case ElfFacts.EM_S390 -> new Types(9, 10, 11);
            case ElfFacts.EM_RISCV, ElfFacts.EM_LOONGARCH -> new Types(4, -1, 5);
            case ElfFacts.EM_MIPS -> new Types(126, 51, 127);
            default -> new Types(-1, -1, -1);
        };
    }

    /** @return one of {@code ElfFacts.REF_*} */
    static int use(int machine, boolean is64, long type) {
        Types types = types(machine);
        // AArch64 with 32 bit pointers counts from another start.
        int shift = machine == ElfFacts.EM_AARCH64 && !is64 ? 844 : 0;
        if (type == types.copy - shift) {
            return ElfFacts.REF_COPY;
        }
        if (type == types.globalOffset - shift) {
            return ElfFacts.REF_GOT;
        }
        return type == types.jumpSlot - shift ? ElfFacts.REF_PLT : ElfFacts.REF_DATA;
    }
}
