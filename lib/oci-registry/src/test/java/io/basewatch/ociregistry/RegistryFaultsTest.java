package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.registrytestkit.Faults.Reply;
import io.basewatch.registrytestkit.LocalRegistry;
import io.basewatch.registrytestkit.Traffic.Request;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What registries do wrong, and what is made of it. */
class RegistryFaultsTest {

    private LocalRegistry local;
    private TestImage image;

    @BeforeEach
    void start() throws IOException {
        local = LocalRegistry.start();
        image = TestImage.of(randomText(300_000));
        local.pushBlob(image.config());
        local.pushBlob(image.layer());
        local.push("team/app", "1", MediaTypes.OCI_MANIFEST, image.manifest());
    }

    @AfterEach
    void stop() {
        local.close();
    }

    private static String randomText(int length) {
        return new Random(7)
                .ints(length, 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private Registry connect() {
        return Registry.connect(TestSettings.of(local.url()));
    }

    private ImageSource source() {
        return connect().repository("team/app");
    }

    private static ThrowableAssert<RegistryException> assertRefused(
            Reason.Code reason, boolean temporary, ThrowingCallable call) {
        RegistryException e = catchThrowableOfType(RegistryException.class, call);
        assertThat(e).as("refused").isNotNull();
        assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
        assertThat(e.isTemporary()).as(e.getMessage()).isEqualTo(temporary);
        return new ThrowableAssert<>(e);
    }

    private void replyTo(String pathContains, Reply reply) {
        local.faults()
                .intercept(request -> request.path().contains(pathContains) ? Optional.of(reply) : Optional.empty());
    }

    private static Reply manifest(String body) {
        return new Reply(200, Map.of("Content-Type", MediaTypes.OCI_MANIFEST), body);
    }

    // --- passing trouble

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504})
    void triesAgainWhenTheRegistryHasTrouble(int status) throws Exception {
        local.faults().refuse("/manifests/", 3, status);
        assertThat(source().manifest("1").digest()).isEqualTo(image.digest());
        assertThat(local.traffic().count("GET", "/manifests/")).isEqualTo(4);
    }

    @Test
    void givesUpAfterTheLastAttemptAndSaysThatItMayPass() {
        local.faults().refuse("/manifests/", 100, 503);
        assertRefused(Reason.Code.REGISTRY_UNAVAILABLE, true, () -> source().manifest("1"))
                .hasMessageContaining("team/app:1")
                .hasMessageContaining("503");
        assertThat(local.traffic().count("GET", "/manifests/")).isEqualTo(4);
    }

    @Test
    void waitsAsLongAsTheRegistryAsks() throws Exception {
        local.faults().refuse("/manifests/", 1, 429, Duration.ofSeconds(1));
        long before = System.nanoTime();
        source().manifest("1");
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void doesNotWaitLongerThanItIsTold() {
        local.faults().refuse("/manifests/", 1, 429, Duration.ofHours(1));
        assertRefused(Reason.Code.REGISTRY_UNAVAILABLE, true, () -> source().manifest("1"))
                .extracting(e -> e.retryAfter().orElseThrow())
                .isEqualTo(Duration.ofHours(1));
        assertThat(local.traffic().count("GET", "/manifests/")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 405, 410})
    void doesNotTryAgainWhatIsFinal(int status) {
        local.faults().refuse("/manifests/", 100, status);
        assertRefused(Reason.Code.REGISTRY_UNAVAILABLE, false, () -> source().manifest("1"));
        assertThat(local.traffic().count("GET", "/manifests/")).isEqualTo(1);
    }

    @Test
    void saysThatNobodyAnswers() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Registry nobody = Registry.connect(TestSettings.of(URI.create("http://127.0.0.1:" + port)));
        assertRefused(Reason.Code.REGISTRY_UNAVAILABLE, true, nobody::check)
                .hasMessageContaining("127.0.0.1:" + port)
                .hasMessageContaining("check the registry's url");
    }

    @Test
    void givesUpOnARegistryThatFallsSilent() throws Exception {
        try (ServerSocket silent = new ServerSocket(0)) {
            Thread server = new Thread(() -> {
                List<Socket> open = new ArrayList<>();
                try {
                    while (true) {
                        Socket socket = silent.accept();
                        open.add(socket);
                        socket.getOutputStream()
                                .write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
                                        .getBytes(StandardCharsets.US_ASCII));
                    }
                } catch (IOException e) {
                    // Closed at the end of the test.
                }
            });
            server.setDaemon(true);
            server.start();
            Registry registry =
                    Registry.connect(TestSettings.of(URI.create("http://127.0.0.1:" + silent.getLocalPort()))
                            .withTimeouts(TestSettings.PATIENCE, Duration.ofMillis(200)));
            // On a slow machine the silence may begin before the answer does, which is told in other words.
            long begun = System.nanoTime();
            String told;
            do {
                RegistryException refused = catchThrowableOfType(
                        RegistryException.class, () -> registry.repository("a").manifest("1"));
                assertThat(refused.reason()).isEqualTo(Reason.Code.REGISTRY_UNAVAILABLE);
                assertThat(refused.isTemporary()).isTrue();
                told = refused.getMessage();
            } while (!told.contains("nothing received") && System.nanoTime() - begun < TestSettings.PATIENCE.toNanos());
            assertThat(told).contains("nothing received");
        }
    }

    // --- manifests

    @Test
    void refusesAManifestThatIsNotTheOneAskedFor() {
        replyTo("/manifests/", manifest(new String(image.manifest(), StandardCharsets.UTF_8) + " "));
        assertRefused(
                Reason.Code.DIGEST_MISMATCH,
                true,
                () -> source().manifest(image.digest().toString()));
    }

    @Test
    void refusesAManifestThatIsTooLarge() {
        replyTo("/manifests/", manifest("{\"x\":\"" + "y".repeat(5 << 20) + "\"}"));
        assertRefused(Reason.Code.LIMIT_EXCEEDED, false, () -> source().manifest("1"));
    }

    @Test
    void believesTheContentWhenTheContentTypeLies() throws Exception {
        local.push("team/app", "lie", MediaTypes.OCI_INDEX, image.manifest());
        assertThat(source().manifest("lie")).isInstanceOf(ImageManifest.class);
    }

    @Test
    void computesTheDigestWhereHeadDoesNotTellIt() throws Exception {
        local.faults().withoutContentDigest();
        assertThat(connect().digest("team/app", "1")).contains(image.digest());
        assertThat(connect().digest("team/app", "2")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 400, 403, 404, 405, 406, 410, 415, 501})
    void asksWithGetBeforeItBelievesARefusedHead(int status) throws Exception {
        local.faults()
                .intercept(
                        request -> request.method().equals("HEAD") ? Optional.of(Reply.of(status)) : Optional.empty());
        assertThat(connect().digest("team/app", "1")).contains(image.digest());
        assertThat(connect().digest("team/app", "2")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "md5:00", "sha256:AB"})
    void asksWithGetWhereHeadNamesNoDigest(String header) throws Exception {
        local.faults()
                .intercept(request -> request.method().equals("HEAD")
                        ? Optional.of(new Reply(200, Map.of("Docker-Content-Digest", header), ""))
                        : Optional.empty());
        assertThat(connect().digest("team/app", "1")).contains(image.digest());
    }

    @Test
    void believesAGetThatIsRefusedToo() {
        local.faults()
                .intercept(request ->
                        request.path().contains("/manifests/") ? Optional.of(Reply.of(403)) : Optional.empty());
        assertRefused(Reason.Code.UNAUTHORIZED, false, () -> connect().digest("team/app", "1"));
    }

    @Test
    void watchesTheGoodEntriesOfAnIndexAndTellsTheBadOnes() throws Exception {
        String good = TestImage.descriptor(MediaTypes.OCI_MANIFEST, image.manifest());
        String withoutSize = "{\"digest\":\"%s\",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}}"
                .formatted(Hashing.digest(new byte[9], "sha256"));
        byte[] index = ("{\"schemaVersion\":2,\"manifests\":[null," + good + ",{\"digest\":\"sha256:xyz\",\"size\":1},"
                        + withoutSize + "]}")
                .getBytes(StandardCharsets.UTF_8);
        Digest digest = local.push("team/app", "bad", MediaTypes.OCI_INDEX, index);
        ImageTargets targets = source().resolve("bad");
        assertThat(targets.images())
                .extracting(ImageTargets.Target::digest)
                .containsExactly(image.digest(), Hashing.digest(new byte[9], "sha256"));
        assertThat(targets.skipped())
                .hasSize(2)
                .allMatch(skipped -> skipped.reason().code() == Reason.Code.MANIFEST_INVALID)
                .extracting(skipped -> skipped.reason().message())
                .containsExactly(
                        "index " + digest + ": 'manifests[0]' is not a descriptor",
                        "index " + digest
                                + ": 'manifests[2]': field 'digest': 'sha256:xyz' is no digest of an algorithm known here (sha256, sha512)");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsAnImageWhoseDescriptorsTellNoSize(boolean chunked) throws Exception {
        byte[] manifest = new String(image.manifest(), StandardCharsets.UTF_8)
                .replaceAll(",\"size\":[0-9]+", "")
                .getBytes(StandardCharsets.UTF_8);
        try (RawServer server = new RawServer(request -> {
            RawServer.Reply reply = RawServer.Reply.of(
                    request.uri().getPath().contains("/manifests/")
                            ? manifest
                            : request.uri()
                                            .getPath()
                                            .endsWith(Hashing.digest(image.layer(), "sha256")
                                                    .hex())
                                    ? image.layer()
                                    : image.config());
            return chunked ? reply.inChunks() : reply;
        })) {
            ImageSource source = Registry.connect(TestSettings.of(server.url())).repository("team/app");
            ImageManifest read = (ImageManifest) source.manifest("1");
            assertThat(source.config(read.config()).diffIds()).hasSize(1);
            assertThat(read.layers()).extracting(Descriptor::size).containsExactly((long) image.layer().length);
            try (InputStream in = source.blob(read.layers().get(0))) {
                assertThat(in.readAllBytes()).isEqualTo(image.layer());
            }
            try (InputStream in = source.blob(read.layers().get(0).withSize(Descriptor.UNKNOWN_SIZE))) {
                assertThat(in.readAllBytes()).isEqualTo(image.layer());
            }
        }
    }

    @Test
    void doesNotBelieveAConfigWithoutSizeThatIsNotItsDigest() throws Exception {
        Descriptor config = TestImage.of("other").layerDescriptor().withSize(Descriptor.UNKNOWN_SIZE);
        local.corruptBlob(config.digest(), image.config());
        assertRefused(Reason.Code.DIGEST_MISMATCH, false, () -> source().config(config));
    }

    @Test
    void aLayerWithoutSizeThatIsMissingIsToldWhenItIsOpened() throws Exception {
        byte[] manifest = new String(image.manifest(), StandardCharsets.UTF_8)
                .replaceAll(",\"size\":[0-9]+", "")
                .getBytes(StandardCharsets.UTF_8);
        local.push("team/app", "sizeless", MediaTypes.OCI_MANIFEST, manifest);
        local.removeBlob(image.layerDescriptor().digest());
        ImageManifest read = (ImageManifest) source().manifest("sizeless");
        assertThat(read.layers()).extracting(Descriptor::size).containsExactly(0L);
        assertRefused(
                Reason.Code.BLOB_MISSING,
                false,
                () -> source().blob(read.layers().get(0)));
    }

    @Test
    void readsAnIndexThatListsItselfInACircleOnlyOnce() throws Exception {
        // A true circle would need a broken SHA-256; entries named twice are as near as a registry can come.
        String entry = TestImage.descriptor(MediaTypes.OCI_MANIFEST, image.manifest());
        byte[] index =
                ("{\"schemaVersion\":2,\"manifests\":[" + entry + "," + entry + "]}").getBytes(StandardCharsets.UTF_8);
        local.push("team/app", "twice", MediaTypes.OCI_INDEX, index);
        assertThat(source().resolve("twice").images()).hasSize(1);
    }

    @Test
    void followsNestedIndexesOnlySoDeep() throws Exception {
        byte[] content = image.manifest();
        String type = MediaTypes.OCI_MANIFEST;
        for (int i = 0; i <= TargetResolver.MAX_DEPTH; i++) {
            content = ("{\"schemaVersion\":2,\"manifests\":[" + TestImage.descriptor(type, content) + "]}")
                    .getBytes(StandardCharsets.UTF_8);
            type = MediaTypes.OCI_INDEX;
            local.push("team/app", "deep" + i, type, content);
        }
        assertThat(source().resolve("deep" + (TargetResolver.MAX_DEPTH - 1)).images())
                .hasSize(1);
        ImageTargets tooDeep = source().resolve("deep" + TargetResolver.MAX_DEPTH);
        assertThat(tooDeep.images()).isEmpty();
        assertThat(tooDeep.skipped())
                .extracting(skipped -> skipped.reason().code())
                .containsExactly(Reason.Code.LIMIT_EXCEEDED);
    }

    @Test
    void looksAtOnlySoManyEntriesOfAnIndex() throws Exception {
        StringBuilder entries = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            TestImage one = TestImage.of("image " + i);
            local.pushBlob(one.config());
            local.push("team/app", null, MediaTypes.OCI_MANIFEST, one.manifest());
            entries.append(i == 0 ? "" : ",").append(TestImage.descriptor(MediaTypes.OCI_MANIFEST, one.manifest()));
        }
        local.push(
                "team/app",
                "wide",
                MediaTypes.OCI_INDEX,
                ("{\"manifests\":[" + entries + "]}").getBytes(StandardCharsets.UTF_8));
        ImageTargets targets = source().resolve("wide");
        assertThat(targets.images()).hasSize(TargetResolver.MAX_FETCHES);
        assertThat(targets.skipped()).hasSize(500 - TargetResolver.MAX_FETCHES);
    }

    @Test
    void doesNotFetchTheLayersOfABuildCache() throws Exception {
        byte[] index = ("{\"schemaVersion\":2,\"manifests\":["
                        + TestImage.descriptor(MediaTypes.OCI_LAYER + "+gzip", image.layer()) + "]}")
                .getBytes(StandardCharsets.UTF_8);
        local.push("team/app", "cache", MediaTypes.OCI_INDEX, index);
        assertThat(source().resolve("cache").skipped())
                .extracting(skipped -> skipped.reason().code())
                .containsExactly(Reason.Code.NOT_AN_IMAGE);
        assertThat(local.traffic().requests()).hasSize(1);
    }

    @Test
    void refusesAConfigThatIsNotTheOnePromised() throws Exception {
        ImageManifest manifest = (ImageManifest) source().manifest("1");
        byte[] other = image.config().clone();
        other[other.length - 2] = ' ';
        local.corruptBlob(manifest.config().digest(), other);
        assertRefused(Reason.Code.DIGEST_MISMATCH, false, () -> source().config(manifest.config()));
        local.corruptBlob(manifest.config().digest(), new byte[3]);
        assertRefused(Reason.Code.SIZE_MISMATCH, false, () -> source().config(manifest.config()));
    }

    // --- lists

    @Test
    void followsALinkAsItIs() throws Exception {
        replyTo("/odd/", new Reply(200, Map.of(), "{\"tags\":[\"b\"]}"));
        local.faults()
                .intercept(request -> request.path().equals("/v2/team/app/tags/list")
                        ? Optional.of(new Reply(
                                200, Map.of("Link", "</odd/place?token=%2F%2B>; rel=\"next\""), "{\"tags\":[\"a\"]}"))
                        : Optional.empty());
        assertThat(all(connect().tags("team/app"))).containsExactly("a", "b");
        assertThat(local.traffic().requests()).extracting(Request::query).contains("token=%2F%2B");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://localhost:1/v2/team/app/tags/list?last=a",
                "https://127.0.0.1/v2/team/app/tags/list?last=a",
                "https://user:secret@inner.example/registry/v2/team/app/tags/list?last=a",
                "//evil.example/v2/team/app/tags/list?last=a",
                "/v2/team/app/tags/list?last=a",
                "v2/team/app/tags/list?last=a",
                "list?last=a",
                "?last=a"
            })
    void followsALinkOnTheRegistrysOwnHostWhateverHostItNames(String target) throws Exception {
        local.faults()
                .intercept(request -> request.path().contains("/tags/")
                        ? Optional.of(
                                request.query().contains("last=a")
                                        ? new Reply(200, Map.of(), "{\"tags\":[\"b\"]}")
                                        : new Reply(
                                                200,
                                                Map.of("Link", "<" + target + ">; rel=\"next\""),
                                                "{\"tags\":[\"a\"]}"))
                        : Optional.empty());
        assertThat(all(connect().tags("team/app"))).containsExactly("a", "b");
        assertThat(local.traffic().requests()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://x/", "http://[bad", "mailto:a@b"})
    void doesNotFollowALinkToNowhere(String target) {
        replyTo("/tags/", new Reply(200, Map.of("Link", "<" + target + ">; rel=\"next\""), "{\"tags\":[\"a\"]}"));
        assertRefused(
                        Reason.Code.REGISTRY_UNAVAILABLE,
                        false,
                        () -> all(connect().tags("team/app")))
                .hasMessageContaining("leads to no page of a registry");
    }

    @Test
    void endsWhenPagesTakeTurnsUnderEverNewAddresses() {
        int[] page = {0};
        local.faults()
                .intercept(request -> Optional.of(new Reply(
                        200,
                        Map.of("Link", "</v2/x?page=" + page[0]++ + ">; rel=next"),
                        "{\"tags\":[\"" + page[0] % 3 + "\"]}")));
        assertRefused(
                        Reason.Code.REGISTRY_UNAVAILABLE,
                        false,
                        () -> all(connect().tags("team/app")))
                .hasMessageContaining("circle");
        assertThat(page[0]).isLessThan(10);
    }

    @Test
    void endsWhenPagesStayEmptyUnderEverNewAddresses() {
        int[] page = {0};
        local.faults()
                .intercept(request -> Optional.of(
                        new Reply(200, Map.of("Link", "</v2/x?page=" + page[0]++ + ">; rel=next"), "{\"tags\":[]}")));
        assertRefused(Reason.Code.LIMIT_EXCEEDED, false, () -> all(connect().tags("team/app")))
                .hasMessageContaining("empty pages");
    }

    @Test
    void doesNotTakeAnErrorThatSaysItIsWellForAnEmptyList() {
        replyTo("/tags/", new Reply(200, Map.of(), "{\"errors\":[{\"code\":\"UNKNOWN\"}]}"));
        assertRefused(
                        Reason.Code.REGISTRY_UNAVAILABLE,
                        false,
                        () -> all(connect().tags("team/app")))
                .hasMessageContaining("'tags' is missing");
    }

    @Test
    void endsWhenPagesGoInACircle() {
        replyTo(
                "/tags/",
                new Reply(200, Map.of("Link", "</v2/team/app/tags/list?n=100>; rel=\"next\""), "{\"tags\":[\"a\"]}"));
        assertRefused(
                        Reason.Code.REGISTRY_UNAVAILABLE,
                        false,
                        () -> all(connect().tags("team/app")))
                .hasMessageContaining("circle");
    }

    @Test
    void endsWhenEveryPageIsTheSameUnderAnotherAddress() {
        int[] page = {0};
        local.faults()
                .intercept(request -> Optional.of(new Reply(
                        200, Map.of("Link", "</v2/x?page=" + page[0]++ + ">; rel=next"), "{\"tags\":[\"a\"]}")));
        assertRefused(
                        Reason.Code.REGISTRY_UNAVAILABLE,
                        false,
                        () -> all(connect().tags("team/app")))
                .hasMessageContaining("circle");
    }

    @Test
    void asksOnWhereAListIsCutWithoutSayingSo() throws Exception {
        for (int i = 0; i < 25; i++) {
            local.push("team/many", "t%02d".formatted(i), MediaTypes.OCI_MANIFEST, image.manifest());
        }
        local.faults().withoutLink();
        Registry registry = Registry.connect(TestSettings.of(local.url()).withPageSize(5));
        assertThat(all(registry.tags("team/many"))).hasSize(25).doesNotHaveDuplicates();
    }

    @Test
    void takesAWholeListFromARegistryThatIgnoresThePageSize() throws Exception {
        replyTo("/tags/", new Reply(200, Map.of(), "{\"tags\":[\"a\",\"b\",\"c\"]}"));
        for (int size = 1; size <= 4; size++) {
            Registry registry = Registry.connect(TestSettings.of(local.url()).withPageSize(size));
            assertThat(all(registry.tags("team/app"))).as("page size " + size).containsExactly("a", "b", "c");
        }
    }

    @Test
    void takesNullForAnEmptyList() throws Exception {
        replyTo("/tags/", new Reply(200, Map.of(), "{\"name\":\"team/app\",\"tags\":null}"));
        assertThat(all(connect().tags("team/app"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a/../../b",
                "..",
                "a\\u0000b",
                "a\\u001b[31m",
                "a b",
                "/etc",
                "a//b",
                "a?x=y",
                "a#b",
                "%2e%2e",
                "a:b",
                ""
            })
    void passesAHostileRepositoryNameOverAndTellsIt(String name) throws Exception {
        replyTo("/v2/_catalog", new Reply(200, Map.of(), "{\"repositories\":[\"fine\",\"" + name + "\",\"too\"]}"));
        Pages pages = connect().repositories();
        assertThat(pages.next()).contains(List.of("fine", "too"));
        assertThat(pages.passedOver())
                .singleElement()
                .asString()
                .contains("not a legal repository name")
                .matches("[^\\p{Cntrl}]*");
        assertThat(pages.next()).isEmpty();
        assertThat(pages.passedOver()).isEmpty();
        assertThat(local.traffic().requests()).hasSize(1);
    }

    @Test
    void oneBadTagHidesNoOther() throws Exception {
        replyTo(
                "/tags/",
                new Reply(
                        200,
                        Map.of(),
                        "{\"tags\":[\"1\",\"-ot-beta\",null,\"sha256:%s\",7,{\"x\":[]},\"\",\"2\",\"%s\"]}"
                                .formatted("0".repeat(64), "a".repeat(129))));
        Pages pages = connect().tags("team/app");
        assertThat(pages.next()).contains(List.of("1", "2"));
        assertThat(pages.passedOver())
                .hasSize(7)
                .allMatch(told -> told.length() < 150)
                .contains("'-ot-beta' (not a legal tag name)", "null (no text)", "7 (no text)");
        assertThat(pages.passedOver().get(2)).startsWith("'sha256:0000");
    }

    @Test
    void aLongNameIsPassedOverLikeAnyOtherThatIsNone() throws Exception {
        replyTo("/v2/_catalog", new Reply(200, Map.of(), "{\"repositories\":[\"" + "a".repeat(300) + "\"]}"));
        Pages pages = connect().repositories();
        assertThat(pages.next()).contains(List.of());
        assertThat(pages.passedOver()).hasSize(1);
    }

    @Test
    void tellsOfVeryManyBadNamesHowManyThereAre() throws Exception {
        replyTo("/tags/", new Reply(200, Map.of(), "{\"tags\":[" + "null,".repeat(99_999) + "null]}"));
        Pages pages = connect().tags("team/app");
        assertThat(pages.next()).contains(List.of());
        assertThat(pages.passedOver()).hasSize(1_000).last().isEqualTo("and 99001 more");
    }

    @Test
    void asksOnAfterABadNameWhereAListIsCutWithoutSayingSo() throws Exception {
        local.faults()
                .intercept(request -> request.path().contains("/tags/")
                        ? Optional.of(new Reply(
                                200,
                                Map.of(),
                                request.query().contains("last=-c")
                                        ? "{\"tags\":[\"d\"]}"
                                        : "{\"tags\":[\"-a\",null,\"-c\"]}"))
                        : Optional.empty());
        Registry registry = Registry.connect(TestSettings.of(local.url()).withPageSize(3));
        assertThat(all(registry.tags("team/app"))).containsExactly("d");
    }

    @Test
    void saysWhatToDoWithARegistryThatDoesNotListItsRepositories() {
        local.faults().refuse("/v2/_catalog", 100, 404);
        assertRefused(Reason.Code.UNSUPPORTED_FORMAT, false, () -> all(connect().repositories()))
                .hasMessageContaining("named in the configuration");
    }

    private static List<String> all(Pages pages) throws RegistryException {
        List<String> names = new ArrayList<>();
        for (var page = pages.next(); page.isPresent(); page = pages.next()) {
            names.addAll(page.get());
        }
        return names;
    }

    // --- blobs

    private byte[] readLayer() throws IOException {
        try (InputStream in = source().blob(image.layerDescriptor())) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 99_999, 299_999})
    void picksALayerUpWhereItWasCutOff(long after) throws Exception {
        Digest layer = image.layerDescriptor().digest();
        local.faults().cutBlob(layer, after, 1);
        assertThat(readLayer()).isEqualTo(image.layer());
        assertThat(local.traffic().blobFetches(layer)).isEqualTo(2);
        assertThat(local.traffic().blobBytes()).isLessThanOrEqualTo(image.layer().length + after);
        if (after > 100) {
            assertThat(local.traffic().requests())
                    .extracting(request -> request.headers().getOrDefault("range", ""))
                    .anyMatch(range -> range.startsWith("bytes="));
        }
    }

    @Test
    void givesUpOnALayerThatIsCutOffAgainAndAgain() {
        local.faults().cutBlob(image.layerDescriptor().digest(), 10_000, 1_000);
        assertRefused(Reason.Code.REGISTRY_UNAVAILABLE, true, this::readLayer).hasMessageContaining("lost after");
        assertThat(local.traffic().blobFetches(image.layerDescriptor().digest()))
                .isLessThan(10);
    }

    @Test
    void saysThatTheRegistryDoesNotGiveTheRest() {
        local.faults().cutBlob(image.layerDescriptor().digest(), 100_000, 1).withoutRange();
        assertRefused(Reason.Code.REGISTRY_UNAVAILABLE, true, this::readLayer).hasMessageContaining("no Range");
    }

    @Test
    void doesNotTakeAnotherPartForTheRest() {
        local.faults().cutBlob(image.layerDescriptor().digest(), 100_000, 1);
        local.faults()
                .intercept(request -> request.headers().containsKey("range")
                        ? Optional.of(new Reply(206, Map.of("Content-Range", "bytes 5-299999/300000"), "x"))
                        : Optional.empty());
        assertRefused(Reason.Code.REGISTRY_UNAVAILABLE, true, this::readLayer).hasMessageContaining("Content-Range");
    }

    private Optional<InputStream> part(long offset, long length) throws Exception {
        return source().range(image.layerDescriptor(), offset, length);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 99_999})
    void picksAPartOfALayerUpWhereItWasCutOff(long after) throws Exception {
        local.faults().cutBlob(image.layerDescriptor().digest(), after, 1);
        try (InputStream part = part(1_000, 100_000).orElseThrow()) {
            assertThat(part.readAllBytes()).isEqualTo(Arrays.copyOfRange(image.layer(), 1_000, 101_000));
        }
        assertThat(local.traffic().requests())
                .extracting(request -> request.headers().getOrDefault("range", ""))
                .contains("bytes=1000-100999", "bytes=" + (1_000 + after) + "-100999");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 150_000})
    void picksAPartThatIsTheWholeUpAsAPart(long after) throws Exception {
        local.faults().cutBlob(image.layerDescriptor().digest(), after, 1);
        try (InputStream part = part(0, image.layer().length).orElseThrow()) {
            assertThat(part.readAllBytes()).isEqualTo(image.layer());
        }
    }

    @Test
    void saysThatARegistryGivesNoParts() throws Exception {
        local.faults().withoutRange();
        assertThat(part(5, 10)).isEmpty();
        assertThat(part(0, image.layer().length)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "bytes 5-14",
                "bytes 5-13/300000",
                "bytes 0-9/300000",
                "bytes 5-14/299999",
                "bytes */300000",
                "bytes 5-999999999999999999999/*"
            })
    void doesNotTakeAnotherPartForTheOneAskedFor(String contentRange) throws Exception {
        local.faults()
                .intercept(request -> request.headers().containsKey("range")
                        ? Optional.of(new Reply(206, Map.of("Content-Range", contentRange), "0123456789"))
                        : Optional.empty());
        assertThat(part(5, 10)).isEmpty();
    }

    @Test
    void takesAPartWhoseWholeSizeIsNotTold() throws Exception {
        local.faults()
                .intercept(request -> request.headers().containsKey("range")
                        ? Optional.of(new Reply(206, Map.of("Content-Range", "bytes 5-14/*"), "0123456789"))
                        : Optional.empty());
        try (InputStream part = part(5, 10).orElseThrow()) {
            assertThat(part.readAllBytes()).isEqualTo("0123456789".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void refusesAPartThatIsLongerThanAskedFor() {
        local.faults()
                .intercept(request -> request.headers().containsKey("range")
                        ? Optional.of(new Reply(206, Map.of("Content-Range", "bytes 5-14/300000"), "0123456789x"))
                        : Optional.empty());
        assertRefused(
                        Reason.Code.SIZE_MISMATCH,
                        false,
                        () -> part(5, 10).orElseThrow().readAllBytes())
                .hasMessageContaining("10 bytes asked for");
    }

    @Test
    void takesARangeThatCannotBeSatisfiedForNoParts() throws Exception {
        local.faults().refuse("/blobs/", 1, 416);
        assertThat(part(5, 10)).isEmpty();
    }

    @Test
    void wakesAReaderWhenAnotherThreadClosesTheLayer() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            Thread server = new Thread(() -> {
                try (Socket connection = socket.accept()) {
                    connection.getInputStream().read(new byte[4096]);
                    connection
                            .getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na".getBytes(StandardCharsets.US_ASCII));
                    connection.getInputStream().read(new byte[4096]);
                } catch (IOException e) {
                    // The client has gone.
                }
            });
            server.setDaemon(true);
            server.start();
            Registry registry =
                    Registry.connect(TestSettings.of(URI.create("http://127.0.0.1:" + socket.getLocalPort()))
                            .withTimeouts(TestSettings.PATIENCE, TestSettings.PATIENCE));
            InputStream in =
                    registry.repository("a").blob(Descriptor.of("x", Hashing.digest(new byte[0], "sha256"), 5));
            assertThat(in.read()).isEqualTo('a');
            Thread closer = new Thread(() -> {
                try {
                    in.close();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            closer.start();
            assertThat(catchThrowableOfType(IOException.class, in::read)).hasMessageContaining("closed");
            closer.join();
        }
    }

    @Test
    void saysWhenTheRegistryHasAnotherSizeThanTheManifest() {
        local.corruptBlob(image.layerDescriptor().digest(), new byte[300_001]);
        assertRefused(Reason.Code.SIZE_MISMATCH, false, this::readLayer);
    }

    @Test
    void neverGivesMoreThanTheManifestPromises() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            Thread server = new Thread(() -> {
                try (Socket connection = socket.accept()) {
                    connection.getInputStream().read(new byte[4096]);
                    connection
                            .getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                    connection.getOutputStream().flush();
                    connection.getInputStream().read(new byte[4096]);
                } catch (IOException e) {
                    // The client has gone.
                }
            });
            server.setDaemon(true);
            server.start();
            Registry registry =
                    Registry.connect(TestSettings.of(URI.create("http://127.0.0.1:" + socket.getLocalPort())));
            Descriptor five = Descriptor.of("x", Hashing.digest(new byte[0], "sha256"), 5);
            try (InputStream in = registry.repository("a").blob(five)) {
                assertThat(in.readNBytes(5)).isEqualTo("abcde".getBytes(StandardCharsets.US_ASCII));
                assertRefused(Reason.Code.SIZE_MISMATCH, false, in::read);
                assertRefused(Reason.Code.SIZE_MISMATCH, false, in::read);
            }
        }
    }

    @Test
    void dropsTheConnectionAndItsPlaceWhenALayerIsClosedEarly() throws Exception {
        ImageSource source = Registry.connect(TestSettings.of(local.url()).withBudget(10_000, 1))
                .repository("team/app");
        for (int i = 0; i < 5; i++) {
            InputStream in = source.blob(image.layerDescriptor());
            assertThat(in.read()).isEqualTo(image.layer()[0] & 0xff);
            in.close();
            in.close();
        }
        assertThat(source.manifest("1").digest()).isEqualTo(image.digest());
    }

    // --- redirects

    @Test
    void followsOnlySoManyRedirects() throws Exception {
        int[] left = {RegistryHttp.MAX_REDIRECTS};
        local.faults()
                .intercept(request -> request.path().contains("/blobs/") && left[0]-- > 0
                        ? Optional.of(new Reply(307, Map.of("Location", request.path() + "?hop=" + left[0]), ""))
                        : Optional.empty());
        assertThat(readLayer()).isEqualTo(image.layer());
        left[0] = RegistryHttp.MAX_REDIRECTS + 1;
        assertRefused(Reason.Code.REGISTRY_UNAVAILABLE, false, this::readLayer).hasMessageContaining("redirects");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"file:///etc/passwd", "http://", "http://user:secret@127.0.0.1/", "http://bad host/?secret"})
    void doesNotFollowARedirectToNowhere(String location) {
        replyTo("/blobs/", new Reply(307, Map.of("Location", location), ""));
        assertRefused(Reason.Code.REGISTRY_UNAVAILABLE, false, this::readLayer)
                .message()
                .doesNotContain("secret");
    }

    @Test
    void waitsNotLongerThanADayWhateverDateTheRegistryNames() {
        replyTo("/manifests/", new Reply(429, Map.of("Retry-After", "Sun Nov  6 08:49:37 2994"), ""));
        assertRefused(Reason.Code.REGISTRY_UNAVAILABLE, true, () -> source().manifest("1"))
                .extracting(e -> e.retryAfter().orElseThrow())
                .isEqualTo(Duration.ofDays(1));
    }

    // --- budget

    @Test
    void keepsToItsRequestsPerSecond() throws Exception {
        Registry registry = Registry.connect(TestSettings.of(local.url()).withBudget(20, 4));
        long before = System.nanoTime();
        for (int i = 0; i < 30; i++) {
            registry.check();
        }
        // One second's worth at once, the other ten one by one: half a second at least.
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(450));
    }
}
