package io.basewatch.layerfacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each image of the corpus, read straight from the registry's storage folder, against what is known of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CorpusTest {

    private static final FactsKind SMALL_TEXTS =
            TestLayers.keeping((entry, head) -> entry.path().endsWith("release")
                    || entry.path().endsWith("etc/issue")
                    || entry.path().endsWith("release.txt")
                    || entry.path().endsWith("etc/openwrt_version")
                    || entry.path().endsWith("debian_version")
                    || entry.path().endsWith("apk/db/installed")
                    || entry.path().endsWith("var/lib/dpkg/status"));

    private static final LayerReader READER = new LayerReader(LayerLimits.defaults(), List.of(SMALL_TEXTS));

    private Path corpus;
    private JsonNode truth;

    /** Unique layers are read once, and through their encoded form. */
    private final Map<String, LayerFacts> facts = new HashMap<>();

    /** Before each, not all: so that each test is seen to be skipped. */
    @BeforeEach
    void openCorpus() throws IOException {
        corpus = Path.of(System.getProperty("basewatch.corpus", "missing"));
        assumeTrue(Files.exists(corpus.resolve("truth.json")), "no corpus of images at " + corpus);
        truth = new JsonMapper().readTree(corpus.resolve("truth.json").toFile());
    }

    @Test
    void readsEachLayerOfEachImageWithTheDigestsItsManifestAndConfigPromise() throws Exception {
        SoftAssertions soft = new SoftAssertions();
        for (JsonNode image : truth.get("images")) {
            for (LayerFacts layer : layers(image)) {
                soft.assertThat(layer.isComplete()).as(name(image)).isTrue();
                soft.assertThat(layer.notes()).as(name(image)).isEmpty();
            }
        }
        soft.assertAll();
    }

    @Test
    void findsOsReleaseWithItsContentInTheLayerItComesFrom() throws Exception {
        SoftAssertions soft = new SoftAssertions();
        for (JsonNode image : truth.get("images")) {
            ImageView view = SquashedImage.of(layers(image), ImageInputs.NONE);
            JsonNode osRelease = image.get("truth").get("os_release");
            if (osRelease == null || osRelease.isNull()) {
                soft.assertThat(view.find("etc/os-release").map(f -> f.entry().path()))
                        .as(name(image))
                        .isEmpty();
                soft.assertThat(view.find("usr/lib/os-release")
                                .map(f -> f.entry().path()))
                        .as(name(image))
                        .isEmpty();
                continue;
            }
            ImageFile file = view.find(osRelease.get("path").asString()).orElse(null);
            soft.assertThat(file).as(name(image)).isNotNull();
            if (file == null) {
                continue;
            }
            soft.assertThat(file.entry().path())
                    .as(name(image))
                    .isEqualTo(osRelease.get("real_path").asString());
            soft.assertThat(file.layer())
                    .as(name(image))
                    .isEqualTo(Digest.parse(image.get("diff_ids")
                            .get(osRelease.get("layer").asInt())
                            .asString()));
            String text = new String(file.content(), StandardCharsets.UTF_8);
            osRelease
                    .get("fields")
                    .properties()
                    .forEach(field -> soft.assertThat(text)
                            .as(name(image))
                            .contains(field.getKey() + "=")
                            .contains(field.getValue().asString()));
        }
        soft.assertAll();
    }

    @Test
    void findsTheOtherReleaseFilesAndPackageDatabasesAtTheirRealPaths() throws Exception {
        SoftAssertions soft = new SoftAssertions();
        for (JsonNode image : truth.get("images")) {
            ImageView view = SquashedImage.of(layers(image), ImageInputs.NONE);
            JsonNode releaseFiles = image.get("truth").path("other_release_files");
            releaseFiles
                    .properties()
                    .forEach(field -> soft.assertThat(TestLayers.text(view, field.getKey()))
                            .as(name(image) + " " + field.getKey())
                            .startsWith(field.getValue().asString()));
            for (JsonNode manager : image.get("truth").path("package_managers")) {
                String path = manager.get("db").asString().replaceFirst("/$", "");
                soft.assertThat(view.find(path).map(file -> file.entry().path()))
                        .as(name(image))
                        .contains(manager.path("real_path").asString(path));
            }
            if (image.get("truth").path("package_managers").isEmpty()) {
                soft.assertThat(view.find("lib/apk/db/installed"))
                        .as(name(image))
                        .isEmpty();
                soft.assertThat(view.find("var/lib/dpkg/status"))
                        .as(name(image))
                        .isEmpty();
            }
        }
        soft.assertAll();
    }

    @Test
    void laysAsManyNamesAsTheMergedViewHas() throws Exception {
        SoftAssertions soft = new SoftAssertions();
        for (JsonNode image : truth.get("images")) {
            ImageView view = SquashedImage.of(layers(image), ImageInputs.NONE);
            Set<String> named = namedDirectories(layers(image));
            long names = view.files().count()
                    + directories(view, "").filter(named::contains).count();
            soft.assertThat(names)
                    .as(name(image))
                    .isEqualTo(image.get("truth").get("files").asLong());
        }
        soft.assertAll();
    }

    @Test
    void tellsWhatIsWrongWithEachBrokenLayer() throws Exception {
        Map<String, Reason.Code> expected = Map.of(
                "broken/corrupt-layer", Reason.Code.DIGEST_MISMATCH,
                "broken/truncated-gzip", Reason.Code.LAYER_CORRUPT,
                "broken/diffid-mismatch", Reason.Code.DIFF_ID_MISMATCH,
                "forms/sbom", Reason.Code.UNSUPPORTED_FORMAT);
        Map<String, Reason.Code> seen = new HashMap<>();
        for (JsonNode other : truth.get("others")) {
            String repo = other.get("repo").asString();
            if (expected.containsKey(repo)) {
                LayerException e = brokenLayer(other.get("digest").asString());
                seen.put(repo, e.reason().code());
                if (repo.equals("broken/diffid-mismatch")) {
                    LayerFacts layer = e.facts().orElseThrow();
                    assertThat(layer.isComplete()).isTrue();
                    ImageView view = SquashedImage.of(List.of(layer), ImageInputs.NONE);
                    assertThat(TestLayers.text(view, "etc/alpine-release")).isEqualTo("3.20.3\n");
                }
            }
        }
        assertThat(seen).isEqualTo(expected);
    }

    /** The first layer of an image that cannot be read as promised. */
    private LayerException brokenLayer(String manifestDigest) throws IOException {
        JsonMapper mapper = new JsonMapper();
        JsonNode manifest = mapper.readTree(open(manifestDigest).readAllBytes());
        JsonNode diffIds = mapper.readTree(
                        open(manifest.get("config").get("digest").asString()).readAllBytes())
                .path("rootfs")
                .path("diff_ids");
        for (int i = 0; i < manifest.get("layers").size(); i++) {
            JsonNode layer = manifest.get("layers").get(i);
            Expected expected = new Expected(
                    Digest.parse(layer.get("digest").asString()),
                    layer.get("size").asLong(),
                    diffIds.has(i) ? Digest.parse(diffIds.get(i).asString()) : null,
                    layer.get("mediaType").asString());
            try (InputStream blob = open(layer.get("digest").asString())) {
                READER.read(blob, expected);
            } catch (LayerException e) {
                return e;
            }
        }
        return fail("no layer of " + manifestDigest + " is broken");
    }

    /** Directories that only come to be because something lies in them are not counted by those who made the corpus. */
    private static Set<String> namedDirectories(List<LayerFacts> layers) {
        Set<String> named = new HashSet<>();
        for (LayerFacts layer : layers) {
            EntryLog.Reader entry = new EntryLog.Reader(layer);
            while (entry.next()) {
                if (entry.kind == EntryLog.Kind.DIRECTORY) {
                    named.add(new String(entry.path, 0, entry.pathLength, StandardCharsets.UTF_8));
                }
            }
        }
        return named;
    }

    private static Stream<String> directories(ImageView view, String path) {
        return view.list(path)
                .filter(file -> file.entry().type() == FileEntry.Type.DIRECTORY)
                .map(file -> file.entry().path())
                .flatMap(child -> Stream.concat(Stream.of(child), directories(view, child)));
    }

    private static String name(JsonNode image) {
        return image.get("repo").asString() + ":" + image.get("tags");
    }

    private List<LayerFacts> layers(JsonNode image) throws Exception {
        List<LayerFacts> layers = new ArrayList<>();
        for (int i = 0; i < image.get("layers").size(); i++) {
            JsonNode layer = image.get("layers").get(i);
            String digest = layer.get("digest").asString();
            LayerFacts known = facts.get(digest);
            if (known == null) {
                Expected expected = new Expected(
                        Digest.parse(digest),
                        layer.get("size").asLong(),
                        Digest.parse(image.get("diff_ids").get(i).asString()),
                        layer.get("mediaType").asString());
                try (InputStream blob = open(digest)) {
                    known = LayerFacts.decode(READER.read(blob, expected).encode());
                }
                facts.put(digest, known);
            }
            layers.add(known);
        }
        return layers;
    }

    private InputStream open(String digest) throws IOException {
        String hex = digest.substring("sha256:".length());
        return Files.newInputStream(corpus.resolve(
                "registry/docker/registry/v2/blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data"));
    }
}
