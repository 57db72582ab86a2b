package io.basewatch.elf.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.ElfLayout;
import io.basewatch.elf.ElfProbes;
import io.basewatch.elf.ElfReading.Cut;
import io.basewatch.elf.ElfSymbols;
import io.basewatch.elf.ElfVersions;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.elf.Marker;
import io.basewatch.elf.Relocations;
import io.basewatch.elf.SymbolTable.Symbol;
import io.basewatch.elf.SymbolTable.Version;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a prover of load failures, and rules over an image, will ask of a file. */
class ElfEvidenceTest {

    @Test
    void aReferenceNamesTheVersionItWantsAndTheFileItWantsItOf() {
        ElfFacts facts = ElfProbes.read(
                "libx.so",
                HandmadeElf.x86_64()
                        .versions("libc.so.6", "GLIBC_2.2.5", "GLIBC_2.34")
                        .versions("libm.so.6", "GLIBC_2.29")
                        .undefined("puts", "pow", "plain")
                        .version("puts", 3)
                        .version("pow", 4)
                        .build());

        assertThat(facts.symbols().references())
                .containsExactly(
                        new Symbol("plain", null, ElfSymbols.REF_GOT),
                        new Symbol("pow", new Version("libm.so.6", "GLIBC_2.29"), ElfSymbols.REF_GOT),
                        new Symbol("puts", new Version("libc.so.6", "GLIBC_2.34"), ElfSymbols.REF_GOT));
        assertThat(facts.versions().needs().get(0).versions())
                .containsExactly(
                        new ElfVersions.Wanted("GLIBC_2.2.5", false), new ElfVersions.Wanted("GLIBC_2.34", false));
    }

    @Test
    void aVersionThatMayBeMissingIsToldFromOneThatMustBeThere() {
        ElfFacts facts = ElfProbes.read(
                "libx.so",
                HandmadeElf.x86_64()
                        .versions("libc.so.6", "GLIBC_ABI_DT_RELR")
                        .weakVersions()
                        .build());

        assertThat(facts.versions().needs())
                .containsExactly(
                        new ElfVersions.Need("libc.so.6", List.of(new ElfVersions.Wanted("GLIBC_ABI_DT_RELR", true))));
    }

    @Test
    void anExportIsKeptInEachOfItsVersions() {
        ElfFacts facts = ElfProbes.read(
                "libc.so.6",
                HandmadeElf.x86_64()
                        .soname("libc.so.6")
                        .versionDefinitions("GLIBC_2.2.5", "GLIBC_2.14")
                        .exported("memcpy", "memcpy\0old", "puts", "environ")
                        .version("memcpy", 3)
                        .version("memcpy\0old", 2 | 0x8000)
                        .version("puts", 2)
                        .info("environ", 0x21)
                        .build());

        assertThat(facts.symbols().exports())
                .containsExactly(
                        new Symbol("environ", null, ElfSymbols.EXPORT_WEAK | ElfSymbols.EXPORT_DATA),
                        new Symbol("memcpy", new Version(null, "GLIBC_2.2.5"), ElfSymbols.EXPORT_HIDDEN_VERSION),
                        new Symbol("memcpy", new Version(null, "GLIBC_2.14"), 0),
                        new Symbol("puts", new Version(null, "GLIBC_2.2.5"), 0));
    }

    @Test
    void symbolsOfOneProcessAndThoseChosenAtLoadTimeAreMarked() {
        ElfFacts facts = ElfProbes.read(
                "libx.so",
                HandmadeElf.x86_64()
                        .exported("unique", "chosen", "local_to_thread")
                        .info("unique", 0xa1)
                        .info("chosen", 0x1a)
                        .info("local_to_thread", 0x16)
                        .build());

        assertThat(facts.symbols().exports())
                .containsExactly(
                        new Symbol("chosen", null, ElfSymbols.EXPORT_IFUNC),
                        new Symbol("local_to_thread", null, ElfSymbols.EXPORT_TLS),
                        new Symbol("unique", null, ElfSymbols.EXPORT_UNIQUE | ElfSymbols.EXPORT_DATA));
    }

    @Test
    void tellsWhichRelocationsThereAreAndWhichAskForVariablesOfTheThread() {
        ElfFacts facts = ElfProbes.read(
                "libx.so",
                HandmadeElf.x86_64()
                        .undefined("fixed", "looked_up", "word", "nothing")
                        .relocation("fixed", 18)
                        .relocation("looked_up", 16)
                        .relocation("word", 1)
                        .relocation("nothing", 0)
                        .build());

        assertThat(facts.symbols().relocationTypes()).containsExactly(0L, 1L, 16L, 18L);
        assertThat(facts.symbols().references())
                .as("a relocation that does nothing asks for nothing")
                .containsExactly(
                        new Symbol("fixed", null, ElfSymbols.REF_DATA | ElfSymbols.REF_TLS | ElfSymbols.REF_TLS_FIXED),
                        new Symbol("looked_up", null, ElfSymbols.REF_DATA | ElfSymbols.REF_TLS),
                        new Symbol("word", null, ElfSymbols.REF_DATA));
        assertThat(Relocations.isIndirect(facts.header(), 37)).isTrue();
        assertThat(Relocations.isIndirect(facts.header(), 18)).isFalse();
    }

    @Test
    void readsWhatTheDynamicSectionSaysBesideNeededFiles() {
        ElfFacts facts = ElfProbes.read(
                "libx.so",
                HandmadeElf.x86_64()
                        .gnuHash()
                        .tag(0x7ffffffdL, "libauxiliary.so")
                        .tag(0x7fffffffL, "libfilter.so")
                        .tag(0x6ffffefaL, "/etc/config")
                        .tag(16, 0)
                        .tag(22, 0)
                        .tag(24, 0)
                        .tag(30, 0x10)
                        .build());

        assertThat(facts.loading().auxiliary()).containsExactly("libauxiliary.so");
        assertThat(facts.loading().filters()).containsExactly("libfilter.so");
        assertThat(facts.loading().config()).isEqualTo("/etc/config");
        assertThat(facts.loading().isSymbolic()).isTrue();
        assertThat(facts.loading().hasTextRelocations()).isTrue();
        assertThat(facts.loading().bindsNow()).isTrue();
        assertThat(facts.loading().hasGnuHash()).isTrue();
        assertThat(facts.loading().hasSysvHash()).isFalse();
        assertThat(facts.loading().flags()).isEqualTo(0x10);
        assertThat(facts.loading().tags()).contains(16L, 22L, 24L, 0x6ffffef5L).isSorted();
    }

    @Test
    void readsMemoryAndMachineFlags() {
        ElfFacts facts = ElfProbes.read(
                "libx.so",
                HandmadeElf.of(32, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_ARM)
                        .flags(0x5000400)
                        .stack(0)
                        .executableStack()
                        .build());

        assertThat(facts.header().flags()).isEqualTo(0x5000400);
        assertThat(facts.layout()).isEqualTo(new ElfLayout(0, true, -1, 0, 4, 4, false, List.of()));
    }

    @Test
    void readsNotesOfPropertiesPackagesAndFilesOpenedLater() {
        ByteBuffer properties = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
        properties.putInt(0xc0000002).putInt(4).putInt(3).putInt(0);
        properties.putInt(0xc0008002).putInt(4).putInt(7).putInt(0);
        ElfFacts facts = ElfProbes.read(
                "libx.so",
                HandmadeElf.x86_64()
                        .note("GNU", 5, properties.array())
                        .note("FDO", 0xcafe1a7e, text("{\"type\":\"deb\",\"name\":\"x\"}"))
                        .note("FDO", 0x407c0c0a, text("[{\"soname\":[\"libz.so.1\"]}]"))
                        .note("Go", 4, text("id"))
                        .build());

        assertThat(facts.layout().properties())
                .containsExactly(new ElfLayout.Property(0xc0000002L, 3), new ElfLayout.Property(0xc0008002L, 7));
        assertThat(facts.origin().packaged()).isEqualTo("{\"type\":\"deb\",\"name\":\"x\"}");
        assertThat(facts.loading().optional()).containsExactly("[{\"soname\":[\"libz.so.1\"]}]");
        assertThat(facts.origin().isGo()).isTrue();
    }

    @Test
    void aPropertyThatIsSaidForEachObjectThatWasLinkedIsKeptOnce() {
        HandmadeElf elf = HandmadeElf.x86_64();
        for (int i = 0; i < 50; i++) {
            ByteBuffer property = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
            property.putInt(0xc0000002).putInt(4).putInt(3).putInt(0);
            elf.note("GNU", 5, property.array());
        }
        ElfFacts facts = ElfProbes.read("libold.so", elf.build());
        assertThat(facts.layout().properties()).containsExactly(new ElfLayout.Property(0xc0000002L, 3));
        assertThat(facts.reading().cuts()).isEmpty();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void seesAllocatorsAndNameServicesInsideOfStaticPrograms() {
        ElfFacts facts = ElfProbes.read(
                "app",
                HandmadeElf.x86_64()
                        .isStatic()
                        .data("x\0<jemalloc>: \0libnss_%s.so%s\0nss_files\0")
                        .build());

        assertThat(facts.origin().markers().keySet())
                .containsExactlyInAnyOrder(Marker.JEMALLOC, Marker.NSS_MODULE, Marker.NSS_FILES);
    }

    @Test
    void aLibraryInGoTellsHowItWasBuilt() {
        String info = "0123456789abcdef" + "path\texample.org/lib\nbuild\t-buildmode=c-shared\nbuild\tCGO_ENABLED=1\n"
                + "fedcba9876543210";
        String build = "\u00ff Go buildinf:" + "\u0008\u0002" + "\0".repeat(16) + (char) 8 + "go1.22.1"
                + (char) (0x80 | info.length() & 0x7f) + (char) (info.length() >> 7) + info;
        ElfFacts facts = ElfProbes.read(
                "libgo.so",
                HandmadeElf.x86_64()
                        .note("Go", 4, text("id"))
                        .data(build + "\0".repeat(400))
                        .build());

        assertThat(facts.origin().go()).isNotNull();
        assertThat(facts.origin().go().mode()).isEqualTo("c-shared");
        assertThat(facts.origin().go().cgo()).isTrue();
    }

    @Test
    void keepsEveryCompilerThatLeftItsName() {
        ElfFacts facts = ElfProbes.read(
                "libx.so",
                HandmadeElf.x86_64()
                        .data("GCC: (Debian 12.2.0-14) 12.2.0\0rustc version 1.80.0\0GCC: (GNU) 13\0")
                        .build());

        assertThat(facts.origin().compilers())
                .containsExactly("GCC: (Debian 12.2.0-14) 12.2.0", "GCC: (GNU) 13", "rustc version 1.80.0");
    }

    /**
     * With sections behind: their names, and one that holds a text.
     *
     * @param behind how many zeros follow them
     */
    private static byte[] withSection(byte[] elf, String section, String content, int behind) {
        boolean is64 = elf[4] == 2;
        ByteOrder order = elf[5] == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        byte[] names = text("\0.shstrtab\0" + section + "\0");
        byte[] held = text(content);
        int contentAt = elf.length;
        int namesAt = contentAt + held.length;
        int headersAt = namesAt + names.length;
        int size = is64 ? 64 : 40;
        ByteBuffer out = ByteBuffer.allocate(headersAt + 3 * size + behind).order(order);
        out.put(elf).put(held).put(names);
        int[][] sections = {{1, namesAt, names.length}, {11, contentAt, held.length}};
        for (int i = 0; i < sections.length; i++) {
            int at = headersAt + (i + 1) * size;
            out.putInt(at, sections[i][0]);
            if (is64) {
                out.putLong(at + 24, sections[i][1]).putLong(at + 32, sections[i][2]);
            } else {
                out.putInt(at + 16, sections[i][1]).putInt(at + 20, sections[i][2]);
            }
        }
        if (is64) {
            out.putLong(40, headersAt);
        } else {
            out.putInt(32, headersAt);
        }
        int sizes = is64 ? 58 : 46;
        out.putShort(sizes, (short) size).putShort(sizes + 2, (short) 3).putShort(sizes + 4, (short) 1);
        return out.array();
    }

    private static List<String> compilers(byte[] elf) {
        return ElfProbes.read("libx.so", elf).origin().compilers();
    }

    @Test
    void aCompilersNameIsFoundInItsSectionHoweverFarThatIsFromTheEnd() {
        for (HandmadeElf elf : List.of(
                HandmadeElf.x86_64(),
                HandmadeElf.of(32, ByteOrder.LITTLE_ENDIAN, 3),
                HandmadeElf.of(32, ByteOrder.BIG_ENDIAN, 20),
                HandmadeElf.of(64, ByteOrder.BIG_ENDIAN, 22))) {
            byte[] plain = elf.build();
            for (int behind : new int[] {0, 100_000}) {
                assertThat(compilers(withSection(plain, ".comment", "GCC: (GNU) 14.2.0\0", behind)))
                        .containsExactly("GCC: (GNU) 14.2.0");
            }
        }
    }

    @Test
    void whatLooksLikeACompilersNameElsewhereIsNoneWhereSectionsHaveNames() {
        byte[] plain = HandmadeElf.x86_64().data("GCC: (says a manual) 1\0").build();
        assertThat(compilers(plain)).isNotEmpty();
        assertThat(compilers(withSection(plain, ".data", "x", 0))).isEmpty();
        assertThat(compilers(withSection(plain, ".comment", "clang version 17\0", 0)))
                .containsExactly("clang version 17");
    }

    @Test
    void whereSectionHeadersAreBrokenTheEndIsSearched() {
        byte[] whole = withSection(HandmadeElf.x86_64().build(), ".comment", "GCC: (GNU) 14.2.0\0", 0);
        // Where the headers are, how long each is, how many, which has the names.
        for (int[] field : new int[][] {{40, 8}, {58, 2}, {60, 2}, {62, 2}}) {
            for (int value : new int[] {0, 0xff}) {
                byte[] broken = whole.clone();
                Arrays.fill(broken, field[0], field[0] + field[1], (byte) value);
                assertThat(compilers(broken)).as(field[0] + " is " + value).containsExactly("GCC: (GNU) 14.2.0");
            }
        }
        assertThat(compilers(Arrays.copyOf(whole, whole.length - 1))).containsExactly("GCC: (GNU) 14.2.0");
    }

    @Test
    void relocationsPackedForAndroidAreToldAndWhatSolarisHasUnderTheSameNumberIsNot() {
        int packed = 0x6000000f;
        ElfFacts android = ElfProbes.read(
                "app",
                HandmadeElf.x86_64().interpreter("APS2").tag(packed, 0x400).build());
        ElfFacts solaris = ElfProbes.read(
                "libx.so", HandmadeElf.x86_64().tag(packed, "libfilter.so").build());

        assertThat(android.reading().cuts()).containsExactly(Cut.RELOCATIONS);
        assertThat(solaris.reading().cuts()).isEmpty();
        assertThat(solaris.reading().truncated()).isFalse();
    }

    @Test
    void moreSymbolsThanAreKeptAreTold() {
        String[] names = new String[140_000];
        for (int i = 0; i < names.length; i++) {
            names[i] = "symbol_" + i;
        }
        ElfFacts exports =
                ElfProbes.read("libx.so", HandmadeElf.x86_64().exported(names).build());
        assertThat(exports.symbols().exports().size()).isEqualTo(1 << 17);
        assertThat(exports.reading().cuts()).containsExactly(Cut.EXPORTS);

        ElfFacts references =
                ElfProbes.read("libx.so", HandmadeElf.x86_64().undefined(names).build());
        assertThat(references.symbols().references().size()).isEqualTo(1 << 17);
        assertThat(references.reading().cuts()).containsExactly(Cut.REFERENCES);
    }

    @Test
    void aNameThatIsTooLongToKeepIsTold() {
        ElfFacts facts = ElfProbes.read(
                "libx.so",
                HandmadeElf.x86_64()
                        .exported("a".repeat(40_000), "b".repeat(30_000))
                        .build());
        assertThat(facts.symbols().exports().names()).containsExactly("b".repeat(30_000));
        assertThat(facts.reading().cuts()).containsExactly(Cut.EXPORTS);
    }

    @Test
    void aFileThatEndsEarlyIsTruncatedAndNotCutByUs() {
        byte[] elf = HandmadeElf.x86_64().exported("a", "b").build();
        ElfFacts facts = ElfProbes.read("libx.so", Arrays.copyOf(elf, elf.length - 300));
        assertThat(facts.reading().truncated()).isTrue();
        assertThat(facts.reading().cuts()).isEmpty();
    }

    private static final int LOAD = 1;

    private static final int EXPORTS = 3_000;

    /**
     * A library whose everything lies far behind the head and far before the tail, strings and symbols before the section that leads to them: when that was read they have passed by.
     *
     * @param more bytes of the file behind it that the loaded segment has, too
     */
    private static ElfFacts farBehindTheHead(int more) {
        String[] names = new String[EXPORTS];
        Arrays.setAll(names, i -> "symbol_" + i);
        byte[] small =
                HandmadeElf.x86_64().soname("libhuge.so.1").exported(names).build();
        int shift = 40 << 20;
        byte[] huge = Arrays.copyOf(small, shift + small.length + (7 << 20));
        System.arraycopy(small, 0, huge, shift, small.length);
        ByteBuffer out = ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN);
        int count = out.getShort(56);
        for (int i = 0; i < count; i++) {
            int at = 64 + 56 * i;
            out.putLong(at + 8, out.getLong(at + 8) + shift);
            if (out.getInt(at) == LOAD) {
                // Read and written, as the tools that edit libraries leave it.
                out.putInt(at + 4, 6);
                out.putLong(at + 32, out.getLong(at + 32) + more);
                out.putLong(at + 40, out.getLong(at + 40) + more);
            }
        }
        return ElfProbes.read("libhuge.so.1", huge);
    }

    @Test
    void tablesOutsideOfWhatIsKeptOfALargeFileAreTold() {
        ElfFacts facts = farBehindTheHead(6 << 20);
        assertThat(facts.symbols().exports().size()).isLessThan(EXPORTS);
        assertThat(facts.reading().cuts()).containsExactly(Cut.CONTENT);
    }

    @Test
    void tablesThatWereMovedIntoASmallSegmentOfTheirOwnAreReadWhereverItLies() {
        ElfFacts facts = farBehindTheHead(0);
        assertThat(facts.symbols().exports().size()).isEqualTo(EXPORTS);
        assertThat(facts.reading().cuts()).isEmpty();
        assertThat(facts.reading().truncated()).isFalse();
    }

    @Test
    void theOutlineIsTheSameFromTheFrontAloneAsFromAllFacts() {
        byte[] facts = ElfProbes.feed(
                "sh",
                HandmadeElf.x86_64()
                        .interpreter("/lib64/ld-linux-x86-64.so.2")
                        .needed("libc.so.6")
                        .undefined("puts")
                        .abiTag()
                        .build(),
                new Random(2));
        assertThat(ElfFacts.decodeOutline(facts))
                .isEqualTo(ElfFacts.decode(facts).outline());
    }

    @Test
    void factsOfAnOlderVersionAreRefusedWithWhatToDo() {
        byte[] facts = ElfProbes.feed("sh", HandmadeElf.x86_64().build(), new Random(3));
        facts[0] = 1;
        assertThatThrownBy(() -> ElfFacts.decode(facts))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ELF facts of version 1")
                .hasMessageContaining("the layer must be read again");
        assertThatThrownBy(() -> ElfFacts.decodeOutline(facts)).hasMessageContaining("ELF facts of version 1");
    }
}
