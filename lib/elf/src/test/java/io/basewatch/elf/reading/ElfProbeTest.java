package io.basewatch.elf.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.ElfOrigin;
import io.basewatch.elf.ElfProbes;
import io.basewatch.elf.ElfSymbols;
import io.basewatch.elf.ElfVersions;
import io.basewatch.elf.GoBuild;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.elf.Marker;
import io.basewatch.elf.SymbolTable;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FileProbe;
import io.basewatch.layerfacts.Hostile;
import io.basewatch.layerfacts.Scores;
import io.basewatch.layerfacts.Want;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(Scores.class)
class ElfProbeTest {

    static Stream<Arguments> machines() {
        return Stream.of(
                Arguments.of(64, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_X86_64, "x86_64"),
                Arguments.of(32, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_386, "i386"),
                Arguments.of(32, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_ARM, "arm"),
                Arguments.of(64, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_AARCH64, "aarch64"),
                Arguments.of(64, ByteOrder.BIG_ENDIAN, ElfHeader.EM_S390, "s390x"),
                Arguments.of(32, ByteOrder.BIG_ENDIAN, ElfHeader.EM_PPC, "powerpc"),
                Arguments.of(64, ByteOrder.BIG_ENDIAN, ElfHeader.EM_PPC64, "powerpc64"),
                Arguments.of(64, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_PPC64, "powerpc64le"),
                Arguments.of(64, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_RISCV, "riscv64"));
    }

    @ParameterizedTest
    @MethodSource("machines")
    void readsEveryClassAndByteOrder(int bits, ByteOrder order, int machine, String architecture) {
        for (boolean gnuHash : new boolean[] {false, true}) {
            HandmadeElf elf = HandmadeElf.of(bits, order, machine)
                    .interpreter("/lib/ld.so.1")
                    .needed("libc.so.6", "libz.so.1")
                    .rpath("$ORIGIN/../lib")
                    .versions("libc.so.6", "GLIBC_2.17", "GLIBC_2.34")
                    .versions("libz.so.1", "ZLIB_1.2.0")
                    .undefined("puts", "deflate")
                    .weak("__gmon_start__")
                    .unused("never_called")
                    .exported("environ_hook", "main_hook")
                    .stack(1 << 20)
                    .abiTag();
            ElfFacts facts = ElfProbes.read("program", gnuHash ? elf.gnuHash().build() : elf.build());

            assertThat(facts.reading().problem()).isNull();
            assertThat(facts.reading().truncated()).isFalse();
            assertThat(facts.header().bits()).isEqualTo(bits);
            assertThat(facts.header().bigEndian()).isEqualTo(order == ByteOrder.BIG_ENDIAN);
            assertThat(facts.header().architecture()).isEqualTo(architecture);
            assertThat(facts.kind()).isEqualTo(ElfFacts.Kind.DYNAMIC_EXECUTABLE);
            assertThat(facts.loading().interpreter()).isEqualTo("/lib/ld.so.1");
            assertThat(facts.loading().needed()).containsExactly("libc.so.6", "libz.so.1");
            assertThat(facts.loading().rpath()).isEqualTo("$ORIGIN/../lib");
            assertThat(facts.versions().needs())
                    .containsExactly(need("libc.so.6", "GLIBC_2.17", "GLIBC_2.34"), need("libz.so.1", "ZLIB_1.2.0"));
            assertThat(facts.symbols().references().names()).containsExactly("__gmon_start__", "deflate", "puts");
            assertThat(facts.symbols().references().stream().filter(symbol -> symbol.has(ElfSymbols.REF_WEAK)))
                    .extracting(SymbolTable.Symbol::name)
                    .containsExactly("__gmon_start__");
            assertThat(facts.symbols().exports().names()).containsExactly("environ_hook", "main_hook");
            assertThat(facts.layout().stackBytes()).isEqualTo(1 << 20);
            assertThat(facts.origin().abiTag()).isEqualTo("Linux 3.2.0");
        }
    }

    @Test
    void wantsOnlyRegularFilesThatStartLikeElf() {
        byte[] elf = HandmadeElf.x86_64().build();
        assertThat(ElfProbe.want(new FileEntry("a", FileEntry.Type.FILE, 3, 0755, null), new byte[] {0x7f, 'E', 'L'}))
                .isSameAs(Want.NOTHING);
        assertThat(ElfProbe.want(
                        new FileEntry("a", FileEntry.Type.FILE, 9, 0755, null),
                        "#!/bin/sh".getBytes(StandardCharsets.US_ASCII)))
                .isSameAs(Want.NOTHING);
        assertThat(ElfProbe.want(new FileEntry("a", FileEntry.Type.FILE, elf.length, 0644, null), elf)
                        .probeKind())
                .isEqualTo(ElfFacts.KIND);
    }

    @Test
    void seesTextsOnEveryBoundaryOfChunks() {
        String text = "x".repeat(1000) + "Result not representable" + "y".repeat(300) + "BusyBox v1.36.1 (2023-11-07)\0"
                + "z".repeat(500) + "No error information";
        byte[] elf = HandmadeElf.x86_64().isStatic().data(text).build();
        for (int chunk : new int[] {1, 2, 7, 64, 127, 128, 129, 255, 1000, 5000, 1 << 20}) {
            assertThat(readInChunks(elf, chunk).origin().markers())
                    .as("chunks of %d", chunk)
                    .containsOnlyKeys(Marker.MUSL_NO_ERROR, Marker.MUSL_RANGE, Marker.BUSYBOX)
                    .containsEntry(Marker.BUSYBOX, "1.36.1 (2023-11-07)");
        }
    }

    private static final int CODE_FROM = 0x11000;
    private static final int CODE_TO = 0x52000;

    /**
     * A text right before the code, three within, first, in its middle and last, and one right behind it.
     *
     * @param headerFlags of the segment in which the file's own header lies
     */
    private static byte[] programOfThreeSegments(int headerFlags) {
        byte[] elf = new byte[0x60000];
        ByteBuffer out = ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN);
        out.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
        out.putShort((short) ElfHeader.ET_EXEC)
                .putShort((short) ElfHeader.EM_X86_64)
                .putInt(1);
        out.putLong(CODE_FROM).putLong(64).putLong(0).putInt(0);
        out.putShort((short) 64).putShort((short) 56).putShort((short) 3);
        out.position(64);
        int[][] segments = {{headerFlags, 0, CODE_FROM}, {5, CODE_FROM, CODE_TO}, {4, CODE_TO, elf.length}};
        for (int[] segment : segments) {
            out.putInt(1)
                    .putInt(segment[0])
                    .putLong(segment[1])
                    .putLong(segment[1])
                    .putLong(segment[1]);
            out.putLong(segment[2] - segment[1])
                    .putLong(segment[2] - segment[1])
                    .putLong(0x1000);
        }
        String before = "No error information";
        out.position(CODE_FROM - before.length());
        out.put(before.getBytes(StandardCharsets.ISO_8859_1));
        out.put("musl libc".getBytes(StandardCharsets.ISO_8859_1));
        out.position(0x30000);
        out.put("GCONV_PATH".getBytes(StandardCharsets.ISO_8859_1));
        out.position(CODE_TO - "MUSL_LOCPATH".length());
        out.put("MUSL_LOCPATH".getBytes(StandardCharsets.ISO_8859_1));
        out.position(CODE_TO);
        out.put("BusyBox v1.36.1\0".getBytes(StandardCharsets.ISO_8859_1));
        return elf;
    }

    @Test
    void whereAFilesHeaderLiesApartFromItsCodeTextsDoAndElsewhereTheyAreLookedForInAllOfIt() {
        for (int chunk : new int[] {1000, 0x1000, 50_000, 1 << 16, 1 << 20}) {
            assertThat(readInChunks(programOfThreeSegments(4), chunk).origin().markers())
                    .as("chunks of %d", chunk)
                    .containsOnlyKeys(Marker.MUSL_NO_ERROR, Marker.BUSYBOX)
                    .containsEntry(Marker.BUSYBOX, "1.36.1");
            for (int flags : new int[] {5, 6, 7}) {
                assertThat(readInChunks(programOfThreeSegments(flags), chunk)
                                .origin()
                                .markers())
                        .as("chunks of %d, header's segment of flags %d", chunk, flags)
                        .containsOnlyKeys(
                                Marker.MUSL_NO_ERROR,
                                Marker.MUSL_LIBC,
                                Marker.GCONV_PATH,
                                Marker.MUSL_LOCPATH,
                                Marker.BUSYBOX);
            }
        }
    }

    private static ElfFacts readInChunks(byte[] elf, int chunk) {
        FileProbe probe = ElfProbe.want(new FileEntry("sh", FileEntry.Type.FILE, elf.length, 0755, null), elf)
                .probe()
                .get();
        for (int at = 0; at < elf.length; at += chunk) {
            probe.accept(elf, at, Math.min(chunk, elf.length - at));
        }
        return ElfFacts.decode(probe.finish());
    }

    private static byte[] goProgram() {
        String info = "0123456789abcdef"
                + "path\texample.org/app\nmod\texample.org/app\tv1\nbuild\tCGO_ENABLED=0\nbuild\tGOOS=linux\n"
                + "fedcba9876543210";
        String header = "\u00ff Go buildinf:" + "\u0008\u0002" + "\0".repeat(16);
        String build = header + (char) 8 + "go1.22.1" + (char) (0x80 | info.length() & 0x7f)
                + (char) (info.length() >> 7) + info;
        return HandmadeElf.x86_64()
                .isStatic()
                .data("q".repeat(64) + build + "\0".repeat(400))
                .build();
    }

    @Test
    void cutAtAnyByteAGoProgramIsOfItsVersionOrOfNone() {
        byte[] elf = goProgram();
        Hostile.cutAtEveryByte("Go build information", elf, cut -> {
            if (cut.length >= 16) {
                GoBuild go = ElfProbes.read("app", cut).origin().go();
                assertThat(go == null ? null : go.version()).isIn(null, "go1.22.1");
                assertThat(go == null ? null : go.module()).isIn(null, "example.org/app");
            }
        });
        Hostile.change("Go build information", elf, 16, 10_000, changed -> ElfProbes.read("app", changed));
    }

    @Test
    void readsGoBuildInformationOnEveryBoundaryOfChunks() {
        byte[] elf = goProgram();
        for (int chunk : new int[] {1, 5, 13, 100, 128, 129, 3000, 1 << 20}) {
            assertThat(readInChunks(elf, chunk).origin().go())
                    .as("chunks of %d", chunk)
                    .isEqualTo(new GoBuild("go1.22.1", "example.org/app", null, false));
        }
    }

    @Test
    void readsTheVersionsOfLibcFiles() {
        ElfFacts musl = ElfProbes.read(
                "ld-musl-x86_64.so.1",
                HandmadeElf.x86_64()
                        .soname("libc.musl-x86_64.so.1")
                        .data(
                                "\0musl libc (x86_64)\nVersion %s\nDynamic Program Loader\0 3.1.4.1\0\0001.2.4_git20230717\0")
                        .build());
        assertThat(musl.origin().libc().family()).isEqualTo("musl");
        assertThat(musl.origin().libc().version()).isEqualTo("1.2.4_git20230717");

        ElfFacts glibc = ElfProbes.read(
                "libc.so.6",
                HandmadeElf.x86_64()
                        .soname("libc.so.6")
                        .data("\0GNU C Library (Debian GLIBC 2.36-9+deb12u9) stable release version 2.36.\nCopyright")
                        .build());
        assertThat(glibc.origin().libc())
                .isEqualTo(new ElfOrigin.LibcText(
                        "glibc",
                        "2.36",
                        "Debian GLIBC 2.36-9+deb12u9",
                        "GNU C Library (Debian GLIBC 2.36-9+deb12u9) stable release version 2.36"));

        ElfFacts old = ElfProbes.read(
                "libc-2.17.so",
                HandmadeElf.x86_64()
                        .soname("libc.so.6")
                        .data("\0GNU C Library stable release version 2.17, by Roland McGrath et al.\n")
                        .build());
        assertThat(old.origin().libc().version()).isEqualTo("2.17");
        assertThat(old.origin().libc().vendor()).isNull();

        ElfFacts uclibc = ElfProbes.read(
                "libuClibc-1.0.43.so", HandmadeElf.x86_64().soname("libc.so.1").build());
        assertThat(uclibc.origin().libc().family()).isEqualTo("uclibc");
        assertThat(uclibc.origin().libc().version()).isEqualTo("1.0.43");
    }

    @Test
    void keepsNoMuslVersionWhenTwoDiffer() {
        ElfFacts facts = ElfProbes.read(
                "libc.so",
                HandmadeElf.x86_64().data("\0musl libc\0001.2.4\0\0001.2.5\0").build());
        assertThat(facts.origin().libc().version()).isNull();
    }

    @Test
    void saysWhenADynamicSectionLiesOutsideOfTheFile() {
        byte[] elf =
                HandmadeElf.x86_64().interpreter("/lib/ld").needed("libc.so.6").build();
        ElfFacts facts = ElfProbes.read("cut", Arrays.copyOf(elf, elf.length - 64));
        assertThat(facts.reading().truncated()).isTrue();
    }

    @Test
    void findsTablesBehindTheCapturedHeadOfAHugeFile() {
        // As a tool that edits library names leaves it: strings at the end, the dynamic section where it was.
        byte[] small =
                HandmadeElf.x86_64().soname("libhuge.so.1").needed("libc.so.6").build();
        int shift = 40 << 20;
        byte[] huge = Arrays.copyOf(small, shift + small.length);
        // One more loaded segment that maps a copy of the file at a higher offset and address, and a dynamic section
        // there.
        System.arraycopy(small, 0, huge, shift, small.length);
        java.nio.ByteBuffer out = java.nio.ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN);
        int count = out.getShort(56);
        for (int i = 0; i < count; i++) {
            int at = 64 + 56 * i;
            out.putLong(at + 8, out.getLong(at + 8) + shift);
        }
        ElfFacts facts = ElfProbes.read("libhuge.so.1", huge);
        assertThat(facts.reading().truncated()).isFalse();
        assertThat(facts.loading().soname()).isEqualTo("libhuge.so.1");
        assertThat(facts.loading().needed()).containsExactly("libc.so.6");
    }

    /** What is kept of a file lies where that of others lay. */
    @Test
    void nothingOfAnotherFileIsSeenInAFileThatIsCutAnywhere() {
        byte[] elf = HandmadeElf.of(64, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_X86_64)
                .interpreter("/lib64/ld-linux-x86-64.so.2")
                .needed("libc.so.6")
                .versions("libc.so.6", "GLIBC_2.34")
                .undefined("puts")
                .exported("hook")
                .build();
        Hostile.cutAtEveryByte("an ELF file behind another", elf, cut -> {
            if (cut.length >= 16) {
                lay(new byte[0]);
                ElfFacts alone = ElfProbes.read("cut", cut);
                lay(elf);
                assertThat(ElfProbes.read("cut", cut)).isEqualTo(alone);
            }
        });
    }

    /** What the next file finds in the first pages that it gets: these bytes over and over, zeros where there are none. */
    private static void lay(byte[] bytes) {
        List<byte[]> taken = new ArrayList<>();
        for (byte[] page = Pages.take(); page != null; page = Pages.take()) {
            taken.add(page);
        }
        taken.add(new byte[Pages.SIZE]);
        for (byte[] page : taken) {
            Arrays.fill(page, (byte) 0);
            for (int at = 0; bytes.length > 0 && at < page.length; at += bytes.length) {
                System.arraycopy(bytes, 0, page, at, Math.min(bytes.length, page.length - at));
            }
            Pages.give(page);
        }
    }

    @Test
    void cutAtAnyByteAFileIsNeverTakenForWhole() {
        byte[] elf = sample();
        ElfFacts whole = ElfProbes.read("cut", elf);
        Hostile.cutAtEveryByte("ELF", elf, cut -> {
            if (cut.length < 16) {
                return;
            }
            ElfFacts facts = ElfProbes.read("cut", cut);
            assertThat(facts.loading().needed()).isIn(List.of(), whole.loading().needed());
            if (!facts.reading().truncated()) {
                assertThat(facts.loading().needed())
                        .as("cut at %d", cut.length)
                        .isEqualTo(whole.loading().needed());
                assertThat(facts.loading().interpreter())
                        .as("cut at %d", cut.length)
                        .isEqualTo(whole.loading().interpreter());
                assertThat(facts.symbols().exports().names())
                        .as("cut at %d", cut.length)
                        .isEqualTo(whole.symbols().exports().names());
            }
        });
    }

    @Test
    void readsMutatedFilesWithoutFailing() {
        Random random = new Random(20261122);
        List<byte[]> seeds = new ArrayList<>(List.of(
                sample(),
                HandmadeElf.of(32, ByteOrder.BIG_ENDIAN, ElfHeader.EM_PPC)
                        .interpreter("/lib/ld.so.1")
                        .needed("libc.so.6")
                        .undefined("a", "b")
                        .gnuHash()
                        .exported("c")
                        .build(),
                HandmadeElf.of(64, ByteOrder.BIG_ENDIAN, ElfHeader.EM_MIPS)
                        .soname("libx.so")
                        .undefined("a")
                        .build()));
        for (byte[] seed : seeds) {
            Hostile.change(
                    "ELF",
                    seed,
                    4,
                    5_000,
                    changed -> ElfProbes.read(random.nextBoolean() ? "libc.so" : "program", changed));
        }
    }

    @Test
    void decodesNothingButWhatItEncoded() {
        byte[] facts = ElfProbes.feed("program", sample(), new Random(5));
        for (int length = 0; length < facts.length; length++) {
            byte[] cut = Arrays.copyOf(facts, length);
            assertThatThrownBy(() -> ElfFacts.decode(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        Random random = new Random(6);
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = facts.clone();
            for (int j = 0; j <= random.nextInt(3); j++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                ElfFacts.decode(damaged).symbols().exports().names();
            } catch (IllegalArgumentException expected) {
                // Told apart from a mistake of ours.
            }
        }
    }

    private static ElfVersions.Need need(String file, String... versions) {
        return new ElfVersions.Need(
                file,
                Stream.of(versions)
                        .map(version -> new ElfVersions.Wanted(version, false))
                        .toList());
    }

    private static byte[] sample() {
        return HandmadeElf.x86_64()
                .interpreter("/lib64/ld-linux-x86-64.so.2")
                .needed("libc.so.6")
                .versions("libc.so.6", "GLIBC_2.34")
                .undefined("puts", "exit")
                .weak("__gmon_start__")
                .exported("hook", "hook_2")
                .soname("program.so")
                .versionDefinitions("HOOK_1")
                .version("puts", 2)
                .version("hook", 3)
                .tag(0x7ffffffdL, "libauxiliary.so")
                .note("FDO", 0xcafe1a7e, "{\"name\":\"x\"}".getBytes(StandardCharsets.US_ASCII))
                .note("GNU", 5, new byte[] {2, 0, 0, (byte) 0xc0, 4, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0})
                .abiTag()
                .stack(0)
                .build();
    }
}
