package io.basewatch.layerfacts;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageInputs;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.SoftReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The corpus' images as their registry stores them, read with given detectors; unique layers are read once. */
public final class CorpusImages {

    private final Path corpus;
    private final JsonNode truth;
    private final LayerReader reader;
    private final Map<String, SoftReference<LayerFacts>> facts;

    /** Read once for all test classes that ask the same detectors, as long as there is room. */
    private static final Map<List<String>, Map<String, SoftReference<LayerFacts>>> READ = new HashMap<>();

    private CorpusImages(Path corpus, List<FactsKind> detectors) {
        this.corpus = corpus;
        this.truth = new JsonMapper().readTree(corpus.resolve("truth.json").toFile());
        this.facts =
                READ.computeIfAbsent(detectors.stream().map(FactsKind::toString).toList(), key -> new HashMap<>());
        this.reader = new LayerReader(LayerLimits.defaults(), detectors);
    }

    /** Skips the test, with the reason, where there is no corpus. */
    public static CorpusImages open(List<FactsKind> detectors) {
        Path corpus = Path.of(System.getProperty("basewatch.corpus", "missing"));
        assumeTrue(
                Files.exists(corpus.resolve("truth.json")),
                () -> "no corpus of images at " + corpus + " (-Dbasewatch.corpus)");
        return new CorpusImages(corpus, detectors);
    }

    public List<JsonNode> images() {
        List<JsonNode> images = new ArrayList<>();
        truth.get("images").forEach(images::add);
        return images;
    }

    public static String name(JsonNode image) {
        return image.get("repo").asString() + ":" + image.get("tags") + " "
                + image.get("platform").get("architecture").asString();
    }

    public List<LayerFacts> layers(JsonNode image) throws Exception {
        List<LayerFacts> layers = new ArrayList<>();
        for (int i = 0; i < image.get("layers").size(); i++) {
            JsonNode layer = image.get("layers").get(i);
            String digest = layer.get("digest").asString();
            SoftReference<LayerFacts> held = facts.get(digest);
            LayerFacts known = held == null ? null : held.get();
            if (known == null) {
                Expected expected = new Expected(
                        Digest.parse(digest),
                        layer.get("size").asLong(),
                        Digest.parse(image.get("diff_ids").get(i).asString()),
                        layer.get("mediaType").asString());
                try (InputStream in = Files.newInputStream(blob(digest))) {
                    known = reader.read(in, expected);
                }
                facts.put(digest, new SoftReference<>(known));
            }
            layers.add(known);
        }
        return layers;
    }

    public ImageInputs inputs(JsonNode image) throws IOException {
        JsonNode config = new JsonMapper()
                .readTree(blob(image.get("config_digest").asString()).toFile())
                .path("config");
        return new ImageInputs(
                texts(config.path("Entrypoint")), texts(config.path("Cmd")), texts(config.path("Env")), Map.of());
    }

    private static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        node.forEach(text -> texts.add(text.asString()));
        return texts;
    }

    /** Where the registry stores that blob. */
    Path blob(String digest) {
        String hex = digest.substring("sha256:".length());
        return corpus.resolve("registry/docker/registry/v2/blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data");
    }
}
