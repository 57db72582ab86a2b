package io.basewatch.registrywatcher;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What proves that a message comes from who was given the secret: the secret itself, as {@code Authorization} (alone, after {@code Bearer}, or as the password of {@code Basic}),
 * {@code X-Gitlab-Token} or {@code X-Basewatch-Secret}; or, as {@code X-Hub-Signature-256}, the body's HMAC by it. Compared in constant time.
 */
record WebhookSecret(String value) {

    private static final String SIGNATURE = "sha256=";

    /**
     * @param header by name; null where there is none
     */
    boolean proves(Function<String, @Nullable String> header, byte[] body) {
        String signature = header.apply("X-Hub-Signature-256");
        if (signature != null) {
            return same(signature, SIGNATURE + HexFormat.of().formatHex(hmac(body)));
        }
        return isSecret(header.apply("Authorization"))
                || isSecret(header.apply("X-Gitlab-Token"))
                || isSecret(header.apply("X-Basewatch-Secret"));
    }

    private boolean isSecret(@Nullable String given) {
        if (given == null) {
            return false;
        }
        if (given.regionMatches(true, 0, "Basic ", 0, 6)) {
            return isSecret(password(given.substring(6).trim()));
        }
        boolean bearer = given.regionMatches(true, 0, "Bearer ", 0, 7);
        return same(bearer ? given.substring(7).trim() : given.trim(), value);
    }

    private static @Nullable String password(String pair) {
        try {
            String text = new String(Base64.getDecoder().decode(pair), StandardCharsets.UTF_8);
            return text.indexOf(':') < 0 ? null : text.substring(text.indexOf(':') + 1);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private byte[] hmac(byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(value.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "WebhookSecret[***]";
    }
}
