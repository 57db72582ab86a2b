package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.RawServer.Handler;
import io.basewatch.ociregistry.RawServer.Reply;
import io.basewatch.ociregistry.RawServer.Seen;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What of ECR's interface is like no other's: signed requests, the next page's token in the body, and trouble told as 400. */
class EcrListingTest {

    private static final URI HOST = URI.create("https://123456789012.dkr.ecr.eu-west-1.amazonaws.com");
    private static final String KEY = "AKIDEXAMPLE:s3cret/Key+:t0ken/Long==";

    private static RegistrySettings settings(RawServer server) {
        return RegistrySettings.of(HOST)
                .withRetries(3, Duration.ofMillis(1), Duration.ofSeconds(1))
                .withKind(RegistryKind.ECR, server.url(), KEY);
    }

    private static Reply json(String text) {
        return Reply.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Reply trouble(String kind) {
        return new Reply(
                400,
                java.util.Map.of(),
                ("{\"__type\":\"" + kind + "\",\"message\":\"The canonical request should have been s3cret\"}")
                        .getBytes(StandardCharsets.UTF_8),
                false);
    }

    private static List<String> names(Pages pages) throws RegistryException {
        List<String> names = new ArrayList<>();
        for (Optional<List<String>> page = pages.next(); page.isPresent(); page = pages.next()) {
            names.addAll(page.get());
        }
        return names;
    }

    private static List<String> repositories(Handler handler, List<Seen> seen) throws Exception {
        try (RawServer server = new RawServer(handler);
                Registry registry = Registry.connect(settings(server))) {
            try {
                return names(registry.listing(NamePatterns.ALL).repositories());
            } finally {
                seen.addAll(server.seen());
            }
        }
    }

    @Test
    void pagesAreFollowedByTheTokenInTheBodyAndEachRequestIsSigned() throws Exception {
        List<Seen> seen = new ArrayList<>();
        List<String> names = repositories(
                request -> request.body().contains("\"nextToken\":\"a+/=&é\"")
                        ? json("{\"repositories\":[{\"repositoryName\":\"b\"}]}")
                        : json("{\"repositories\":[{\"repositoryName\":\"a\"}],\"nextToken\":\"a+/=&é\"}"),
                seen);
        assertThat(names).containsExactly("a", "b");
        assertThat(seen).hasSize(2).allSatisfy(request -> {
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.uri()).hasToString("/");
            assertThat(request.body()).contains("\"registryId\":\"123456789012\"", "\"maxResults\":1000");
            assertThat(request.headers())
                    .containsEntry("x-amz-target", "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories")
                    .containsEntry("content-type", "application/x-amz-json-1.1")
                    .containsEntry("x-amz-security-token", "t0ken/Long==");
            assertThat(request.headers().get("authorization"))
                    .matches(
                            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\\d{8}/eu-west-1/ecr/aws4_request, "
                                    + "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}");
        });
    }

    @Test
    void tokensThatGoInACircleAreAnErrorAndNoListThatLooksWhole() {
        int[] page = {0};
        assertThatThrownBy(() -> repositories(
                        request -> json("{\"repositories\":[{\"repositoryName\":\"r" + page[0]++
                                + "\"}],\"nextToken\":\"same\"}"),
                        new ArrayList<>()))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("circle");
    }

    @Test
    void anETagOfOneQuestionProvesNothingOfAnother() throws Exception {
        List<Seen> seen = new ArrayList<>();
        repositories(
                request -> request.body().contains("nextToken")
                        ? json("{\"repositories\":[]}")
                        : Reply.of(
                                "{\"repositories\":[{\"repositoryName\":\"a\"}],\"nextToken\":\"x\"}"
                                        .getBytes(StandardCharsets.UTF_8),
                                "ETag",
                                "\"one\""),
                seen);
        assertThat(seen).noneMatch(request -> request.headers().containsKey("if-none-match"));
    }

    @Test
    void noSignatureOrTokenFollowsARedirect() throws Exception {
        try (RawServer elsewhere = new RawServer(request -> json("{\"repositories\":[]}"))) {
            assertThatThrownBy(() -> repositories(
                            request -> Reply.status(307, "Location", elsewhere.url() + "/"), new ArrayList<>()))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("307");
            assertThat(elsewhere.seen()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ThrottlingException", "com.amazonaws.ecr#TooManyRequestsException"})
    void beingThrottledIsWaitedFor(String kind) throws Exception {
        int[] refused = {2};
        List<Seen> seen = new ArrayList<>();
        assertThat(repositories(
                        request -> refused[0]-- > 0
                                ? trouble(kind)
                                : json("{\"repositories\":[{\"repositoryName\":\"a\"}]}"),
                        seen))
                .containsExactly("a");
        assertThat(seen).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({
        "UnrecognizedClientException, UNAUTHORIZED, api-token",
        "InvalidSignatureException, UNAUTHORIZED, clock",
        "com.amazon.coral#ExpiredTokenException, UNAUTHORIZED, api-token",
        "AccessDeniedException, UNAUTHORIZED, ecr:DescribeImages",
        "RepositoryNotFoundException, MANIFEST_MISSING, not in the registry",
        "InvalidParameterException, REGISTRY_UNAVAILABLE, url",
        "s3cret s3cret, REGISTRY_UNAVAILABLE, url"
    })
    void troubleIsToldInWordsWithoutWhatWasSigned(String kind, Reason.Code reason, String word) throws Exception {
        try (RawServer server = new RawServer(request -> trouble(kind));
                Registry registry = Registry.connect(settings(server))) {
            assertThatThrownBy(() ->
                            registry.listing(NamePatterns.ALL).tags("acme/app").next())
                    .isInstanceOfSatisfying(
                            RegistryException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                    .hasMessageContaining(word)
                    .hasMessageNotContaining("s3cret")
                    .hasMessageNotContaining("t0ken");
            assertThat(server.seen()).hasSize(1);
        }
    }

    @Test
    void aKeyInAFileIsReadAgainWhenItChanges(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("key");
        Files.writeString(file, "no key\n");
        try (RawServer server = new RawServer(request -> json("{\"repositories\":[]}"));
                Registry registry = Registry.connect(RegistrySettings.of(HOST)
                        .withKind(RegistryKind.ECR, server.url(), null)
                        .withApiTokenFile(file))) {
            assertThatThrownBy(() -> names(registry.listing(NamePatterns.ALL).repositories()))
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("ACCESS-KEY-ID:SECRET-ACCESS-KEY")
                    .hasMessageNotContaining("no key");
            assertThat(server.seen()).isEmpty();
            Files.writeString(file, "AKIDOTHER:other\n");
            names(registry.listing(NamePatterns.ALL).repositories());
            assertThat(server.seen().get(0).headers().get("authorization")).contains("Credential=AKIDOTHER/");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com, eu-west-1, https://api.ecr.eu-west-1.amazonaws.com",
        "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com, us-gov-west-1, https://ecr-fips.us-gov-west-1.amazonaws.com",
        "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn, cn-north-1, https://api.ecr.cn-north-1.amazonaws.com.cn",
        "123456789012.dkr-ecr.eu-west-1.on.aws, eu-west-1, https://ecr.eu-west-1.api.aws"
    })
    void theNameOfTheRegistrySaysWhereItsInterfaceIs(String name, String region, URI api) {
        assertThat(EcrHost.of(name)).contains(new EcrHost("123456789012", region, api));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example",
                "12345678901.dkr.ecr.eu-west-1.amazonaws.com",
                "123456789012.dkr.ecr.eu-west-1.evil.example",
                "123456789012.dkr.ecr.a.b.amazonaws.com",
                "public.ecr.aws"
            })
    void aNameThatIsNotEcrsIsNone(String name) {
        assertThat(EcrHost.of(name)).isEmpty();
    }

    @Test
    void whatIsMissingInTheConfigurationIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        RegistryEntry.at(HOST).kind(RegistryKind.ECR).build().requireUsable())
                .withMessageContaining("api-token of registry " + HOST.getHost())
                .withMessageContaining("missing")
                .withMessageContaining("ACCESS-KEY-ID:SECRET-ACCESS-KEY");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegistryEntry.at(URI.create("https://registry.example.com"))
                        .kind(RegistryKind.ECR)
                        .build()
                        .requireUsable())
                .withMessageContaining("https://ACCOUNT.dkr.ecr.REGION.amazonaws.com");
        for (RegistryKind kind : List.of(RegistryKind.ECR, RegistryKind.AUTO)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Registry.connect(RegistrySettings.of(HOST).withKind(kind, null, "s3cret"))
                            .listing(NamePatterns.ALL))
                    .withMessageContaining("api-token")
                    .withMessageNotContaining("s3cret");
        }
    }
}
