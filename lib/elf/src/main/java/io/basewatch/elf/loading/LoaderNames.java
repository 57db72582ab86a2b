package io.basewatch.elf.loading;

import io.basewatch.elf.ElfHeader;
import io.basewatch.fleetmodel.Libc.Family;
import java.util.List;

/** Where loaders lie, by machine: what linkers write into programs. */
final class LoaderNames {

    private LoaderNames() {}

    static List<String> paths(ElfHeader header, Family family) {
        String architecture = header.architecture();
        boolean isHardFloat = (header.flags() & 0x400) != 0;
        if (family == Family.MUSL) {
            return header.machine() == ElfHeader.EM_ARM
                    ? List.of("/lib/ld-musl-armhf.so.1", "/lib/ld-musl-arm.so.1")
                    : List.of("/lib/ld-musl-" + architecture + ".so.1");
        }
        return switch (architecture) {
            case "x86_64" ->
                List.of(
                        "/lib64/ld-linux-x86-64.so.2",
                        "/lib/ld-linux-x86-64.so.2",
                        "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
            case "i386" -> List.of("/lib/ld-linux.so.2");
            case "x32" -> List.of("/libx32/ld-linux-x32.so.2");
            case "arm" ->
                isHardFloat
                        ? List.of("/lib/ld-linux-armhf.so.3")
                        : List.of("/lib/ld-linux.so.3", "/lib/ld-linux-armhf.so.3");
            case "powerpc64le" -> List.of("/lib64/ld64.so.2");
            case "s390x" -> List.of("/lib/ld64.so.1");
            case "riscv64" -> List.of("/lib/ld-linux-riscv64-lp64d.so.1", "/lib/ld-linux-riscv64-lp64.so.1");
            case "loongarch64" -> List.of("/lib64/ld-linux-loongarch-lp64d.so.1", "/lib/ld-linux-loongarch-lp64d.so.1");
            case "mips64el", "mips64" -> List.of("/lib64/ld.so.1", "/lib64/ld-linux-mipsn8.so.1");
            default -> List.of("/lib/ld-linux-" + architecture + ".so.1", "/lib/ld.so.1");
        };
    }
}
