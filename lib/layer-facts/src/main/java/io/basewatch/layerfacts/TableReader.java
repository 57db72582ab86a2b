package io.basewatch.layerfacts;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.basewatch.fleetmodel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Steps through the entries of a layer as its table of contents tells them, fetching the content of those that are not dull. Each chunk that was looked at is
 * verified against the table's digest of it before the next entry; a wrong one is a fault.
 */
final class TableReader extends EntryReader implements AutoCloseable {

    /** Made by those who write such layers, and in no image. */
    private static final Set<String> LANDMARKS =
            Set.of(".prefetch.landmark", ".no.prefetch.landmark", "stargz.index.json");

    private static final byte[] ZEROS = new byte[16 << 10];
    private static final int WINDOW_LOG = 27;

    private final TableEntries table;
    private final DullFiles dull;
    private final LayerParts parts;
    private final boolean gzip;
    private final LayerLimits limits;
    private final Deadline deadline;
    private final byte[] buffer = new byte[64 << 10];

    private TableEntries.Entry entry = new TableEntries.Entry();
    private TableEntries.@Nullable Entry ahead;
    private boolean isDull;
    private long offset;
    private long total;

    private long chunkLeft;
    private boolean zeros;
    private @Nullable Digest chunkDigest;
    private MessageDigest calculation = Digesting.like(null);

    private @Nullable InputStream stream;
    private long streamOffset;
    private long streamPosition;

    TableReader(
            TableEntries table, DullFiles dull, LayerParts parts, boolean gzip, LayerLimits limits, Deadline deadline) {
        this.table = table;
        this.dull = dull;
        this.parts = parts;
        this.gzip = gzip;
        this.limits = limits;
        this.deadline = deadline;
    }

    /** How many uncompressed bytes were looked at. */
    long total() {
        return total;
    }

    /**
     * Goes through a table to find what of the layer is wanted. Nothing is fetched.
     *
     * @param end of all content
     */
    static void plan(TableEntries table, DullFiles dull, long end, LayerLimits limits, WantedParts wanted)
            throws IOException {
        Plan plan = new Plan(end, limits, wanted);
        boolean isWanted = false;
        for (TableEntries.Entry next = table.next(); next != null; next = table.next()) {
            if (!next.isChunk()) {
                isWanted = next.type == '0' && next.size > 0 && !isLandmark(next) && !isDull(dull, next);
            }
            if ((next.type == '0' && next.size > 0) || next.isChunk()) {
                plan.add(next, isWanted && !next.isZeros);
            }
        }
        plan.finish();
    }

    /** Where a chunk ends is known only when the next one has come. */
    private static final class Plan {

        private final long end;
        private final LayerLimits limits;
        private final WantedParts wanted;
        private long last;
        private long open;
        private long hint;

        Plan(long end, LayerLimits limits, WantedParts wanted) {
            this.end = end;
            this.limits = limits;
            this.wanted = wanted;
        }

        void add(TableEntries.Entry chunk, boolean isWanted) throws LayerFault {
            if (chunk.offset <= 0 || chunk.offset < last || chunk.offset >= end || chunk.endOffset > end) {
                throw LayerFault.corrupt("the table of contents tells parts of the layer out of order");
            }
            if (chunk.offset > last) {
                close(chunk.offset);
            }
            last = chunk.offset;
            // A stream shared with the chunk before has one end only, and that of a chunked file is its last chunk's.
            hint = !chunk.isChunk() && open == 0 ? chunk.endOffset : 0;
            if (isWanted) {
                open = chunk.offset;
            }
        }

        private void close(long next) {
            if (open > 0) {
                wanted.add(open, hint > open ? Math.min(hint, next) : next);
            }
            open = 0;
        }

        void finish() throws LayerFault {
            close(end);
            if (wanted.size() > limits.maxEntries()) {
                throw LayerFault.limit(
                        "the table of contents has more chunks than the limit of " + limits.maxEntries());
            }
            wanted.settle();
        }
    }

    private static boolean isLandmark(TableEntries.Entry entry) {
        byte[] path = entry.name.length > 64 ? null : PathBytes.normalise(entry.name);
        return path != null && LANDMARKS.contains(PathBytes.text(path, 0, path.length));
    }

    private static boolean isDull(DullFiles dull, TableEntries.Entry entry) {
        byte[] path = PathBytes.normalise(entry.name);
        return path == null || dull.isDull(PathBytes.text(path, 0, path.length), entry.size, entry.mode);
    }

    @Override
    boolean next() throws IOException {
        finishChunk();
        while (true) {
            TableEntries.Entry next = nextEntry();
            // What is left of a file that nobody wanted more of.
            while (next != null && next.isChunk() && isOf(next, entry)) {
                next = nextEntry();
            }
            if (next == null) {
                return false;
            }
            if (next.isChunk()) {
                throw LayerFault.corrupt("the table of contents has a chunk of no file");
            }
            entry = next;
            if (isLandmark(entry)) {
                continue;
            }
            open();
            return true;
        }
    }

    private TableEntries.@Nullable Entry nextEntry() throws IOException {
        deadline.check();
        TableEntries.Entry next = ahead != null ? ahead : table.next();
        ahead = null;
        return next;
    }

    private static boolean isOf(TableEntries.Entry chunk, TableEntries.Entry file) {
        return file.type == '0' && Arrays.equals(chunk.name, file.name);
    }

    private void open() throws LayerFault {
        if (entry.type != '0') {
            entry.size = 0;
        }
        if (entry.size > limits.maxFileBytes()) {
            throw LayerFault.limit("the file " + PathBytes.quoted(entry.name) + " of " + entry.size
                    + " bytes is longer than the limit of " + limits.maxFileBytes() + " bytes");
        }
        offset = 0;
        isDull = entry.size == 0 || isDull(dull, entry);
    }

    @Override
    byte[] name() {
        return entry.name;
    }

    @Override
    byte[] link() {
        return entry.link;
    }

    @Override
    char type() {
        return entry.type;
    }

    @Override
    int mode() {
        return entry.mode;
    }

    @Override
    long size() {
        return entry.size;
    }

    @Override
    boolean nextSlice(int most) throws IOException {
        if (isDull || offset == entry.size) {
            return false;
        }
        if (chunkLeft == 0) {
            openChunk();
        }
        sliceOffset = 0;
        read(most);
        offset += sliceLength;
        if (chunkLeft == 0) {
            verify();
        }
        return true;
    }

    private void openChunk() throws IOException {
        TableEntries.Entry chunk = entry;
        if (offset > 0) {
            ahead = nextEntry();
            if (ahead == null || !ahead.isChunk() || !isOf(ahead, entry)) {
                throw gap();
            }
            chunk = ahead;
            ahead = null;
        }
        long rest = entry.size - offset;
        long length = chunk.chunkSize == 0 ? rest : chunk.chunkSize;
        if (chunk.chunkOffset != offset || length > rest) {
            throw gap();
        }
        boolean whole = length == entry.size;
        chunkDigest = chunk.chunkDigest != null ? chunk.chunkDigest : whole ? chunk.digest : null;
        zeros = chunk.isZeros;
        chunkLeft = length;
        if (zeros) {
            return;
        }
        if (chunkDigest == null) {
            throw LayerFault.corrupt(
                    "the table of contents has no digest of a chunk of " + PathBytes.quoted(entry.name));
        }
        calculation = Digesting.like(chunkDigest);
        openStream(chunk.offset, chunk.innerOffset);
    }

    private LayerFault gap() {
        return LayerFault.corrupt("the chunks of " + PathBytes.quoted(entry.name)
                + " in the table of contents do not make " + entry.size + " bytes");
    }

    /** Several small files may share a stream, which is then gone through once. */
    private void openStream(long at, long inner) throws IOException {
        if (stream == null || at != streamOffset) {
            close();
            InputStream part = parts.part(at);
            streamOffset = at;
            streamPosition = 0;
            stream = gzip ? new GZIPInputStream(part, 16 << 10) : zstd(part);
        }
        if (inner < streamPosition) {
            throw LayerFault.corrupt("the table of contents tells parts of the layer out of order");
        }
        while (streamPosition < inner) {
            uncompress((int) Math.min(buffer.length, inner - streamPosition));
        }
    }

    private static InputStream zstd(InputStream part) throws IOException {
        ZstdInputStreamNoFinalizer in = new ZstdInputStreamNoFinalizer(part, RecyclingBufferPool.INSTANCE);
        in.setLongMax(WINDOW_LOG);
        return in;
    }

    /** At least one byte into the buffer. */
    private int uncompress(int most) throws IOException {
        InputStream in = stream;
        int count = in == null ? -1 : in.read(buffer, 0, most);
        if (count <= 0) {
            throw LayerFault.corrupt("the compressed content of " + PathBytes.quoted(entry.name) + " ends early");
        }
        streamPosition += count;
        count(count);
        return count;
    }

    private void count(int bytes) throws LayerFault {
        deadline.check();
        total += bytes;
        if (total > limits.maxBytesOut()) {
            throw LayerFault.limit(
                    "the uncompressed layer is longer than the limit of " + limits.maxBytesOut() + " bytes");
        }
        if (total > LayerLimits.RATIO_GRACE_BYTES && total > limits.maxRatio() * Math.max(1, parts.fetched())) {
            throw LayerFault.limit("the layer expands more than the limit of " + limits.maxRatio() + " times");
        }
    }

    private void read(int most) throws IOException {
        if (zeros) {
            slice = ZEROS;
            sliceLength = (int) Math.min(Math.min(most, ZEROS.length), chunkLeft);
            count(sliceLength);
        } else {
            slice = buffer;
            sliceLength = uncompress((int) Math.min(Math.min(most, buffer.length), chunkLeft));
            calculation.update(buffer, 0, sliceLength);
        }
        chunkLeft -= sliceLength;
    }

    /** What was seen of a chunk is believed only when all of it was. */
    private void finishChunk() throws IOException {
        if (chunkLeft > 0 && zeros) {
            chunkLeft = 0;
        }
        if (chunkLeft > 0) {
            while (chunkLeft > 0) {
                read(buffer.length);
            }
            verify();
        }
    }

    private void verify() throws LayerFault {
        if (!zeros && !Digesting.finish(calculation).equals(chunkDigest)) {
            throw LayerFault.corrupt(
                    "a chunk of " + PathBytes.quoted(entry.name) + " is not the one that the table of contents tells");
        }
    }

    @Override
    public void close() throws IOException {
        InputStream open = stream;
        stream = null;
        if (open != null) {
            open.close();
        }
    }
}
