package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Real images and everything else that registries hold, served by Debian's docker-registry: what {@code truth.json} expects of each. */
class CorpusTest {

    private static DockerRegistry docker;
    private static JsonNode truth;
    private static Registry registry;

    @BeforeAll
    static void start(@TempDir Path work) throws Exception {
        Path corpus = Path.of(System.getProperty("basewatch.corpus", "corpus"));
        assumeTrue(Files.isRegularFile(corpus.resolve("truth.json")), "no corpus of images in " + corpus);
        truth = new JsonMapper().readTree(Files.readAllBytes(corpus.resolve("truth.json")));
        docker = DockerRegistry.start(work, corpus.resolve("registry").toRealPath());
        registry = Registry.connect(TestSettings.of(docker.url()).withPageSize(7));
    }

    @AfterAll
    static void stop() throws Exception {
        if (docker != null) {
            docker.close();
        }
    }

    private static Registry connect() {
        return registry;
    }

    private static ImageSource repository(JsonNode entry) {
        return connect().repository(entry.path("repo").asString());
    }

    private static String name(JsonNode entry) {
        return entry.path("tags").isEmpty()
                ? entry.path("digest").asString()
                : entry.path("tags").path(0).asString();
    }

    private static List<JsonNode> others(String kind) {
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode entry : truth.path("others")) {
            if (entry.path("kind").asString().startsWith(kind)) {
                found.add(entry);
            }
        }
        assertThat(found).as("entries of kind " + kind).isNotEmpty();
        return found;
    }

    @Test
    void listsEveryRepositoryAndTag() throws Exception {
        List<String> expected = new ArrayList<>();
        for (String list : List.of("images", "others")) {
            for (JsonNode entry : truth.path(list)) {
                entry.path("tags")
                        .forEach(tag -> expected.add(entry.path("repo").asString() + ":" + tag.asString()));
            }
        }
        List<String> listed = new ArrayList<>();
        Pages repositories = connect().repositories();
        for (var page = repositories.next(); page.isPresent(); page = repositories.next()) {
            for (String repository : page.get()) {
                Pages tags = connect().tags(repository);
                for (var some = tags.next(); some.isPresent(); some = tags.next()) {
                    some.get().forEach(tag -> listed.add(repository + ":" + tag));
                }
            }
        }
        assertThat(listed)
                .containsExactlyInAnyOrderElementsOf(
                        expected.stream().distinct().toList());
    }

    @Test
    void readsEveryImageAsItIs() throws Exception {
        for (JsonNode entry : truth.path("images")) {
            ImageSource source = repository(entry);
            String digest = entry.path("digest").asString();
            Manifest manifest = source.manifest(digest);
            assertThat(manifest).as(digest).isInstanceOf(ImageManifest.class);
            ImageManifest image = (ImageManifest) manifest;
            List<String> layers = new ArrayList<>();
            entry.path("layers")
                    .forEach(layer -> layers.add(layer.path("digest").asString()));
            assertThat(image.layers())
                    .extracting(layer -> layer.digest().toString())
                    .containsExactlyElementsOf(layers);
            List<String> diffIds = new ArrayList<>();
            entry.path("diff_ids").forEach(diffId -> diffIds.add(diffId.asString()));
            ImageConfig config = source.config(image.config());
            assertThat(config.diffIds()).extracting(Digest::toString).containsExactlyElementsOf(diffIds);
        }
    }

    @Test
    void readsTheFirstLayerOfEveryImageWhole() throws Exception {
        for (JsonNode entry : truth.path("images")) {
            JsonNode layer = entry.path("layers").path(0);
            if (layer.isMissingNode()) {
                continue;
            }
            Descriptor blob = Descriptor.of(
                    layer.path("mediaType").asString(),
                    Digest.parse(layer.path("digest").asString()),
                    layer.path("size").asLong());
            try (InputStream in = repository(entry).blob(blob)) {
                byte[] bytes = in.readAllBytes();
                assertThat(Hashing.digest(bytes, "sha256")).isEqualTo(blob.digest());
            }
        }
    }

    @Test
    void resolvesEveryIndexToItsLinuxImages() throws Exception {
        for (JsonNode entry : others("index")) {
            if (entry.path("repo").asString().equals("forms/nested-index")) {
                continue;
            }
            List<String> linux = new ArrayList<>();
            List<String> left = new ArrayList<>();
            for (JsonNode child : entry.path("children")) {
                String os = child.path("platform").path("os").asString("linux");
                (os.equals("linux") ? linux : left).add(child.path("digest").asString());
            }
            ImageTargets targets = repository(entry).resolve(name(entry));
            assertThat(targets.tagDigest()).hasToString(entry.path("digest").asString());
            assertThat(targets.images())
                    .as(entry.path("note").asString())
                    .extracting(target -> target.digest().toString())
                    .containsExactlyElementsOf(linux);
            assertThat(targets.skipped())
                    .as(entry.path("note").asString())
                    .extracting(skipped -> skipped.digest().toString())
                    .containsExactlyElementsOf(left);
        }
    }

    @Test
    void followsAnIndexOfAnIndex() throws Exception {
        ImageTargets targets = connect().repository("forms/nested-index").resolve("1");
        assertThat(targets.tagDigest().hex()).startsWith("997f235b");
        assertThat(targets.images())
                .extracting(target -> target.digest().hex().substring(0, 8) + " " + target.platform())
                .containsExactly("615e184e linux/amd64", "9da98c4b linux/arm64/v8");
    }

    @Test
    void takesAMissingPlatformFromTheConfig() throws Exception {
        assertThat(connect().repository("forms/no-platform").resolve("1").images())
                .extracting(target -> String.valueOf(target.platform()))
                .containsExactly("linux/amd64");
    }

    @Test
    void leavesAttestationsOut() throws Exception {
        assertThat(connect().repository("library/alpine").resolve("3.20.3").skipped())
                .extracting(skipped -> skipped.reason().code())
                .containsExactly(Reason.Code.NOT_AN_IMAGE, Reason.Code.NOT_AN_IMAGE);
    }

    @Test
    void leavesWindowsOutAndNeverFetchesItsForeignLayer() throws Exception {
        ImageSource windows = connect().repository("forms/windows");
        assertThat(windows.resolve("amd64-only").images()).isEmpty();
        assertThat(windows.resolve("amd64-only").skipped())
                .extracting(skipped -> skipped.reason().code())
                .containsExactly(Reason.Code.NOT_LINUX);
        assertThat(windows.resolve("ltsc").images())
                .extracting(target -> String.valueOf(target.platform()))
                .containsExactly("linux/amd64");
        ImageManifest manifest = (ImageManifest) windows.manifest("amd64-only");
        Descriptor foreign = manifest.layers().stream()
                .filter(Descriptor::isForeign)
                .findFirst()
                .orElseThrow();
        assertThatThrownBy(() -> windows.blob(foreign))
                .asInstanceOf(type(RegistryException.class))
                .extracting(RegistryException::reason)
                .isEqualTo(Reason.Code.FOREIGN_LAYER);
    }

    @Test
    void leavesEveryKindOfArtifactOut() throws Exception {
        for (String kind : List.of("helm-chart", "cosign-signature", "oras-artifact", "sbom", "wasm")) {
            for (JsonNode entry : others(kind)) {
                ImageTargets targets = repository(entry).resolve(name(entry));
                assertThat(targets.images()).as(kind).isEmpty();
                assertThat(targets.skipped())
                        .as(kind)
                        .extracting(skipped -> skipped.reason().code())
                        .containsExactly(Reason.Code.NOT_AN_IMAGE);
                assertThat(repository(entry).manifest(name(entry))).isInstanceOf(ArtifactManifest.class);
            }
        }
    }

    @Test
    void takesAManifestWithoutMediaTypeForTheImageItIs() throws Exception {
        ImageSource source = connect().repository("forms/no-mediatype-image");
        assertThat(source.resolve("1").images()).hasSize(1);
        assertThat(source.manifest("1")).isInstanceOf(ImageManifest.class);
    }

    @Test
    void stillNamesTheImagesWhoseContentIsBroken() throws Exception {
        for (JsonNode entry : others("broken")) {
            assertThat(repository(entry).resolve(name(entry)).images())
                    .as(entry.path("repo").asString())
                    .extracting(target -> target.digest().toString())
                    .containsExactly(entry.path("digest").asString());
        }
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        ImageSource layer = connect().repository("broken/missing-layer");
        ImageManifest manifest = (ImageManifest) layer.manifest("1");
        assertThatThrownBy(() -> layer.blob(manifest.layers().get(1)))
                .asInstanceOf(type(RegistryException.class))
                .extracting(RegistryException::reason)
                .isEqualTo(Reason.Code.BLOB_MISSING);
        ImageSource config = connect().repository("broken/missing-config");
        ImageManifest other = (ImageManifest) config.manifest("1");
        assertThatThrownBy(() -> config.config(other.config()))
                .asInstanceOf(type(RegistryException.class))
                .extracting(RegistryException::reason)
                .isEqualTo(Reason.Code.CONFIG_MISSING);
        assertThat(config.resolve("1").images()).containsExactly(new ImageTargets.Target(other.digest(), null));
        ImageSource child = connect().repository("broken/index-missing-child");
        assertThatThrownBy(() -> child.manifest("sha256:" + "ab".repeat(32)))
                .asInstanceOf(type(RegistryException.class))
                .extracting(RegistryException::reason)
                .isEqualTo(Reason.Code.MANIFEST_MISSING);
    }

    @Test
    void refusesASchema1ManifestAndSaysWhatToDo() throws Exception {
        // docker-registry converts on the fly for clients that do not say what they accept.
        byte[] schema1 = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(docker.url().resolve("/v2/forms/docker-list/manifests/1"))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray())
                .body();
        assertThatThrownBy(() -> ManifestParser.parse(schema1, Hashing.digest(schema1, "sha256"), ""))
                .hasMessageContaining("schema 1 is not supported, re-push with a current client");
    }
}
