package io.basewatch.caveats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.caveats.kept.BaseDescription;
import io.basewatch.caveats.kept.BaseDescription.Origin;
import io.basewatch.caveats.kept.DescribedBases;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.layerfacts.TestLayers;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BaseDescriptionTest {

    private static final Platform AMD64 = new Platform("linux", "amd64", null);

    private static BaseDescription described() {
        return BaseDescription.of(
                new Origin("tiny:1", "a test", null, AMD64, LocalDate.of(2026, 11, 26)),
                List.of(
                        TestLayers.tar()
                                .file(
                                        "lib/ld-musl-x86_64.so.1",
                                        HandmadeElf.x86_64()
                                                .soname("libc.musl-x86_64.so.1")
                                                .exported("__libc_start_main", "puts")
                                                .data(
                                                        "\0musl libc (x86_64)\nVersion %s\nDynamic Program Loader\n\0001.2.5\0")
                                                .build(),
                                        0755)
                                .facts(Kinds.all()),
                        TestLayers.tar()
                                .file("etc/os-release", "ID=alpine\nVERSION_ID=3.20.3\n")
                                .facts(Kinds.all())),
                new ImageInputs(List.of(), List.of("/bin/sh"), List.of("PATH=/bin"), Map.of()));
    }

    @Test
    void whatIsReadAgainIsTheImageThatWasDescribed() {
        BaseDescription read = BaseDescription.decode("tiny.base", described().encode());
        assertThat(read.origin()).isEqualTo(described().origin());
        assertThat(read.chainId()).isNotNull().isEqualTo(described().chainId());
        JudgedImage image = read.image();
        assertThat(image.isWhole()).isTrue();
        assertThat(image.fingerprint()).isEqualTo(described().image().fingerprint());
        assertThat(image.fingerprint().systemLibc().version()).isEqualTo("1.2.5");
        assertThat(image.elfFiles().all()).hasSize(1);
        assertThat(image.inputs().searchPath()).containsExactly("/bin");
    }

    @Test
    void oneThatIsCutOffAnywhereIsRefusedByName() {
        byte[] whole = described().encode();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> BaseDescription.decode("tiny.base", cut))
                    .as("%d bytes", length)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("tiny.base is no description of a base that can be used: ");
        }
    }

    @Test
    void damageIsRefusedOrReadButNeverBreaksAnythingElse() {
        byte[] whole = described().encode();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int refused = 0;
        for (int n = 0; n < 3_000; n++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                BaseDescription.decode("tiny.base", damaged).image();
            } catch (IllegalArgumentException e) {
                refused++;
            }
        }
        assertThat(refused).as("seed %d", seed).isGreaterThan(2_000);
    }

    @Test
    void aLayerThatWasNotReadForAllIsNoBase() {
        assertThatThrownBy(() -> BaseDescription.of(
                        described().origin(),
                        List.of(TestLayers.tar().file("a", "b").facts(List.of())),
                        ImageInputs.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("describe the base again");
    }

    @ParameterizedTest
    @CsvSource({
        "alpine:3.6.5, amd64, MUSL, 1.1.16",
        "alpine:3.12.12, amd64, MUSL, 1.1.24",
        "alpine:3.15.11, amd64, MUSL, 1.2.2",
        "alpine:3.17.10, amd64, MUSL, 1.2.3",
        "alpine:3.18.9, amd64, MUSL, 1.2.4",
        "alpine:3.20.3, amd64, MUSL, 1.2.5",
        "alpine:3.20.3, arm64, MUSL, 1.2.5",
        "debian:11-slim, amd64, GLIBC, 2.31",
        "debian:11-slim, arm64, GLIBC, 2.31",
        "debian:12-slim, amd64, GLIBC, 2.36",
        "debian:12-slim, arm64, GLIBC, 2.36",
        "debian:13-slim, amd64, GLIBC, 2.41",
        "debian:13-slim, arm64, GLIBC, 2.41",
        "distroless/static-debian12, amd64, NONE,",
        "distroless/base-debian12, amd64, GLIBC, 2.36",
        "distroless/cc-debian12, amd64, GLIBC, 2.36",
        "distroless/static-debian13, amd64, NONE,",
        "distroless/base-debian13, amd64, GLIBC, 2.41",
        "distroless/cc-debian13, amd64, GLIBC, 2.41"
    })
    void theBasesThatThisBuildCarriesAreOfNow(String name, String architecture, Libc.Family libc, String version) {
        JudgedImage image = DescribedBases.find(name, new Platform("linux", architecture, null))
                .orElseThrow()
                .image();
        assertThat(image.isWhole()).isTrue();
        assertThat(image.fingerprint().systemLibc().family()).isEqualTo(libc);
        assertThat(image.fingerprint().systemLibc().version()).isEqualTo(version);
        assertThat(LoadVerdicts.of(image, new Startable(image)).all())
                .filteredOn(verdict -> verdict.reach() != LoadVerdict.Reach.UNUSED)
                .allMatch(verdict -> verdict.proof().faults().isEmpty());
    }

    @Test
    void allOfThemAreListedAndTested() {
        assertThat(DescribedBases.list()).hasSize(19);
        assertThat(DescribedBases.find("debian:13-slim", new Platform("linux", "s390x", null)))
                .isEmpty();
        assertThat(DescribedBases.find("debian:1", null)).isEmpty();
    }

    @Test
    void aProgramThatNeedsANewerGlibcIsToldTheOldestBaseOnWhichItStarts() {
        JudgedImage image = JudgedImage.of(
                io.basewatch.fingerprint.Fingerprinter.see(
                        List.of(TestLayers.tar()
                                .file(
                                        "app/server",
                                        HandmadeElf.x86_64()
                                                .interpreter("/lib64/ld-linux-x86-64.so.2")
                                                .needed("libc.so.6")
                                                .versions("libc.so.6", "GLIBC_2.38")
                                                .undefined("__isoc23_strtol")
                                                .version("__isoc23_strtol", 2)
                                                .build(),
                                        0755)
                                .facts(Kinds.all())),
                        new ImageInputs(List.of("/app/server"), List.of(), List.of(), Map.of()),
                        true),
                io.basewatch.fleetmodel.Fingerprint.unknown());
        assertThat(effect(image, "debian:13-slim")).isEqualTo(WhatIf.Effect.NEWLY_LOADS);
        assertThat(effect(image, "distroless/base-debian13")).isEqualTo(WhatIf.Effect.NEWLY_LOADS);
        assertThat(effect(image, "debian:12-slim")).isEqualTo(WhatIf.Effect.STILL_FAILS);
        assertThat(effect(image, "distroless/static-debian13")).isEqualTo(WhatIf.Effect.STILL_FAILS);
        assertThat(effect(image, "alpine:3.20.3")).isEqualTo(WhatIf.Effect.STILL_FAILS);
    }

    private static WhatIf.Effect effect(JudgedImage image, String base) {
        return WhatIf.of(
                        image,
                        OwnObjects::liesApart,
                        DescribedBases.find(base, AMD64).orElseThrow().image())
                .changes()
                .get(0)
                .effect();
    }
}
