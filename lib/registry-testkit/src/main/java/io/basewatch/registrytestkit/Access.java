package io.basewatch.registrytestkit;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Whom a registry lets in: everybody, one user by Basic, or one user by tokens of its own token service. */
final class Access {

    enum Kind {
        OPEN,
        BASIC,
        TOKEN
    }

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Kind kind;
    private final String basic;
    private final String secret;
    private final Duration life;
    private final Map<String, Token> tokens = new ConcurrentHashMap<>();

    private record Token(String scope, long endsNanos) {}

    Access(Kind kind, String user, String secret, Duration life) {
        this.kind = kind;
        this.secret = secret;
        this.basic =
                "Basic " + Base64.getEncoder().encodeToString((user + ":" + secret).getBytes(StandardCharsets.UTF_8));
        this.life = life;
    }

    boolean hasTokenService() {
        return kind == Kind.TOKEN;
    }

    /**
     * The challenge for a request that is not let in; null for one that is.
     *
     * @param scope what the request needs: {@code repository:NAME:pull}; may be empty
     */
    @Nullable
    String challenge(@Nullable String authorization, String scope, String url) {
        if (kind == Kind.OPEN) {
            return null;
        }
        if (kind == Kind.BASIC) {
            return basic.equals(authorization) ? null : "Basic realm=\"basewatch\", charset=\"UTF-8\"";
        }
        if (authorization != null && authorization.startsWith("Bearer ")) {
            Token token = tokens.get(authorization.substring("Bearer ".length()));
            if (token != null
                    && System.nanoTime() - token.endsNanos() < 0
                    && (scope.isEmpty() || covers(token.scope(), scope))) {
                return null;
            }
        }
        return "Bearer realm=\"" + url + "/token\",service=\"local\""
                + (scope.isEmpty() ? "" : ",scope=\"" + scope + "\"");
    }

    private static boolean covers(String granted, String needed) {
        for (String one : granted.split(" ")) {
            int actions = one.lastIndexOf(':');
            int wanted = needed.lastIndexOf(':');
            if (actions > 0
                    && one.substring(0, actions).equals(needed.substring(0, wanted))
                    && java.util.List.of(one.substring(actions + 1).split(","))
                            .containsAll(java.util.List.of(
                                    needed.substring(wanted + 1).split(",")))) {
                return true;
            }
        }
        return false;
    }

    boolean knows(@Nullable String authorization) {
        return basic.equals(authorization);
    }

    boolean knowsRefreshToken(@Nullable String token) {
        return secret.equals(token);
    }

    String newToken(String scope) {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        String token = HexFormat.of().formatHex(bytes);
        tokens.put(token, new Token(scope, System.nanoTime() + life.toNanos()));
        return token;
    }

    long lifeSeconds() {
        return life.toSeconds();
    }

    void revokeTokens() {
        tokens.clear();
    }
}
