package io.basewatch.fingerprint.packages;

import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * Reads the values of a Berkeley DB hash table, as rpm up to 4.15 keeps its packages: all hash pages are visited in order, and values too large for a page
 * are put together from their overflow pages. Both byte orders. Each overflow page is used at most once. Source: Berkeley DB 4 to 5, dbinc/db_page.h
 * (metadata page, page header, "Overflow items", hash item types).
 */
final class BerkeleyHash {

    private static final long MAGIC = 0x00061561;
    private static final int PAGE_HEADER_BYTES = 26;

    private static final int PAGE_FREE = 0;
    private static final int PAGE_HASH_UNSORTED = 2;
    private static final int PAGE_OVERFLOW = 7;
    private static final int PAGE_HASH_METADATA = 8;
    private static final int PAGE_HASH = 13;

    private static final int ITEM_ON_PAGE = 1;
    private static final int ITEM_OFF_PAGE = 3;

    private final RpmBytes file;
    private final boolean bigEndian;
    private final int pageBytes;
    private final BitSet used = new BitSet();

    private BerkeleyHash(RpmBytes file) throws BrokenDatabaseException {
        this.file = file;
        this.bigEndian = file.unsignedInt(12, true) == MAGIC;
        long written = file.unsignedInt(20, bigEndian);
        if (written < 512 || written > 65536 || Long.bitCount(written) != 1) {
            throw new BrokenDatabaseException("has pages of " + written + " bytes");
        }
        this.pageBytes = (int) written;
    }

    /** Takes one value with its key. */
    interface ValueReader {
        void value(byte[] key, byte[] value) throws BrokenDatabaseException;
    }

    static boolean startsLikeOne(byte[] head) {
        return head.length >= 16
                && (ByteBuffer.wrap(head).getInt(12) == MAGIC
                        || ByteBuffer.wrap(head).getInt(12) == Integer.reverseBytes((int) MAGIC));
    }

    static boolean isBerkeleyHash(RpmBytes file) throws BrokenDatabaseException {
        return file.size() >= 72 && (file.unsignedInt(12, false) == MAGIC || file.unsignedInt(12, true) == MAGIC);
    }

    /**
     * @throws BrokenDatabaseException at the first broken page; the values before it were handed over
     */
    static void read(RpmBytes file, ValueReader values) throws BrokenDatabaseException {
        new BerkeleyHash(file).readPages(values);
    }

    private void readPages(ValueReader values) throws BrokenDatabaseException {
        long lastPage = file.unsignedInt(32, bigEndian);
        long pagesHere = file.size() / pageBytes;
        for (long page = 1; page <= Math.min(lastPage, pagesHere - 1); page++) {
            int type = file.unsignedByte(page * pageBytes + 25);
            if (type == PAGE_HASH || type == PAGE_HASH_UNSORTED) {
                readPage(page, values);
            } else if (type == PAGE_FREE ? items(page) != 0 : type != PAGE_OVERFLOW && type != PAGE_HASH_METADATA) {
                throw new BrokenDatabaseException("page " + page + " is of type " + type + " with " + items(page)
                        + " items, as no page of a hash table is");
            }
        }
        if (lastPage >= pagesHere) {
            throw new BrokenDatabaseException(
                    "says its last page is " + lastPage + ", but only " + pagesHere + " pages are there");
        }
    }

    private void readPage(long page, ValueReader values) throws BrokenDatabaseException {
        int items = items(page);
        if (PAGE_HEADER_BYTES + 2 * items > pageBytes) {
            throw new BrokenDatabaseException("page " + page + " says it has " + items + " items");
        }
        // Keys and values take turns.
        for (int i = 0; i + 1 < items; i += 2) {
            values.value(item(page, i), item(page, i + 1));
        }
    }

    private int items(long page) throws BrokenDatabaseException {
        return file.unsignedShort(page * pageBytes + 20, bigEndian);
    }

    private byte[] item(long page, int index) throws BrokenDatabaseException {
        long start = page * pageBytes;
        int offset = offset(start, index);
        int end = index == 0 ? pageBytes : offset(start, index - 1);
        if (offset < PAGE_HEADER_BYTES || end <= offset || end > pageBytes) {
            throw new BrokenDatabaseException("page " + page + " has an item from " + offset + " to " + end);
        }
        int type = file.unsignedByte(start + offset);
        if (type == ITEM_OFF_PAGE) {
            return overflow(
                    file.unsignedInt(start + offset + 4, bigEndian), file.unsignedInt(start + offset + 8, bigEndian));
        }
        return type == ITEM_ON_PAGE ? file.copy(start + offset + 1, end - offset - 1) : new byte[0];
    }

    private int offset(long start, int index) throws BrokenDatabaseException {
        return file.unsignedShort(start + PAGE_HEADER_BYTES + 2L * index, bigEndian);
    }

    private byte[] overflow(long firstPage, long length) throws BrokenDatabaseException {
        if (length > file.size()) {
            throw new BrokenDatabaseException("has a value of " + length + " bytes");
        }
        byte[] value = new byte[(int) length];
        long page = firstPage;
        for (int done = 0; done < length; ) {
            if (page <= 0 || page >= file.size() / pageBytes || used.get((int) page)) {
                throw new BrokenDatabaseException("has a value that goes on at page " + page);
            }
            used.set((int) page);
            long start = page * pageBytes;
            int part = file.unsignedShort(start + 22, bigEndian);
            if (file.unsignedByte(start + 25) != PAGE_OVERFLOW
                    || part == 0
                    || part > pageBytes - PAGE_HEADER_BYTES
                    || part > length - done) {
                throw new BrokenDatabaseException("page " + page + " is no overflow page of a value");
            }
            file.copy(start + PAGE_HEADER_BYTES, value, done, part);
            done += part;
            page = file.unsignedInt(start + 16, bigEndian);
        }
        return value;
    }
}
