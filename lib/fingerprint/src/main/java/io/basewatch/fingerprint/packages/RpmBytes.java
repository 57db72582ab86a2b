package io.basewatch.fingerprint.packages;

import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a database file, collected as they stream by, in blocks so that growing never doubles the memory. Reads outside them are an error of the
 * database: no offset of it is believed.
 */
final class RpmBytes {

    private static final int BLOCK_BITS = 15;
    private static final int BLOCK_BYTES = 1 << BLOCK_BITS;

    private final List<byte[]> blocks = new ArrayList<>();
    private int size;

    static RpmBytes of(byte[] bytes) {
        RpmBytes collected = new RpmBytes();
        collected.append(bytes, 0, bytes.length);
        return collected;
    }

    void append(byte[] buffer, int offset, int length) {
        for (int done = 0; done < length; ) {
            int inBlock = size & (BLOCK_BYTES - 1);
            if (inBlock == 0) {
                blocks.add(new byte[BLOCK_BYTES]);
            }
            int part = Math.min(length - done, BLOCK_BYTES - inBlock);
            System.arraycopy(buffer, offset + done, blocks.get(blocks.size() - 1), inBlock, part);
            size += part;
            done += part;
        }
    }

    int size() {
        return size;
    }

    int unsignedByte(long offset) throws BrokenDatabaseException {
        check(offset, 1);
        return blocks.get((int) (offset >> BLOCK_BITS))[(int) offset & (BLOCK_BYTES - 1)] & 0xff;
    }

    int unsignedShort(long offset, boolean bigEndian) throws BrokenDatabaseException {
        int first = unsignedByte(offset);
        int second = unsignedByte(offset + 1);
        return bigEndian ? first << 8 | second : second << 8 | first;
    }

    long unsignedInt(long offset, boolean bigEndian) throws BrokenDatabaseException {
        long first = unsignedShort(offset, bigEndian);
        long second = unsignedShort(offset + 2, bigEndian);
        return bigEndian ? first << 16 | second : second << 16 | first;
    }

    /** Copies into an array at a position. */
    void copy(long offset, byte[] target, int at, int length) throws BrokenDatabaseException {
        check(offset, length);
        for (int done = 0; done < length; ) {
            long from = offset + done;
            int inBlock = (int) from & (BLOCK_BYTES - 1);
            int part = Math.min(length - done, BLOCK_BYTES - inBlock);
            System.arraycopy(blocks.get((int) (from >> BLOCK_BITS)), inBlock, target, at + done, part);
            done += part;
        }
    }

    byte[] copy(long offset, int length) throws BrokenDatabaseException {
        check(offset, length);
        byte[] copy = new byte[length];
        copy(offset, copy, 0, length);
        return copy;
    }

    private void check(long offset, long length) throws BrokenDatabaseException {
        if (offset < 0 || length < 0 || offset > size - length) {
            throw new BrokenDatabaseException(
                    "points to " + length + " bytes at " + offset + ", outside its " + size + " bytes");
        }
    }
}
