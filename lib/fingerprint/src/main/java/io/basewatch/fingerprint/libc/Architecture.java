package io.basewatch.fingerprint.libc;

import io.basewatch.elf.ElfHeader;
import io.basewatch.fleetmodel.Platform;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Machines in the names of image configs, which are Go's. Variants ({@code arm/v7}) are not looked at: the header of a file does not tell them.
 */
public final class Architecture {

    private Architecture() {}

    /** By Go's name; empty for a rare machine, of which nothing is claimed. */
    static Optional<String> of(ElfHeader header) {
        boolean is64 = header.bits() == 64;
        return Optional.ofNullable(
                switch (header.machine()) {
                    case ElfHeader.EM_386 -> "386";
                    case ElfHeader.EM_X86_64 -> "amd64";
                    case ElfHeader.EM_ARM -> "arm";
                    case ElfHeader.EM_AARCH64 -> "arm64";
                    case ElfHeader.EM_PPC -> "ppc";
                    case ElfHeader.EM_PPC64 -> header.bigEndian() ? "ppc64" : "ppc64le";
                    case ElfHeader.EM_S390 -> is64 ? "s390x" : "s390";
                    case ElfHeader.EM_MIPS -> (is64 ? "mips64" : "mips") + (header.bigEndian() ? "" : "le");
                    case ElfHeader.EM_RISCV -> is64 ? "riscv64" : "riscv";
                    case ElfHeader.EM_LOONGARCH -> is64 ? "loong64" : null;
                    default -> null;
                });
    }

    private static final Set<String> KNOWN = Set.of(
            "386",
            "amd64",
            "arm",
            "arm64",
            "ppc",
            "ppc64",
            "ppc64le",
            "s390",
            "s390x",
            "mips",
            "mipsle",
            "mips64",
            "mips64le",
            "riscv",
            "riscv64",
            "loong64");

    /** What a config says, other makers' spellings undone; empty for what is not known, of which nothing is claimed. */
    static Optional<String> of(Platform platform) {
        String said = platform.architecture().toLowerCase(Locale.ROOT);
        String name = switch (said) {
            case "x86_64", "x86-64", "x64" -> "amd64";
            case "i386", "i486", "i586", "i686", "x86" -> "386";
            case "aarch64", "armv8", "arm64e", "arm64v8" -> "arm64";
            case "armhf", "armel", "armv5", "armv6", "armv6l", "armv7", "armv7l", "arm32v5", "arm32v6", "arm32v7" ->
                "arm";
            case "ppc64el" -> "ppc64le";
            case "mipsel" -> "mipsle";
            case "mips64el" -> "mips64le";
            case "loongarch64" -> "loong64";
            default -> said;
        };
        return KNOWN.contains(name) ? Optional.of(name) : Optional.empty();
    }

    /** Whether a kernel of that platform may start a program of this file's machine; true where nothing is known of either. */
    public static boolean mayStart(Platform platform, ElfHeader header) {
        String said = of(platform).orElse(null);
        String found = of(header).orElse(null);
        return said == null || found == null || isSame(platform, said, found) || starts(said, found);
    }

    /** Whether a file for one machine is no contradiction to an image for the other: what some write for a 64-bit ARM that runs 32-bit programs. */
    static boolean isSame(Platform platform, String said, String found) {
        return said.equals(found) || (said.equals("arm") && found.equals("arm64") && "v8".equals(platform.variant()));
    }

    /** Whether the kernels of one machine start programs of the other too. */
    static boolean starts(String machine, String program) {
        return switch (machine) {
            case "amd64" -> program.equals("386");
            case "arm64" -> program.equals("arm");
            case "s390x" -> program.equals("s390");
            case "ppc64" -> program.equals("ppc");
            case "mips64" -> program.equals("mips");
            case "mips64le" -> program.equals("mipsle");
            default -> false;
        };
    }
}
