package io.basewatch.reportapi;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;

/** An issuer with a key of its own, which answers only when it is started: keys, and codes for whoever it is told has signed in. */
final class AtIssuer {

    static final String CLIENT_SECRET = "s3cret:of the client";

    private static final String CLIENT = "basewatch-page";

    final KeyPair keys;
    final String uri;
    private final int port;
    private @Nullable HttpServer server;

    /** Keys that it has beside the first one, as it publishes them. */
    private final List<String> newer = new CopyOnWriteArrayList<>();

    /** What was asked for with each code that is not used yet, and who has signed in. */
    private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();

    AtIssuer() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            keys = generator.generateKeyPair();
            port = free.getLocalPort();
            uri = "http://127.0.0.1:" + port + "/realm";
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    void start() {
        if (server != null) {
            return;
        }
        HttpServer started;
        try {
            started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        RSAPublicKey key = (RSAPublicKey) keys.getPublic();
        String header = token("any", "any", "any", 1).split("\\.", 2)[0];
        String kid = RunningApi.read(new String(Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8))
                .path("kid")
                .asString();
        String first = "{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"n\":\""
                + number(key.getModulus().toByteArray()) + "\",\"e\":\""
                + number(key.getPublicExponent().toByteArray()) + "\"}";
        answer(
                started,
                "/realm/.well-known/openid-configuration",
                "{\"issuer\":\"" + uri + "\",\"jwks_uri\":\"" + uri
                        + "/keys\",\"authorization_endpoint\":\"" + uri + "/authorize\",\"token_endpoint\":\"" + uri
                        + "/token\",\"end_session_endpoint\":\"" + uri
                        + "/end?ui=1\",\"response_types_supported\":[\"code\"],\"subject_types_supported\":[\"public\"]}");
        answer(started, "/realm/keys", () -> "{\"keys\":[" + String.join(",", concat(first, newer)) + "]}");
        started.createContext("/realm/token", exchange -> {
            Map<String, String> form =
                    parameters(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            String tokens = tokens(form, exchange.getRequestHeaders().getFirst("Authorization"));
            byte[] body = (tokens == null ? "{\"error\":\"invalid_grant\"}" : tokens).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(tokens == null ? 400 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        started.start();
        server = started;
    }

    /** What a browser that is sent to the issuer asks it. */
    static Map<String, String> asked(HttpResponse<String> redirect) {
        String to = redirect.headers().firstValue("Location").orElseThrow();
        return parameters(to.substring(to.indexOf('?') + 1));
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new TreeMap<>();
        for (String each : query.split("&", -1)) {
            String[] parts = each.split("=", 2);
            parameters.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return parameters;
    }

    /** As if somebody had given a password on the issuer's page: the code that the browser takes back. */
    String authorize(Map<String, String> asked, String name, String role) {
        String code = "code-" + codes.size() + "-" + System.nanoTime();
        Map<String, String> known = new TreeMap<>(asked);
        known.put("name", name);
        known.put("role", role);
        codes.put(code, known);
        return code;
    }

    /** Null for whoever is not the client, or has not begun what the code ends. */
    private @Nullable String tokens(Map<String, String> form, @Nullable String client) {
        Map<String, String> asked = codes.remove(form.getOrDefault("code", ""));
        String expected = "Basic "
                + Base64.getEncoder()
                        .encodeToString((CLIENT + ":" + URLEncoder.encode(CLIENT_SECRET, StandardCharsets.UTF_8))
                                .getBytes(StandardCharsets.UTF_8));
        if (asked == null
                || !expected.equals(client)
                || !asked.get("redirect_uri").equals(form.get("redirect_uri"))
                || !asked.get("code_challenge").equals(challenge(form.getOrDefault("code_verifier", "")))) {
            return null;
        }
        String id =
                token(keys, uri, asked.get("name"), asked.get("client_id"), asked.get("role"), 60, asked.get("nonce"));
        return "{\"access_token\":\"opaque\",\"token_type\":\"Bearer\",\"expires_in\":60,\"id_token\":\"" + id + "\"}";
    }

    private static String challenge(String verifier) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String number(byte[] bytes) {
        int from = bytes[0] == 0 ? 1 : 0;
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOfRange(bytes, from, bytes.length));
    }

    private static List<String> concat(String first, List<String> others) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(others);
        return all;
    }

    /** Another key, of elliptic curves. */
    static KeyPair curve() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** Publishes it beside the first one. */
    void rotate(KeyPair curve) {
        ECPublicKey key = (ECPublicKey) curve.getPublic();
        String header = curveToken(curve, "any", "any", "any", 1).split("\\.", 2)[0];
        String kid = RunningApi.read(new String(Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8))
                .path("kid")
                .asString();
        newer.add("{\"kty\":\"EC\",\"use\":\"sig\",\"crv\":\"P-256\",\"kid\":\"" + kid + "\",\"x\":\""
                + coordinate(key.getW().getAffineX()) + "\",\"y\":\""
                + coordinate(key.getW().getAffineY()) + "\"}");
    }

    private static String coordinate(BigInteger number) {
        byte[] bytes = number.toByteArray();
        byte[] all = new byte[32];
        int from = Math.max(0, bytes.length - all.length);
        System.arraycopy(bytes, from, all, all.length - (bytes.length - from), bytes.length - from);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(all);
    }

    /** Signed by ES256. */
    String curveToken(KeyPair curve, String name, String audience, String role, int seconds) {
        return NimbusJwtEncoder.withKeyPair((ECPublicKey) curve.getPublic(), (ECPrivateKey) curve.getPrivate())
                .build()
                .encode(JwtEncoderParameters.from(claims(uri, name, audience, role, seconds, "none")))
                .getTokenValue();
    }

    private static void answer(HttpServer server, String path, String json) {
        answer(server, path, () -> json);
    }

    private static void answer(HttpServer server, String path, Supplier<String> json) {
        server.createContext(path, exchange -> {
            byte[] body = json.get().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    String token(String name, String audience, String role, int seconds) {
        return token(keys, uri, name, audience, role, seconds);
    }

    static String token(KeyPair keys, String issuer, String name, String audience, String role, int seconds) {
        return token(keys, issuer, name, audience, role, seconds, "none");
    }

    private static String token(
            KeyPair keys, String issuer, String name, String audience, String role, int seconds, String nonce) {
        return NimbusJwtEncoder.withKeyPair((RSAPublicKey) keys.getPublic(), (RSAPrivateKey) keys.getPrivate())
                .build()
                .encode(JwtEncoderParameters.from(claims(issuer, name, audience, role, seconds, nonce)))
                .getTokenValue();
    }

    private static JwtClaimsSet claims(
            String issuer, String name, String audience, String role, int seconds, String nonce) {
        Instant now = Instant.now();
        return JwtClaimsSet.builder()
                .issuer(issuer)
                .subject("id-of-" + name)
                .audience(List.of(audience))
                .issuedAt(now.minus(Duration.ofHours(2)))
                .expiresAt(now.plusSeconds(seconds))
                .claim("nonce", nonce)
                .claim("preferred_username", name.toLowerCase(Locale.ROOT))
                .claim("realm_access", Map.of("roles", List.of("offline", role)))
                .build();
    }

    void close() {
        if (server != null) {
            server.stop(0);
        }
    }
}
