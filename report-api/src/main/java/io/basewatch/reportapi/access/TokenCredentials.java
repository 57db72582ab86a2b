package io.basewatch.reportapi.access;

import io.basewatch.fleetstore.AccessTokens;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Tokens that are kept here, and those that are given from outside. */
public final class TokenCredentials implements Credentials {

    private final AccessTokens tokens;
    private final Map<String, Caller> given = new ConcurrentHashMap<>();

    TokenCredentials(AccessTokens tokens) {
        this.tokens = tokens;
    }

    /**
     * From now on, and as long as this process runs, who has this is an operator named {@code local}. It is kept nowhere.
     *
     * @param secret begins as all tokens do
     */
    public void admit(String secret) {
        admit(secret, Caller.LOCAL);
    }

    void admit(String secret, Caller caller) {
        given.put(AccessTokens.hash(secret), caller);
    }

    @Override
    public Optional<Known> whose(String secret) {
        String hash = AccessTokens.hash(secret);
        for (Map.Entry<String, Caller> each : given.entrySet()) {
            if (isEqual(each.getKey(), hash)) {
                return Optional.of(new Known(each.getValue(), null, false));
            }
        }
        return tokens.find(secret)
                .flatMap(token -> role(token.role())
                        .map(role -> new Known(new Caller(token.name(), role), token.expiresAt(), true)));
    }

    private static boolean isEqual(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.US_ASCII), other.getBytes(StandardCharsets.US_ASCII));
    }

    /** Empty for what a newer version may know. */
    static Optional<Role> role(String text) {
        try {
            return Optional.of(Role.valueOf(text.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
