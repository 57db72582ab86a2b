package io.basewatch.fingerprint.packages;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The pages of a SQLite database's own file. Source: sqlite.org, "Database File Format", chapter 1.3. */
final class SqliteFile implements SqlitePages {

    static final int HEADER_BYTES = 100;

    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

    private final RpmBytes file;
    private final int pageBytes;
    private final int usableBytes;

    SqliteFile(RpmBytes file) throws BrokenDatabaseException {
        this.file = file;
        byte[] header = file.copy(0, HEADER_BYTES);
        this.pageBytes = pageBytes(header);
        this.usableBytes = usableBytes(header, pageBytes);
    }

    static boolean startsLikeOne(byte[] head) {
        return head.length >= MAGIC.length && Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    static boolean isSqlite(RpmBytes file) throws BrokenDatabaseException {
        return file.size() >= HEADER_BYTES && Arrays.equals(file.copy(0, MAGIC.length), MAGIC);
    }

    private static int pageBytes(byte[] firstPage) throws BrokenDatabaseException {
        int written = Short.toUnsignedInt(ByteBuffer.wrap(firstPage).getShort(16));
        int pageBytes = written == 1 ? 65536 : written;
        if (pageBytes < 512 || Integer.bitCount(pageBytes) != 1) {
            throw new BrokenDatabaseException("has pages of " + pageBytes + " bytes");
        }
        return pageBytes;
    }

    static int usableBytes(byte[] firstPage, int pageBytes) throws BrokenDatabaseException {
        int usableBytes = pageBytes - (firstPage[20] & 0xff);
        if (usableBytes < 480) {
            throw new BrokenDatabaseException("has only " + usableBytes + " usable bytes in a page");
        }
        return usableBytes;
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
        return file.size() / pageBytes;
    }

    /** What the header says, which an old SQLite did not write: then 0. */
    long promisedCount() throws BrokenDatabaseException {
        boolean isKept = file.unsignedInt(24, true) == file.unsignedInt(92, true);
        return isKept ? file.unsignedInt(28, true) : 0;
    }

    @Override
    public byte[] page(long number) throws BrokenDatabaseException {
        return file.copy((number - 1) * pageBytes, pageBytes);
    }
}
