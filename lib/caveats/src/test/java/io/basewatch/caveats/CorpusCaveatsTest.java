package io.basewatch.caveats;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.ImageMemory;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.layerfacts.CorpusImages;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.TestLayers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The corpus' images: what they were made to show is found, and nothing is on those that show nothing. */
class CorpusCaveatsTest {

    private static final Set<String> LOADER = Set.of("elf-glibc-interpreter-missing", "elf-interpreter-missing");

    private static final Set<String> COMPATIBILITY =
            Set.of("hand-made-loader-symlink", "libc6-compat-present", "gcompat-present");

    /** The corpus' own names of what an image shows, and the entries of which one must tell it. */
    private static final Map<String, Set<String>> TOLD_BY = Map.ofEntries(
            Map.entry("musl-default-thread-stack-80k", Set.of("small-default-thread-stack")),
            Map.entry("musl-default-thread-stack-128k", Set.of("small-default-thread-stack")),
            Map.entry("musl-dns-no-tcp-fallback", Set.of("dns-no-tcp-fallback")),
            Map.entry("musl-oldmalloc", Set.of("malloc-slow-contended")),
            Map.entry("glibc-exec-missing-interpreter", Set.of("elf-glibc-interpreter-missing")),
            Map.entry("dynamic-exec-missing-interpreter", LOADER),
            Map.entry("musl-exec-missing-interpreter", Set.of("elf-interpreter-missing")),
            Map.entry("glibc-lib-nested-in-archive", Set.of("jni-native-in-jar-glibc")),
            Map.entry("glibc-lib-nested-in-jar", Set.of("jni-native-in-jar-glibc")),
            Map.entry("glibc-exec-on-other-libc-loader", COMPATIBILITY),
            Map.entry("glibc-exec-on-musl-compat", COMPATIBILITY));

    /** What only a loader's verdict tells, or a missing loader beside it. */
    private static final Set<String> BY_VERDICT = Set.of(
            "glibc-shared-lib-in-musl-image",
            "glibc-shared-lib",
            "needed-library-missing",
            "unresolved-glibc-symbols",
            "unresolved-symbols");

    /** Packed relocations are read past by musl before 1.2.4 without a word; the program that has them is refused for its loader before. */
    private static final Set<String> TOLD_BY_NONE = Set.of("relr-unsupported");

    /** What may be told of an image on glibc: nothing else of the catalogue is its business. */
    private static final Set<String> OF_GLIBC = Set.of(
            "elf-glibc-interpreter-missing",
            "elf-interpreter-missing",
            "elf-needed-missing",
            "elf-symbol-version-missing",
            "elf-unresolved-symbol",
            "elf-arch-mismatch",
            "shebang-interpreter-missing",
            "go-cgo-binary-wrong-libc",
            "rust-static-musl-allocator",
            "static-glibc-nss",
            "timezone-no-tzdata");

    /** Bases, and images without a system. */
    private static final Pattern CLEAN = Pattern.compile(
            "(?:library|distroless|wolfi|openwrt|buildroot|tinycore|partial|forms)/.*|real/.*|apps/py-on-bookworm.*"
                    + "|scratch/(?:hello-world|pause|go-static|musl-static|musl-static-pie|glibc-static|data-only|nolibc).*"
                    + "|fs/(?:whiteout-osrelease|opaque-apkdb|opaque-then-readd|delete-and-recreate|whiteout-dir-recreated-as-file|dot-slash-names"
                    + "|uncompressed|recompressed-base|empty-layers|many-layers).*");

    /** Of the bases on which applications are laid; all of them take a minute. */
    private static final int EVERY = Integer.getInteger("caveats.everyBase", 7);

    private record Seen(String name, JsonNode image, Libc.Family family, boolean hasVerdicts, List<Caveat> caveats) {
        Set<String> ids() {
            return caveats.stream().map(Caveat::id).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static List<Seen> images() throws Exception {
        return images(null);
    }

    private static List<Seen> images(@Nullable ImageMemory memory) throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        List<Seen> seen = new ArrayList<>();
        for (JsonNode image : corpus.images()) {
            JsonNode platform = image.get("platform");
            ImageInputs inputs = corpus.inputs(image)
                    .on(Platform.parse(platform.get("os").asString() + "/"
                            + platform.get("architecture").asString()));
            Fingerprinter.Result result = Fingerprinter.fingerprint(corpus.layers(image), inputs, true, memory);
            JudgedImage judged = JudgedImage.of(result.seen(), result.fingerprint());
            Case one = new Case(judged);
            Judgement judgement = Judge.judge(analysis(result), one, Judge.rules());
            assertThat(judgement.reasons()).isEmpty();
            seen.add(new Seen(
                    CorpusImages.name(image),
                    image,
                    result.fingerprint().systemLibc().family(),
                    !one.verdicts().isEmpty(),
                    judgement.caveats()));
        }
        return seen;
    }

    private static Set<String> shown(JsonNode image) {
        Set<String> shown = new HashSet<>();
        image.path("expected_caveats").forEach(name -> shown.add(name.asString()));
        image.path("truth").path("derived_caveats").forEach(name -> shown.add(name.asString()));
        return shown;
    }

    @Test
    void whatAnImageShowsIsTold() throws Exception {
        SoftAssertions softly = new SoftAssertions();
        Set<String> byVerdict = new HashSet<>(new LoadFailures().tells());
        byVerdict.addAll(LOADER);
        byVerdict.add("jni-native-in-jar-glibc");
        for (Seen seen : images()) {
            for (String name : shown(seen.image)) {
                if (TOLD_BY_NONE.contains(name) || (BY_VERDICT.contains(name) && !seen.hasVerdicts)) {
                    continue;
                }
                Set<String> tellers = BY_VERDICT.contains(name) ? byVerdict : TOLD_BY.get(name);
                softly.assertThat(tellers).as("an unknown name: " + name).isNotNull();
                if (tellers != null) {
                    softly.assertThat(seen.ids()).as(seen.name + " " + name).containsAnyElementsOf(tellers);
                }
            }
        }
        softly.assertAll();
    }

    @Test
    void theStackOfThreadsIsToldAsMuslsReleaseHasIt() throws Exception {
        SoftAssertions softly = new SoftAssertions();
        for (Seen seen : images()) {
            for (String name : shown(seen.image)) {
                if (name.startsWith("musl-default-thread-stack-")) {
                    String size = name.endsWith("-80k") ? "80 KiB" : "128 KiB";
                    softly.assertThat(seen.caveats)
                            .as(seen.name)
                            .anyMatch(caveat -> caveat.id().equals("small-default-thread-stack")
                                    && caveat.message().contains(size));
                }
            }
        }
        softly.assertAll();
    }

    @Test
    void nothingIsAboveLowOnCleanBases() throws Exception {
        SoftAssertions softly = new SoftAssertions();
        int clean = 0;
        for (Seen seen : images()) {
            if (CLEAN.matcher(seen.name).matches()) {
                clean++;
                softly.assertThat(seen.caveats.stream()
                                .filter(caveat ->
                                        caveat.severity() != Severity.LOW || caveat.kind() == Caveat.Kind.CERTAIN)
                                .map(Images::summary))
                        .as(seen.name)
                        .isEmpty();
            }
        }
        softly.assertAll();
        assertThat(clean).isGreaterThan(45);
    }

    @Test
    void whatIsRememberedOfOtherImagesChangesNothing() throws Exception {
        List<Seen> alone = images();
        ImageMemory memory = new ImageMemory(16 << 20);
        assertThat(images(memory)).usingRecursiveComparison().isEqualTo(alone);
        assertThat(images(memory))
                .as("now that all are remembered")
                .usingRecursiveComparison()
                .isEqualTo(alone);
    }

    /** Layers of an application over each base, and such as change what the base is. */
    @Test
    void whatStandsOnTheSameBaseIsToldAsIfItWereAlone() throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        List<LayerFacts> own = Stream.of(
                        TestLayers.tar().file("app/1", "1"),
                        TestLayers.tar().file("app/2", "2"),
                        TestLayers.tar().file("app/main.py", "print()").file("app/package.json", "{\"name\": \"a\"}"),
                        TestLayers.tar().whiteout("etc/os-release").whiteout("usr/lib/os-release"),
                        TestLayers.tar()
                                .directory("lib")
                                .opaque("lib")
                                .directory("usr/lib")
                                .opaque("usr/lib"),
                        TestLayers.tar()
                                .file("etc/ld-musl-x86_64.path", "/opt/lib\n")
                                .file("etc/nsswitch.conf", "hosts: dns\n"),
                        TestLayers.tar()
                                .file(
                                        "usr/lib/python3.11/site-packages/x-1.dist-info/METADATA",
                                        "Name: x\nVersion: 1\n"),
                        TestLayers.tar()
                                .file(
                                        "usr/local/bin/tool",
                                        HandmadeElf.x86_64()
                                                .interpreter("/lib64/ld-linux-x86-64.so.2")
                                                .needed("libc.so.6")
                                                .build(),
                                        0755),
                        TestLayers.tar().symlink("bin/sh", "/nowhere").whiteout("lib/apk"),
                        TestLayers.tar().file("app/3", "3"))
                .map(tar -> tar.facts(Kinds.all()))
                .toList();
        ImageMemory memory = new ImageMemory(64 << 20);
        List<JsonNode> bases = corpus.images().stream()
                .filter(image ->
                        image.get("platform").get("architecture").asString().equals("amd64"))
                .toList();
        for (int n = 0; n < bases.size(); n += EVERY) {
            JsonNode base = bases.get(n);
            ImageInputs inputs = corpus.inputs(base).on(Platform.parse("linux/amd64"));
            for (LayerFacts upper : own) {
                List<LayerFacts> layers = new ArrayList<>(corpus.layers(base));
                layers.add(upper);
                assertThat(told(layers, inputs, memory))
                        .as(CorpusImages.name(base))
                        .isEqualTo(told(layers, inputs, null));
            }
        }
    }

    private static List<Object> told(List<LayerFacts> layers, ImageInputs inputs, @Nullable ImageMemory memory) {
        Fingerprinter.Result result = Fingerprinter.fingerprint(layers, inputs, true, memory);
        return List.of(
                result.fingerprint(),
                result.reasons(),
                Judge.judge(analysis(result), JudgedImage.of(result.seen(), result.fingerprint())));
    }

    private static ImageAnalysis analysis(Fingerprinter.Result result) {
        return new ImageAnalysis(
                Digest.sha256Of(new byte[] {1}),
                null,
                AnalysisStatus.COMPLETE,
                List.of(),
                result.fingerprint(),
                List.of(),
                null,
                "1[a/1]",
                Instant.EPOCH);
    }

    /** Of twelve well-known artefacts it is one of those that do load on a bare Alpine; this one is on the class path. */
    @Test
    void aJarWhoseLibraryLoadsOnARealAlpineIsNotTold() throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        Path jar = Path.of(
                Zstd.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        JsonNode alpine = corpus.images().stream()
                .filter(image -> CorpusImages.name(image).equals("library/alpine:[\"3.18.9\"] amd64"))
                .findFirst()
                .orElseThrow();
        List<LayerFacts> layers = new ArrayList<>(corpus.layers(alpine));
        layers.add(TestLayers.tar()
                .file("opt/jdk/release", "JAVA_VERSION=\"17.0.9\"\n")
                .file("app/zstd-jni.jar", Files.readAllBytes(jar), 0644)
                .facts(Kinds.all()));
        Fingerprinter.Result result =
                Fingerprinter.fingerprint(layers, corpus.inputs(alpine).on(Platform.parse("linux/amd64")));
        JudgedImage judged = JudgedImage.of(result.seen(), result.fingerprint());
        assertThat(judged.archives())
                .singleElement()
                .satisfies(archive -> assertThat(archive.facts().entries()).isNotEmpty());
        assertThat(new JarNatives().judge(new Case(judged))).isEmpty();
    }

    @Test
    void anImageThatDoesNotStandOnMuslHearsNothingOfIt() throws Exception {
        SoftAssertions softly = new SoftAssertions();
        for (Seen seen : images()) {
            if (seen.family != Libc.Family.MUSL) {
                softly.assertThat(OF_GLIBC).as(seen.name).containsAll(seen.ids());
            }
        }
        softly.assertAll();
    }
}
