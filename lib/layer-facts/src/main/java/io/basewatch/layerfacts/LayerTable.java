package io.basewatch.layerfacts;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.basewatch.fleetmodel.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.zip.GZIPInputStream;

/** A layer's table of contents as it is stored, held compressed; its JSON is uncompressed anew each time it is gone through. */
final class LayerTable {

    /** What is held; enough for the tables of layers with some hundred thousand files. */
    static final int MAX_STORED_BYTES = 8 << 20;

    /** What is gone through. */
    static final int MAX_JSON_BYTES = 128 << 20;

    /** eStargz; its predecessor stargz had no subfield around the offset. */
    private static final int FOOTER_BYTES = 51;

    private static final int OLD_FOOTER_BYTES = 47;
    private static final int FIELD = 16;
    private static final int OLD_FIELD = 12;
    private static final int OFFSET_DIGITS = 16;
    private static final String MAGIC = "STARGZ";
    private static final String FILE = "stargz.index.json";

    private final byte[] stored;
    private final long offset;
    private final boolean gzip;
    private final long jsonBytes;
    private final Digest promised;
    private final long fetched;

    private LayerTable(byte[] stored, long offset, boolean gzip, long jsonBytes, Digest promised, long fetched) {
        this.stored = stored;
        this.offset = offset;
        this.gzip = gzip;
        this.jsonBytes = jsonBytes;
        this.promised = promised;
        this.fetched = fetched;
    }

    /**
     * Reads it, not yet verified where the digest is that of its JSON.
     *
     * @param size of the layer's stored bytes
     * @throws LayerFault when it is not where it should be, too large, or not the promised one
     */
    static LayerTable fetch(LayerParts parts, TablePromise promise, long size) throws IOException {
        TablePromise.Position position = promise.position();
        if (position == null) {
            return fetchStargz(parts, promise.digest(), size);
        }
        if (position.stored() == 0 || position.offset() > size - position.stored()) {
            throw LayerFault.corrupt("the table of contents lies beyond the end of the layer");
        }
        checkSize(position.stored(), position.uncompressed());
        byte[] stored = parts.bytes(position.offset(), (int) position.stored());
        MessageDigest calculation = Digesting.like(promise.digest());
        calculation.update(stored);
        check(Digesting.finish(calculation), promise.digest());
        return new LayerTable(
                stored, position.offset(), false, position.uncompressed(), promise.digest(), position.stored());
    }

    private static LayerTable fetchStargz(LayerParts parts, Digest promised, long size) throws IOException {
        if (size <= FOOTER_BYTES) {
            throw LayerFault.corrupt("the layer is too short for a table of contents");
        }
        byte[] footer = parts.bytes(size - FOOTER_BYTES, FOOTER_BYTES);
        boolean isNew = isFooter(footer, FIELD);
        int oldField = FOOTER_BYTES - OLD_FOOTER_BYTES + OLD_FIELD;
        if (!isNew && !isFooter(footer, oldField)) {
            throw LayerFault.corrupt("the layer does not end with the footer of a table of contents");
        }
        long offset = offset(footer, isNew ? FIELD : oldField);
        long end = size - (isNew ? FOOTER_BYTES : OLD_FOOTER_BYTES);
        if (offset < 0 || offset >= end) {
            throw LayerFault.corrupt("the table of contents lies beyond the end of the layer");
        }
        checkSize(end - offset, 0);
        byte[] stored = parts.bytes(offset, (int) (end - offset));
        try (InputStream tar = new GZIPInputStream(new ByteArrayInputStream(stored))) {
            long json = jsonBytes(tar);
            checkSize(0, json);
            return new LayerTable(stored, offset, true, json, promised, stored.length + FOOTER_BYTES);
        }
    }

    private static boolean isFooter(byte[] footer, int field) {
        return new String(footer, field + OFFSET_DIGITS, MAGIC.length(), StandardCharsets.ISO_8859_1).equals(MAGIC);
    }

    /** -1 when it is no number. */
    private static long offset(byte[] footer, int field) {
        String digits = new String(footer, field, OFFSET_DIGITS, StandardCharsets.ISO_8859_1);
        return digits.matches("[0-7][0-9a-fA-F]{15}") ? Long.parseLong(digits, 16) : -1;
    }

    /** Reads the header of the tar that eStargz wraps the table in. */
    private static long jsonBytes(InputStream tar) throws IOException {
        byte[] block = tar.readNBytes(TarHeader.BYTES);
        TarHeader header = block.length == TarHeader.BYTES ? new TarHeader(block, 0) : null;
        if (header == null
                || !header.hasRightChecksum()
                || !new String(header.name(), StandardCharsets.ISO_8859_1).equals(FILE)
                || header.size() < 0) {
            throw LayerFault.corrupt("the table of contents is no file " + FILE);
        }
        return header.size();
    }

    private static void checkSize(long stored, long json) throws LayerFault {
        if (stored > MAX_STORED_BYTES || json > MAX_JSON_BYTES) {
            throw LayerFault.limit("the table of contents of " + stored + " bytes (" + json
                    + " uncompressed) is longer than the limit of " + MAX_STORED_BYTES + " (" + MAX_JSON_BYTES + ")");
        }
    }

    private static void check(Digest actual, Digest promised) throws LayerFault {
        if (!actual.equals(promised)) {
            throw LayerFault.corrupt("the table of contents has the digest " + actual + ", not " + promised);
        }
    }

    /** Where it begins: all content lies before. */
    long offset() {
        return offset;
    }

    /** Whether the layer is compressed with gzip; else with zstd. */
    boolean isGzip() {
        return gzip;
    }

    /** How many stored bytes it took to get it. */
    long fetched() {
        return fetched;
    }

    /** Something that goes through the table's entries. */
    interface Walk {
        void go(TableEntries entries) throws IOException;
    }

    /**
     * Goes through it from its start. What the walk found out may be believed only when this returns.
     *
     * @throws LayerFault when it is broken, not the promised one, or the walk throws
     */
    void walk(LayerLimits limits, Walk walk) throws IOException {
        try (InputStream uncompressed = uncompressed()) {
            if (gzip) {
                jsonBytes(uncompressed);
            }
            Json json = new Json(uncompressed, jsonBytes, Digesting.like(promised));
            walk.go(new TableEntries(json, limits));
            json.drain();
            if (gzip) {
                check(Digesting.finish(json.calculation), promised);
            }
        }
    }

    private InputStream uncompressed() throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(stored);
        return gzip ? new GZIPInputStream(in, 64 << 10) : new ZstdInputStreamNoFinalizer(in);
    }

    /** Exactly the bytes of the JSON, digested as they pass. */
    private static final class Json extends InputStream {

        private final InputStream in;
        private final MessageDigest calculation;
        private long left;

        Json(InputStream in, long length, MessageDigest calculation) {
            this.in = in;
            this.left = length;
            this.calculation = calculation;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0 || length == 0) {
                return left == 0 ? -1 : 0;
            }
            int count = in.read(into, offset, (int) Math.min(length, left));
            if (count < 0) {
                throw LayerFault.corrupt("the table of contents ends early");
            }
            left -= count;
            calculation.update(into, offset, count);
            return count;
        }

        void drain() throws IOException {
            byte[] buffer = new byte[8 << 10];
            while (read(buffer, 0, buffer.length) >= 0) {
                // Only the digest is wanted of it.
            }
        }
    }
}
