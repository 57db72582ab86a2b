package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.registrytestkit.CorpusRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** kill -9 in the middle of a sweep loses nothing, doubles nothing, and repeats nothing that another look could not change. */
class SurvivesKillTest {

    private static final Pattern API = Pattern.compile("API on (http://\\S+)");

    @Test
    void aSweepThatWasKilledIsCompletedByTheNextProcess(@TempDir Path scratch) throws Exception {
        Path data = scratch.resolve("data");
        try (CorpusRegistry corpus = CorpusRegistry.serve(scratch)) {
            Map<String, JsonNode> before = new HashMap<>();
            try (ChildProcess child = ChildProcess.start(
                    scratch,
                    "serve",
                    "--config",
                    slowly(corpus, scratch).toString(),
                    "--data",
                    data.toString(),
                    "--port",
                    "0")) {
                Api api = api(child);
                Await.until(() -> api.json("/api/v1/images?status=complete&limit=1000")
                                .get("items")
                                .size()
                        >= 10);
                complete(api).forEach(image -> before.put(image.get("digest").asString(), image));
                child.kill();
            }
            int images = CorpusRegistry.truth("images").size();
            assertThat(before).as("analysed when killed").hasSizeBetween(10, images - 10);

            try (AllInOne running = AllInOne.start(new AllInOne.Settings(
                    data,
                    0,
                    null,
                    Map.of(
                            "basewatch.registries[0].url",
                            corpus.url().toString(),
                            "basewatch.analyzer.look-again.first-pause",
                            "1h")))) {
                new FirstSweep(running, System.err, false).await();
                List<JsonNode> all = new Api(running.url()).images();
                List<String> digests = all.stream()
                        .map(image -> image.get("digest").asString())
                        .toList();
                assertThat(digests).doesNotHaveDuplicates();
                for (JsonNode image : CorpusRegistry.truth("images")) {
                    assertThat(digests).contains(image.get("digest").asString());
                }
                for (JsonNode image : all) {
                    JsonNode once = before.get(image.get("digest").asString());
                    assertThat(image.get("status").asString()).isNotEqualTo("pending");
                    if (once != null) {
                        assertThat(image.get("analyzedAt"))
                                .as("analysed before the kill, and again: %s", image)
                                .isEqualTo(once.get("analyzedAt"));
                    }
                }
                assertThat(running.analyzer().snapshot().images())
                        .as("analysed after the kill")
                        .isBetween(1L, (long) all.size() - before.size());
            }
        }
    }

    /** So few requests a second that no machine is through before it is killed; and on none so long that what time may heal is looked at again by itself. */
    private static Path slowly(CorpusRegistry corpus, Path scratch) throws Exception {
        return Files.writeString(scratch.resolve("slowly.yml"), """
                basewatch:
                  analyzer:
                    look-again: {first-pause: 1h}
                  registries:
                    - url: %s
                      requests-per-second: 20
                """.formatted(corpus.url()));
    }

    /** What of an image could not be read may have healed: that one is read again where its event was not acknowledged yet. */
    private static List<JsonNode> complete(Api api) {
        return api.images().stream()
                .filter(image -> image.get("status").asString().equals("complete"))
                .toList();
    }

    private static Api api(ChildProcess child) throws Exception {
        Await.until(() -> API.matcher(child.err()).find() || !child.isAlive());
        Matcher ready = API.matcher(child.err());
        assertThat(ready.find()).as(child.err()).isTrue();
        return new Api(ready.group(1));
    }
}
