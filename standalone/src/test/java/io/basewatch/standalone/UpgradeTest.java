package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.registrytestkit.LocalRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * This version on a folder that an older one wrote: {@code data} is what it kept (store and event log), {@code registry} what it watched, at a port that is part
 * of the images' names. Made by the version before facts were kept by kind, with two images of the sample fleet that share no layer.
 */
class UpgradeTest {

    private static final int PORT = 25598;

    @TempDir
    Path folder;

    @Test
    void whatHasChangedIsReadAgainOnceAndTheAnswersAreAsBefore() throws Exception {
        unpack("/upgrade/before-facts-by-kind.zip");
        LocalRegistry registry;
        try {
            registry = LocalRegistry.builder()
                    .directory(folder.resolve("registry"))
                    .port(PORT)
                    .start();
        } catch (IOException e) {
            assumeTrue(
                    false, "port " + PORT + ", which is part of the old images' names, is not free: " + e.getMessage());
            return;
        }
        try (registry) {
            Map<String, JsonNode> first = new HashMap<>();
            try (AllInOne running = start(registry)) {
                Api api = new Api(running.url());
                Await.until(() -> derived(api).size() == 2);
                derived(api).forEach(image -> first.put(image.get("digest").asString(), image));
            }
            Map<Digest, Integer> pulled = Map.copyOf(registry.traffic().blobFetches());
            assertThat(pulled).isNotEmpty();
            assertThat(pulled.values()).as("fetches of each blob").allMatch(fetches -> fetches == 1);
            assertThat(first.values())
                    .extracting(image -> image.at("/distro/id").asString() + " "
                            + image.at("/distro/version").asString() + " "
                            + image.get("status").asString())
                    .containsExactlyInAnyOrder("centos 7 complete", "debian 12 complete");

            try (AllInOne again = start(registry)) {
                new FirstSweep(again, System.err, false).await();
                Api api = new Api(again.url());
                for (JsonNode image : derived(api)) {
                    assertThat(image.get("analyzedAt"))
                            .as("nothing is done twice")
                            .isEqualTo(first.get(image.get("digest").asString()).get("analyzedAt"));
                }
            }
            assertThat(registry.traffic().blobFetches()).isEqualTo(pulled);
        }
    }

    private AllInOne start(LocalRegistry registry) throws Exception {
        return AllInOne.start(new AllInOne.Settings(
                folder.resolve("data"),
                0,
                null,
                Map.of("basewatch.registries[0].url", registry.url().toString())));
    }

    /** Images whose results are by this version. */
    private static List<JsonNode> derived(Api api) throws Exception {
        return api.images().stream()
                .map(image -> {
                    try {
                        return api.json("/api/v1/images/" + image.get("digest").asString());
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                })
                .filter(image -> image.path("analyzerVersion").asString("").startsWith("6["))
                .toList();
    }

    private void unpack(String name) throws IOException {
        try (InputStream in = UpgradeTest.class.getResourceAsStream(name);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path target = folder.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(zip, target);
                }
            }
        }
    }
}
