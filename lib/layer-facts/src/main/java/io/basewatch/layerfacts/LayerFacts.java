package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * All that one layer (or one plain root file system) says: its entries in their order, what was kept of the content, and what was noticed on the way. Immutable,
 * and held compressed. Layers are laid over each other by {@link Fingerprinter}.
 *
 * <p>Encoded, with numbers as varints (7-bit groups, the lowest first) and texts as length and UTF-8 bytes: {@code BWLF}, format, flags, digest, diffID, stored
 * and uncompressed bytes, the table's digest where it was read lazily, notes, kinds of probes, number of entries, the two logs (length, number of chunks, each chunk as length and zstd frame), CRC-32
 * of all before in big-endian order.
 */
public final class LayerFacts {

    private static final byte[] MAGIC = {'B', 'W', 'L', 'F'};
    private static final int FORMAT = 1;
    private static final int COMPLETE = 1;
    private static final int LAZY = 2;
    private static final int MAX_NOTES = 1000;
    private static final int MAX_KINDS = 1000;
    private static final int MAX_TEXT_BYTES = 64 << 10;

    private final @Nullable Digest digest;
    private final @Nullable Digest diffId;
    private final long storedBytes;
    private final long uncompressedBytes;
    private final boolean complete;
    private final @Nullable Digest table;
    private final List<Reason> notes;
    private final List<String> kinds;
    private final int entries;
    private final ChunkLog entryLog;
    private final ChunkLog contents;

    LayerFacts(
            @Nullable Digest digest,
            @Nullable Digest diffId,
            long storedBytes,
            long uncompressedBytes,
            boolean complete,
            @Nullable Digest table,
            List<Reason> notes,
            List<String> kinds,
            int entries,
            ChunkLog entryLog,
            ChunkLog contents) {
        this.digest = digest;
        this.diffId = diffId;
        this.storedBytes = storedBytes;
        this.uncompressedBytes = uncompressedBytes;
        this.complete = complete;
        this.table = table;
        this.notes = List.copyOf(notes);
        this.kinds = List.copyOf(kinds);
        this.entries = entries;
        this.entryLog = entryLog;
        this.contents = contents;
    }

    /** Of the stored bytes. Computed when {@link #isComplete} and not {@link #isLazy}, else as promised; null when neither, and for a plain root file system. */
    public @Nullable Digest digest() {
        return digest;
    }

    /** Of the uncompressed tar. Computed when {@link #isComplete}, else as promised; null when neither, when {@link #isLazy}, and for a plain root file system. */
    public @Nullable Digest diffId() {
        return diffId;
    }

    /** How many stored bytes were read: all of them when {@link #isComplete} and not {@link #isLazy}. 0 for a plain root file system. */
    public long storedBytes() {
        return storedBytes;
    }

    /** How many uncompressed bytes were read: all of them when {@link #isComplete} and not {@link #isLazy}. The files' bytes for a plain root file system. */
    public long uncompressedBytes() {
        return uncompressedBytes;
    }

    /** Whether the layer was read to its end. Facts that are not must never be kept for other images. */
    public boolean isComplete() {
        return complete;
    }

    /** Whether the layer was read by its table of contents, and only what is wanted of it: see {@link LazyLayerReader}. */
    public boolean isLazy() {
        return table != null;
    }

    /** Of a layer that was read {@link #isLazy lazily}, the digest by which its manifest names the table; else null. */
    public @Nullable Digest table() {
        return table;
    }

    /** How evidence names the layer. */
    @Nullable
    Digest name() {
        return isLazy() ? digest : diffId;
    }

    /** What must be known beside the facts, such as a media type that does not fit or entries that were refused. */
    public List<Reason> notes() {
        return notes;
    }

    public int entries() {
        return entries;
    }

    /** How much memory the facts hold, in bytes; also about what they need encoded. */
    public long heldBytes() {
        return entryLog.heldBytes() + contents.heldBytes();
    }

    ChunkLog entryLog() {
        return entryLog;
    }

    ChunkLog contents() {
        return contents;
    }

    List<String> kinds() {
        return kinds;
    }

    public byte[] encode() {
        ByteArrayOutputStream out = new ByteArrayOutputStream((int) heldBytes() + 512);
        out.writeBytes(MAGIC);
        out.write(FORMAT);
        out.write((complete ? COMPLETE : 0) | (table != null ? LAZY : 0));
        writeDigest(out, digest);
        writeDigest(out, diffId);
        writeVarint(out, storedBytes);
        writeVarint(out, uncompressedBytes);
        if (table != null) {
            writeDigest(out, table);
        }
        writeVarint(out, notes.size());
        for (Reason note : notes) {
            writeText(out, note.code().toString());
            writeText(out, note.message());
        }
        writeVarint(out, kinds.size());
        kinds.forEach(kind -> writeText(out, kind));
        writeVarint(out, entries);
        writeLog(out, entryLog);
        writeLog(out, contents);
        CRC32 crc = new CRC32();
        crc.update(out.toByteArray());
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
        return out.toByteArray();
    }

    /**
     * Everything is checked, so that facts once decoded cannot fail later.
     *
     * @throws IllegalArgumentException when the bytes are not facts in the format of this version, or are damaged
     */
    public static LayerFacts decode(byte[] bytes) {
        if (bytes.length < MAGIC.length + 2 + 4 || !java.util.Arrays.equals(MAGIC, 0, 4, bytes, 0, 4)) {
            throw new IllegalArgumentException("these " + bytes.length + " bytes are no layer facts");
        }
        if (bytes[4] != FORMAT) {
            throw new IllegalArgumentException(
                    "layer facts of format " + bytes[4] + "; this version reads " + FORMAT + " only");
        }
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, bytes.length - 4);
        if ((int) crc.getValue() != ByteBuffer.wrap(bytes).getInt(bytes.length - 4)) {
            throw new IllegalArgumentException("the layer facts are damaged: their checksum does not fit");
        }
        Decoder in = new Decoder(bytes, 5, bytes.length - 4);
        int flags = in.readByte();
        Digest digest = in.readDigest();
        Digest diffId = in.readDigest();
        long storedBytes = in.readVarint();
        long uncompressedBytes = in.readVarint();
        Digest table = (flags & LAZY) == 0 ? null : in.readDigest();
        List<Reason> notes = new ArrayList<>();
        for (int left = in.readVarint(MAX_NOTES, "number of notes"); left > 0; left--) {
            notes.add(new Reason(Reason.Code.parse(in.readText()), in.readText()));
        }
        List<String> kinds = new ArrayList<>();
        for (int left = in.readVarint(MAX_KINDS, "number of kinds"); left > 0; left--) {
            kinds.add(in.readText());
        }
        int entries = in.readVarint(Integer.MAX_VALUE, "number of entries");
        ChunkLog entryLog = in.readLog();
        ChunkLog contents = in.readLog();
        if (in.at != in.end) {
            throw new IllegalArgumentException("the layer facts are longer than they say");
        }
        EntryLog.Reader reader = new EntryLog.Reader(entryLog, kinds.size(), contents.length());
        int seen = 0;
        while (reader.next()) {
            seen++;
        }
        if (seen != entries) {
            throw new IllegalArgumentException("the layer facts have " + seen + " of " + entries + " entries");
        }
        return new LayerFacts(
                digest,
                diffId,
                storedBytes,
                uncompressedBytes,
                (flags & COMPLETE) != 0,
                table,
                notes,
                kinds,
                entries,
                entryLog,
                contents);
    }

    private static void writeVarint(ByteArrayOutputStream out, long value) {
        while (value > 0x7f) {
            out.write((int) (value & 0x7f) | 0x80);
            value >>>= 7;
        }
        out.write((int) value);
    }

    private static void writeText(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        writeVarint(out, bytes.length);
        out.writeBytes(bytes);
    }

    /** A length of 0, 32 or 64 bytes also names the algorithm. */
    private static void writeDigest(ByteArrayOutputStream out, @Nullable Digest digest) {
        byte[] bytes = digest == null ? new byte[0] : HexFormat.of().parseHex(digest.hex());
        out.write(bytes.length);
        out.writeBytes(bytes);
    }

    private static void writeLog(ByteArrayOutputStream out, ChunkLog log) {
        writeVarint(out, log.length());
        writeVarint(out, log.chunks().size());
        for (byte[] chunk : log.chunks()) {
            writeVarint(out, chunk.length);
            out.writeBytes(chunk);
        }
    }

    /** Every length is held against the bytes that are there before it is used. */
    private static final class Decoder {

        private final byte[] bytes;
        private final int end;
        private int at;

        Decoder(byte[] bytes, int at, int end) {
            this.bytes = bytes;
            this.at = at;
            this.end = end;
        }

        int readByte() {
            if (at == end) {
                throw new IllegalArgumentException("the layer facts end early");
            }
            return bytes[at++] & 0xff;
        }

        long readVarint() {
            long value = 0;
            for (int shift = 0; shift < 63; shift += 7) {
                int b = readByte();
                value |= (long) (b & 0x7f) << shift;
                if ((b & 0x80) == 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException("a number in the layer facts has more than 63 bits");
        }

        int readVarint(int max, String field) {
            long value = readVarint();
            if (value > max) {
                throw new IllegalArgumentException(field + " " + value + " in the layer facts is more than " + max);
            }
            return (int) value;
        }

        byte[] readBytes(int count) {
            if (count > end - at) {
                throw new IllegalArgumentException("the layer facts end early");
            }
            at += count;
            return java.util.Arrays.copyOfRange(bytes, at - count, at);
        }

        String readText() {
            return new String(readBytes(readVarint(MAX_TEXT_BYTES, "length of a text")), StandardCharsets.UTF_8);
        }

        @Nullable
        Digest readDigest() {
            int length = readByte();
            if (length == 0) {
                return null;
            }
            if (length != 32 && length != 64) {
                throw new IllegalArgumentException("a digest of " + length + " bytes in the layer facts");
            }
            return new Digest(length == 32 ? "sha256" : "sha512", HexFormat.of().formatHex(readBytes(length)));
        }

        ChunkLog readLog() {
            long length = readVarint();
            int count = readVarint(end - at, "number of chunks");
            List<byte[]> chunks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                chunks.add(readBytes(readVarint(end - at, "length of a chunk")));
            }
            return ChunkLog.of(chunks, length);
        }
    }
}
