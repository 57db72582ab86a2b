package io.basewatch.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.basewatch.lifecycle.DatasetRefused.Why;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LifecycleFeedTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-24T10:00:00Z"), ZoneOffset.UTC);

    private static final String SECRET = "sig=4711-secret";

    @TempDir
    Path folder;

    private final ConcurrentHashMap<String, byte[]> served = new ConcurrentHashMap<>();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicReference<@Nullable String> mischief = new AtomicReference<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private HttpServer server;
    private KeyPair keys;

    @BeforeEach
    void serve() throws IOException, GeneralSecurityException {
        keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String broken = mischief.get();
            byte[] body = served.get(exchange.getRequestURI().getPath());
            if ("redirect".equals(broken)) {
                exchange.getResponseHeaders().set("Location", "/other.json");
                exchange.sendResponseHeaders(302, -1);
            } else if ("unchanged".equals(broken)) {
                exchange.sendResponseHeaders(304, -1);
            } else if ("elsewhere".equals(broken)) {
                exchange.getResponseHeaders().set("Location", "http://169.254.169.254/latest/meta-data");
                exchange.sendResponseHeaders(307, -1);
            } else if ("dripping".equals(broken)) {
                exchange.sendResponseHeaders(200, 1000);
                while (true) {
                    exchange.getResponseBody().write('{');
                    exchange.getResponseBody().flush();
                    Thread.sleep(100);
                }
            } else if ("endless".equals(broken)) {
                exchange.sendResponseHeaders(200, 0);
                byte[] piece = new byte[1 << 16];
                while (true) {
                    exchange.getResponseBody().write(piece);
                }
            } else if ("silent".equals(broken)) {
                exchange.sendResponseHeaders(200, 1000);
                exchange.getResponseBody().write(new byte[10]);
                exchange.getResponseBody().flush();
                over.await();
            } else if (body == null) {
                exchange.sendResponseHeaders(404, -1);
            } else {
                String etag = "\"" + sha256(body) + "\"";
                exchange.getResponseHeaders().set("ETag", etag);
                if (etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                    exchange.sendResponseHeaders(304, -1);
                } else {
                    sent.incrementAndGet();
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void withoutASourceTheDatesAreThoseOfThisBuild() throws InterruptedException {
        LifecycleFeed feed = new LifecycleFeed(null, CLOCK);

        assertThat(feed.refresh()).isTrue();
        assertThat(feed.get()).isSameAs(Lifecycle.bundled());
        assertThat(feed.state().phase()).isEqualTo(LifecycleFeed.Phase.BUNDLED);
        assertThat(feed.state().source()).isEqualTo("bundled");
    }

    @Test
    void takesADatasetOfAUrlByItsDigestAndAsksAgainOnlyForAnotherOne() throws InterruptedException {
        byte[] newer = dataset("2026-11-23");
        served.put("/lifecycle.json", newer);
        LifecycleFeed feed = new LifecycleFeed(url(sha256(newer), null), CLOCK);
        assertThat(feed.state().phase()).isEqualTo(LifecycleFeed.Phase.WAITING);

        assertThat(feed.refresh()).isTrue();
        assertThat(feed.refresh()).isTrue();

        assertThat(feed.get().generated()).isEqualTo("2026-11-23");
        assertThat(feed.get().digest()).isEqualTo("sha256:" + sha256(newer));
        assertThat(feed.state().phase()).isEqualTo(LifecycleFeed.Phase.CURRENT);
        assertThat(feed.state().source()).endsWith("/lifecycle.json?…").doesNotContain(SECRET);
        assertThat(sent).hasValue(1);
    }

    @Test
    void takesWhateverTheKeyHasSignedAndNothingElse() throws InterruptedException, GeneralSecurityException {
        LifecycleFeed feed = new LifecycleFeed(url(null, pem()), CLOCK);
        serveSigned(dataset("2026-11-22"));
        assertThat(feed.refresh()).isTrue();

        served.put("/lifecycle.json", dataset("2026-11-23"));
        assertThat(feed.refresh()).isFalse();
        assertThat(feed.refusals(Why.SIGNATURE)).isEqualTo(1);
        assertThat(feed.get().generated()).isEqualTo("2026-11-22");

        serveSigned(dataset("2026-11-23"));
        assertThat(feed.refresh()).isTrue();
        assertThat(feed.get().generated()).isEqualTo("2026-11-23");
    }

    @Test
    void doesNotGoBackToAnOlderDatasetBecauseItWasSignedOnce() throws InterruptedException, GeneralSecurityException {
        LifecycleFeed feed = new LifecycleFeed(url(null, pem()), CLOCK);
        serveSigned(dataset("2026-11-23"));
        assertThat(feed.refresh()).isTrue();

        serveSigned(dataset("2026-11-22"));
        assertThat(feed.refresh()).isFalse();

        assertThat(feed.refusals(Why.AGE)).isEqualTo(1);
        assertThat(feed.get().generated()).isEqualTo("2026-11-23");
    }

    @Test
    void whateverIsRefusedLeavesTheLastGoodOneInForceAndIsTold() throws InterruptedException, GeneralSecurityException {
        LifecycleFeed feed = new LifecycleFeed(url(null, pem()), CLOCK);
        serveSigned(dataset("2026-11-22"));
        assertThat(feed.refresh()).isTrue();

        String text = new String(dataset("2026-11-23"), StandardCharsets.UTF_8);
        serveSigned(bytes(text.substring(0, text.length() / 2)));
        refuses(feed, Why.FORM, "not JSON");
        serveSigned(bytes(text.replaceFirst("\"schema\": 1", "\"schema\": 7")));
        refuses(feed, Why.FORM, "update Basewatch");
        serveSigned(bytes(text.replaceFirst(
                "(\"cycle\": \"8\", \"release\": \"2019-09-24\".*\"security_support_end\": )\"2021-12-31\"",
                "$1false")));
        refuses(feed, Why.CANARY, "centos 8 ended on 2021-12-31");
        served.remove("/lifecycle.json.sig");
        refuses(feed, Why.UNREADABLE, "its signature");
        served.remove("/lifecycle.json");
        refuses(feed, Why.UNREADABLE, "status 404");
        mischief.set("redirect");
        refuses(feed, Why.UNREADABLE, "redirects are not followed");
        mischief.set("elsewhere");
        refuses(feed, Why.UNREADABLE, "redirects are not followed");
        mischief.set("endless");
        refuses(feed, Why.TOO_LARGE, "more than");
        server.stop(0);
        refuses(feed, Why.UNREADABLE, "cannot be had");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dripping", "silent"})
    void whatDoesNotComeInTimeIsRefused(String how) throws InterruptedException, GeneralSecurityException {
        serveSigned(dataset("2026-11-22"));
        assertThat(new LifecycleFeed(url(null, pem()), CLOCK).refresh()).isTrue();
        // Begins with what the other one has kept.
        LifecycleFeed feed = new LifecycleFeed(
                FeedSettings.of(url(), null, pem(), null, Duration.ofHours(6), Duration.ofSeconds(2), folder), CLOCK);
        mischief.set(how);
        refuses(feed, Why.UNREADABLE, "not there after 2 s");
    }

    private static void refuses(LifecycleFeed feed, Why why, String words) throws InterruptedException {
        long before = feed.refusals(why);
        assertThat(feed.refresh()).isFalse();
        assertThat(feed.refusals(why)).isEqualTo(before + 1);
        LifecycleFeed.State state = feed.state();
        assertThat(state.phase()).isEqualTo(LifecycleFeed.Phase.REFUSED);
        assertThat(state.lastRefusal().why()).isEqualTo(why);
        assertThat(state.lastRefusal().message()).contains(words).doesNotContain(SECRET);
        assertThat(feed.get().generated()).isEqualTo("2026-11-22");
    }

    @Test
    void nothingHasChangedIsNoAnswerToWhoKnowsNothing() throws InterruptedException {
        LifecycleFeed feed = new LifecycleFeed(url(null, pem()), CLOCK);
        served.put("/lifecycle.json", dataset("2026-11-22"));
        mischief.set("unchanged");
        assertThat(feed.refresh()).isFalse();
        assertThat(feed.state().lastRefusal().why()).isEqualTo(Why.UNREADABLE);
        assertThat(feed.state().lastRefusal().message())
                .contains("status 304 (nothing has changed), though nothing of it is known here")
                .doesNotContain("redirect");
    }

    @Test
    void keepsTheLastGoodOneOverARestartWithoutTheSource() throws InterruptedException {
        byte[] newer = dataset("2026-11-23");
        served.put("/lifecycle.json", newer);
        assertThat(new LifecycleFeed(url(sha256(newer), null), CLOCK).refresh()).isTrue();
        int before = sent.get();

        LifecycleFeed again = new LifecycleFeed(url(sha256(newer), null), CLOCK);
        assertThat(again.get().generated()).isEqualTo("2026-11-23");
        assertThat(again.refresh()).isTrue();
        assertThat(sent).hasValue(before);
        server.stop(0);
        again = new LifecycleFeed(url(sha256(newer), null), CLOCK);
        assertThat(again.refresh()).isFalse();
        assertThat(again.get().generated()).isEqualTo("2026-11-23");
    }

    @Test
    void whatWasKeptPassesThePresentSettingsOrIsNotUsed() throws Exception {
        serveSigned(dataset("2026-11-23"));
        assertThat(new LifecycleFeed(url(null, pem()), CLOCK).refresh()).isTrue();
        assertThat(new LifecycleFeed(url(null, pem()), CLOCK).get().generated()).isEqualTo("2026-11-23");

        keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        LifecycleFeed other = new LifecycleFeed(url(null, pem()), CLOCK);
        assertThat(other.get()).isSameAs(Lifecycle.bundled());
        assertThat(other.state().lastRefusal().message()).contains("kept from before");

        Path kept = folder.resolve("lifecycle.kept");
        byte[] whole = Files.readAllBytes(kept);
        for (int length = 0; length < whole.length; length += 1511) {
            Files.write(kept, java.util.Arrays.copyOf(whole, length));
            assertThat(new LifecycleFeed(url(null, pem()), CLOCK).get()).isSameAs(Lifecycle.bundled());
        }
    }

    @Test
    void aFileNeedsNoDigestAndIsReadAgainWhenItChanges() throws Exception {
        Path file = folder.resolve("mine.json");
        LifecycleFeed feed = new LifecycleFeed(settings(file.toString(), null, null), CLOCK);
        assertThat(feed.refresh()).isFalse();
        assertThat(feed.state().lastRefusal().message())
                .contains(file.toString())
                .contains("cannot be read");

        Files.write(file, dataset("2026-11-22"));
        assertThat(feed.refresh()).isTrue();
        Files.write(file, dataset("2026-11-23"));
        assertThat(feed.refresh()).isTrue();
        assertThat(feed.get().generated()).isEqualTo("2026-11-23");
        Files.write(file, new byte[0]);
        assertThat(feed.refresh()).isFalse();
        assertThat(feed.get().generated()).isEqualTo("2026-11-23");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "https://x.example/l.json | - | - | sha256 (the dataset's digest) or basewatch.lifecycle.public-key",
                "http://x.example/l.json | - | - | give an https URL",
                "ftp://x.example/l.json | - | - | give an https URL",
                "https://me:secret@x.example/l.json | - | - | no place for credentials",
                "https:///l.json | - | - | without a host",
                "https://x.example/a b | - | - | no URL",
                "https://x.example/l.json | 12345 | - | 64 hex digits",
                "https://x.example/l.json | - | QUJD | no Ed25519 key",
                "https://x.example/l.json | - | ??? | not base64"
            })
    void namesTheSettingThatCannotBe(String source, @Nullable String sha256, @Nullable String key, String words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings(source, sha256, key))
                .withMessageContaining("basewatch.lifecycle.")
                .withMessageContaining(words)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret@"));
    }

    private FeedSettings url(@Nullable String sha256, @Nullable String key) {
        return settings(url(), sha256, key);
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/lifecycle.json?" + SECRET;
    }

    private FeedSettings settings(String source, @Nullable String sha256, @Nullable String key) {
        return FeedSettings.of(source, sha256, key, null, Duration.ofHours(6), Duration.ofMinutes(5), folder);
    }

    private void serveSigned(byte[] dataset) throws GeneralSecurityException {
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(keys.getPrivate());
        signer.update(dataset);
        served.put("/lifecycle.json", dataset);
        served.put("/lifecycle.json.sig", Base64.getMimeEncoder().encode(signer.sign()));
    }

    private String pem() {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getEncoder().encodeToString(keys.getPublic().getEncoded()) + "\n-----END PUBLIC KEY-----\n";
    }

    private static byte[] dataset(String generated) {
        return bytes(new String(Lifecycle.bundled().json(), StandardCharsets.UTF_8)
                .replaceFirst("\"generated\": \"[^\"]+\"", "\"generated\": \"" + generated + "\""));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
