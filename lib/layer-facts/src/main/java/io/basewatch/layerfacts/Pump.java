package io.basewatch.layerfacts;

import java.io.IOException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Uncompresses a layer into chunks, all full but the last, and holds what comes out against the limits. */
final class Pump implements Uncompressed.Feed {

    private final Decompressor source;
    private final LongSupplier taken;
    private final LayerLimits limits;
    private final Deadline deadline;

    private long total;
    private boolean ended;
    private @Nullable IOException pending;

    /**
     * @param taken how many stored bytes what comes out was made of
     */
    Pump(Decompressor source, LongSupplier taken, LayerLimits limits, Deadline deadline) {
        this.source = source;
        this.taken = taken;
        this.limits = limits;
        this.deadline = deadline;
    }

    /** How many uncompressed bytes came out. */
    long total() {
        return total;
    }

    /** Why no more will come after what was given last; null while nothing is known to be wrong. */
    @Nullable
    IOException brokenBy() {
        return pending;
    }

    @Override
    public @Nullable Chunk next(@Nullable Chunk used) throws IOException {
        Chunk chunk = used == null ? new Chunk() : used;
        return fill(chunk) ? chunk : null;
    }

    /**
     * @return false at the end, with nothing in the chunk
     */
    boolean fill(Chunk chunk) throws IOException {
        if (pending != null) {
            throw pending;
        }
        deadline.check();
        int count = 0;
        try {
            while (count < Chunk.BYTES && !ended) {
                int part = source.read(chunk.bytes, count, Chunk.BYTES - count);
                if (part < 0) {
                    ended = true;
                } else {
                    count += part;
                }
            }
        } catch (IOException e) {
            if (count == 0) {
                throw e;
            }
            // What came before the break is still worth walking.
            pending = e;
        }
        total += count;
        chunk.length = count;
        checkLimits();
        return count > 0;
    }

    private void checkLimits() throws LayerFault {
        if (total > limits.maxBytesOut()) {
            throw LayerFault.limit(
                    "the uncompressed layer is longer than the limit of " + limits.maxBytesOut() + " bytes");
        }
        if (total <= LayerLimits.RATIO_GRACE_BYTES) {
            return;
        }
        long stored = taken.getAsLong();
        if (total > limits.maxRatio() * Math.max(1, stored)) {
            throw LayerFault.limit("the layer expands more than the limit of " + limits.maxRatio() + " times (" + stored
                    + " stored bytes gave " + total + ")");
        }
    }
}
