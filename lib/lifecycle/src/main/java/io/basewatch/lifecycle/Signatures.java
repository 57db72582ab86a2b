package io.basewatch.lifecycle;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** Detached Ed25519 signatures. */
final class Signatures {

    private static final int SIGNATURE_BYTES = 64;
    private static final int KEY_BYTES = 32;

    /** What stands before the key itself in X.509's form. */
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private Signatures() {}

    /**
     * @param text PEM, or the base64 of X.509's form or of the 32 bytes themselves
     * @throws IllegalArgumentException when it is none; the message goes on after the key's name
     */
    static PublicKey key(String text) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder()
                    .decode(text.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("is not base64: give what 'openssl pkey -pubout' prints", e);
        }
        byte[] encoded = bytes;
        if (bytes.length == KEY_BYTES) {
            encoded = Arrays.copyOf(X509_PREFIX, X509_PREFIX.length + KEY_BYTES);
            System.arraycopy(bytes, 0, encoded, X509_PREFIX.length, KEY_BYTES);
        }
        try {
            return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "is no Ed25519 key: give what 'openssl pkey -pubout' prints of a key made by 'openssl genpkey -algorithm ed25519'",
                    e);
        }
    }

    /**
     * @param signature the 64 bytes, or their base64
     */
    static boolean isOf(PublicKey key, byte[] signed, byte[] signature) {
        byte[] bytes = signature;
        if (signature.length != SIGNATURE_BYTES) {
            try {
                bytes = Base64.getDecoder()
                        .decode(new String(signature, StandardCharsets.ISO_8859_1).replaceAll("\\s", ""));
            } catch (IllegalArgumentException e) {
                return false;
            }
        }
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(signed);
            return bytes.length == SIGNATURE_BYTES && verifier.verify(bytes);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
