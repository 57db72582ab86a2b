package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The whole way once: a real registry process, the broker, the store, the API. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CorpusSweepTest {

    @TempDir
    Path data;

    private Corpus corpus;
    private AllInOne running;
    private Api api;

    @BeforeAll
    void sweepOnce(@TempDir Path scratch) throws Exception {
        corpus = Corpus.serve(scratch);
        running = AllInOne.start(settings());
        new FirstSweep(running, System.err, false).await();
        api = new Api(running.url());
    }

    private AllInOne.Settings settings() {
        return new AllInOne.Settings(
                data,
                0,
                null,
                Map.of("basewatch.registries[0].url", corpus.url().toString()));
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
        for (JsonNode image : Corpus.truth("images")) {
            images++;
            JsonNode report = api.json("/api/v1/images/" + image.get("digest").asString());
            JsonNode truth = image.get("truth");
            String name = image.get("repo").asString() + " " + image.get("tags") + " " + image.get("platform");
            compare(misses, name + " status", "complete", report.path("status"));
            compare(misses, name + " libc", truth.at("/libc/family").asString(), report.at("/libc/0/family"));
            compare(
                    misses,
                    name + " libc version",
                    truth.at("/libc/version_from_binary"),
                    report.at("/libc/0/version"));
            if (!truth.has("expected_override") && !image.has("expected_override")) {
                compare(misses, name + " distro", truth.at("/expected_distro/id"), report.at("/distro/id"));
                compare(misses, name + " release", truth.at("/expected_distro/version"), report.at("/distro/version"));
            }
        }
        System.out.println("corpus: " + images + " images, " + misses.size() + " misses");
        assertThat(misses).isEmpty();
    }

    @Test
    void theListHasEachImageOnceAndNoneThatIsMissing() throws Exception {
        List<String> digests =
                api.images().stream().map(item -> item.get("digest").asString()).toList();
        assertThat(digests).doesNotHaveDuplicates();
        for (JsonNode image : Corpus.truth("images")) {
            assertThat(digests).contains(image.get("digest").asString());
        }
    }

    @Test
    void whatIsBrokenIsNeverShownAsComplete() throws Exception {
        Map<String, String> statuses = new TreeMap<>();
        for (JsonNode other : Corpus.truth("others")) {
            if (other.get("kind").asString().equals("broken")) {
                JsonNode report =
                        api.json("/api/v1/images/" + other.get("digest").asString());
                assertThat(report.get("reasons"))
                        .as(other.get("repo").asString())
                        .isNotEmpty();
                statuses.put(other.get("repo").asString(), report.get("status").asString());
            }
        }
        assertThat(statuses)
                .isNotEmpty()
                .allSatisfy((repository, status) ->
                        assertThat(status).as(repository).isIn("partial", "unscannable"));
    }

    @Test
    void artifactsAreNoImagesOfAnUnknownDistro() throws Exception {
        List<String> listed = api.images().stream()
                .filter(item -> !item.get("status").asString().equals("skipped"))
                .map(item -> item.get("digest").asString())
                .toList();
        for (JsonNode other : Corpus.truth("others")) {
            if (other.path("expect").asString("").startsWith("not-an-image")) {
                assertThat(listed).doesNotContain(other.get("digest").asString());
            }
        }
    }

    @Test
    void eachUniqueLayerIsPulledOnce() {
        var progress = running.analyzer().snapshot();
        assertThat(progress.layersRead()).isPositive();
        assertThat(progress.layersKnown()).isPositive();
    }

    private static void compare(List<String> misses, String what, Object expected, JsonNode actual) {
        String wanted = expected instanceof JsonNode node ? text(node) : String.valueOf(expected);
        if (!wanted.equals(text(actual))) {
            misses.add(what + ": expected " + wanted + ", is " + text(actual));
        }
    }

    private static String text(JsonNode node) {
        return node.isMissingNode() || node.isNull() ? "null" : node.asString();
    }
}
