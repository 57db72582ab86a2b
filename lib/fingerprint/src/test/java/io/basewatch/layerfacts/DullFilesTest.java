package io.basewatch.layerfacts;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fingerprint.Kinds;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class DullFilesTest {

    private static final DullFiles DULL = new DullFiles(List.copyOf(Kinds.all()));

    private static boolean isDull(String path) {
        return DULL.isDull(path, 1_000, 0644);
    }

    @Test
    void textsAndSourcesAreDull() {
        assertThat(List.of(
                        "usr/lib/python3/dist-packages/yaml/__init__.py",
                        "a/b.PNG",
                        "usr/share/doc/libc6/changelog",
                        "usr/share/locale/de/LC_MESSAGES/x.mo",
                        "app/node_modules/x/index.js"))
                .allMatch(DullFilesTest::isDull);
    }

    @Test
    void whatMayBeCodeIsNot() {
        assertThat(List.of(
                        "bin/sh",
                        "usr/lib/libc.so.6",
                        "usr/lib/libc-2.31.so",
                        "a.node",
                        "a.jar",
                        "a.whl",
                        "a.o",
                        "py",
                        ".py/a",
                        "a.",
                        "usr/share/docs/a",
                        "x/usr/share/doc/a"))
                .noneMatch(DullFilesTest::isDull);
        assertThat(DULL.isDull("app/tool.py", 1_000, 0755)).isFalse();
        assertThat(DULL.isDull("usr/share/doc/tool", 1_000, 0100)).isFalse();
    }

    @Test
    void whatADetectorWantsByItsNameIsNot() {
        assertThat(List.of(
                        "usr/include/node/node_version.h",
                        "usr/include/python3.11/patchlevel.h",
                        "etc/apt/sources.list",
                        "etc/apt/sources.list.d/x.list"))
                .noneMatch(DullFilesTest::isDull);
        FactsKind breaks = TestLayers.keeping((entry, head) -> head[0] == 1);
        assertThat(new DullFiles(List.of(breaks)).isDull("a.py", 1, 0644)).isFalse();
    }

    /** The promise that lazy reading stands on, held against every file of every real layer there is. */
    @Test
    void nobodyWantsAnyOfThemInRealImages() throws Exception {
        JsonNode images = Corpus.json("truth.json").get("images");
        List<String> wanted = new ArrayList<>();
        int[] dull = new int[1];
        FactsKind witness = TestLayers.keeping((entry, head) -> {
            if (DULL.isDull(entry.path(), entry.size(), entry.mode())) {
                dull[0]++;
                for (FactsKind kind : Kinds.all()) {
                    Want want = kind.wants(entry, head);
                    if (want.contentBytes() > 0 || want.probe() != null) {
                        wanted.add(kind + " " + entry.path());
                    }
                }
            }
            return false;
        });
        LayerReader reader = new LayerReader(LayerLimits.defaults(), List.of(witness));
        Set<String> seen = new HashSet<>();
        for (JsonNode image : images) {
            for (JsonNode layer : image.get("layers")) {
                String hex = layer.get("digest").asString().substring("sha256:".length());
                if (seen.add(hex)) {
                    Path blob = Corpus.path(
                            "registry/docker/registry/v2/blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data");
                    try (InputStream in = Files.newInputStream(blob)) {
                        reader.read(in, Expected.NOTHING);
                    }
                }
            }
        }
        assertThat(wanted).isEmpty();
        assertThat(dull[0]).isGreaterThan(2_000);
    }

    @Test
    void theListIsWellFormed() throws Exception {
        try (InputStream in = DullFiles.class.getResourceAsStream("dull-files.txt")) {
            Set<String> words = new HashSet<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (!line.startsWith("#") && !line.isBlank()) {
                    for (String word : line.trim().split("\\s+")) {
                        assertThat(word).matches("\\.[a-z0-9_-]+|([a-zA-Z0-9-]+/)+");
                        assertThat(words.add(word)).as("twice: " + word).isTrue();
                    }
                }
            }
            assertThat(words)
                    .doesNotContain(".so", ".o", ".jar", ".war", ".whl", ".zip", ".egg", ".node", ".ko", ".bin");
        }
    }
}
