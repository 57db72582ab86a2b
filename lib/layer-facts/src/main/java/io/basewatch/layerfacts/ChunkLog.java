package io.basewatch.layerfacts;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A log of bytes in memory, cut into chunks of {@value #CHUNK_BYTES} bytes that are compressed one by one: it stays small while it grows, and any part of it
 * can be read again at the cost of its chunks. Immutable once written.
 */
final class ChunkLog {

    static final int CHUNK_BYTES = 128 << 10;
    private static final int LEVEL = 6;

    private final List<byte[]> chunks;
    private final long length;
    private final int checksum;

    private ChunkLog(List<byte[]> chunks, long length, int checksum) {
        this.chunks = List.copyOf(chunks);
        this.length = length;
        this.checksum = checksum;
    }

    /**
     * From stored chunks, each of which is unpacked once to see that it is whole.
     *
     * @throws IllegalArgumentException when a chunk is broken or the length does not fit
     */
    static ChunkLog of(List<byte[]> chunks, long length) {
        ChunkLog log = new ChunkLog(chunks, length, 0);
        if (length < 0 || chunks.size() != (length + CHUNK_BYTES - 1) / CHUNK_BYTES) {
            throw new IllegalArgumentException(
                    "a log of " + length + " bytes does not have " + chunks.size() + " chunks");
        }
        CRC32 crc = new CRC32();
        for (int i = 0; i < chunks.size(); i++) {
            crc.update(log.unpack(i));
        }
        return new ChunkLog(chunks, length, (int) crc.getValue());
    }

    long length() {
        return length;
    }

    /** CRC-32 of the uncompressed bytes. */
    int checksum() {
        return checksum;
    }

    List<byte[]> chunks() {
        return chunks;
    }

    long heldBytes() {
        long held = 0;
        for (byte[] chunk : chunks) {
            held += chunk.length;
        }
        return held;
    }

    /** The uncompressed bytes of one chunk: {@value #CHUNK_BYTES}, fewer in the last. */
    byte[] unpack(int index) {
        byte[] packed = chunks.get(index);
        int size = (int) Math.min(CHUNK_BYTES, length - (long) index * CHUNK_BYTES);
        byte[] unpacked = new byte[size];
        long got;
        try {
            got = Zstd.decompressByteArray(unpacked, 0, size, packed, 0, packed.length);
        } catch (ZstdException e) {
            throw new IllegalArgumentException("chunk " + index + " of the facts is broken: " + e.getMessage(), e);
        }
        if (got != size) {
            throw new IllegalArgumentException(
                    "chunk " + index + " of the facts has " + got + " of " + size + " bytes");
        }
        return unpacked;
    }

    /** Unpacks chunks, and may remember them. */
    interface Unpacker {
        byte[] unpack(ChunkLog log, int index);
    }

    byte[] read(long offset, int count, Unpacker unpacker) {
        if (offset < 0 || count < 0 || offset > length - count) {
            throw new IllegalArgumentException(
                    "bytes " + offset + "+" + count + " are outside a log of " + length + " bytes");
        }
        byte[] result = new byte[count];
        int done = 0;
        while (done < count) {
            long at = offset + done;
            byte[] chunk = unpacker.unpack(this, (int) (at / CHUNK_BYTES));
            int from = (int) (at % CHUNK_BYTES);
            int part = Math.min(count - done, chunk.length - from);
            System.arraycopy(chunk, from, result, done, part);
            done += part;
        }
        return result;
    }

    /** Reads the log from its start to its end. */
    static final class Cursor {

        private final ChunkLog log;
        private byte[] chunk = {};
        private int next;
        private int position;

        Cursor(ChunkLog log) {
            this.log = log;
        }

        boolean atEnd() {
            return position == chunk.length && next == log.chunks.size();
        }

        int readByte() {
            if (position == chunk.length) {
                advance();
            }
            return chunk[position++] & 0xff;
        }

        /** A number of 63 bits in 7-bit groups, the lowest first. */
        long readVarint() {
            long value = 0;
            for (int shift = 0; shift < 63; shift += 7) {
                int b = readByte();
                value |= (long) (b & 0x7f) << shift;
                if ((b & 0x80) == 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException("a number in the facts has more than 63 bits");
        }

        int readVarint(int max, String field) {
            long value = readVarint();
            if (value > max) {
                throw new IllegalArgumentException(field + " " + value + " in the facts is more than " + max);
            }
            return (int) value;
        }

        void readFully(byte[] target, int offset, int count) {
            while (count > 0) {
                if (position == chunk.length) {
                    advance();
                }
                int part = Math.min(count, chunk.length - position);
                System.arraycopy(chunk, position, target, offset, part);
                position += part;
                offset += part;
                count -= part;
            }
        }

        private void advance() {
            if (next == log.chunks.size()) {
                throw new IllegalArgumentException("the facts end inside an entry");
            }
            chunk = log.unpack(next++);
            position = 0;
        }
    }

    /** Grows a log. Holds one open chunk beside the packed ones. */
    static final class Writer {

        private final List<byte[]> packed = new ArrayList<>();
        private byte[] open = new byte[512];
        private int used;
        private long length;
        private long held;
        private final CRC32 crc = new CRC32();

        long length() {
            return length;
        }

        long heldBytes() {
            return held + used;
        }

        void writeByte(int b) {
            if (used == open.length) {
                grow();
            }
            open[used++] = (byte) b;
            length++;
            if (used == CHUNK_BYTES) {
                seal();
            }
        }

        void writeVarint(long value) {
            while (value > 0x7f) {
                writeByte((int) (value & 0x7f) | 0x80);
                value >>>= 7;
            }
            writeByte((int) value);
        }

        void write(byte[] source, int offset, int count) {
            while (count > 0) {
                int part = Math.min(count, CHUNK_BYTES - used);
                while (open.length < used + part) {
                    grow();
                }
                System.arraycopy(source, offset, open, used, part);
                used += part;
                length += part;
                offset += part;
                count -= part;
                if (used == CHUNK_BYTES) {
                    seal();
                }
            }
        }

        ChunkLog finish() {
            if (used > 0) {
                seal();
            }
            return new ChunkLog(packed, length, (int) crc.getValue());
        }

        private void grow() {
            open = Arrays.copyOf(open, Math.min(CHUNK_BYTES, open.length * 4));
        }

        private void seal() {
            crc.update(open, 0, used);
            byte[] chunk = Zstd.compress(used == open.length ? open : Arrays.copyOf(open, used), LEVEL);
            packed.add(chunk);
            held += chunk.length;
            used = 0;
        }
    }
}
