package io.basewatch.reportapi.access;

import io.basewatch.fleetstore.AccessTokens;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tokens that are kept here, and the one that the process itself gives out. */
public final class TokenCredentials implements Credentials {

    private final AccessTokens tokens;
    private volatile @Nullable String own;

    TokenCredentials(AccessTokens tokens) {
        this.tokens = tokens;
    }

    /**
     * From now on, and as long as this process runs, who has this is an operator named {@code local}. It is kept nowhere.
     *
     * @param secret begins as all tokens do
     */
    public void admit(String secret) {
        own = AccessTokens.hash(secret);
    }

    @Override
    public Optional<Known> whose(String secret) {
        String local = own;
        if (local != null && isEqual(local, AccessTokens.hash(secret))) {
            return Optional.of(new Known(Caller.LOCAL, null, false));
        }
        return tokens.find(secret).flatMap(token -> role(token.role())
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
