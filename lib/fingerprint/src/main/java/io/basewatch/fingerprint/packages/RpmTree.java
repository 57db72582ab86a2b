package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.InstalledPackage;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which page of a SQLite database had which of its packages: so much of the database that a write-ahead log, which may come with another layer, can be
 * applied when the database itself is no longer there. A page that the log has stands for itself; of every other page, and of every row whose overflow
 * pages the log does not have, the packages are those that were read.
 */
record RpmTree(int pageBytes, int usableBytes, long root, Map<Long, Node> nodes) {

    private static final String TABLE = "Packages";

    /** Of a database that is an empty file: all of it is in its log. */
    static final RpmTree EMPTY = new RpmTree(0, 0, 0, Map.of());

    /** An interior page has children, a leaf has rows. */
    record Node(List<Long> children, List<Row> rows) {}

    record Row(long rowid, int bytes, long overflow, InstalledPackage installed) {

        boolean isOf(SqliteTable.Cell cell) {
            return rowid == cell.rowid() && bytes == cell.bytes() && overflow == cell.overflow();
        }
    }

    /** What was read, and why no more of it could be; the problem is null when all was. */
    record Read(RpmTree tree, @Nullable String problem) {}

    static Read read(SqliteFile file, PackageList packages) throws BrokenDatabaseException {
        String problem = null;
        Reading reading = new Reading(null, null, packages);
        long root = 0;
        try {
            root = SqliteTable.root(file, TABLE);
            if (root == 0) {
                throw new BrokenDatabaseException("has no table " + TABLE);
            }
            SqliteTable.walk(file, root, reading);
            if (file.promisedCount() > file.count()) {
                problem = "says it has " + file.promisedCount() + " pages, but only " + file.count() + " are there";
            }
        } catch (BrokenDatabaseException e) {
            problem = e.problem();
        }
        return new Read(new RpmTree(file.pageBytes(), file.usableBytes(), root, reading.nodes), problem);
    }

    /**
     * Adds what the database has once the log's pages are in their places.
     *
     * @throws BrokenDatabaseException when the two do not fit together; the packages before that place were added
     */
    void apply(SqliteLog log, PackageList packages) throws BrokenDatabaseException {
        if (pageBytes != 0 && pageBytes != log.pageBytes()) {
            throw new BrokenDatabaseException(
                    "has pages of " + pageBytes + " bytes, its write-ahead log of " + log.pageBytes());
        }
        long newRoot = log.page(1) == null ? 0 : SqliteTable.root(log, TABLE);
        long start = newRoot == 0 ? root : newRoot;
        if (start == 0) {
            throw new BrokenDatabaseException("has no table " + TABLE);
        }
        SqliteTable.walk(log, start, new Reading(this, log, packages));
    }

    /** Of each row, by the page on which it goes on, which no two rows share. */
    private Map<Long, Row> rowsByOverflow() {
        Map<Long, Row> rows = new LinkedHashMap<>();
        for (Node node : nodes.values()) {
            node.rows().stream().filter(row -> row.overflow() != 0).forEach(row -> rows.put(row.overflow(), row));
        }
        return rows;
    }

    /** Walks the table, in the file or in the log over what was read before. */
    private static final class Reading implements SqliteTable.Visitor {

        private final @Nullable RpmTree before;
        private final @Nullable SqliteLog log;
        private final Map<Long, Row> rowsBefore;
        private final PackageList packages;
        private final Map<Long, Node> nodes = new LinkedHashMap<>();
        private final List<Row> open = new ArrayList<>();

        Reading(@Nullable RpmTree before, @Nullable SqliteLog log, PackageList packages) {
            this.before = before;
            this.log = log;
            this.rowsBefore = before == null ? Map.of() : before.rowsByOverflow();
            this.packages = packages;
        }

        @Override
        public void interior(long page, List<Long> children) {
            nodes.put(page, new Node(List.copyOf(children), List.of()));
        }

        @Override
        public void leaf(long page) {
            nodes.put(page, new Node(List.of(), List.copyOf(open)));
            open.clear();
        }

        @Override
        public void row(SqliteTable.Cell cell, SqliteTable table) throws BrokenDatabaseException {
            Row row = rowsBefore.get(cell.overflow());
            if (row == null || !row.isOf(cell) || (log != null && log.page(cell.overflow()) != null)) {
                row = new Row(cell.rowid(), cell.bytes(), cell.overflow(), installed(table.payload(cell)));
            }
            if (packages.add(row.installed())) {
                open.add(row);
            }
        }

        private InstalledPackage installed(byte[] payload) throws BrokenDatabaseException {
            byte[] header = new SqliteRow(payload).blob(1);
            if (header == null) {
                throw new BrokenDatabaseException("has a row without a package header");
            }
            return RpmHeader.read(header, packages);
        }

        @Override
        public List<Long> elsewhere(long page) throws BrokenDatabaseException {
            Node node = before == null ? null : before.nodes.get(page);
            if (node == null) {
                throw new BrokenDatabaseException(
                        "points to page " + page + ", which neither it nor its write-ahead log has");
            }
            node.rows().forEach(row -> packages.add(row.installed()));
            return node.children();
        }
    }

    /** Rows are those of the list's first packages, in the same order. */
    void write(DataOutputStream out) throws IOException {
        out.writeInt(pageBytes);
        out.writeInt(usableBytes);
        out.writeLong(root);
        out.writeInt(nodes.size());
        for (Map.Entry<Long, Node> entry : nodes.entrySet()) {
            Node node = entry.getValue();
            out.writeLong(entry.getKey());
            out.writeInt(node.children().size());
            for (long child : node.children()) {
                out.writeLong(child);
            }
            out.writeInt(node.rows().size());
            for (Row row : node.rows()) {
                out.writeLong(row.rowid());
                out.writeInt(row.bytes());
                out.writeLong(row.overflow());
            }
        }
    }

    static RpmTree read(DataInputStream in, List<InstalledPackage> packages) throws IOException {
        int pageBytes = in.readInt();
        int usableBytes = in.readInt();
        long root = in.readLong();
        Map<Long, Node> nodes = new LinkedHashMap<>();
        int next = 0;
        for (int left = in.readInt(); left > 0; left--) {
            long page = in.readLong();
            List<Long> children = new ArrayList<>();
            for (int i = in.readInt(); i > 0; i--) {
                children.add(in.readLong());
            }
            List<Row> rows = new ArrayList<>();
            for (int i = in.readInt(); i > 0; i--) {
                if (next == packages.size()) {
                    throw new IOException("more rows than packages");
                }
                rows.add(new Row(in.readLong(), in.readInt(), in.readLong(), packages.get(next++)));
            }
            nodes.put(page, new Node(List.copyOf(children), List.copyOf(rows)));
        }
        return new RpmTree(pageBytes, usableBytes, root, nodes);
    }
}
