package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every registry does, the real one and ours: so that tests against ours say something about real ones. */
abstract class RegistryContractTest {

    /** Where an empty, writable, open registry is. */
    abstract URI registry();

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Registry connect() {
        return Registry.connect(TestSettings.of(registry()));
    }

    /** An image of one layer that holds this text. */
    private Digest push(String repository, String tag, String content) throws Exception {
        try (ImagePusher pusher = ImagePusher.to(registry(), null)) {
            TestImage image = TestImage.of(content);
            return pusher.push(
                    repository, tag, MediaTypes.OCI_MANIFEST, image.manifest(), List.of(image.config(), image.layer()));
        }
    }

    private static List<String> all(Pages pages) throws RegistryException {
        List<String> names = new ArrayList<>();
        for (var page = pages.next(); page.isPresent(); page = pages.next()) {
            names.addAll(page.get());
        }
        return names;
    }

    @Test
    void answersTheCheck() throws Exception {
        connect().check();
    }

    @Test
    void listsRepositoriesOverSeveralPages() throws Exception {
        for (int i = 0; i < 5; i++) {
            push("catalog/r" + i, "1", "same");
        }
        Registry registry = Registry.connect(TestSettings.of(registry()).withPageSize(2));
        assertThat(all(registry.repositories()))
                .contains("catalog/r0", "catalog/r1", "catalog/r2", "catalog/r3", "catalog/r4")
                .doesNotHaveDuplicates();
    }

    @Test
    void listsTagsOverSeveralPages() throws Exception {
        for (int i = 0; i < 7; i++) {
            push("tags/many", "v" + i, "same");
        }
        Registry registry = Registry.connect(TestSettings.of(registry()).withPageSize(2));
        assertThat(all(registry.tags("tags/many"))).containsExactlyInAnyOrder("v0", "v1", "v2", "v3", "v4", "v5", "v6");
    }

    @Test
    void doesNotKnowTheTagsOfAnUnknownRepository() {
        assertThatThrownBy(() -> connect().tags("no/such").next())
                .asInstanceOf(type(RegistryException.class))
                .satisfies(e -> {
                    assertThat(e.reason()).isEqualTo(Reason.Code.MANIFEST_MISSING);
                    assertThat(e.isTemporary()).isFalse();
                })
                .extracting(Throwable::getMessage)
                .asString()
                .contains("no/such", "404");
    }

    @Test
    void tellsATagsDigestByHead() throws Exception {
        Digest pushed = push("heads/app", "1", "head");
        assertThat(connect().digest("heads/app", "1")).contains(pushed);
        assertThat(connect().digest("heads/app", "2")).isEmpty();
        assertThat(connect().digest("heads/other", "1")).isEmpty();
    }

    @Test
    void readsAManifestByTagAndByDigest() throws Exception {
        Digest pushed = push("read/app", "1", "read");
        ImageSource source = connect().repository("read/app");
        Manifest byTag = source.manifest("1");
        assertThat(byTag).isEqualTo(source.manifest(pushed.toString())).isInstanceOf(ImageManifest.class);
        assertThat(byTag.digest()).isEqualTo(pushed);
        assertThat(byTag.mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
        assertThat(source.reference("1")).endsWith("/read/app:1");
    }

    @Test
    void readsTheConfigAndEveryByteOfALayer() throws Exception {
        push("blobs/app", "1", "layer content");
        ImageSource source = connect().repository("blobs/app");
        ImageManifest manifest = (ImageManifest) source.manifest("1");
        assertThat(source.config(manifest.config()).platform()).isEqualTo(Platform.parse("linux/amd64"));
        try (InputStream in = source.blob(manifest.layers().get(0))) {
            assertThat(in.readAllBytes()).isEqualTo(bytes("layer content"));
        }
    }

    @Test
    void saysWhichBlobIsMissing() throws Exception {
        push("missing/app", "1", "missing");
        Descriptor nowhere = Descriptor.of(MediaTypes.OCI_LAYER, new Digest("sha256", "ab".repeat(32)), 10);
        assertThatThrownBy(() -> connect().repository("missing/app").blob(nowhere))
                .asInstanceOf(type(RegistryException.class))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.Code.BLOB_MISSING))
                .extracting(Throwable::getMessage)
                .asString()
                .contains("missing/app", nowhere.digest().toString());
    }

    @Test
    void saysWhichManifestIsMissing() throws Exception {
        push("missing/app", "1", "missing");
        assertThatThrownBy(() -> connect().repository("missing/app").manifest("2"))
                .asInstanceOf(type(RegistryException.class))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.Code.MANIFEST_MISSING))
                .extracting(Throwable::getMessage)
                .asString()
                .contains("missing/app:2", "MANIFEST_UNKNOWN");
    }

    @Test
    void resolvesAnIndexToItsImages() throws Exception {
        Digest amd = push("index/app", "amd", "amd");
        Digest arm = push("index/app", "arm", "arm");
        byte[] index = TestImage.index(Map.of(amd, "linux/amd64", arm, "linux/arm64"));
        try (ImagePusher pusher = ImagePusher.to(registry(), null)) {
            Digest pushed = pusher.push("index/app", "all", MediaTypes.OCI_INDEX, index, List.of());
            ImageTargets targets = connect().repository("index/app").resolve("all");
            assertThat(targets.tagDigest()).isEqualTo(pushed);
            assertThat(targets.images())
                    .containsExactlyInAnyOrder(
                            new ImageTargets.Target(amd, Platform.parse("linux/amd64")),
                            new ImageTargets.Target(arm, Platform.parse("linux/arm64")));
        }
    }

    @Test
    void refusesAManifestWhoseBlobsItDoesNotHave() throws Exception {
        TestImage image = TestImage.of("never pushed");
        try (ImagePusher pusher = ImagePusher.to(registry(), null)) {
            assertThatThrownBy(
                            () -> pusher.push("refused/app", "1", MediaTypes.OCI_MANIFEST, image.manifest(), List.of()))
                    .hasMessageContaining("instead of 201");
        }
    }

    @Test
    void answersARangeWithThatPart() throws Exception {
        push("range/app", "1", "0123456789");
        Digest layer = Hashing.digest(bytes("0123456789"), "sha256");
        HttpResponse<String> part = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(registry().resolve("/v2/range/app/blobs/" + layer))
                                .header("Range", "bytes=4-")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo("456789");
        assertThat(part.headers().firstValue("Content-Range")).contains("bytes 4-9/10");
    }

    @Test
    void readsPartsOfALayer() throws Exception {
        push("parts/app", "1", "0123456789");
        ImageSource source = connect().repository("parts/app");
        Descriptor layer = ((ImageManifest) source.manifest("1")).layers().get(0);
        for (int from = 0; from < 10; from++) {
            for (int to = from; to <= 10; to++) {
                try (InputStream part = source.range(layer, from, to - from).orElseThrow()) {
                    assertThat(part.readAllBytes()).isEqualTo(bytes("0123456789".substring(from, to)));
                }
            }
        }
        assertThatThrownBy(() -> source.range(layer, 4, 7)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> source.range(layer, Long.MAX_VALUE, 7)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> source.range(layer, -1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void saysWhichBlobIsMissingWhenAskedForAPart() throws Exception {
        push("missing/app", "1", "missing");
        Descriptor nowhere = Descriptor.of(MediaTypes.OCI_LAYER, new Digest("sha256", "ab".repeat(32)), 10);
        assertThatThrownBy(() -> connect().repository("missing/app").range(nowhere, 2, 3))
                .asInstanceOf(type(RegistryException.class))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.Code.BLOB_MISSING));
    }

    @Test
    void takesAnUploadInChunks() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        URI start = registry().resolve("/v2/chunks/app/blobs/uploads/");
        HttpResponse<Void> started = send(http, start, "POST", "", Map.of());
        URI first = start.resolve(started.headers().firstValue("Location").orElseThrow());
        HttpResponse<Void> half = send(http, first, "PATCH", "hello ", Map.of("Content-Range", "0-5"));
        assertThat(half.statusCode()).isEqualTo(202);
        assertThat(half.headers().firstValue("Range")).contains("0-5");
        URI second = start.resolve(half.headers().firstValue("Location").orElseThrow());
        HttpResponse<Void> whole = send(http, second, "PATCH", "world", Map.of("Content-Range", "6-10"));
        URI last = start.resolve(whole.headers().firstValue("Location").orElseThrow());
        Digest digest = Hashing.digest(bytes("hello world"), "sha256");
        URI finish = URI.create(last + (last.getRawQuery() == null ? "?" : "&") + "digest=" + digest);
        assertThat(send(http, finish, "PUT", "", Map.of()).statusCode()).isEqualTo(201);
        try (InputStream in =
                connect().repository("chunks/app").blob(Descriptor.of("application/octet-stream", digest, 11))) {
            assertThat(in.readAllBytes()).isEqualTo(bytes("hello world"));
        }
    }

    private static HttpResponse<Void> send(
            HttpClient http, URI uri, String method, String body, Map<String, String> headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", "application/octet-stream");
        headers.forEach(request::header);
        return http.send(request.build(), HttpResponse.BodyHandlers.discarding());
    }

    @Test
    void takesAnImageThatJibMadeOfFiles() throws Exception {
        java.nio.file.Path file = java.nio.file.Files.createTempFile("os-release", "");
        java.nio.file.Files.writeString(file, "ID=alpine\n");
        try (ImagePusher pusher = ImagePusher.to(registry(), null)) {
            var layer =
                    new ImagePusher.Layer("base", List.of(new ImagePusher.FileInImage("/etc/os-release", file, false)));
            Digest one = pusher.pushFiles("jib/app", "1", List.of(layer), ImagePusher.Options.defaults());
            Digest two = pusher.pushFiles("jib/app", "2", List.of(layer), ImagePusher.Options.defaults());
            assertThat(one).isEqualTo(two);
            ImageTargets targets = connect().repository("jib/app").resolve("1");
            assertThat(targets.images()).containsExactly(new ImageTargets.Target(one, Platform.parse("linux/amd64")));
        } finally {
            java.nio.file.Files.delete(file);
        }
    }
}
