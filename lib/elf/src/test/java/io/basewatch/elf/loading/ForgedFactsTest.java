package io.basewatch.elf.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.ElfLayout;
import io.basewatch.elf.ElfLoading;
import io.basewatch.elf.ElfOrigin;
import io.basewatch.elf.ElfProbes;
import io.basewatch.elf.ElfReading;
import io.basewatch.elf.ElfSymbols;
import io.basewatch.elf.ElfVersions;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.elf.SymbolTable;
import io.basewatch.elf.loading.LoadProof.Outcome;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.FileEntry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Facts that no linker would make: they neither hang a proof nor exhaust memory. */
class ForgedFactsTest {

    private static final String MUSL = "/lib/ld-musl-x86_64.so.1";
    private static final String GLIBC = "/lib64/ld-linux-x86-64.so.2";
    private static final ElfHeader HEADER = new ElfHeader(64, false, 0, 0, ElfHeader.ET_DYN, ElfHeader.EM_X86_64, 0);

    private final Map<String, ElfFacts> files = new HashMap<>();

    private static ElfFacts forged(
            String interpreter, List<String> needed, ElfVersions versions, ElfSymbols symbols, String runpath) {
        ElfLoading loading = new ElfLoading(
                interpreter,
                true,
                needed,
                null,
                null,
                runpath,
                List.of(),
                List.of(),
                null,
                0,
                interpreter == null ? 0 : ElfLoading.DF_1_PIE,
                false,
                List.of(1L, 5L, 6L, 0x6ffffff0L, 0x6ffffffcL),
                List.of());
        return new ElfFacts(
                HEADER,
                new ElfLayout(-1, false, -1, 0, 4096, 4096, false, List.of()),
                loading,
                versions,
                new ElfOrigin(null, null, false, false, null, List.of(), Map.of(), null, null),
                new ElfReading(false, null, Set.of()),
                symbols);
    }

    /** A proof takes a second or two at most; one that is not bounded would not come to an end in days. */
    private static final Duration HANG = Duration.ofMinutes(5);

    private static final ElfVersions NO_VERSIONS = new ElfVersions(List.of(), List.of());

    private void layLoaders() {
        files.put(
                MUSL.substring(1),
                ElfProbes.read(
                        "ld-musl-x86_64.so.1",
                        HandmadeElf.x86_64()
                                .soname("libc.musl-x86_64.so.1")
                                .exported("__libc_start_main", "stdin")
                                .data("\0musl libc (x86_64)\nVersion %s\nDynamic Program Loader\n\0001.2.5\0")
                                .build()));
        files.put(
                GLIBC.substring(1),
                ElfProbes.read(
                        "ld-linux-x86-64.so.2",
                        HandmadeElf.x86_64().soname("ld-linux-x86-64.so.2").build()));
    }

    private LoadProof start(String path) {
        Prover prover = new Prover(view(), Environment.NONE);
        ElfFile file = view().elfFiles().find(path).orElseThrow();
        return assertTimeoutPreemptively(HANG, () -> prover.proveStart(file));
    }

    private static SymbolTable table(int count, List<SymbolTable.Version> versions, int flags) {
        SymbolTable.Builder symbols = new SymbolTable.Builder();
        for (int i = 0; i < count; i++) {
            byte[] name = ("symbol" + i).getBytes(StandardCharsets.ISO_8859_1);
            symbols.add(name, 0, name.length, versions.isEmpty() ? 0 : 1 + i % versions.size(), flags);
        }
        return symbols.build((before, now) -> now, versions);
    }

    @Test
    void aMillionSymbolsThatNobodyOffersAreCountedAndFewAreTold() {
        layLoaders();
        SymbolTable million = table(1_000_000, List.of(), ElfSymbols.REF_DATA);
        ElfSymbols symbols = new ElfSymbols(million, table(500_000, List.of(), 0), List.of(6L));
        files.put("app", forged(MUSL, List.of("libc.so"), NO_VERSIONS, symbols, null));
        LoadProof proof = start("app");
        assertThat(proof.outcome()).isEqualTo(Outcome.FAILS);
        assertThat(proof.faultCount()).isEqualTo(500_000);
        assertThat(proof.faults()).hasSize(200);
    }

    @Test
    void thousandsOfLibrariesThatAllNeedEachOtherAreCutOffAndNotKnown() {
        layLoaders();
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 6_000; i++) {
            all.add("lib" + i + ".so");
        }
        for (int i = 0; i < 6_000; i++) {
            List<String> needed = all.subList(Math.max(0, i - 50), Math.min(all.size(), i + 50));
            files.put("usr/lib/" + all.get(i), forged(null, needed, NO_VERSIONS, ElfSymbols.NONE, "$ORIGIN:/usr/lib"));
        }
        for (String loader : List.of(MUSL, GLIBC)) {
            files.put("app", forged(loader, all.subList(0, 4_096), NO_VERSIONS, ElfSymbols.NONE, null));
            LoadProof proof = start("app");
            assertThat(proof.outcome()).isEqualTo(Outcome.UNKNOWN);
            assertThat(proof.unknowns()).anyMatch(why -> why.contains("more than 4000 objects"));
        }
    }

    @Test
    void absurdVersionsAreLookedForAsFewOnesAre() {
        layLoaders();
        List<ElfVersions.Wanted> wanted = new ArrayList<>();
        List<String> defined = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            wanted.add(new ElfVersions.Wanted("V_" + i, false));
            defined.add("W_" + i);
        }
        ElfVersions needs = new ElfVersions(List.of(new ElfVersions.Need("libv.so", wanted)), List.of());
        ElfVersions definitions = new ElfVersions(List.of(), defined);
        files.put(
                "app",
                forged(
                        GLIBC,
                        List.of("libv.so"),
                        needs,
                        new ElfSymbols(
                                table(50_000, needs.ofReferences(), ElfSymbols.REF_DATA), SymbolTable.NONE, List.of()),
                        null));
        files.put(
                "lib/libv.so",
                forged(
                        null,
                        List.of(),
                        definitions,
                        new ElfSymbols(SymbolTable.NONE, table(50_000, definitions.ofExports(), 0), List.of()),
                        null));
        LoadProof proof = start("app");
        assertThat(proof.faultCount()).isEqualTo(50_000);
        assertThat(proof.faults()).hasSize(200);
    }

    @Test
    void forgedPathsComeToAnEnd() {
        layLoaders();
        String variables = "$ORIGIN/".repeat(50_000);
        for (String loader : List.of(MUSL, GLIBC)) {
            files.put(
                    "app",
                    forged(
                            loader,
                            List.of("liba.so", "", "/", "..", "a/../b"),
                            NO_VERSIONS,
                            ElfSymbols.NONE,
                            variables));
            assertThat(start("app").outcome()).isEqualTo(Outcome.FAILS);
            files.put("app", forged(loader, List.of("liba.so"), NO_VERSIONS, ElfSymbols.NONE, "/x:".repeat(100_000)));
            assertThat(start("app").outcome()).isEqualTo(Outcome.FAILS);
        }
    }

    @Test
    void changedTablesOfLibrariesAreReadOrRefused() {
        Random random = new Random(7);
        byte[] table = new byte[4_096];
        for (int round = 0; round < 20_000; round++) {
            random.nextBytes(table);
            byte[] magic = "glibc-ld.so.cache1.1".getBytes(StandardCharsets.ISO_8859_1);
            System.arraycopy(magic, 0, table, 0, magic.length);
            table[20] = (byte) random.nextInt(160);
            table[21] = table[22] = table[23] = 0;
            for (int at = 48; at + 24 < table.length; at += 24) {
                // Most lead to somewhere in the table.
                table[at + 6] = table[at + 7] = table[at + 10] = table[at + 11] = 0;
                table[at + 5] = (byte) random.nextInt(16);
                table[at + 9] = (byte) random.nextInt(16);
            }
            LoaderCache.parse(new String(table, StandardCharsets.ISO_8859_1))
                    .ifPresent(cache -> assertThat(cache.find("liba.so", 0x303)).isNotNull());
        }
    }

    private LoaderView view() {
        ElfFiles elfFiles = new ElfFiles() {
            @Override
            public List<ElfFile> all() {
                return List.of();
            }

            @Override
            public Optional<ElfFile> find(String path) {
                String key = path.startsWith("/") ? path.substring(1) : path;
                return Optional.ofNullable(files.get(key)).map(facts -> new ElfFile(key, 0755, null, facts.outline()));
            }

            @Override
            public Optional<ElfFacts> facts(ElfFile file) {
                return Optional.ofNullable(files.get(file.path()));
            }

            @Override
            public List<Reason> reasons() {
                return List.of();
            }
        };
        return new LoaderView() {
            @Override
            public Optional<FileEntry> find(String path) {
                return elfFiles.find(path)
                        .map(file -> new FileEntry(file.path(), FileEntry.Type.FILE, 1_000, 0755, null));
            }

            @Override
            public Stream<FileEntry> list(String directory) {
                return Stream.empty();
            }

            @Override
            public Optional<String> text(String path) {
                return Optional.empty();
            }

            @Override
            public ElfFiles elfFiles() {
                return elfFiles;
            }

            @Override
            public boolean isWhole() {
                return true;
            }
        };
    }
}
