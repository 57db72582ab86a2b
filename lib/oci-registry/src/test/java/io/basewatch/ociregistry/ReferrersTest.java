package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.Referrers.Referrer;
import io.basewatch.registrytestkit.Faults.Reply;
import io.basewatch.registrytestkit.LocalRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferrersTest {

    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String INDEX = "application/vnd.oci.image.index.v1+json";
    private static final String SIGNATURE = "application/vnd.dev.cosign.artifact.sig.v1+json";
    private static final Digest SUBJECT = Digest.parse("sha256:" + "a".repeat(64));

    private static Registry connect(URI url) {
        return Registry.connect(TestSettings.of(url));
    }

    private static byte[] artifact(String type, int number, Digest config) {
        return ("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"artifactType\":\"" + type
                        + "\",\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"digest\":\"" + config
                        + "\",\"size\":2},\"layers\":[],\"annotations\":{\"n\":\"" + number
                        + "\"},\"subject\":{\"mediaType\":\"" + MANIFEST + "\",\"digest\":\"" + SUBJECT
                        + "\",\"size\":7}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Digest push(LocalRegistry registry, String type, int number) {
        return registry.push("team/app", null, MANIFEST, artifact(type, number, SUBJECT));
    }

    private static byte[] index(List<Digest> digests) {
        return digests.stream()
                .map(digest -> "{\"mediaType\":\"" + MANIFEST + "\",\"digest\":\"" + digest
                        + "\",\"size\":300,\"artifactType\":\"" + SIGNATURE + "\"}")
                .collect(Collectors.joining(
                        ",", "{\"schemaVersion\":2,\"mediaType\":\"" + INDEX + "\",\"manifests\":[", "]}"))
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void theInterfaceIsReadPageByPageAndToItsEnd() throws Exception {
        try (LocalRegistry server =
                        LocalRegistry.builder().referrers().pageSize(2).start();
                Registry registry = connect(server.url())) {
            assertThat(registry.referrers("team/app", SUBJECT)).isEqualTo(new Referrers(List.of(), false));
            Digest sbom = push(server, "application/spdx+json", 0);
            for (int n = 1; n < 5; n++) {
                push(server, SIGNATURE, n);
            }
            server.traffic().clear();
            Referrers referrers = registry.referrers("team/app", SUBJECT);
            assertThat(referrers.found())
                    .hasSize(5)
                    .doesNotHaveDuplicates()
                    .startsWith(new Referrer(sbom, "application/spdx+json"));
            assertThat(referrers.found())
                    .extracting(Referrer::kind)
                    .containsOnlyOnce(ArtifactKind.SBOM)
                    .contains(ArtifactKind.SIGNATURE);
            assertThat(referrers.more()).isFalse();
            assertThat(server.traffic().requests()).hasSize(3);
            assertThat(registry.requests(RequestKind.REFERRERS)).isEqualTo(4);
        }
    }

    @Test
    void theDayFromWhichAPublisherEndsAnImageIsReadOfTheList() throws Exception {
        String type = "application/vnd.microsoft.artifact.lifecycle";
        try (LocalRegistry server = LocalRegistry.start();
                Registry registry = connect(server.url())) {
            Digest end = push(server, type, 1);
            String listed =
                    "{\"schemaVersion\":2,\"mediaType\":\"" + INDEX + "\",\"manifests\":[{\"mediaType\":\"" + MANIFEST
                            + "\",\"digest\":\"" + end + "\",\"size\":300,\"artifactType\":\"" + type
                            + "\",\"annotations\":{\"vnd.microsoft.artifact.lifecycle.end-of-life.date\":\"2024-02-13\"}}]}";
            server.push("team/app", "sha256-" + "a".repeat(64), INDEX, listed.getBytes(StandardCharsets.UTF_8));
            assertThat(registry.referrers("team/app", SUBJECT).found())
                    .containsExactly(new Referrer(end, type, LocalDate.of(2024, 2, 13)));
        }
    }

    @Test
    void whoLooksAtASingleImageLearnsTheEarliestDayFromTheInterfaceAndNothingFromARegistryWithoutOne()
            throws Exception {
        String entry = "{\"mediaType\":\"" + MANIFEST + "\",\"digest\":\"sha256:%s\",\"size\":300,"
                + "\"artifactType\":\"application/vnd.microsoft.artifact.lifecycle\","
                + "\"annotations\":{\"vnd.microsoft.artifact.lifecycle.end-of-life.date\":\"%s\"}}";
        Reply listed = new Reply(
                200,
                Map.of("Content-Type", INDEX),
                "{\"schemaVersion\":2,\"mediaType\":\"" + INDEX + "\",\"manifests\":["
                        + entry.formatted("1".repeat(64), "2025-03-01") + ","
                        + entry.formatted("2".repeat(64), "2024-02-13") + ","
                        + entry.formatted("3".repeat(64), "some day") + "]}");
        try (LocalRegistry server = LocalRegistry.builder().referrers().start();
                Registry registry = connect(server.url())) {
            ImageSource source = registry.repository("team/app");
            assertThat(source.publisherEnds(SUBJECT)).as("nobody says so").isEmpty();
            server.faults()
                    .intercept(
                            request -> request.path().contains("/referrers/") ? Optional.of(listed) : Optional.empty());
            assertThat(source.publisherEnds(SUBJECT)).contains(LocalDate.of(2024, 2, 13));
            server.faults().clear();
            server.faults()
                    .intercept(request ->
                            request.path().contains("/referrers/") ? Optional.of(Reply.of(403)) : Optional.empty());
            assertThatThrownBy(() -> source.publisherEnds(SUBJECT))
                    .as("what is refused is not the same as that nobody says so")
                    .isInstanceOfSatisfying(
                            RegistryException.class, e -> assertThat(e.reason()).isEqualTo(Reason.Code.UNAUTHORIZED))
                    .hasMessageContaining("referrers of team/app@" + SUBJECT);
        }
        try (LocalRegistry server = LocalRegistry.start();
                Registry registry = connect(server.url())) {
            assertThat(registry.repository("team/app").publisherEnds(SUBJECT)).isEmpty();
            assertThat(registry.requests(RequestKind.REFERRERS)).isEqualTo(1);
        }
    }

    @Test
    void ofVeryManyOnlyTheFirstAreKeptAndThatIsSaid() throws Exception {
        try (LocalRegistry server =
                        LocalRegistry.builder().referrers().pageSize(60).start();
                Registry registry = connect(server.url())) {
            IntStream.range(0, 200).forEach(n -> push(server, SIGNATURE, n));
            Referrers referrers = registry.referrers("team/app", SUBJECT);
            assertThat(referrers.found()).hasSize(Referrers.MAX);
            assertThat(referrers.more()).isTrue();
            assertThat(registry.requests(RequestKind.REFERRERS))
                    .as("no page more than is kept")
                    .isEqualTo(2);
            assertThatThrownBy(() -> registry.repository("team/app").publisherEnds(SUBJECT))
                    .as("one that was left out may say so")
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("more than the " + Referrers.MAX);
        }
    }

    @Test
    void aRegistryWithoutTheInterfaceIsAskedByTheTagThatClientsKeep() throws Exception {
        try (LocalRegistry server = LocalRegistry.start();
                Registry registry = connect(server.url())) {
            assertThat(registry.referrers("team/app", SUBJECT).found()).isEmpty();
            Digest signature = push(server, SIGNATURE, 1);
            server.push("team/app", "sha256-" + "a".repeat(64), INDEX, index(List.of(signature)));
            server.traffic().clear();
            assertThat(registry.referrers("team/app", SUBJECT).found())
                    .containsExactly(new Referrer(signature, SIGNATURE));
            assertThat(server.traffic().requests())
                    .as("the interface is not asked for twice")
                    .singleElement()
                    .satisfies(request -> assertThat(request.path()).endsWith("/manifests/sha256-" + "a".repeat(64)));
        }
    }

    @Test
    void whatTheRegistryDoesNotSayIsNoEmptyList() throws Exception {
        try (LocalRegistry server = LocalRegistry.builder().referrers().start();
                Registry registry = connect(server.url())) {
            for (Reply reply : List.of(
                    Reply.of(403),
                    Reply.of(503),
                    new Reply(200, Map.of(), "{}"),
                    new Reply(200, Map.of(), "<html>"),
                    new Reply(
                            200,
                            Map.of("Link", "<ftp://elsewhere/x>; rel=\"next\""),
                            "{\"schemaVersion\":2,\"manifests\":[]}"))) {
                server.faults().clear();
                server.faults()
                        .intercept(request ->
                                request.path().contains("/referrers/") ? Optional.of(reply) : Optional.empty());
                assertThatThrownBy(() -> registry.referrers("team/app", SUBJECT))
                        .as("%s", reply)
                        .isInstanceOf(RegistryException.class)
                        .hasMessageContaining("referrers of team/app@" + SUBJECT);
            }
        }
    }

    @Test
    void debiansDockerRegistryHasNoInterfaceAndItsTagIsRead(@TempDir Path work) throws Exception {
        try (DockerRegistry server = DockerRegistry.start(work, null);
                Registry registry = connect(server.url())) {
            assertThat(registry.referrers("team/app", SUBJECT).found()).isEmpty();
            byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
            Digest config = Hashing.digest(empty, "sha256");
            HttpClient http = HttpClient.newHttpClient();
            String location = http.send(
                            HttpRequest.newBuilder(server.url().resolve("/v2/team/app/blobs/uploads/"))
                                    .POST(BodyPublishers.noBody())
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .headers()
                    .firstValue("Location")
                    .orElseThrow();
            put(http, URI.create(location + "&digest=" + config), "application/octet-stream", empty);
            byte[] signature = artifact(SIGNATURE, 1, config);
            Digest digest = Hashing.digest(signature, "sha256");
            put(http, server.url().resolve("/v2/team/app/manifests/" + digest), MANIFEST, signature);
            put(
                    http,
                    server.url().resolve("/v2/team/app/manifests/sha256-" + "a".repeat(64)),
                    INDEX,
                    index(List.of(digest)));
            assertThat(registry.referrers("team/app", SUBJECT).found())
                    .containsExactly(new Referrer(digest, SIGNATURE));
        }
    }

    private static void put(HttpClient http, URI to, String type, byte[] body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(to)
                .header("Content-Type", type)
                .PUT(BodyPublishers.ofByteArray(body))
                .build();
        assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .as("%s", to)
                .isEqualTo(201);
    }
}
