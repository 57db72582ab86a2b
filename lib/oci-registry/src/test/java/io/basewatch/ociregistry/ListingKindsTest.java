package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.RawServer.Reply;
import io.basewatch.ociregistry.RawServer.Seen;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kind of registry against answers in the shape that its documentation gives, and what breaks such answers. */
class ListingKindsTest {

    private static final Digest DIGEST = Digest.parse("sha256:" + "a".repeat(64));
    private static final NamePatterns ACME = new NamePatterns(List.of("acme/**"), null);

    @ParameterizedTest
    @CsvSource({
        "HARBOR, harbor, acme/tools/cli",
        "QUAY, quay, acme/cli",
        "DOCKER_HUB, docker-hub, acme/cli",
        "GITLAB, gitlab, acme/sub/cli",
        "GITHUB, github, acme/tools/cli",
        "ACR, acr, acme/cli",
        "ZOT, zot, acme/cli",
        "DISTRIBUTION, google, acme/cli",
        "ECR, ecr, acme/tools/cli",
        "ARTIFACTORY, artifactory, acme/tools/cli",
        "NEXUS, nexus, acme/tools/cli"
    })
    void theRepositoriesOfEachKindAreListed(RegistryKind kind, String folder, String second) throws Exception {
        try (RawServer server = new RawServer(request -> reply(folder, request))) {
            assertThat(names(listing(server, kind).repositories())).containsExactly("acme/app", second);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "HARBOR, harbor, 2",
        "QUAY, quay, 2",
        "DOCKER_HUB, docker-hub, 1",
        "GITHUB, github, 2",
        "ACR, acr, 2",
        "ZOT, zot, 2",
        "ECR, ecr, 2",
        "DISTRIBUTION, google, 2"
    })
    void theTagsOfEachKindAreListedWithTheDigestsThatTheRegistryTells(RegistryKind kind, String folder, int digests)
            throws Exception {
        try (RawServer server = new RawServer(request -> reply(folder, request))) {
            Map<String, Digest> told = new HashMap<>();
            Pages pages = listing(server, kind).tags("acme/app");
            List<String> tags = new ArrayList<>();
            for (Optional<List<String>> page = pages.next(); page.isPresent(); page = pages.next()) {
                tags.addAll(page.get());
                told.putAll(pages.digests());
            }
            assertThat(tags).containsExactly("1.0", "latest");
            assertThat(told).hasSize(digests).containsEntry("1.0", DIGEST).doesNotContainValue(null);
            assertThat(told.values()).containsOnly(DIGEST);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "HARBOR, harbor, 2024-05-02T10:00:00.123Z, 2024-05-01T10:00:00Z",
        "QUAY, quay, 1970-01-01T00:00:01Z, 2024-05-01T10:00:00Z",
        "DOCKER_HUB, docker-hub, 2024-05-02T10:00:00.123456Z, 2024-05-01T10:00:00.123456Z",
        "GITHUB, github, 2024-05-02T10:00:00Z, 2024-05-02T10:00:00Z",
        "ACR, acr, 2024-05-01T10:00:00Z,",
        "ECR, ecr, 2024-05-01T10:00:00.250Z, 2024-05-01T10:00:00.250Z",
        "GOOGLE, google, 2024-05-01T10:00:00Z, 2024-05-01T10:00:00Z"
    })
    void kindsThatTellDatesTellThemWithTheTags(RegistryKind kind, String folder, Instant first, Instant latest)
            throws Exception {
        assertThat(kind.tellsDates()).isTrue();
        try (RawServer server = new RawServer(request -> reply(folder, request))) {
            Pages pages = listing(server, kind).tags("acme/app");
            pages.next();
            assertThat(pages.dates().get("1.0")).isEqualTo(first);
            assertThat(pages.dates().get("latest")).isEqualTo(latest);
            pages.next();
            assertThat(pages.dates()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = RegistryKind.class,
            names = {"HARBOR", "QUAY", "DOCKER_HUB", "GITLAB", "GITHUB", "ACR", "ECR", "ARTIFACTORY", "NEXUS"})
    void anAnswerOfAnotherShapeIsNoEmptyList(RegistryKind kind) throws Exception {
        for (String body :
                List.of("{}", "\"x\"", "null", "{\"results\":7,\"repositories\":{}}", "[{\"id\":1}]", "[{\"na")) {
            try (RawServer server = new RawServer(request -> Reply.of(body.getBytes(StandardCharsets.UTF_8)))) {
                assertThatThrownBy(() -> names(listing(server, kind).repositories()))
                        .as("%s answers %s", kind, body)
                        .isInstanceOf(RegistryException.class)
                        .hasMessageContaining("malformed");
            }
        }
    }

    @Test
    void pagesAreFollowedByLinkAndByNumberToTheEnd() throws Exception {
        String full = page(100);
        for (boolean linked : List.of(true, false)) {
            try (RawServer server = new RawServer(request -> {
                int number = Integer.parseInt(request.uri().getQuery().replaceFirst(".*page=(\\d+)&page_size.*", "$1"));
                byte[] body = (number < 3 ? full.replace("p-", "p" + number + "-") : page(1))
                        .getBytes(StandardCharsets.UTF_8);
                return linked && number < 3
                        ? Reply.of(
                                body,
                                "Link",
                                "<http://inner.example:8080/api/v2.0/repositories?page=" + (number + 1)
                                        + "&page_size=100>; rel=\"next\"")
                        : Reply.of(body);
            })) {
                assertThat(names(listing(server, RegistryKind.HARBOR).repositories()))
                        .hasSize(201)
                        .doesNotHaveDuplicates();
                assertThat(server.seen()).hasSize(3);
            }
        }
    }

    private static String page(int entries) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < entries; i++) {
            all.add("{\"name\":\"acme/p-" + i + "\"}");
        }
        return "[" + String.join(",", all) + "]";
    }

    @ParameterizedTest
    @CsvSource({
        "ARTIFACTORY, /artifactory/api/docker/acme/v2/_catalog, /artifactory/api/docker/tools/v2/_catalog",
        "NEXUS, /repository/acme/v2/_catalog, /repository/tools/v2/_catalog"
    })
    void eachRepositoryOfAManagerHasACatalogAndItsPagesAreFollowedThere(RegistryKind kind, String first, String second)
            throws Exception {
        try (RawServer server = new RawServer(request -> {
            String path = request.uri().getPath();
            if (path.equals("/v2/acme/app/tags/list")) {
                return Reply.of("{\"tags\":[\"1.0\"]}".getBytes(StandardCharsets.UTF_8));
            }
            return path.equals(first) && !request.uri().getQuery().contains("last=")
                    ? Reply.of(
                            "{\"repositories\":[\"app\"]}".getBytes(StandardCharsets.UTF_8),
                            "Link",
                            "<http://inner.example:8081" + path + "?n=100&last=app>; rel=\"next\"")
                    : Reply.of("{\"repositories\":[\"web/cli\"]}".getBytes(StandardCharsets.UTF_8));
        })) {
            Listing listing = Registry.connect(settings(server, kind))
                    .listing(new NamePatterns(List.of("acme/**", "tools/**"), null));
            assertThat(names(listing.repositories())).containsExactly("acme/app", "acme/web/cli", "tools/web/cli");
            assertThat(server.seen()).extracting(seen -> seen.uri().getPath()).containsExactly(first, first, second);
            assertThat(names(listing.tags("acme/app"))).containsExactly("1.0");
        }
    }

    @Test
    void aListWhosePagesGoInACircleIsAnError() throws Exception {
        String next = "https://elsewhere.example/v2/namespaces/acme/repositories?page=1&page_size=100";
        try (RawServer server = new RawServer(request -> Reply.of(
                ("{\"next\":\"" + next + "\",\"results\":[{\"name\":\"app\"}]}").getBytes(StandardCharsets.UTF_8)))) {
            Pages pages = listing(server, RegistryKind.DOCKER_HUB).repositories();
            assertThat(pages.next()).contains(List.of("acme/app"));
            assertThatThrownBy(pages::next)
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("circle");
        }
    }

    @Test
    void aTagThatIsListedWithTwoDigestsIsListedWithNone() throws Exception {
        String body = "[{\"digest\":\"" + DIGEST + "\",\"tags\":[{\"name\":\"1\"}]},{\"digest\":\"sha256:"
                + "c".repeat(64) + "\",\"tags\":[{\"name\":\"1\"}]}]";
        try (RawServer server = new RawServer(request -> Reply.of(body.getBytes(StandardCharsets.UTF_8)))) {
            Pages pages = listing(server, RegistryKind.HARBOR).tags("acme/app");
            assertThat(pages.next()).contains(List.of("1"));
            assertThat(pages.digests()).isEmpty();
        }
    }

    @Test
    void tooManyRequestsAreWaitedFor() throws Exception {
        int[] refused = {2};
        try (RawServer server = new RawServer(
                request -> refused[0]-- > 0 ? Reply.status(429, "Retry-After", "0") : reply("github", request))) {
            assertThat(names(listing(server, RegistryKind.GITHUB).repositories()))
                    .hasSize(2);
        }
    }

    @Test
    void theRegistrysCredentialsAreToldToItsOwnInterfaceAndNotToOneElsewhere() throws Exception {
        try (RawServer own = new RawServer(request -> reply("harbor", request));
                RawServer elsewhere = new RawServer(request -> reply("gitlab", request))) {
            Credentials credentials = new Credentials("robot", "s3cret");
            names(Registry.connect(settings(own, RegistryKind.HARBOR).withCredentials(credentials))
                    .listing(NamePatterns.ALL)
                    .repositories());
            assertThat(own.seen())
                    .allMatch(seen -> seen.headers().get("authorization").startsWith("Basic "));

            RegistrySettings gitlab = TestSettings.of(own.url()).withCredentials(credentials);
            names(Registry.connect(gitlab.withKind(RegistryKind.GITLAB, elsewhere.url(), null))
                    .listing(ACME)
                    .repositories());
            assertThat(elsewhere.seen()).noneMatch(seen -> seen.headers().containsKey("authorization"));
            names(Registry.connect(gitlab.withKind(RegistryKind.GITLAB, elsewhere.url(), "glpat"))
                    .listing(ACME)
                    .repositories());
            assertThat(elsewhere.seen().get(1).headers()).containsEntry("authorization", "Bearer glpat");
            assertThat(gitlab.withKind(RegistryKind.GITLAB, elsewhere.url(), "glpat")
                            .toString())
                    .doesNotContain("glpat")
                    .doesNotContain("s3cret");
        }
    }

    @Test
    void anOwnerThatIsNoOrganizationIsAUser() throws Exception {
        try (RawServer server = new RawServer(request ->
                request.uri().getPath().startsWith("/orgs/") ? Reply.status(404) : reply("github", request))) {
            assertThat(names(listing(server, RegistryKind.GITHUB).repositories()))
                    .hasSize(2);
            assertThat(names(listing(server, RegistryKind.GITHUB).tags("acme/app")))
                    .hasSize(2);
        }
    }

    @Test
    void aRepositoryThatTheInterfaceDoesNotKnowIsOneThatTheRegistryDoesNotKnow() throws Exception {
        try (RawServer server = new RawServer(request -> Reply.status(404))) {
            assertThatThrownBy(() -> names(listing(server, RegistryKind.HARBOR).tags("acme/app")))
                    .isInstanceOfSatisfying(
                            RegistryException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.Code.MANIFEST_MISSING));
        }
    }

    @Test
    void aKindThatIsAskedByNamespaceNeedsOne() throws Exception {
        RegistrySettings hub =
                RegistrySettings.of(URI.create("https://docker.io")).withKind(RegistryKind.DOCKER_HUB, null, null);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Registry.connect(hub).listing(NamePatterns.ALL))
                .withMessageContaining("repositories.include")
                .withMessageContaining("docker-hub");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Registry.connect(hub).listing(new NamePatterns(List.of("*/app"), null)))
                .withMessageContaining("'*/app'");
    }

    private static Listing listing(RawServer server, RegistryKind kind) {
        return Registry.connect(settings(server, kind)).listing(ACME);
    }

    private static RegistrySettings settings(RawServer server, RegistryKind kind) {
        if (kind == RegistryKind.ECR) {
            return RegistrySettings.of(URI.create("https://123456789012.dkr.ecr.eu-west-1.amazonaws.com"))
                    .withRetries(3, Duration.ofMillis(1), Duration.ofSeconds(1))
                    .withKind(kind, server.url(), "AKIDEXAMPLE:s3cret/Key+");
        }
        return TestSettings.of(server.url()).withKind(kind, null, null);
    }

    private static List<String> names(Pages pages) throws RegistryException {
        List<String> names = new ArrayList<>();
        for (Optional<List<String>> page = pages.next(); page.isPresent(); page = pages.next()) {
            names.addAll(page.get());
        }
        return names;
    }

    private static Reply reply(String folder, Seen request) throws IOException {
        String path = request.uri().getPath();
        boolean tags = path.endsWith("/artifacts")
                || path.endsWith("/tag/")
                || path.endsWith("/tags")
                || path.endsWith("/versions")
                || path.endsWith("/_tags")
                || path.endsWith("/search")
                || path.endsWith("/list")
                || request.headers().getOrDefault("x-amz-target", "").endsWith(".DescribeImages");
        String file = "listings/" + folder + (tags ? "/tags.json" : "/repositories.json");
        try (InputStream in = ListingKindsTest.class.getResourceAsStream(file)) {
            return in == null ? Reply.status(404) : Reply.of(in.readAllBytes());
        }
    }
}
