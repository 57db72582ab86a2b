package io.basewatch.elf.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfProbes;
import io.basewatch.elf.ElfSymbols;
import io.basewatch.elf.LinkedLibc;
import io.basewatch.elf.SymbolTable;
import io.basewatch.layerfacts.Scores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every file of the corpus' elf folder against what pyelftools and musl's own loader said of it. */
@ExtendWith(Scores.class)
class ElfCorpusTest {

    private static final Path ELF = Path.of(System.getProperty("basewatch.corpus", "missing"), "elf");

    @TestFactory
    Stream<DynamicTest> readsWhatTheCorpusExpects() throws Exception {
        assumeTrue(Files.exists(ELF.resolve("expected.json")), () -> "no corpus at " + ELF + " (-Dbasewatch.corpus)");
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode expected :
                JsonMapper.shared().readTree(ELF.resolve("expected.json").toFile())) {
            String file = expected.get("file").asString();
            tests.add(DynamicTest.dynamicTest(file, () -> {
                Scores.tell("ELF files", 0, 1);
                compare(ELF.resolve(file), expected);
                Scores.tell("ELF files", 1, 0);
            }));
        }
        assertThat(tests).hasSizeGreaterThan(25);
        return tests.stream();
    }

    @Test
    void readsMutatedRealFilesWithoutFailing() throws Exception {
        assumeTrue(Files.exists(ELF.resolve("expected.json")), () -> "no corpus at " + ELF + " (-Dbasewatch.corpus)");
        Random random = new Random(42);
        List<byte[]> seeds = new ArrayList<>();
        for (String file :
                List.of("glibc-dyn-hellocxx", "libmusl-plain.so", "musl-static-hello", "glibc-dyn-relr-hello")) {
            seeds.add(Files.readAllBytes(ELF.resolve("bin/" + file)));
        }
        for (int i = 0; i < 4000; i++) {
            byte[] elf = seeds.get(i % seeds.size()).clone();
            for (int j = 0; j <= random.nextInt(8); j++) {
                // Headers and tables lie in the first kilobytes.
                elf[4 + random.nextInt(random.nextBoolean() ? 0x400 : elf.length - 4)] = (byte) random.nextInt();
            }
            byte[] facts = ElfProbes.feed(i % 3 == 0 ? "libc.so.6" : "program", elf, random);
            assertThat(ElfFacts.decode(facts).encode()).isEqualTo(facts);
        }
        Scores.ran("ELF", 0, 4000);
    }

    private static void compare(Path file, JsonNode expected) throws Exception {
        ElfFacts facts = ElfProbes.read(file.getFileName().toString(), Files.readAllBytes(file));
        SoftAssertions softly = new SoftAssertions();
        softly.assertThat(facts.reading().truncated()).as("truncated").isFalse();
        softly.assertThat(kind(facts)).as("kind").isEqualTo(text(expected, "kind"));
        softly.assertThat(facts.loading().interpreter()).as("interp").isEqualTo(text(expected, "interp"));
        softly.assertThat(facts.loading().needed()).as("needed").isEqualTo(texts(expected.get("needed")));
        String path = facts.loading().runpath() != null
                ? facts.loading().runpath()
                : facts.loading().rpath();
        softly.assertThat(path).as("rpath").isEqualTo(text(expected, "rpath"));
        softly.assertThat(facts.loading().relr())
                .as("relr")
                .isEqualTo(expected.get("relr").asBoolean());
        long stack = expected.get("pt_gnu_stack_size").isNull()
                ? -1
                : expected.get("pt_gnu_stack_size").asLong();
        softly.assertThat(facts.layout().stackBytes()).as("stack").isEqualTo(stack);
        Set<String> versions = new TreeSet<>(facts.versions().needed("GLIBC"));
        softly.assertThat(versions).as("versions").isEqualTo(new TreeSet<>(texts(expected.get("glibc_versions"))));
        String family = String.valueOf(LinkedLibc.of(facts));
        softly.assertThat(family).as("family").isEqualTo(String.valueOf(text(expected, "family")));
        List<String> strong = facts.symbols().references().stream()
                .filter(symbol -> !symbol.has(ElfSymbols.REF_WEAK))
                .map(SymbolTable.Symbol::name)
                .toList();
        softly.assertThat(strong).as("unresolved").containsAll(texts(expected.get("unresolved_vs_debian_musl_1_2_3")));
        JsonNode loader = expected.get("debian_musl_loader_says");
        if (loader != null && loader.get("missing_symbols") != null) {
            softly.assertThat(strong).as("missing").containsAll(texts(loader.get("missing_symbols")));
        }
        softly.assertAll();
        assertThat(ElfFacts.decode(facts.encode())).isEqualTo(facts);
    }

    private static String kind(ElfFacts facts) {
        return switch (facts.kind()) {
            case DYNAMIC_EXECUTABLE -> "dynamic-exec";
            case STATIC_EXECUTABLE -> "static-exec";
            case STATIC_PIE -> "static-pie";
            case SHARED_LIBRARY -> "shared-lib";
            case OBJECT -> "object";
            case OTHER -> "other";
        };
    }

    private static String text(JsonNode node, String field) {
        return node.get(field) == null || node.get(field).isNull()
                ? null
                : node.get(field).asString();
    }

    private static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        if (node != null) {
            node.forEach(text -> texts.add(text.asString()));
        }
        return texts;
    }
}
