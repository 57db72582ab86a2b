package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Digest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Digests in Java's terms and in ours. */
final class Digesting {

    private static final String SHA256 = "SHA-256";

    private Digesting() {}

    /** With the algorithm of what is expected; SHA-256 where nothing is. */
    static MessageDigest like(@Nullable Digest expected) {
        String algorithm = expected == null ? SHA256 : expected.javaAlgorithm();
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java lacks " + algorithm, e);
        }
    }

    /** Ends the calculation. */
    static Digest finish(MessageDigest digest) {
        byte[] hash = digest.digest();
        return digest.getAlgorithm().equals(SHA256)
                ? Digest.ofSha256(hash)
                : new Digest("sha512", HexFormat.of().formatHex(hash));
    }
}
