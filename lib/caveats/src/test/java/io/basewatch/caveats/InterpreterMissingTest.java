package io.basewatch.caveats;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.CorpusImages;
import io.basewatch.layerfacts.TestLayers;
import io.basewatch.layerfacts.TestLayers.Tar;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class InterpreterMissingTest {

    private static final String GLIBC = "/lib64/ld-linux-x86-64.so.2";

    private static HandmadeElf elf() {
        return HandmadeElf.of(64, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_X86_64);
    }

    private static byte[] program(String interpreter) {
        return elf().interpreter(interpreter).needed("libc.so.6").build();
    }

    private static Tar alpine() {
        return TestLayers.tar()
                .file(
                        "bin/busybox",
                        elf().interpreter("/lib/ld-musl-x86_64.so.1")
                                .needed("libc.musl-x86_64.so.1")
                                .build(),
                        0755)
                .symlink("bin/sh", "/bin/busybox")
                .file(
                        "lib/ld-musl-x86_64.so.1",
                        elf().soname("libc.musl-x86_64.so.1").build(),
                        0755);
    }

    private static ImageInputs inputs(String... entrypoint) {
        return new ImageInputs(List.of(entrypoint), List.of(), List.of(), Map.of()).on(Platform.parse("linux/amd64"));
    }

    private static ImageAnalysis analysis(AnalysisStatus status) {
        List<Reason> reasons =
                status == AnalysisStatus.COMPLETE ? List.of() : List.of(new Reason(Reason.Code.LAYER_CORRUPT, "cut"));
        return new ImageAnalysis(
                Digest.sha256Of(new byte[] {1}),
                null,
                status,
                reasons,
                Fingerprint.unknown(),
                List.of(),
                null,
                "1[a/1]",
                Instant.EPOCH);
    }

    private static Judgement judgement(Tar image, ImageInputs inputs, boolean whole) {
        JudgedImage judged = JudgedImage.of(
                Fingerprinter.see(List.of(image.facts(Kinds.all())), inputs, whole), Fingerprint.unknown());
        return Judge.judge(analysis(whole ? AnalysisStatus.COMPLETE : AnalysisStatus.PARTIAL), judged);
    }

    private static List<Caveat> caveats(Tar image, ImageInputs inputs) {
        Judgement judgement = judgement(image, inputs, true);
        assertThat(judgement.reasons()).isEmpty();
        assertThat(judgement.whole()).isTrue();
        return judgement.caveats();
    }

    private static String summary(Caveat caveat) {
        return caveat.id() + " " + caveat.kind() + " " + caveat.severity() + " "
                + caveat.evidence().stream().map(Evidence::path).collect(Collectors.joining(","));
    }

    private static List<String> summaries(Tar image, ImageInputs inputs) {
        return caveats(image, inputs).stream()
                .map(InterpreterMissingTest::summary)
                .toList();
    }

    @Test
    void whatTheImageStartsCannotStartWithoutItsLoader() {
        Caveat caveat = caveats(alpine().file("app/server", program(GLIBC), 0755), inputs("/app/server"))
                .get(0);
        assertThat(summary(caveat)).isEqualTo("elf-glibc-interpreter-missing certain critical app/server");
        assertThat(caveat.evidence().get(0).excerpt()).isEqualTo(GLIBC);
        assertThat(caveat.message())
                .contains("app/server", GLIBC, "ENOENT", "no such file or directory", "not found", "127")
                .contains("needs " + GLIBC, "refuses to start it with", "the file is there");
        assertThat(caveat.mitigation()).isNull();
    }

    @Test
    void anImageWhoseLoadersAreThereHasNoSuchTrap() {
        assertThat(caveats(alpine(), inputs("sh"))).isEmpty();
        assertThat(caveats(
                        alpine().file("app/server", program(GLIBC), 0755)
                                .symlink("lib64/ld-linux-x86-64.so.2", "../lib/ld-musl-x86_64.so.1"),
                        inputs("/app/server")))
                .as("gcompat and libc6-compat put one there")
                .isEmpty();
        assertThat(caveats(alpine().file("app/tool", elf().isStatic().build(), 0755), inputs("/app/tool")))
                .isEmpty();
    }

    @Test
    void aLinkThatLeadsNowhereIsNoLoader() {
        assertThat(summaries(
                        alpine().file("app/server", program(GLIBC), 0755)
                                .symlink("lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld-2.31.so"),
                        inputs("/app/server")))
                .containsExactly("elf-glibc-interpreter-missing certain critical app/server");
    }

    @Test
    void howBadItIsDependsOnWhoStartsIt() {
        Tar image = alpine().file("opt/vendor/bin/cli", program(GLIBC), 0755)
                .symlink("usr/local/bin/cli", "/opt/vendor/bin/cli")
                .file("app/worker", program(GLIBC), 0755)
                .file("opt/unused/a", program(GLIBC), 0755)
                .file("usr/bin/not-executable", program(GLIBC), 0644);
        assertThat(summaries(image, inputs("/bin/sh", "-c", "exec /app/worker --port=1")))
                .containsExactly(
                        "elf-glibc-interpreter-missing certain high app/worker,opt/vendor/bin/cli",
                        "elf-glibc-interpreter-missing risk low opt/unused/a,usr/bin/not-executable");
    }

    @Test
    void aProgramIsFoundAsAContainerRuntimeFindsIt() {
        Tar image = alpine().file("srv/bin/server", program(GLIBC), 0755);
        ImageInputs byPath = new ImageInputs(List.of("server"), List.of(), List.of("PATH=/bin:/srv/bin"), Map.of());
        assertThat(summaries(image, byPath))
                .containsExactly("elf-glibc-interpreter-missing certain critical srv/bin/server");
        ImageInputs byDirectory = new ImageInputs(
                List.of(),
                List.of("./bin/server"),
                List.of(),
                Map.of(),
                null,
                "/srv",
                List.of(),
                List.of(),
                Map.of(),
                null,
                List.of());
        assertThat(summaries(image, byDirectory))
                .containsExactly("elf-glibc-interpreter-missing certain critical srv/bin/server");
    }

    @Test
    void aMuslProgramOnAnotherSystemIsCaughtLikewiseUnderAnotherName() {
        assertThat(summaries(TestLayers.tar().file("app", program("/lib/ld-musl-x86_64.so.1"), 0755), inputs("/app")))
                .containsExactly("elf-interpreter-missing certain critical app");
    }

    @Test
    void nothingIsCertainWhereNotAllOfTheImageWasRead() {
        Judgement judgement =
                judgement(alpine().file("app/server", program(GLIBC), 0755), inputs("/app/server"), false);
        assertThat(judgement.whole()).isFalse();
        assertThat(judgement.caveats()).singleElement().satisfies(caveat -> {
            assertThat(summary(caveat)).isEqualTo("elf-glibc-interpreter-missing risk critical app/server");
            assertThat(caveat.message()).contains("could be read").doesNotContain("does not have");
        });
    }

    @Test
    void aProgramForAnotherMachineIsRefusedForThatFirst() {
        byte[] arm = HandmadeElf.of(64, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_AARCH64)
                .interpreter("/lib/ld-linux-aarch64.so.1")
                .needed("libc.so.6")
                .build();
        assertThat(summaries(alpine().file("app/server", arm, 0755), inputs("/app/server")))
                .containsExactly("elf-arch-mismatch certain critical app/server");
    }

    @Test
    void ofManyProgramsTheEvidenceIsBoundedAndTheNumberIsTold() {
        Tar image = alpine();
        for (int n = 0; n < 50; n++) {
            image = image.file("usr/bin/tool" + n, program(GLIBC), 0755);
        }
        assertThat(caveats(image, inputs("sh"))).singleElement().satisfies(caveat -> {
            assertThat(caveat.found()).isEqualTo(50);
            assertThat(caveat.evidence()).hasSize(Caveat.MAX_EVIDENCE);
            assertThat(caveat.message()).contains("50 programs", "refuses to start them with", "the files are there");
        });
    }

    @Test
    void aRuleThatBreaksHidesNoOtherAndLooksLikeNoCleanImage() {
        Rule broken = new Rule() {
            @Override
            public String id() {
                return "broken/1";
            }

            @Override
            public List<Caveat> judge(Case image) {
                throw new IllegalStateException("a mistake");
            }
        };
        JudgedImage image = JudgedImage.of(
                Fingerprinter.see(
                        List.of(alpine().file("app/server", program(GLIBC), 0755)
                                .facts(Kinds.all())),
                        inputs("/app/server"),
                        true),
                Fingerprint.unknown());
        Judgement judgement =
                Judge.judge(analysis(AnalysisStatus.COMPLETE), image, List.of(broken, new InterpreterMissing()));
        assertThat(judgement.whole()).isFalse();
        assertThat(judgement.reasons())
                .singleElement()
                .satisfies(reason -> assertThat(reason.message()).contains("broken/1", "a mistake"));
        assertThat(judgement.caveats()).hasSize(1);
    }

    @Test
    void namesThoseProgramsOfTheCorpusWhoseLoaderIsMissingAndNoOthers() throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        SoftAssertions softly = new SoftAssertions();
        int stranded = 0;
        for (JsonNode image : corpus.images()) {
            JudgedImage judged = JudgedImage.of(
                    Fingerprinter.see(corpus.layers(image), corpus.inputs(image), true), Fingerprint.unknown());
            Set<String> found = InterpreterMissing.stranded(judged).stream()
                    .map(ElfFile::path)
                    .collect(Collectors.toCollection(TreeSet::new));
            Set<String> truth = new TreeSet<>();
            image.get("truth")
                    .get("execs_with_missing_interpreter")
                    .forEach(item -> truth.add(item.get("path").asString()));
            softly.assertThat(found).as(CorpusImages.name(image)).isEqualTo(truth);
            int counted = Judge.judge(analysis(AnalysisStatus.COMPLETE), judged).caveats().stream()
                    .filter(caveat -> caveat.id().endsWith("interpreter-missing"))
                    .filter(caveat -> !caveat.id().startsWith("shebang"))
                    .mapToInt(Caveat::found)
                    .sum();
            softly.assertThat(counted).as(CorpusImages.name(image)).isEqualTo(truth.size());
            stranded += truth.size();
        }
        softly.assertAll();
        assertThat(stranded).isPositive();
    }
}
