package io.basewatch.fingerprint.packages;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * Walks one table of a SQLite 3 database. Read-only and small on purpose: a table b-tree with its overflow pages is all that rpm's database needs. Each
 * page is used at most once, which makes time linear in the database's size whatever its pointers say. Source: sqlite.org, "Database File Format",
 * chapters 1.6 (b-tree pages) and 1.6.1 (overflow).
 */
final class SqliteTable {

    private static final int TABLE_INTERIOR = 5;
    private static final int TABLE_LEAF = 13;

    private final SqlitePages pages;
    private final BitSet used = new BitSet();

    private SqliteTable(SqlitePages pages) {
        this.pages = pages;
    }

    /**
     * One row as it lies in its leaf.
     *
     * @param bytes of the whole record, of which the leaf has the first
     * @param overflow the page where it goes on; 0 when the leaf has all
     */
    record Cell(long rowid, int bytes, ByteBuffer local, long overflow) {}

    /** Takes a table's pages from its root down, the rows in their order. */
    interface Visitor {

        void interior(long page, List<Long> children);

        void row(Cell cell, SqliteTable table) throws BrokenDatabaseException;

        /** After the last row of a leaf. */
        void leaf(long page);

        /**
         * A page that is kept elsewhere.
         *
         * @return its children, which are then walked
         */
        default List<Long> elsewhere(long page) throws BrokenDatabaseException {
            throw new BrokenDatabaseException("points to page " + page + ", which is not there");
        }
    }

    /**
     * @throws BrokenDatabaseException at the first broken page; what came before it was handed over
     */
    static void walk(SqlitePages pages, long root, Visitor visitor) throws BrokenDatabaseException {
        new SqliteTable(pages).walk(root, visitor);
    }

    /** The root page of a table; 0 when the schema has none of that name. */
    static long root(SqlitePages pages, String table) throws BrokenDatabaseException {
        long[] root = {0};
        walk(pages, 1, new Visitor() {
            @Override
            public void interior(long page, List<Long> children) {}

            @Override
            public void leaf(long page) {}

            @Override
            public void row(Cell cell, SqliteTable schema) throws BrokenDatabaseException {
                SqliteRow row = new SqliteRow(schema.payload(cell));
                if ("table".equals(row.text(0)) && table.equals(row.text(1))) {
                    root[0] = row.number(3);
                }
            }

            /** Has not changed: the table is where it was. */
            @Override
            public List<Long> elsewhere(long page) {
                return List.of();
            }
        });
        return root[0];
    }

    private void walk(long root, Visitor visitor) throws BrokenDatabaseException {
        Deque<Long> todo = new ArrayDeque<>();
        todo.push(root);
        while (!todo.isEmpty()) {
            long number = todo.pop();
            use(number);
            byte[] bytes = pages.page(number);
            List<Long> children =
                    bytes == null ? visitor.elsewhere(number) : visit(number, ByteBuffer.wrap(bytes), visitor);
            for (int i = children.size() - 1; i >= 0; i--) {
                todo.push(children.get(i));
            }
        }
    }

    private List<Long> visit(long number, ByteBuffer page, Visitor visitor) throws BrokenDatabaseException {
        int header = number == 1 ? SqliteFile.HEADER_BYTES : 0;
        int type = page.get(header);
        int cells = Short.toUnsignedInt(page.getShort(header + 3));
        if (type != TABLE_LEAF && type != TABLE_INTERIOR) {
            throw new BrokenDatabaseException("page " + number + " is of type " + type + ", not of a table");
        }
        int pointers = header + (type == TABLE_LEAF ? 8 : 12);
        if (pointers + 2 * cells > pages.usableBytes()) {
            throw new BrokenDatabaseException("page " + number + " says it has " + cells + " cells");
        }
        List<Long> children = new ArrayList<>();
        for (int i = 0; i < cells; i++) {
            int cell = Short.toUnsignedInt(page.getShort(pointers + 2 * i));
            if (cell > pages.usableBytes() - 4) {
                throw new BrokenDatabaseException("page " + number + " has a cell at " + cell);
            }
            if (type == TABLE_INTERIOR) {
                children.add(Integer.toUnsignedLong(page.getInt(cell)));
            } else {
                visitor.row(cell(number, page, cell), this);
            }
        }
        if (type == TABLE_INTERIOR) {
            children.add(Integer.toUnsignedLong(page.getInt(header + 8)));
            visitor.interior(number, children);
        } else {
            visitor.leaf(number);
        }
        return children;
    }

    private Cell cell(long number, ByteBuffer page, int start) throws BrokenDatabaseException {
        page.position(start);
        page.limit(pages.usableBytes());
        long bytes = varint(number, page);
        long rowid = varint(number, page);
        if (bytes < 0 || bytes > pages.count() * pages.pageBytes()) {
            throw new BrokenDatabaseException("page " + number + " has a row of " + bytes + " bytes");
        }
        int localBytes = localBytes(bytes);
        if (localBytes + (localBytes < bytes ? 4 : 0) > page.remaining()) {
            throw new BrokenDatabaseException("page " + number + " has a row that leaves it");
        }
        ByteBuffer local = page.slice(page.position(), localBytes);
        page.position(page.position() + localBytes);
        long overflow = localBytes < bytes ? Integer.toUnsignedLong(page.getInt()) : 0;
        return new Cell(rowid, (int) bytes, local, overflow);
    }

    /** How much of a record lies in the leaf itself; the formula is the format's. */
    private int localBytes(long bytes) {
        int usable = pages.usableBytes();
        int most = usable - 35;
        if (bytes <= most) {
            return (int) bytes;
        }
        int least = (usable - 12) * 32 / 255 - 23;
        int filled = (int) (least + (bytes - least) % (usable - 4));
        return filled <= most ? filled : least;
    }

    private static long varint(long number, ByteBuffer page) throws BrokenDatabaseException {
        try {
            return SqliteRow.varint(page);
        } catch (BufferUnderflowException e) {
            throw new BrokenDatabaseException("page " + number + " has a row that leaves it");
        }
    }

    /** The whole record, with what its overflow pages have. */
    byte[] payload(Cell cell) throws BrokenDatabaseException {
        // Grows with the pages that are there, not by what the row says of itself.
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        byte[] local = new byte[cell.local().capacity()];
        cell.local().get(0, local);
        payload.writeBytes(local);
        long next = cell.overflow();
        while (payload.size() < cell.bytes()) {
            use(next);
            byte[] page = pages.page(next);
            if (page == null) {
                throw new BrokenDatabaseException("points to page " + next + ", which is not there");
            }
            payload.write(page, 4, Math.min(cell.bytes() - payload.size(), pages.usableBytes() - 4));
            next = Integer.toUnsignedLong(ByteBuffer.wrap(page).getInt(0));
        }
        return payload.toByteArray();
    }

    private void use(long page) throws BrokenDatabaseException {
        if (page < 1 || page > pages.count()) {
            throw new BrokenDatabaseException("points to page " + page + " of " + pages.count());
        }
        if (used.get((int) page)) {
            throw new BrokenDatabaseException("uses page " + page + " twice");
        }
        used.set((int) page);
    }
}
