package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.layeranalyzer.AnalyzerProgress;
import io.basewatch.registrytestkit.CorpusRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The whole way once: a real registry process, the broker, the store, the API. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CorpusSweepTest {

    /**
     * No file of these names a distribution, so that the corpus expects none. Basewatch says {@code busybox} and the version in busybox' banner: that identifies the
     * official image and what is made of it, and the lifecycle data knows it as a product.
     */
    private static final Map<String, String> BUSYBOX = Map.of(
            "library/busybox", "1.38.0",
            "real/dive-test", "1.29.3",
            "real/jib-busybox-docker", "1.31.0");

    /** A whiteout took the release files away, so that the corpus' merged view says none; what it expects of a careful scanner is this. */
    private static final Map<String, String> RELEASE_FILES_GONE = Map.of("fs/whiteout-osrelease", "3.20.3");

    private Path data;
    private CorpusRegistry corpus;
    private AllInOne running;
    private Api api;
    private Map<String, JsonNode> reports;

    @BeforeAll
    void sweepOnce(@TempDir Path scratch) throws Exception {
        corpus = CorpusRegistry.serve(scratch);
        data = scratch.resolve("data");
        sweep();
        reports = new HashMap<>();
        for (JsonNode listed : api.images()) {
            String digest = listed.get("digest").asString();
            reports.put(digest, api.json("/api/v1/images/" + digest));
        }
    }

    private void sweep() throws Exception {
        running = AllInOne.start(new AllInOne.Settings(
                data,
                0,
                null,
                Map.of(
                        "basewatch.registries[0].url",
                        corpus.url().toString(),
                        // On a slow machine it takes longer than the first pause: what failed would rightly be looked
                        // at again.
                        "basewatch.analyzer.look-again.first-pause",
                        "1h")));
        new FirstSweep(running, System.err, false).await();
        api = new Api(running.url());
    }

    @AfterAll
    void stop() throws Exception {
        if (running != null) {
            running.close();
        }
        if (corpus != null) {
            corpus.close();
        }
    }

    @Test
    void everyImageIsThereWithTheDistroReleaseAndLibcThatItHas() throws Exception {
        List<String> misses = new ArrayList<>();
        int images = 0;
        for (JsonNode image : CorpusRegistry.truth("images")) {
            images++;
            JsonNode report = report(image);
            JsonNode truth = image.get("truth");
            compare(misses, image, "status", "complete", report.path("status"));
            compare(misses, image, "libc", text(truth.at("/libc/family")), report.at("/libc/0/family"));
            compare(
                    misses,
                    image,
                    "libc version",
                    text(truth.at("/libc/version_from_binary")),
                    report.at("/libc/0/version"));
            compare(misses, image, "distro", distro(image), report.at("/distro/id"));
            compare(misses, image, "release", release(image), report.at("/distro/version"));
        }
        assertThat(images).isPositive();
        assertThat(misses).isEmpty();
    }

    @Test
    void everyImageHasItsPackageManagersAndAsManyPackages() throws Exception {
        List<String> misses = new ArrayList<>();
        for (JsonNode image : CorpusRegistry.truth("images")) {
            Set<String> expected = new TreeSet<>();
            for (JsonNode manager : image.at("/truth/package_managers")) {
                expected.add(manager(manager.get("type").asString()) + " "
                        + manager.get("count").asString());
            }
            if (repository(image).equals("fs/opaque-apkdb")) {
                // Its database is hidden by a folder that is opaque: how many there are is unknown, not zero.
                expected.add("apk null");
            }
            JsonNode packages = report(image).get("packages");
            Set<String> actual = new TreeSet<>();
            packages.path("databases")
                    .forEach(database ->
                            actual.add(database.get("manager").asString() + " " + text(database.path("count"))));
            if (!expected.equals(actual)) {
                misses.add(name(image) + ": expected " + expected + ", is " + actual);
            }
            if (!actual.isEmpty()) {
                assertThat(packages.get("manager")).isEqualTo(packages.at("/databases/0/manager"));
                assertThat(text(packages.get("count"))).isEqualTo(text(packages.at("/databases/0/count")));
            }
        }
        assertThat(misses).isEmpty();
    }

    @Test
    void everyImageHasTheBaseThatItWasBuiltOnAndNoneThatIsWrong() throws Exception {
        // The tree of bases is read from the store a second after it changed, or some.
        Awaitility.await()
                .atMost(Duration.ofMinutes(5))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(wrongBases()).isEmpty());
        JsonNode recompressed = api.json("/api/v1/lineage/" + digest("fs/uncompressed"));
        assertThat(recompressed.path("equals").toString()).contains(digest("library/alpine", "3.6.5"));
        assertThat(recompressed.at("/known/0/reference").asString()).isEqualTo("alpine:3.6.5");
    }

    @Test
    void theCommandLineTellsWhatAnImageWasBuiltOn(@TempDir Path scratch) throws Exception {
        String app = corpus.host() + "/apps/py-on-bookworm:1";
        CapturedOutput told =
                ChildProcess.run(scratch, "lineage", "--server", running.url().toString(), app);
        assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.OK);
        assertThat(told.out())
                .startsWith(app + "  linux/amd64  sha256:")
                .contains("  stands on " + corpus.host() + "/library/debian:")
                .contains("certain, by layers, 1 layer")
                .contains("  on it     nothing");
        CapturedOutput bases =
                ChildProcess.run(scratch, "lineage", "--server", running.url().toString());
        assertThat(bases.out()).contains("BASE", corpus.host() + "/library/alpine:", "layers");
        CapturedOutput none = ChildProcess.run(
                scratch, "lineage", "--server", running.url().toString(), corpus.host() + "/apps/none:1");
        assertThat(none.code()).isEqualTo(Basewatch.FAILED);
        assertThat(none.err()).contains("knows no tag");
    }

    private List<String> wrongBases() throws Exception {
        List<String> misses = new ArrayList<>();
        int built = 0;
        for (JsonNode image : CorpusRegistry.truth("images")) {
            JsonNode base =
                    api.json("/api/v1/images/" + image.get("digest").asString()).path("base");
            JsonNode expected = image.get("expected_base_image");
            if (expected.isNull()) {
                if (base.path("confidence").asString("").equals("certain")) {
                    misses.add(name(image) + " has a base for certain: " + base);
                }
                continue;
            }
            built++;
            compare(misses, image, "base", text(expected.get("digest")), base.path("digest"));
            compare(misses, image, "how the base was found", "layers", base.path("how"));
            compare(misses, image, "confidence in the base", "certain", base.path("confidence"));
            String named = corpus.host() + "/" + expected.get("repo").asString() + ":";
            if (!base.path("reference").asString("").startsWith(named)) {
                misses.add(name(image) + ": base is called " + base + ", not " + named);
            }
        }
        assertThat(built).isGreaterThan(20);
        return misses;
    }

    @Test
    void theListHasEachImageOnceAndNoneThatIsMissing() throws Exception {
        List<String> digests =
                api.images().stream().map(item -> item.get("digest").asString()).toList();
        assertThat(digests).doesNotHaveDuplicates();
        for (JsonNode image : CorpusRegistry.truth("images")) {
            assertThat(digests).contains(image.get("digest").asString());
        }
    }

    @Test
    void whatIsBrokenIsNeverShownAsComplete() throws Exception {
        Map<String, String> statuses = new TreeMap<>();
        for (JsonNode other : CorpusRegistry.truth("others")) {
            if (other.get("kind").asString().equals("broken")) {
                JsonNode report = report(other);
                assertThat(report.get("reasons"))
                        .as(other.get("repo").asString())
                        .isNotEmpty();
                statuses.put(other.get("repo").asString(), report.get("status").asString());
            }
        }
        assertThat(statuses)
                .hasSizeGreaterThanOrEqualTo(5)
                .allSatisfy((repository, status) ->
                        assertThat(status).as(repository).isIn("partial", "unscannable"));
    }

    @Test
    void anImageIsTriedOnAnotherBaseByWhatIsStored() throws Exception {
        String app = digest("apps/alpine-glibc-bin");
        String base = digest("library/debian");
        String old = digest("library/alpine", "3.18.9");
        JsonNode described = api.json("/api/v1/what-if?on=debian:12-slim&image=" + app + "&from=" + old);
        assertThat(described.get("whole").asBoolean()).isTrue();
        assertThat(described.get("own").asString()).isEqualTo("from");
        assertThat(described.at("/objects/breaks").asLong()).isZero();
        assertThat(described.at("/objects/newly-loads").asLong()).isPositive();
        JsonNode change = described.at("/changes/0");
        assertThat(change.get("effect").asString()).isEqualTo("newly-loads");
        assertThat(change.get("here")).isNotEmpty();
        assertThat(change.get("there")).isEmpty();
        JsonNode stored = api.json("/api/v1/what-if?on=" + base + "&image=" + app + "&from=" + old);
        assertThat(stored.get("objects")).isEqualTo(described.get("objects"));

        JsonNode python = api.json(
                "/api/v1/what-if?on=alpine:3.20.3&limit=3&image=" + digest("apps/py-on-bookworm") + "&from=" + base);
        assertThat(python.at("/objects/breaks").asLong()).isEqualTo(8);
        assertThat(python.get("changes")).hasSize(3);
        assertThat(python.at("/missing/symbols").toString()).contains("__fprintf_chk");
    }

    private static String digest(String repository, String... tags) throws Exception {
        for (JsonNode image : CorpusRegistry.truth("images")) {
            if (repository(image).equals(repository)
                    && (tags.length == 0 || image.get("tags").toString().contains(tags[0]))) {
                return image.get("digest").asString();
            }
        }
        throw new AssertionError(repository);
    }

    @Test
    void artifactsAreNoImagesOfAnUnknownDistro() throws Exception {
        int artifacts = 0;
        for (JsonNode other : CorpusRegistry.truth("others")) {
            if (other.path("expect").asString("").startsWith("not-an-image")) {
                artifacts++;
                JsonNode report = reports.get(other.get("digest").asString());
                assertThat(report == null || report.get("status").asString().equals("skipped"))
                        .as(name(other) + " " + report)
                        .isTrue();
            }
        }
        assertThat(artifacts).isPositive();
    }

    @Test
    void eachUniqueLayerIsPulledOnceAndWhole() throws Exception {
        Map<String, JsonNode> readable = new HashMap<>();
        Map<String, JsonNode> broken = new HashMap<>();
        for (JsonNode report : reports.values()) {
            for (JsonNode layer : report.get("layers")) {
                (layer.hasNonNull("uncompressedBytes") ? readable : broken)
                        .put(layer.get("digest").asString(), layer);
            }
        }
        broken.keySet().removeAll(readable.keySet());
        long pulled = 0;
        Set<String> sent = new HashSet<>();
        Set<String> content = new HashSet<>();
        for (CorpusRegistry.BlobSent blob : corpus.blobsSent()) {
            JsonNode layer = readable.get(blob.digest());
            if (layer != null) {
                assertThat(sent.add(blob.digest())).as("sent once: " + blob).isTrue();
                assertThat(blob.bytes()).isEqualTo(layer.get("compressedBytes").asLong());
                content.add(layer.get("diffId").asString());
                pulled += blob.bytes();
            }
        }
        // A layer that is there in a second compressed form need not be pulled: its diffID is known.
        assertThat(readable.values())
                .as("layers that were analysed without having been sent")
                .allMatch(layer -> content.contains(layer.get("diffId").asString()));

        AnalyzerProgress.Snapshot progress = running.analyzer().snapshot();
        assertThat(progress.layersRead()).isEqualTo(sent.size());
        assertThat(progress.layersKnown()).isPositive();
        // What comes of a broken layer before it breaks is counted too: at most all of it.
        long atMostOfBroken = broken.values().stream()
                .mapToLong(layer -> layer.get("compressedBytes").asLong())
                .sum();
        assertThat(progress.bytesPulled()).isBetween(pulled, pulled + atMostOfBroken);
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void aRestartReadsNoLayerAndAnalysesNothingAgain() throws Exception {
        int sentBefore = corpus.blobsSent().size();
        running.close();
        running = null;
        sweep();

        AnalyzerProgress.Snapshot progress = running.analyzer().snapshot();
        assertThat(progress.images()).as("images analysed again").isZero();
        assertThat(progress.layersRead() + progress.layersFailed()).isZero();
        assertThat(progress.bytesPulled()).isZero();
        assertThat(corpus.blobsSent().subList(sentBefore, corpus.blobsSent().size()))
                .isEmpty();
        Set<String> listed = new HashSet<>();
        for (JsonNode image : api.images()) {
            String digest = image.get("digest").asString();
            listed.add(digest);
            assertThat(image.get("analyzedAt")).isEqualTo(reports.get(digest).get("analyzedAt"));
        }
        assertThat(listed).isEqualTo(reports.keySet());
    }

    private JsonNode report(JsonNode image) {
        JsonNode report = reports.get(image.get("digest").asString());
        assertThat(report).as(name(image)).isNotNull();
        return report;
    }

    private static String name(JsonNode image) {
        return image.get("repo").asString() + " " + image.get("tags") + " " + image.get("platform");
    }

    private static String distro(JsonNode image) {
        return BUSYBOX.containsKey(repository(image))
                ? "busybox"
                : RELEASE_FILES_GONE.containsKey(repository(image))
                        ? "alpine"
                        : text(image.at("/truth/expected_distro/id"));
    }

    private static String release(JsonNode image) {
        String other = RELEASE_FILES_GONE.getOrDefault(repository(image), BUSYBOX.get(repository(image)));
        return other != null ? other : text(image.at("/truth/expected_distro/version"));
    }

    private static String repository(JsonNode image) {
        return image.get("repo").asString();
    }

    /** A folder of single status files is dpkg's way in images without dpkg; the database is the same. */
    private static String manager(String type) {
        return type.equals("dpkg-status.d") ? "dpkg" : type;
    }

    private static void compare(List<String> misses, JsonNode image, String what, String expected, JsonNode actual) {
        if (!expected.equals(text(actual))) {
            misses.add(name(image) + " " + what + ": expected " + expected + ", is " + text(actual));
        }
    }

    private static String text(JsonNode node) {
        return node.isMissingNode() || node.isNull() ? "null" : node.asString();
    }
}
