package io.basewatch.reportapi.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.springframework.web.filter.ShallowEtagHeaderFilter;

/**
 * An answer has its tag by its content: asked again with {@code If-None-Match}, an unchanged one is 304 and empty. By SHA-256, for which processors have instructions: MD5, which the framework would
 * take, needs more than twice as long.
 */
public final class ContentTags extends ShallowEtagHeaderFilter {

    /** Of 32. */
    private static final int BYTES = 16;

    public ContentTags() {
        // The same answer goes out compressed and as it is: that is what a weak one stands for, and with a strong one
        // nothing is compressed.
        setWriteWeakETag(true);
    }

    /** A weak one. */
    public static String of(byte[] content) {
        return tag(true, sha256().digest(content));
    }

    private static String tag(boolean isWeak, byte[] digest) {
        return (isWeak ? "W/\"" : "\"") + HexFormat.of().formatHex(digest, 0, BYTES) + '"';
    }

    @Override
    protected String generateETagHeaderValue(InputStream content, boolean isWeak) throws IOException {
        MessageDigest digest = sha256();
        content.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
        return tag(isWeak, digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java runtime has SHA-256", e);
        }
    }
}
