package io.basewatch.fingerprint.libc;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Contradiction;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.layerfacts.TestLayers;
import io.basewatch.layerfacts.TestLayers.Tar;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The platform that a config names beside the machine that the files are for. */
class ArchitectureTest {

    private static HandmadeElf elf(int bits, int machine) {
        return HandmadeElf.of(bits, ByteOrder.LITTLE_ENDIAN, machine);
    }

    private static Tar alpine(int bits, int machine) {
        return TestLayers.tar()
                .file(
                        "bin/busybox",
                        elf(bits, machine)
                                .interpreter("/lib/ld-musl.so.1")
                                .needed("libc.musl-x.so.1")
                                .build(),
                        0755)
                .symlink("bin/sh", "/bin/busybox")
                .file(
                        "lib/ld-musl.so.1",
                        elf(bits, machine).soname("libc.musl-x.so.1").build(),
                        0755);
    }

    private static List<Contradiction> contradictions(Tar image, String platform, String... entrypoint) {
        ImageInputs inputs =
                new ImageInputs(List.of(entrypoint), List.of(), List.of(), Map.of()).on(Platform.parse(platform));
        return Fingerprinter.fingerprint(List.of(image.facts(Kinds.all())), inputs)
                .fingerprint()
                .contradictions()
                .stream()
                .filter(found -> found.about().equals("architecture"))
                .toList();
    }

    @Test
    void aConfigThatNamesAnotherMachineThanTheSystemsFilesIsContradicted() {
        assertThat(contradictions(alpine(64, ElfHeader.EM_AARCH64), "linux/amd64"))
                .singleElement()
                .satisfies(found -> {
                    assertThat(found.message())
                            .contains("the config says linux/amd64")
                            .contains("arm64")
                            .contains("bin/busybox");
                    assertThat(found.evidence()).singleElement().satisfies(evidence -> {
                        assertThat(evidence.path()).isEqualTo("bin/busybox");
                        assertThat(evidence.excerpt()).isEqualTo("aarch64");
                    });
                });
        assertThat(contradictions(alpine(32, ElfHeader.EM_386), "linux/amd64")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "64, 62, linux/amd64",
        "64, 62, Linux/x86_64",
        "32, 3, linux/386",
        "32, 40, linux/arm/v7",
        "32, 40, linux/arm/v6",
        "64, 183, linux/arm64",
        "64, 183, linux/arm64/v8",
        "64, 183, linux/aarch64",
        "64, 183, linux/arm/v8",
        "64, 21, linux/ppc64le",
        "64, 243, linux/riscv64",
        "64, 258, linux/loong64",
        "64, 62, linux/unheard-of",
        "64, 4711, linux/amd64"
    })
    void aConfigThatNamesTheSameMachineIsNot(int bits, int machine, String platform) {
        assertThat(contradictions(alpine(bits, machine), platform)).isEmpty();
    }

    @Test
    void filesForOtherMachinesBesideTheSystemAreNoContradiction() {
        Tar image = alpine(64, ElfHeader.EM_X86_64)
                .file(
                        "lib/i386-linux-gnu/libc.so.6",
                        elf(32, ElfHeader.EM_386).soname("libc.so.6").build(),
                        0755)
                .file(
                        "usr/aarch64-linux-gnu/lib/libc.so.6",
                        elf(64, ElfHeader.EM_AARCH64).soname("libc.so.6").build(),
                        0755)
                .file("usr/bin/qemu-guest", elf(32, ElfHeader.EM_ARM).isStatic().build(), 0755)
                .file(
                        "lib/firmware/modem.elf",
                        elf(32, ElfHeader.EM_MIPS).isStatic().build(),
                        0644)
                .file(
                        "opt/game/linux32/server",
                        elf(32, ElfHeader.EM_386).isStatic().build(),
                        0755);
        assertThat(contradictions(image, "linux/amd64", "/opt/game/linux32/server"))
                .isEmpty();
    }

    @Test
    void aProgramThatTheMachineCannotStartIsAContradiction() {
        byte[] arm = elf(64, ElfHeader.EM_AARCH64).isStatic().build();
        assertThat(contradictions(alpine(64, ElfHeader.EM_X86_64).file("app", arm, 0755), "linux/amd64", "/app"))
                .singleElement()
                .satisfies(found ->
                        assertThat(found.message()).contains("the program that is started is for arm64 (app)"));
        assertThat(contradictions(TestLayers.tar().file("app", arm, 0755), "linux/amd64", "/app"))
                .hasSize(1);
        assertThat(contradictions(TestLayers.tar().file("app", arm, 0755), "linux/arm64", "/app"))
                .isEmpty();
        assertThat(contradictions(TestLayers.tar().file("boot/firmware.elf", arm, 0755), "linux/amd64"))
                .isEmpty();
    }
}
