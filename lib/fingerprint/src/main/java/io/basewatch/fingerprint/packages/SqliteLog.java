package io.basewatch.fingerprint.packages;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pages that a SQLite database's write-ahead log has in place of those in the file: of each page the newest up to the last commit whose frames are all
 * whole, by their salts and the running checksum, as SQLite itself recovers it. Source: sqlite.org, "Database File Format", chapter 4.
 */
final class SqliteLog implements SqlitePages {

    private static final int HEADER_BYTES = 32;
    private static final int FRAME_HEADER_BYTES = 24;
    private static final int MAGIC = 0x377f0682;

    /** The magic's first three bytes; the last one tells the checksums' byte order. */
    static final String START = "7\u007f\u0006";

    private static final int VERSION = 3007000;

    /** A larger database is not read, and its log adds less than this. */
    private static final long MAX_DATABASE_BYTES = 2L * RpmDatabase.MAX_BYTES;

    private final byte[] log;
    private final int pageBytes;
    private final int usableBytes;
    private final long count;
    private final Map<Long, Integer> newest;
    private final @Nullable String unfinished;

    private SqliteLog(
            byte[] log,
            int pageBytes,
            int usableBytes,
            long count,
            Map<Long, Integer> newest,
            @Nullable String unfinished) {
        this.log = log;
        this.pageBytes = pageBytes;
        this.usableBytes = usableBytes;
        this.count = count;
        this.newest = newest;
        this.unfinished = unfinished;
    }

    static boolean startsLikeOne(byte[] head) {
        return head.length >= HEADER_BYTES && (ByteBuffer.wrap(head).getInt() & ~1) == MAGIC;
    }

    /**
     * @param usableBytes of the database's pages, for a log that does not have page 1; 0 when there is no database yet
     * @throws BrokenDatabaseException when it is no such log, its page 1 is broken, or the database would be larger than any that is read
     */
    static SqliteLog read(byte[] log, int usableBytes) throws BrokenDatabaseException {
        if (log.length < HEADER_BYTES) {
            throw new BrokenDatabaseException("is no write-ahead log: it has " + log.length + " bytes");
        }
        ByteBuffer header = ByteBuffer.wrap(log);
        int pageBytes = header.getInt(8);
        Checksum checksum = new Checksum(header.getInt(0) == MAGIC ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        checksum.add(log, 0, 24);
        if ((header.getInt(0) & ~1) != MAGIC
                || header.getInt(4) != VERSION
                || pageBytes < 512
                || pageBytes > 65536
                || Integer.bitCount(pageBytes) != 1
                || !checksum.is(header.getInt(24), header.getInt(28))) {
            throw new BrokenDatabaseException("is no write-ahead log: its header or the header's checksum is wrong");
        }
        return readFrames(log, pageBytes, usableBytes, checksum);
    }

    private static SqliteLog readFrames(byte[] log, int pageBytes, int usableBytes, Checksum checksum)
            throws BrokenDatabaseException {
        ByteBuffer bytes = ByteBuffer.wrap(log);
        Map<Long, Integer> committed = new HashMap<>();
        Map<Long, Integer> open = new HashMap<>();
        long count = 0;
        int end = HEADER_BYTES;
        String stop = null;
        for (int frame = HEADER_BYTES; frame < log.length && stop == null; frame += FRAME_HEADER_BYTES + pageBytes) {
            int left = log.length - frame;
            if (left >= 16 && bytes.getLong(frame + 8) != bytes.getLong(16)) {
                // Of an earlier life of this log, which was started again from its beginning.
                break;
            }
            if (left < FRAME_HEADER_BYTES + pageBytes) {
                stop = "breaks off within a page";
                continue;
            }
            checksum.add(log, frame, 8);
            checksum.add(log, frame + FRAME_HEADER_BYTES, pageBytes);
            long page = Integer.toUnsignedLong(bytes.getInt(frame));
            if (page == 0 || !checksum.is(bytes.getInt(frame + 16), bytes.getInt(frame + 20))) {
                stop = "is damaged";
                continue;
            }
            open.put(page, frame + FRAME_HEADER_BYTES);
            long pagesAfterCommit = Integer.toUnsignedLong(bytes.getInt(frame + 4));
            if (pagesAfterCommit != 0) {
                committed.putAll(open);
                open.clear();
                count = pagesAfterCommit;
                end = frame + FRAME_HEADER_BYTES + pageBytes;
            }
        }
        if (count * pageBytes > MAX_DATABASE_BYTES) {
            throw new BrokenDatabaseException(
                    "makes the database one of " + count + " pages of " + pageBytes + " bytes");
        }
        if (stop == null && !open.isEmpty()) {
            stop = "ends within a transaction";
        }
        Integer first = committed.get(1L);
        int usable = first == null
                ? usableBytes
                : SqliteFile.usableBytes(Arrays.copyOfRange(log, first, first + pageBytes), pageBytes);
        return new SqliteLog(
                log, pageBytes, usable, count, committed, stop == null ? null : stop + " after byte " + end);
    }

    /** Whether it changes nothing. */
    boolean isEmpty() {
        return newest.isEmpty();
    }

    /** What follows the last commit and is left out; null when that is nothing. */
    @Nullable
    String unfinished() {
        return unfinished;
    }

    @Override
    public int pageBytes() {
        return pageBytes;
    }

    @Override
    public int usableBytes() {
        return usableBytes;
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public byte @Nullable [] page(long number) {
        Integer at = newest.get(number);
        return at == null ? null : Arrays.copyOfRange(log, at, at + pageBytes);
    }

    /** Two sums that run on through the header and all frames, over 32-bit words in the order that the magic says. */
    private static final class Checksum {

        private final ByteOrder order;
        private int first;
        private int second;

        Checksum(ByteOrder order) {
            this.order = order;
        }

        void add(byte[] bytes, int offset, int length) {
            ByteBuffer words = ByteBuffer.wrap(bytes, offset, length).order(order);
            while (words.hasRemaining()) {
                first += words.getInt() + second;
                second += words.getInt() + first;
            }
        }

        boolean is(int wantedFirst, int wantedSecond) {
            return first == wantedFirst && second == wantedSecond;
        }
    }
}
