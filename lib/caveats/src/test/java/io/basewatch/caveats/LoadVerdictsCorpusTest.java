package io.basewatch.caveats;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.caveats.LoadVerdict.Reach;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfLoading;
import io.basewatch.elf.ElfSymbols;
import io.basewatch.elf.SymbolTable;
import io.basewatch.elf.loading.Environment;
import io.basewatch.elf.loading.LoadFault;
import io.basewatch.elf.loading.LoadFault.Kind;
import io.basewatch.elf.loading.LoadProof;
import io.basewatch.elf.loading.LoadProof.Outcome;
import io.basewatch.elf.loading.Prover;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.Libc.Family;
import io.basewatch.layerfacts.CorpusImages;
import io.basewatch.layerfacts.Scores;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What the corpus says of its images' objects against what is proven of them. */
@ExtendWith(Scores.class)
class LoadVerdictsCorpusTest {

    /** What other images of the corpus were made to show; the rest is clean. */
    private static final Set<String> WITH_TRAPS = Set.of(
            "apps/alpine-glibc-bin",
            "apps/alpine-old-glibc-bin",
            "apps/alpine-libc6compat",
            "apps/alpine-node-native",
            "apps/alpine-wheels",
            "apps/alpine-jre-launcher",
            "apps/debian-musl-bin",
            "scratch/rust-glibc",
            "fs/hardlinks",
            "fs/gnu-long-names",
            "fs/usrmerge-parent",
            "fs/zstd-layers");

    private static JudgedImage judged(CorpusImages corpus, JsonNode image) throws Exception {
        return JudgedImage.of(
                Fingerprinter.see(corpus.layers(image), corpus.inputs(image), true), Fingerprint.unknown());
    }

    private static Map<String, LoadVerdict> verdicts(JudgedImage image) {
        Map<String, LoadVerdict> byPath = new HashMap<>();
        LoadVerdicts.of(image, new Startable(image))
                .all()
                .forEach(verdict -> byPath.put(verdict.object().path(), verdict));
        return byPath;
    }

    @Test
    void onCleanImagesEverythingThatIsStartedOrOpenedLoads() throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        SoftAssertions softly = new SoftAssertions();
        int proven = 0;
        for (JsonNode image : corpus.images()) {
            if (WITH_TRAPS.contains(image.get("repo").asString())) {
                continue;
            }
            for (LoadVerdict verdict : verdicts(judged(corpus, image)).values()) {
                if (verdict.reach() != Reach.UNUSED) {
                    proven++;
                    softly.assertThat(verdict.proof().outcome())
                            .as(
                                    "%s %s %s",
                                    CorpusImages.name(image), verdict.object().path(), verdict.proof())
                            .isNotEqualTo(Outcome.FAILS);
                }
            }
        }
        softly.assertAll();
        Scores.tell("objects of clean images load", proven, proven);
        assertThat(proven).isGreaterThan(1_000);
    }

    @Test
    void whatGlibcsObjectsMissUnderMuslIsWhatTheCorpusSays() throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        SoftAssertions softly = new SoftAssertions();
        int compared = 0;
        for (JsonNode image : corpus.images()) {
            JsonNode expected = image.get("truth").path("glibc_elfs_in_musl_image");
            if (expected.isEmpty()) {
                continue;
            }
            JudgedImage judged = judged(corpus, image);
            Prover prover = new Prover(judged, Environment.NONE);
            Map<String, LoadVerdict> verdicts = verdicts(judged);
            for (JsonNode object : expected) {
                String path = object.get("path").asString();
                String name = CorpusImages.name(image) + " " + path;
                ElfFile file = judged.elfFiles().find(path).orElseThrow();
                ElfFile musl =
                        prover.loaderFile(file.outline().header(), Family.MUSL).orElseThrow();
                LoadProof proof = prover.proveListed(file, musl);
                Set<String> missing = texts(object.get("needed_missing"));
                Set<String> unresolved = withoutAliases(
                        texts(object.get("unresolved_vs_this_musl")),
                        image.get("truth")
                                .get("libc")
                                .get("version_from_binary")
                                .asString());
                Set<String> provenMissing = names(proof, Kind.LIBRARY_MISSING, path);
                Set<String> provenUnresolved = names(proof, Kind.SYMBOL_MISSING, path);
                provenUnresolved.removeAll(copied(judged, file));
                boolean isCut = object.get("unresolved_count").asInt()
                        > object.get("unresolved_vs_this_musl").size();
                if (hasRunPath(judged, file)) {
                    // Along which the corpus does not look.
                    softly.assertThat(missing).as(name).containsAll(provenMissing);
                    if (!isCut) {
                        softly.assertThat(unresolved).as(name).containsAll(provenUnresolved);
                    }
                } else {
                    softly.assertThat(provenMissing).as(name).isEqualTo(missing);
                    softly.assertThat(provenUnresolved).as(name).containsAll(unresolved);
                    if (!isCut) {
                        provenUnresolved.removeAll(unresolved);
                        softly.assertThat(provenUnresolved).as(name).isEmpty();
                    }
                }
                LoadVerdict verdict = verdicts.get(path);
                softly.assertThat(verdict).as(name).isNotNull();
                boolean isStranded = !object.get("interp").isNull()
                        && !object.get("interp_exists").asBoolean();
                if (verdict != null && isStranded) {
                    softly.assertThat(verdict.proof().faults())
                            .as(name)
                            .extracting(LoadFault::kind)
                            .containsExactly(Kind.INTERPRETER_MISSING);
                }
                compared++;
            }
        }
        softly.assertAll();
        Scores.tell("glibc's objects under musl", compared, compared);
        assertThat(compared).isGreaterThan(60);
    }

    private static boolean hasRunPath(JudgedImage image, ElfFile file) {
        ElfLoading loading = image.elfFiles().facts(file).orElseThrow().loading();
        return loading.runpath() != null || loading.rpath() != null;
    }

    private static Set<String> names(LoadProof proof, Kind kind, String path) {
        return proof.faults().stream()
                .filter(fault -> fault.kind() == kind && fault.object().equals("/" + path))
                .map(LoadFault::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What the program takes over from libraries: it has these symbols itself, and the corpus counts undefined ones. */
    private static Set<String> copied(JudgedImage image, ElfFile file) {
        return image.elfFiles().facts(file).orElseThrow().symbols().references().stream()
                .filter(symbol -> symbol.has(ElfSymbols.REF_COPY))
                .map(SymbolTable.Symbol::name)
                .collect(Collectors.toSet());
    }

    /** The corpus has every name that musl does not export; since 1.2.4 its loader takes some of these for others. */
    private static Set<String> withoutAliases(Set<String> names, String version) {
        Set<String> left = new TreeSet<>(names);
        if (version.compareTo("1.2.4") >= 0) {
            left.removeIf(name -> name.endsWith("64") && !name.startsWith("napi_"));
        }
        return left;
    }

    private static Set<String> texts(JsonNode node) {
        Set<String> texts = new TreeSet<>();
        node.forEach(text -> texts.add(text.asString()));
        return texts;
    }

    @Test
    void muslsObjectsInGlibcImagesLackTheirLoader() throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        SoftAssertions softly = new SoftAssertions();
        int compared = 0;
        for (JsonNode image : corpus.images()) {
            JsonNode expected = image.get("truth").path("musl_elfs_in_glibc_image");
            if (expected.isEmpty()) {
                continue;
            }
            Map<String, LoadVerdict> verdicts = verdicts(judged(corpus, image));
            for (JsonNode object : expected) {
                LoadVerdict verdict = verdicts.get(object.get("path").asString());
                softly.assertThat(verdict.proof().faults())
                        .as("%s %s", CorpusImages.name(image), verdict)
                        .extracting(LoadFault::kind)
                        .containsExactly(
                                object.get("interp").isNull() ? Kind.LIBRARY_MISSING : Kind.INTERPRETER_MISSING);
                compared++;
            }
        }
        softly.assertAll();
        assertThat(compared).isGreaterThan(3);
    }

    @Test
    void whatGlibcsProgramsSayUnderLinksThatLeadToMuslIsToldLineByLine() throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        for (JsonNode image : corpus.images()) {
            if (image.get("repo").asString().equals("apps/alpine-libc6compat")) {
                LoadVerdict verdict = verdicts(judged(corpus, image)).get("usr/local/bin/glibc-dyn-backtrace");
                assertThat(verdict.reach()).isNotEqualTo(Reach.UNUSED);
                assertThat(verdict.proof().faults())
                        .extracting(LoadFault::line)
                        .isEqualTo(List.of(
                                "Error relocating /usr/local/bin/glibc-dyn-backtrace: backtrace: symbol not found",
                                "Error relocating /usr/local/bin/glibc-dyn-backtrace: backtrace_symbols: symbol not found",
                                "Error relocating /usr/local/bin/glibc-dyn-backtrace: backtrace_symbols_fd: symbol not"
                                        + " found"));
                return;
            }
        }
    }
}
