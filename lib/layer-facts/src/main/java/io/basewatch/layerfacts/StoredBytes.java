package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * A layer's bytes as the registry stores them: counted, digested, never more of them than promised.
 */
final class StoredBytes extends InputStream {

    private static final int BUFFER_BYTES = 64 << 10;

    private final InputStream in;
    private final MessageDigest calculation;
    private final byte[] own = new byte[BUFFER_BYTES];
    private final long promised;
    private final long most;
    private final Deadline deadline;

    byte[] buffer = {};
    int position;
    int limit;
    private long total;
    private boolean ended;

    private @Nullable IOException failure;
    private @Nullable Digest digest;

    StoredBytes(InputStream in, @Nullable Digest expected, long promised, long most, Deadline deadline) {
        this.in = in;
        this.calculation = Digesting.like(expected);
        this.promised = promised;
        this.most = most;
        this.deadline = deadline;
    }

    /** Of the digest, as Java calls it. */
    String algorithm() {
        return calculation.getAlgorithm();
    }

    /** How many bytes were read from the source. */
    long total() {
        return total;
    }

    /** How many bytes were taken from here. */
    long consumed() {
        return total - (limit - position);
    }

    /** What the source itself threw: not the layer's fault. */
    boolean failedWith(IOException e) {
        return failure == e;
    }

    /**
     * Makes at least one byte available, from {@link #position} to {@link #limit} of {@link #buffer}.
     *
     * @return false at the end
     */
    boolean fill() throws IOException {
        while (position == limit && !ended) {
            deadline.check();
            int count;
            try {
                count = in.read(own, 0, own.length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
            if (count < 0) {
                ended = true;
                break;
            }
            total += count;
            if (promised >= 0 && total > promised) {
                throw new LayerFault(
                        Reason.Code.SIZE_MISMATCH,
                        "the stored layer is longer than the " + promised + " bytes of the manifest");
            }
            if (total > most) {
                throw LayerFault.limit("the stored layer is longer than the limit of " + most + " bytes");
            }
            calculation.update(own, 0, count);
            buffer = own;
            position = 0;
            limit = count;
        }
        return position < limit;
    }

    /** Makes the first bytes available together, fewer only when the stream is shorter. To be called before anything else was read. */
    byte[] peek(int count) throws IOException {
        // A source may hand out single bytes; what has come is kept in front of what comes.
        byte[] head = new byte[count];
        int got = 0;
        while (got < count && fill()) {
            int part = Math.min(count - got, limit - position);
            System.arraycopy(buffer, position, head, got, part);
            position += part;
            got += part;
        }
        head = java.util.Arrays.copyOf(head, got);
        byte[] joined = java.util.Arrays.copyOf(head, got + limit - position);
        System.arraycopy(buffer, position, joined, got, limit - position);
        buffer = joined;
        position = 0;
        limit = joined.length;
        return head;
    }

    /** Reads what is left, so that the digest is that of the whole. */
    void drain() throws IOException {
        while (fill()) {
            position = limit;
        }
    }

    /** Of all that was read so far; after it nothing more may be read. */
    Digest digest() {
        if (digest == null) {
            digest = Digesting.finish(calculation);
        }
        return digest;
    }

    @Override
    public int read() throws IOException {
        return fill() ? buffer[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int part = Math.min(count, limit - position);
        System.arraycopy(buffer, position, target, offset, part);
        position += part;
        return part;
    }
}
