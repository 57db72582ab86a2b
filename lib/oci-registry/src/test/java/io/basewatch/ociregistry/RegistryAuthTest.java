package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.basewatch.fleetmodel.Reason;
import io.basewatch.registrytestkit.Faults.Reply;
import io.basewatch.registrytestkit.LocalRegistry;
import io.basewatch.registrytestkit.Traffic.Request;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryAuthTest {

    private static final String SECRET = "s3cret-Pa55word";
    private static final Credentials USER = new Credentials("alice", SECRET);

    private static LocalRegistry basic() throws Exception {
        return filled(LocalRegistry.builder().basicAuth("alice", SECRET).start());
    }

    private static LocalRegistry token() throws Exception {
        return filled(LocalRegistry.builder().tokenAuth("alice", SECRET).start());
    }

    private static LocalRegistry filled(LocalRegistry local) {
        TestImage image = TestImage.of("content");
        local.pushBlob(image.config());
        local.pushBlob(image.layer());
        local.push("team/app", "1", MediaTypes.OCI_MANIFEST, image.manifest());
        return local;
    }

    private static Registry connect(LocalRegistry local, Credentials credentials) {
        return Registry.connect(TestSettings.of(local.url()).withCredentials(credentials));
    }

    private static void assertUnauthorized(Registry registry, String... said) {
        assertThatThrownBy(() -> registry.repository("team/app").manifest("1"))
                .asInstanceOf(type(RegistryException.class))
                .satisfies(e -> {
                    assertThat(e.reason()).isEqualTo(Reason.Code.UNAUTHORIZED);
                    assertThat(e.isTemporary()).isFalse();
                    assertThat(trace(e)).doesNotContain(SECRET).doesNotContain("wrong-one");
                })
                .extracting(Throwable::getMessage)
                .asString()
                .contains(said);
    }

    private static String trace(Throwable e) {
        java.io.StringWriter text = new java.io.StringWriter();
        e.printStackTrace(new java.io.PrintWriter(text));
        return text.toString();
    }

    @Test
    void givesUserNameAndPasswordToARegistryThatAsksForThem() throws Exception {
        try (LocalRegistry local = basic()) {
            connect(local, USER).check();
            assertThat(connect(local, USER).repository("team/app").resolve("1").images())
                    .hasSize(1);
        }
    }

    @Test
    void sendsBasicWithoutBeingAskedAgain() throws Exception {
        try (LocalRegistry local = basic()) {
            Registry registry = connect(local, USER);
            registry.check();
            local.traffic().clear();
            registry.repository("team/app").manifest("1");
            assertThat(local.traffic().requests()).extracting(Request::status).containsExactly(200);
        }
    }

    @Test
    void namesWhereTheCredentialsAreWhenTheyAreRefused() throws Exception {
        try (LocalRegistry local = basic()) {
            assertUnauthorized(
                    connect(local, new Credentials("alice", "wrong-one")),
                    "check the credentials of registry " + local.host(),
                    "in the registry's settings",
                    "team/app:1");
        }
    }

    @Test
    void saysThatNoneAreConfigured() throws Exception {
        try (LocalRegistry local = basic()) {
            assertUnauthorized(connect(local, null), "none are configured");
        }
    }

    @Test
    void tradesThePasswordForATokenOncePerScope() throws Exception {
        try (LocalRegistry local = token()) {
            Registry registry = connect(local, USER);
            for (int i = 0; i < 3; i++) {
                registry.repository("team/app").manifest("1");
            }
            assertThat(local.traffic().count("GET", "/token")).isEqualTo(1);
            assertThat(registry.repositories().next()).isPresent();
            assertThat(local.traffic().count("GET", "/token")).isEqualTo(2);
        }
    }

    @Test
    void fetchesAnotherTokenWhenTheOneItHasIsRefused() throws Exception {
        try (LocalRegistry local = token()) {
            Registry registry = connect(local, USER);
            registry.repository("team/app").manifest("1");
            local.revokeTokens();
            registry.repository("team/app").manifest("1");
            assertThat(local.traffic().count("GET", "/token")).isEqualTo(2);
        }
    }

    @Test
    void oneOfManyThreadsThatAreRefusedTogetherAsksForTheToken() throws Exception {
        try (LocalRegistry local = token()) {
            Registry registry = connect(local, USER);
            askTogether(local, registry);
            assertThat(local.traffic().count("GET", "/token")).isEqualTo(1);

            local.revokeTokens();
            local.traffic().clear();
            askTogether(local, registry);
            assertThat(local.traffic().count("GET", "/token")).isEqualTo(1);
        }
    }

    /** As many threads as may ask at once: the token service answers when each of them has been refused. */
    private static void askTogether(LocalRegistry local, Registry registry) throws Exception {
        int threads = 16;
        CountDownLatch sent = new CountDownLatch(threads);
        local.faults().clear();
        local.faults().intercept(request -> {
            try {
                if (request.path().contains("/manifests/")) {
                    sent.countDown();
                }
                sent.await();
                return Optional.empty();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Manifest>> asked = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                asked.add(executor.submit(() -> registry.repository("team/app").manifest("1")));
            }
            for (Future<Manifest> each : asked) {
                assertThat(each.get()).isInstanceOf(ImageManifest.class);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aTokenThatWasRefusedOnceIsAskedForAgain() throws Exception {
        try (LocalRegistry local = token()) {
            Registry registry = connect(local, USER);
            local.faults().refuse("/token", 1, 403);
            List<String> ends = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                try {
                    registry.repository("team/app").manifest("1");
                    ends.add("read");
                } catch (RegistryException e) {
                    ends.add(e.reason().toString());
                }
            }
            assertThat(ends).containsExactly(Reason.Code.UNAUTHORIZED.toString(), "read");
        }
    }

    @Test
    void asksATokenServiceInTroubleAgain() throws Exception {
        try (LocalRegistry local = token()) {
            local.faults().refuse("/token", 2, 503);
            connect(local, USER).repository("team/app").manifest("1");
            assertThat(local.traffic().count("GET", "/token")).isEqualTo(3);
        }
    }

    @Test
    void givesUpWhenAFreshTokenIsRefusedToo() throws Exception {
        try (LocalRegistry local = filled(LocalRegistry.builder()
                .tokenAuth("alice", SECRET)
                .tokenLife(Duration.ZERO)
                .start())) {
            // Tokens that have run out before they arrive: the first answer and the one with a token are both refusals.
            assertUnauthorized(connect(local, USER), "401");
            assertThat(local.traffic().count("GET", "/token")).isEqualTo(1);
        }
    }

    @Test
    void givesARefreshTokenOnlyToTheTokenServiceByPost() throws Exception {
        try (LocalRegistry local = token()) {
            connect(local, Credentials.refreshToken(SECRET))
                    .repository("team/app")
                    .manifest("1");
            assertThat(local.traffic().count("POST", "/token")).isEqualTo(1);
            assertThat(local.traffic().requests())
                    .noneMatch(request -> request.query().contains(SECRET));
        }
    }

    @Test
    void readsDockersConfiguration(@TempDir Path folder) throws Exception {
        try (LocalRegistry local = token()) {
            String auth = Base64.getEncoder().encodeToString(("alice:" + SECRET).getBytes(StandardCharsets.UTF_8));
            Path config = Files.writeString(
                    folder.resolve("config.json"),
                    "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(local.host(), auth));
            Registry registry = Registry.connect(TestSettings.of(local.url()).withDockerConfig(config));
            assertThat(registry.repository("team/app").resolve("1").images()).hasSize(1);
        }
    }

    @Test
    void saysWhichCredentialHelperIsMissing(@TempDir Path folder) throws Exception {
        try (LocalRegistry local = token()) {
            Path config = Files.writeString(
                    folder.resolve("config.json"),
                    "{\"credHelpers\":{\"%s\":\"not-installed\"}}".formatted(local.host()));
            Registry registry = Registry.connect(TestSettings.of(local.url()).withDockerConfig(config));
            assertUnauthorized(registry, config.toString(), "docker-credential-not-installed");
        }
        try (LocalRegistry open = filled(LocalRegistry.start())) {
            Path config = Files.writeString(
                    folder.resolve("config.json"),
                    "{\"credHelpers\":{\"%s\":\"not-installed\"}}".formatted(open.host()));
            Registry registry = Registry.connect(TestSettings.of(open.url()).withDockerConfig(config));
            assertThat(registry.repository("team/app").resolve("1").images()).hasSize(1);
        }
    }

    private static String auth(String secret) {
        return "{\"auth\":\"" + Base64.getEncoder().encodeToString(("alice:" + secret).getBytes(StandardCharsets.UTF_8))
                + "\"}";
    }

    private static Registry connect(LocalRegistry local, Path folder, String config) throws Exception {
        Path file = Files.writeString(folder.resolve("config.json"), config);
        return Registry.connect(TestSettings.of(local.url()).withDockerConfig(file));
    }

    @Test
    void takesTheCredentialsOfTheLongestPath(@TempDir Path folder) throws Exception {
        for (LocalRegistry kind : List.of(basic(), token())) {
            try (LocalRegistry local = kind) {
                String host = local.host();
                Registry registry = connect(
                        local,
                        folder,
                        "{\"auths\":{\"%s\":%s,\"http://%s/team/app\":%s,\"%s/team\":%s}}"
                                .formatted(host, auth("wrong-one"), host, auth(SECRET), host, auth("wrong-one")));
                for (int i = 0; i < 2; i++) {
                    assertThat(registry.repository("team/app").resolve("1").images())
                            .hasSize(1);
                    assertThatThrownBy(() -> registry.repository("team/other").manifest("1"))
                            .asInstanceOf(type(RegistryException.class))
                            .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.Code.UNAUTHORIZED));
                }
            }
        }
    }

    private static Stream<ProcessHandle> hangingHelpers() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains("618033"));
    }

    private static List<Future<Manifest>> askSlow(ExecutorService executor, Registry registry) {
        List<Future<Manifest>> slow = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            slow.add(executor.submit(() -> registry.repository("slow/app").manifest("1")));
        }
        return slow;
    }

    @Test
    void aHangingCredentialHelperHoldsNobodyElseUp(@TempDir Path folder) throws Exception {
        try (LocalRegistry local = token()) {
            Registry registry =
                    Registry.connect(TestSettings.of(local.url()).withDockerConfig(slowHelper(local, folder)));
            ExecutorService executor = Executors.newCachedThreadPool();
            try {
                List<Future<Manifest>> slow = askSlow(executor, registry);
                while (hangingHelpers().findAny().isEmpty()) {
                    Thread.sleep(20);
                }
                assertThat(registry.repository("team/app").resolve("1").images())
                        .hasSize(1);
                assertThat(slow).noneMatch(Future::isDone);
                while (!slow.stream().allMatch(Future::isDone)) {
                    hangingHelpers().forEach(ProcessHandle::destroyForcibly);
                    Thread.sleep(20);
                }
            } finally {
                executor.shutdownNow();
            }
        }
    }

    @Test
    void aHangingCredentialHelperIsEnded(@TempDir Path folder) throws Exception {
        try (LocalRegistry local = token()) {
            Registry registry = Registry.connect(TestSettings.of(local.url())
                    .withTimeouts(TestSettings.PATIENCE, Duration.ofSeconds(1))
                    .withDockerConfig(slowHelper(local, folder)));
            ExecutorService executor = Executors.newCachedThreadPool();
            try {
                long start = System.nanoTime();
                for (Future<Manifest> each : askSlow(executor, registry)) {
                    // The helper was ended, and the entry of the whole registry was tried next.
                    assertThatThrownBy(each::get).hasMessageContaining("status 404");
                }
                // Of its own it would have gone on for a week.
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
            } finally {
                executor.shutdownNow();
            }
            assertThat(hangingHelpers()).isEmpty();
        }
    }

    private static Path slowHelper(LocalRegistry local, Path folder) throws Exception {
        String host = local.host();
        return Files.writeString(
                folder.resolve("config.json"),
                "{\"auths\":{\"%s\":%s},\"credHelpers\":{\"%s/slow\":\"basewatch-hangs\"}}"
                        .formatted(host, auth(SECRET), host));
    }

    @Test
    void saysThatACredentialHelperTookTooLongOrBroke(@TempDir Path folder) throws Exception {
        try (LocalRegistry local = token()) {
            Path hangs = Files.writeString(folder.resolve("config.json"), "{\"credsStore\":\"basewatch-hangs\"}");
            Registry hanging = Registry.connect(TestSettings.of(local.url())
                    .withTimeouts(TestSettings.PATIENCE, Duration.ofSeconds(1))
                    .withDockerConfig(hangs));
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> hanging.repository("team/app").manifest("1"))
                        .hasMessageContaining("docker-credential-basewatch-hangs did not answer within 1000 ms")
                        .hasMessageContaining(folder.resolve("config.json").toString())
                        .asInstanceOf(type(RegistryException.class))
                        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.Code.UNAUTHORIZED))
                        .satisfies(e -> assertThat(e.isTemporary()).isTrue());
            }
            Registry broken = connect(local, folder, "{\"credsStore\":\"basewatch-breaks\"}");
            assertThatThrownBy(() -> broken.repository("team/app").manifest("1"))
                    .hasMessageContaining("docker-credential-basewatch-breaks failed with exit code 3")
                    .satisfies(e -> assertThat(trace(e)).doesNotContain(SECRET));
            assertThat(local.traffic().count("GET", "/token")).isZero();
        }
    }

    @Test
    void takesWhatACredentialHelperGives(@TempDir Path folder) throws Exception {
        for (LocalRegistry kind : List.of(basic(), token())) {
            try (LocalRegistry local = kind) {
                Registry registry = connect(local, folder, "{\"credsStore\":\"basewatch-gives\"}");
                assertThat(registry.repository("team/app").resolve("1").images())
                        .hasSize(1);
                Registry fallen = connect(
                        local,
                        folder,
                        "{\"auths\":{\"%s\":%s,\"%s/team/none\":{}},\"credsStore\":\"basewatch-gives\",\"credHelpers\":{\"%s/team\":\"../../bin/true\"}}"
                                .formatted(local.host(), auth("wrong-one"), local.host(), local.host()));
                assertThat(fallen.repository("team/app").resolve("1").images()).hasSize(1);
            }
        }
    }

    @Test
    void aHelperThatHasNoneLeavesItToTheFile(@TempDir Path folder) throws Exception {
        try (LocalRegistry local = token()) {
            Registry registry = connect(
                    local,
                    folder,
                    "{\"auths\":{\"%s\":%s,\"%s/none\":%s},\"credsStore\":\"basewatch-gives\"}"
                            .formatted(local.host(), auth("wrong-one"), local.host(), auth(SECRET)));
            assertThatThrownBy(() -> registry.repository("none/app").manifest("1"))
                    .hasMessageContaining("status 404");
        }
    }

    /** A registry with a token service of its own that answers with this. */
    private static RawServer.Reply tokenRegistry(
            RawServer.Seen request, TestImage image, String scope, String answer, String token) {
        if (request.uri().getPath().equals("/token")) {
            return RawServer.Reply.of(answer.getBytes(StandardCharsets.UTF_8));
        }
        return ("Bearer " + token).equals(request.headers().get("authorization"))
                ? RawServer.Reply.of(image.manifest())
                : RawServer.Reply.status(
                        401,
                        "WWW-Authenticate",
                        "Bearer realm=\"http://" + request.headers().get("host") + "/token\",service=\"x\",scope=\""
                                + scope + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"token\":\"\",\"access_token\":\"x\"}",
                "{\"token\":null,\"access_token\":\"x\"}",
                "{\"token\":\"x\",\"access_token\":\"\"}",
                "{\"access_token\":\"x\",\"expires_in\":null}"
            })
    void takesTheTokenThatIsOne(String answer) throws Exception {
        TestImage image = TestImage.of("content");
        try (RawServer server =
                new RawServer(request -> tokenRegistry(request, image, "repository:team/app:pull", answer, "x"))) {
            Registry registry = Registry.connect(TestSettings.of(server.url()));
            assertThat(registry.repository("team/app").manifest("1").digest()).isEqualTo(image.digest());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "repository:other/app:pull | repository:team/app:pull",
                "repository:team:pull | repository:team/app:pull",
                "'' | repository:team/app:pull",
                "repository:team/app:pull | repository:team/app:pull",
                "repository:team/app:metadata_read | repository:team/app:pull,repository:team/app:metadata_read",
                "repository:other/app:pull repository:team/app:pull,push | repository:team/app:pull,repository:team/app:pull%2Cpush",
            })
    void asksForTheTokenItNeedsWhateverRepositoryTheChallengeNames(String challenged, String asked) throws Exception {
        TestImage image = TestImage.of("content");
        try (RawServer server =
                new RawServer(request -> tokenRegistry(request, image, challenged, "{\"token\":\"x\"}", "x"))) {
            Registry registry = Registry.connect(TestSettings.of(server.url()));
            registry.repository("team/app").manifest("1");
            String query = server.seen().get(1).uri().getRawQuery();
            assertThat(List.of(query.split("&")).stream()
                            .filter(parameter -> parameter.startsWith("scope="))
                            .map(parameter -> parameter
                                    .substring("scope=".length())
                                    .replace("%3A", ":")
                                    .replace("%2F", "/")))
                    .containsExactly(asked.split(","));
        }
    }

    @Test
    void givesCredentialsToATokenServiceThatIsConfigured() throws Exception {
        TestImage image = TestImage.of("content");
        try (LocalRegistry service =
                        LocalRegistry.builder().tokenAuth("alice", SECRET).start();
                LocalRegistry local = filled(LocalRegistry.start())) {
            String named = "localhost:" + service.url().getPort();
            local.faults()
                    .intercept(request -> request.headers().containsKey("authorization")
                            ? Optional.empty()
                            : Optional.of(new Reply(
                                    401,
                                    Map.of("WWW-Authenticate", "Bearer realm=\"http://" + named + "/token\""),
                                    "")));
            assertUnauthorized(connect(local, USER), "add token-services: [" + named + "]");
            Registry registry = Registry.connect(
                    TestSettings.of(local.url()).withCredentials(USER).withTokenServices(List.of(named)));
            assertThat(registry.repository("team/app").manifest("1").digest()).isEqualTo(image.digest());
        }
    }

    @Test
    void doesNotGiveCredentialsToATokenServiceNamedByPlainHttpOnAnotherHost() throws Exception {
        try (LocalRegistry thief =
                        LocalRegistry.builder().tokenAuth("alice", SECRET).start();
                LocalRegistry local = LocalRegistry.start()) {
            // The same machine by another name is another host.
            String realm = "http://localhost:" + thief.url().getPort() + "/token";
            local.faults()
                    .intercept(request -> Optional.of(new Reply(
                            401, Map.of("WWW-Authenticate", "Bearer realm=\"" + realm + "\",service=\"x\""), "")));
            assertUnauthorized(connect(local, USER), "not told the registry's credentials");
            assertThat(thief.traffic().requests()).isEmpty();
        }
    }

    @Test
    void sendsNoCredentialsAlongARedirectToAnotherHost() throws Exception {
        try (LocalRegistry store = LocalRegistry.start();
                LocalRegistry local = basic()) {
            TestImage image = TestImage.of("content");
            store.pushBlob(image.layer());
            String signed = "http://localhost:" + store.url().getPort() + "/v2/x/blobs/"
                    + image.layerDescriptor().digest() + "?Signature=" + SECRET;
            local.faults()
                    .intercept(request -> request.path().contains("/blobs/")
                                    && request.headers().containsKey("authorization")
                            ? Optional.of(new Reply(307, Map.of("Location", signed), ""))
                            : Optional.empty());
            try (InputStream in = connect(local, USER).repository("team/app").blob(image.layerDescriptor())) {
                assertThat(in.readAllBytes()).isEqualTo(image.layer());
            }
            assertThat(store.traffic().requests())
                    .hasSize(1)
                    .noneMatch(request -> request.headers().containsKey("authorization"));
            store.faults().refuse("/blobs/", 100, 403);
            assertThatThrownBy(() -> connect(local, USER).repository("team/app").blob(image.layerDescriptor()))
                    .satisfies(e -> assertThat(trace(e)).doesNotContain(SECRET).contains("status 403"));
        }
    }

    @Test
    void doesNotAnswerAChallengeOfTheHostItWasRedirectedTo() throws Exception {
        try (LocalRegistry thief = basic();
                LocalRegistry local = LocalRegistry.start()) {
            TestImage image = TestImage.of("content");
            local.faults()
                    .intercept(request -> Optional.of(new Reply(
                            307,
                            Map.of("Location", "http://localhost:" + thief.url().getPort() + request.path()),
                            "")));
            assertThatThrownBy(() -> connect(local, USER).repository("team/app").blob(image.layerDescriptor()))
                    .hasMessageContaining("401")
                    .hasMessageContaining("redirected to another registry that asks for credentials of its own")
                    .hasMessageContaining("localhost:" + thief.url().getPort())
                    .extracting(e -> ((RegistryException) e).reason())
                    .isEqualTo(Reason.Code.UNAUTHORIZED);
            assertThat(thief.traffic().requests())
                    .isNotEmpty()
                    .noneMatch(request -> request.headers().containsKey("authorization"));
        }
    }

    @Test
    void doesNotShowSecretsInToString() {
        assertThat(USER).asString().doesNotContain(SECRET);
        assertThat(TestSettings.of(java.net.URI.create("https://x.example")).withCredentials(USER))
                .asString()
                .doesNotContain(SECRET);
        assertThatThrownBy(() -> RegistrySettings.of(java.net.URI.create("https://alice:" + SECRET + "@x.example")))
                .satisfies(e -> assertThat(trace(e)).doesNotContain(SECRET));
    }
}
