package io.basewatch.layerfacts;

import java.io.IOException;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * The uncompressed bytes of a layer as the walker sees them, digested as they pass. All buffers but the last are a multiple of 512 bytes long, so that a
 * tar block never straddles two.
 */
final class Uncompressed {

    /** Where chunks come from. */
    interface Feed {

        /**
         * @param used the chunk given last, which is no longer needed; null the first time
         * @return null at the end
         * @throws LayerFault when the stream is broken or passes a limit
         */
        @Nullable
        Chunk next(@Nullable Chunk used) throws IOException;
    }

    private final Feed feed;
    private final LayerLimits limits;
    private final Deadline deadline;
    private final @Nullable MessageDigest digest;

    private @Nullable Chunk chunk;
    byte[] buffer = {};
    int position;
    int limit;
    private long total;
    private long holes;
    private boolean ended;

    /**
     * @param digest null when nobody wants to know
     */
    Uncompressed(Feed feed, @Nullable MessageDigest digest, LayerLimits limits, Deadline deadline) {
        this.feed = feed;
        this.digest = digest;
        this.limits = limits;
        this.deadline = deadline;
    }

    /** What has come so far. */
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
        if (ended) {
            return false;
        }
        Chunk used = chunk;
        chunk = null;
        chunk = feed.next(used);
        if (chunk == null) {
            ended = true;
            return false;
        }
        if (digest != null) {
            digest.update(chunk.bytes, 0, chunk.length);
        }
        total += chunk.length;
        buffer = chunk.bytes;
        position = 0;
        limit = chunk.length;
        return true;
    }

    /** A sparse file's zeros are not in the tar, but cost as much once somebody looks at them. */
    void addHole(int zeros) throws LayerFault {
        holes += zeros;
        deadline.check();
        if (total + holes > limits.maxBytesOut()) {
            throw LayerFault.limit(
                    "the uncompressed layer with the holes of its sparse files is longer than the limit of "
                            + limits.maxBytesOut() + " bytes");
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
}
