package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The content address of a manifest, a blob or an uncompressed layer: {@code sha256:<64 hex>} or {@code sha512:<128 hex>}.
 * Source of the format: OCI image-spec, descriptor.md, "Digests". Holding one proves that the text was well-formed.
 */
public record Digest(String algorithm, String hex) implements Comparable<Digest> {

    public Digest {
        int digits = switch (algorithm) {
            case "sha256" -> 64;
            case "sha512" -> 128;
            default ->
                throw new IllegalArgumentException(
                        "digest algorithm '" + abbreviated(algorithm) + "' is not sha256 or sha512");
        };
        if (hex.length() != digits || !isHex(hex)) {
            throw new IllegalArgumentException("digest '" + algorithm + ":" + abbreviated(hex)
                    + "' does not have the lower-case hex digits of " + algorithm);
        }
    }

    /**
     * @throws IllegalArgumentException when the text is not {@code algorithm:hex} of a known algorithm
     */
    @JsonCreator
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("digest '" + abbreviated(text) + "' has no 'algorithm:' in front");
        }
        return new Digest(text.substring(0, colon), text.substring(colon + 1));
    }

    /** The digest of a finished SHA-256 calculation. */
    public static Digest ofSha256(byte[] hash) {
        return new Digest("sha256", HexFormat.of().formatHex(hash));
    }

    /** SHA-256 of these bytes. */
    public static Digest sha256Of(byte[] bytes) {
        return ofSha256(sha256().digest(bytes));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java runtime has SHA-256", e);
        }
    }

    /** The name {@link java.security.MessageDigest#getInstance(String)} knows the algorithm by. */
    public String javaAlgorithm() {
        return algorithm.toUpperCase(Locale.ROOT).replace("SHA", "SHA-");
    }

    /** The first twelve hex digits, for logs and tables. */
    public String shortHex() {
        return hex.substring(0, 12);
    }

    /** By hand: millions of digests are made where a fleet is read. */
    private static boolean isHex(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
                return false;
            }
        }
        return true;
    }

    private static String abbreviated(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    /** By hand, as what the JVM makes of a record takes a run that has just begun some thirty milliseconds. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Digest digest && hex.equals(digest.hex) && algorithm.equals(digest.algorithm);
    }

    @Override
    public int hashCode() {
        return 31 * algorithm.hashCode() + hex.hashCode();
    }

    @Override
    public int compareTo(Digest other) {
        return toString().compareTo(other.toString());
    }

    @JsonValue
    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
