package io.basewatch.fingerprint;

import io.basewatch.fleetmodel.Digest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The uncompressed bytes of a layer: counted, digested, held against the limits. They come in buffers of a multiple of 512 bytes of which only the last
 * may be shorter, so that a tar block never straddles two.
 */
final class Uncompressed {

    static final int BUFFER_BYTES = 128 << 10;

    private final Decompressor source;
    private final StoredBytes stored;
    private final HashedBuffers buffers;
    private final boolean sameAsStored;
    private final LayerLimits limits;
    private final Deadline deadline;

    byte[] buffer = {};
    int position;
    int limit;
    private long total;
    private long holes;
    private boolean ended;
    private @Nullable IOException pending;

    Uncompressed(
            Decompressor source,
            StoredBytes stored,
            @Nullable Digest expected,
            LayerLimits limits,
            HashThread thread,
            Deadline deadline) {
        this.source = source;
        this.stored = stored;
        String algorithm = expected == null ? "SHA-256" : expected.javaAlgorithm();
        // What is not compressed has one digest, and was digested already.
        this.sameAsStored = source instanceof PlainBytes && algorithm.equals(stored.algorithm());
        this.buffers = sameAsStored
                ? HashedBuffers.undigested(BUFFER_BYTES, thread)
                : new HashedBuffers(algorithm, BUFFER_BYTES, thread);
        this.limits = limits;
        this.deadline = deadline;
    }

    long total() {
        return total;
    }

    /** What was taken from here, for messages. */
    long consumed() {
        return total - (limit - position);
    }

    /**
     * Makes at least one byte available, from {@link #position} to {@link #limit} of {@link #buffer}.
     *
     * @return false at the end
     */
    boolean fill() throws IOException {
        if (position < limit) {
            return true;
        }
        if (pending != null) {
            throw pending;
        }
        if (ended) {
            return false;
        }
        deadline.check();
        byte[] next = buffers.next();
        int count = 0;
        try {
            while (count < BUFFER_BYTES) {
                int part = source.read(next, count, BUFFER_BYTES - count);
                if (part < 0) {
                    ended = true;
                    break;
                }
                count += part;
            }
        } catch (IOException e) {
            // What came before the break is still worth walking.
            pending = e;
        }
        total += count;
        buffers.filled(count);
        buffer = next;
        position = 0;
        limit = count;
        checkLimits();
        if (count == 0 && pending != null) {
            throw pending;
        }
        return count > 0;
    }

    /** A sparse file's zeros are not in the tar, but cost as much once somebody looks at them. */
    void addHole(int zeros) throws LayerFault {
        holes += zeros;
        deadline.check();
        checkLimits();
    }

    private void checkLimits() throws LayerFault {
        if (total + holes > limits.maxBytesOut()) {
            throw LayerFault.limit(
                    "the uncompressed layer is longer than the limit of " + limits.maxBytesOut() + " bytes");
        }
        if (total > LayerLimits.RATIO_GRACE_BYTES && total > limits.maxRatio() * Math.max(1, stored.consumed())) {
            throw LayerFault.limit("the layer expands more than the limit of " + limits.maxRatio() + " times ("
                    + stored.consumed() + " stored bytes gave " + total + ")");
        }
    }

    void skip(long count) throws IOException {
        while (count > 0) {
            if (!fill()) {
                throw LayerFault.corrupt(
                        "the tar ends early, inside the content of an entry, after " + total + " uncompressed bytes");
            }
            int part = (int) Math.min(count, limit - position);
            position += part;
            count -= part;
        }
    }

    /** Reads what is left, so that the digest is that of the whole. */
    void drain() throws IOException {
        while (fill()) {
            position = limit;
        }
    }

    Digest digest() throws IOException {
        return sameAsStored ? stored.digest() : buffers.finish();
    }
}
