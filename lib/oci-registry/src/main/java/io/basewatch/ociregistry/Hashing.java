package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digests of bytes. */
final class Hashing {

    private Hashing() {}

    /**
     * @param algorithm one that {@link Digest} knows
     */
    static Digest digest(byte[] bytes, String algorithm) {
        return new Digest(algorithm, HexFormat.of().formatHex(start(algorithm).digest(bytes)));
    }

    static MessageDigest start(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm.equals("sha512") ? "SHA-512" : "SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256 and SHA-512", e);
        }
    }
}
