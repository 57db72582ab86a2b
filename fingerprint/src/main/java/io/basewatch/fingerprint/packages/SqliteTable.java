package io.basewatch.fingerprint.packages;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of one table of a SQLite 3 database, in no particular order. Read-only and small on purpose: a table b-tree with its overflow pages is all
 * that rpm's database needs. Each page is used at most once, which makes time linear in the file's size whatever its pointers say. Source: sqlite.org,
 * "Database File Format", chapters 1.3 (header), 1.6 (b-tree pages), 1.6.1 (overflow) and 2.1 (records).
 */
final class SqliteTable {

    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final int FILE_HEADER_BYTES = 100;
    private static final int TABLE_INTERIOR = 5;
    private static final int TABLE_LEAF = 13;

    private final RpmBytes file;
    private final int pageBytes;
    private final int usableBytes;
    private final long pages;
    private final BitSet used = new BitSet();

    private SqliteTable(RpmBytes file) throws BrokenDatabaseException {
        this.file = file;
        int written = file.unsignedShort(16, true);
        this.pageBytes = written == 1 ? 65536 : written;
        if (pageBytes < 512 || Integer.bitCount(pageBytes) != 1) {
            throw new BrokenDatabaseException("has pages of " + pageBytes + " bytes");
        }
        this.usableBytes = pageBytes - file.unsignedByte(20);
        if (usableBytes < 480) {
            throw new BrokenDatabaseException("has only " + usableBytes + " usable bytes in a page");
        }
        this.pages = file.size() / pageBytes;
    }

    /** Takes one row's record. */
    interface RowReader {
        void row(Row row) throws BrokenDatabaseException;
    }

    static boolean isSqlite(RpmBytes file) throws BrokenDatabaseException {
        return file.size() >= FILE_HEADER_BYTES && Arrays.equals(file.copy(0, MAGIC.length), MAGIC);
    }

    /**
     * @throws BrokenDatabaseException at the first broken page; the rows before it were handed over
     */
    static void read(RpmBytes file, String table, RowReader rows) throws BrokenDatabaseException {
        SqliteTable schema = new SqliteTable(file);
        long[] root = {0};
        schema.walk(1, record -> {
            if ("table".equals(record.text(0)) && table.equals(record.text(1))) {
                root[0] = record.number(3);
            }
        });
        if (root[0] == 0) {
            throw new BrokenDatabaseException("has no table " + table);
        }
        new SqliteTable(file).walk(root[0], rows);
    }

    private void walk(long root, RowReader rows) throws BrokenDatabaseException {
        Deque<Long> todo = new ArrayDeque<>();
        todo.push(root);
        while (!todo.isEmpty()) {
            long page = todo.pop();
            long start = use(page);
            long header = page == 1 ? start + FILE_HEADER_BYTES : start;
            int type = file.unsignedByte(header);
            int cells = file.unsignedShort(header + 3, true);
            if (type != TABLE_LEAF && type != TABLE_INTERIOR) {
                throw new BrokenDatabaseException("page " + page + " is of type " + type + ", not of a table");
            }
            long pointers = header + (type == TABLE_LEAF ? 8 : 12);
            if (pointers + 2L * cells > start + pageBytes) {
                throw new BrokenDatabaseException("page " + page + " says it has " + cells + " cells");
            }
            if (type == TABLE_INTERIOR) {
                todo.push(file.unsignedInt(header + 8, true));
            }
            for (int i = cells - 1; i >= 0; i--) {
                int cell = file.unsignedShort(pointers + 2L * i, true);
                if (cell >= pageBytes) {
                    throw new BrokenDatabaseException("page " + page + " has a cell at " + cell);
                }
                if (type == TABLE_INTERIOR) {
                    todo.push(file.unsignedInt(start + cell, true));
                } else {
                    rows.row(new Row(payload(start + cell, start + usableBytes)));
                }
            }
        }
    }

    /** Where the page starts; each may be used once. */
    private long use(long page) throws BrokenDatabaseException {
        if (page < 1 || page > pages) {
            throw new BrokenDatabaseException("points to page " + page + " of " + pages);
        }
        if (used.get((int) page)) {
            throw new BrokenDatabaseException("uses page " + page + " twice");
        }
        used.set((int) page);
        return (page - 1) * pageBytes;
    }

    private byte[] payload(long cell, long pageEnd) throws BrokenDatabaseException {
        Varint length = varint(cell);
        long bytes = length.value();
        if (bytes < 0 || bytes > file.size()) {
            throw new BrokenDatabaseException("has a row of " + bytes + " bytes");
        }
        long start = varint(length.end()).end();
        int local = localBytes(bytes);
        if (start + local > pageEnd) {
            throw new BrokenDatabaseException("has a row that leaves its page");
        }
        byte[] payload = new byte[(int) bytes];
        file.copy(start, payload, 0, local);
        long next = local < bytes ? file.unsignedInt(start + local, true) : 0;
        for (int done = local; done < bytes; ) {
            long overflow = use(next);
            int part = (int) Math.min(bytes - done, usableBytes - 4);
            file.copy(overflow + 4, payload, done, part);
            done += part;
            next = file.unsignedInt(overflow, true);
        }
        return payload;
    }

    /** How much of a payload lies in the leaf itself; the formula is the format's. */
    private int localBytes(long bytes) {
        int most = usableBytes - 35;
        if (bytes <= most) {
            return (int) bytes;
        }
        int least = (usableBytes - 12) * 32 / 255 - 23;
        int filled = (int) (least + (bytes - least) % (usableBytes - 4));
        return filled <= most ? filled : least;
    }

    private record Varint(long value, long end) {}

    private Varint varint(long offset) throws BrokenDatabaseException {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            int next = file.unsignedByte(offset + i);
            value = value << 7 | (next & 0x7f);
            if (next < 0x80) {
                return new Varint(value, offset + i + 1);
            }
        }
        return new Varint(value << 8 | file.unsignedByte(offset + 8), offset + 9);
    }

    /** The columns of one row. */
    static final class Row {

        private final byte[] payload;

        Row(byte[] payload) {
            this.payload = payload;
        }

        /** Null when the column is no text. */
        @Nullable
        String text(int column) throws BrokenDatabaseException {
            Column found = column(column);
            return found.type() >= 13 && found.type() % 2 == 1
                    ? new String(payload, found.start(), found.length(), StandardCharsets.UTF_8)
                    : null;
        }

        /** Null when the column is no blob. */
        byte @Nullable [] blob(int column) throws BrokenDatabaseException {
            Column found = column(column);
            return found.type() >= 12 && found.type() % 2 == 0
                    ? Arrays.copyOfRange(payload, found.start(), found.start() + found.length())
                    : null;
        }

        /** 0 when the column is no whole number. */
        long number(int column) throws BrokenDatabaseException {
            Column found = column(column);
            if (found.type() == 9) {
                return 1;
            }
            if (found.type() < 1 || found.type() > 6) {
                return 0;
            }
            long value = payload[found.start()];
            for (int i = 1; i < found.length(); i++) {
                value = value << 8 | (payload[found.start() + i] & 0xff);
            }
            return value;
        }

        private record Column(long type, int start, int length) {}

        private Column column(int wanted) throws BrokenDatabaseException {
            long[] position = {0};
            long headerBytes = varint(position);
            long start = headerBytes;
            for (int column = 0; position[0] < headerBytes; column++) {
                long type = varint(position);
                long length = bytesOf(type);
                if (length < 0 || start < 0 || start + length > payload.length) {
                    throw new BrokenDatabaseException("has a row whose columns are longer than itself");
                }
                if (column == wanted) {
                    return new Column(type, (int) start, (int) length);
                }
                start += length;
            }
            return new Column(0, 0, 0);
        }

        private static long bytesOf(long type) {
            if (type >= 12) {
                return (type - 12) / 2;
            }
            return switch ((int) type) {
                case 1 -> 1;
                case 2 -> 2;
                case 3 -> 3;
                case 4 -> 4;
                case 5 -> 6;
                case 6, 7 -> 8;
                default -> type < 0 ? -1 : 0;
            };
        }

        private long varint(long[] position) throws BrokenDatabaseException {
            long value = 0;
            for (int i = 0; i < 9; i++) {
                if (position[0] >= payload.length) {
                    throw new BrokenDatabaseException("has a row that ends within its header");
                }
                int next = payload[(int) position[0]++];
                if (i == 8) {
                    return value << 8 | (next & 0xff);
                }
                value = value << 7 | (next & 0x7f);
                if (next >= 0) {
                    return value;
                }
            }
            return value;
        }
    }
}
