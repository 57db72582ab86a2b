package io.basewatch.layerfacts;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads wanted parts of a layer's stored bytes from front to back, with as few requests as are worth it, and counts what came. */
final class LayerParts implements AutoCloseable {

    /** What lies ahead in an open answer is read along up to this; beyond it the answer is left, which costs a connection. */
    private static final long WORTH_A_CONNECTION = 1 << 20;

    private final LayerRanges ranges;
    private final Deadline deadline;
    private long fetched;
    private long requests;

    private WantedParts wanted = new WantedParts(0);
    private int next;
    private @Nullable InputStream answer;
    private long position;
    private long answerEnd;

    LayerParts(LayerRanges ranges, Deadline deadline) {
        this.ranges = ranges;
        this.deadline = deadline;
    }

    /** How many stored bytes were read. */
    long fetched() {
        return fetched;
    }

    long requests() {
        return requests;
    }

    private InputStream open(long offset, long length) throws IOException {
        deadline.check();
        requests++;
        Optional<InputStream> opened = ranges.open(offset, length);
        return opened.orElseThrow(() -> LayerFault.corrupt("the registry gives no parts of blobs"));
    }

    /** A part on its own, before any of the wanted ones. */
    byte[] bytes(long offset, int length) throws IOException {
        try (InputStream in = open(offset, length)) {
            byte[] bytes = in.readNBytes(length);
            fetched += bytes.length;
            if (bytes.length < length) {
                throw LayerFault.corrupt("a part of the layer ends early");
            }
            return bytes;
        }
    }

    /** What will be asked for from now on, in this order. */
    void want(WantedParts parts) {
        wanted = parts;
        next = 0;
    }

    /**
     * One of the wanted parts, as a stream that ends where the part does; good until the next call.
     *
     * @param offset where it begins; never before one that was asked for already
     */
    InputStream part(long offset) throws IOException {
        while (next < wanted.size() && wanted.start(next) < offset) {
            next++;
        }
        if (next == wanted.size() || wanted.start(next) != offset) {
            throw LayerFault.corrupt("the table of contents tells parts of the layer out of order");
        }
        InputStream in = answer;
        if (in == null || offset < position || offset >= answerEnd || offset - position > WORTH_A_CONNECTION) {
            close();
            answerEnd = wanted.endOfRun(next);
            in = open(offset, answerEnd - offset);
            answer = in;
            position = offset;
        }
        while (position < offset) {
            long skipped = in.skip(offset - position);
            if (skipped <= 0) {
                if (in.read() < 0) {
                    throw LayerFault.corrupt("a part of the layer ends early");
                }
                skipped = 1;
            }
            position += skipped;
            fetched += skipped;
            deadline.check();
        }
        return new Part(in, wanted.end(next));
    }

    /** Never beyond its end, so that what a decompressor reads ahead is nobody else's. */
    private final class Part extends InputStream {

        private final InputStream in;
        private final long end;

        Part(InputStream in, long end) {
            this.in = in;
            this.end = end;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (position >= end) {
                return -1;
            }
            deadline.check();
            int count = in.read(into, offset, (int) Math.min(length, end - position));
            if (count < 0) {
                throw LayerFault.corrupt("a part of the layer ends early");
            }
            position += count;
            fetched += count;
            return count;
        }
    }

    @Override
    public void close() throws IOException {
        InputStream open = answer;
        answer = null;
        if (open != null) {
            open.close();
        }
    }
}
