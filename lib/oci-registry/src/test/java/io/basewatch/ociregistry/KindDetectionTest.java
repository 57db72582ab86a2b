package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.ociregistry.RawServer.Handler;
import io.basewatch.ociregistry.RawServer.Reply;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KindDetectionTest {

    private static final NamePatterns ACME = new NamePatterns(List.of("acme/**"), null);

    private static Reply text(String body, String... headers) {
        return Reply.of(body.getBytes(StandardCharsets.UTF_8), headers);
    }

    private static RegistryKind kind(Handler handler, NamePatterns wanted) throws Exception {
        try (RawServer server = new RawServer(handler);
                Registry registry = Registry.connect(auto(server))) {
            RegistryKind kind = registry.kind(wanted);
            assertThat(registry.kind(wanted)).isEqualTo(kind);
            assertThat(server.seen()).as("asked once").hasSizeLessThanOrEqualTo(2);
            return kind;
        }
    }

    private static RegistrySettings auto(RawServer server) {
        return TestSettings.of(server.url()).withKind(RegistryKind.AUTO, null, null);
    }

    @Test
    void whatOnlyOneKindAnswersSaysWhichItIs() throws Exception {
        assertThat(kind(
                        request ->
                                request.uri().getPath().equals("/api/v2.0/ping") ? text("Pong\n") : Reply.status(404),
                        ACME))
                .isEqualTo(RegistryKind.HARBOR);
        assertThat(kind(request -> Reply.status(404, "X-JFrog-Version", "Artifactory/7.90.1"), ACME))
                .isEqualTo(RegistryKind.ARTIFACTORY);
        assertThat(kind(
                        request -> request.uri().getPath().equals("/v2/_oci/ext/discover")
                                ? text("{\"extensions\":[{\"name\":\"_zot\",\"endpoints\":[\"/v2/_zot/ext/search\"]}]}")
                                : Reply.status(404),
                        ACME))
                .isEqualTo(RegistryKind.ZOT);
    }

    @Test
    void whatIsNotCertainIsPlainDistribution() throws Exception {
        for (String body : List.of("", "<html>Pong</html>", "{}", "[]", "{\"extensions\":7}", "{\"extensions\":[1]}")) {
            assertThat(kind(request -> text(body), ACME)).as(body).isEqualTo(RegistryKind.DISTRIBUTION);
        }
        assertThat(kind(
                        request -> text("{\"extensions\":[{\"name\":\"_zot\",\"endpoints\":[\"/v2/_zot/ext/mgmt\"]}]}"),
                        ACME))
                .as("a zot without search")
                .isEqualTo(RegistryKind.DISTRIBUTION);
        assertThat(kind(request -> Reply.status(403), ACME)).isEqualTo(RegistryKind.DISTRIBUTION);
        assertThat(kind(request -> Reply.status(404, "X-JFrog-Version", "Artifactory/7.90.1"), NamePatterns.ALL))
                .as("Artifactory lists nothing where no repository of it is named")
                .isEqualTo(RegistryKind.DISTRIBUTION);
    }

    @Test
    void aRegistryThatDoesNotAnswerIsOfNoKindYetAndIsAskedAgain() throws Exception {
        boolean[] up = {false};
        try (RawServer server = new RawServer(request -> !up[0]
                        ? Reply.status(503)
                        : request.uri().getPath().equals("/api/v2.0/ping")
                                ? text("Pong")
                                : text("[{\"name\":\"acme/app\"}]"));
                Registry registry = Registry.connect(auto(server))) {
            Listing listing = registry.listing(ACME);
            assertThat(server.seen()).as("before a page is asked for").isEmpty();
            assertThatThrownBy(() -> listing.repositories().next()).isInstanceOf(RegistryException.class);
            up[0] = true;
            assertThat(listing.repositories().next()).contains(List.of("acme/app"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://docker.io, DOCKER_HUB",
        "https://quay.io, QUAY",
        "https://acme.azurecr.io, ACR",
        "https://europe-west1-docker.pkg.dev, GOOGLE",
        "https://eu.gcr.io, GOOGLE",
        "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com, DISTRIBUTION",
        "https://ghcr.io, DISTRIBUTION"
    })
    void aWellKnownNameIsCertainWithoutARequestAndAnInterfaceThatNeedsATokenIsNotAskedWithoutOne(
            String url, RegistryKind kind) throws Exception {
        RegistrySettings settings = RegistrySettings.of(URI.create(url)).withKind(RegistryKind.AUTO, null, null);
        try (Registry registry = Registry.connect(settings)) {
            assertThat(registry.kind(ACME)).isEqualTo(kind);
            assertThat(registry.requests()).isZero();
        }
        try (Registry registry = Registry.connect(settings.withKind(RegistryKind.AUTO, null, "t0ken"))) {
            assertThat(registry.kind(ACME))
                    .isEqualTo(
                            url.contains("ghcr")
                                    ? RegistryKind.GITHUB
                                    : url.contains(".ecr.") ? RegistryKind.ECR : kind);
        }
    }
}
