package io.basewatch.fingerprint;

import io.basewatch.fleetmodel.Digest;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The buffers through which one stream passes, each digested once. The first bytes are digested at once; in a longer stream it is done by the
 * {@link HashThread} while the owner still reads the same buffer and fills the next ones. At most {@value #BUFFERS} buffers.
 */
final class HashedBuffers {

    private static final int BUFFERS = 4;
    private static final long BYTES_BEFORE_THREAD = 4 << 20;

    private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(BUFFERS);
    private final HashThread thread;
    private final String algorithm;
    private final MessageDigest digest;
    private final int bufferBytes;
    private byte @Nullable [] mine;
    private int inFlight;
    private int made;
    private long bytes;
    private boolean digests = true;

    /** Buffers that are digested elsewhere: {@link #finish} must not be asked. */
    static HashedBuffers undigested(int bufferBytes, HashThread thread) {
        HashedBuffers buffers = new HashedBuffers("SHA-256", bufferBytes, thread);
        buffers.digests = false;
        return buffers;
    }

    HashedBuffers(String algorithm, int bufferBytes, HashThread thread) {
        this.algorithm = algorithm;
        this.bufferBytes = bufferBytes;
        this.thread = thread;
        try {
            this.digest = MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java lacks " + algorithm, e);
        }
    }

    String algorithm() {
        return algorithm;
    }

    /** A buffer to fill. The one given before must not be touched any more. */
    byte[] next() throws InterruptedIOException {
        if (mine == null) {
            if (inFlight > 0 && made == BUFFERS) {
                mine = take();
            } else {
                made++;
                mine = new byte[bufferBytes];
            }
        }
        return mine;
    }

    /** Digests the first bytes of the buffer last given. They may still be read until the next one is asked for, no longer be written. */
    void filled(int length) {
        if (mine == null) {
            throw new IllegalStateException("no buffer was taken");
        }
        if (!digests) {
            return;
        }
        bytes += length;
        if (bytes <= BYTES_BEFORE_THREAD) {
            digest.update(mine, 0, length);
        } else {
            thread.submit(digest, mine, length, free);
            inFlight++;
            mine = null;
        }
    }

    /** Of all that was filled in. To be called once. */
    Digest finish() throws InterruptedIOException {
        while (inFlight > 0) {
            take();
        }
        byte[] hash = digest.digest();
        return algorithm.equals("SHA-256")
                ? Digest.ofSha256(hash)
                : new Digest("sha512", java.util.HexFormat.of().formatHex(hash));
    }

    private byte[] take() throws InterruptedIOException {
        try {
            byte[] buffer = free.take();
            inFlight--;
            return buffer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a layer was read");
        }
    }
}
