package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.layerfacts.FileProbe;
import io.basewatch.layerfacts.Hints;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an rpm database lists.
 *
 * @param format {@code sqlite}, {@code ndb}, {@code bdb}, or {@code unknown}
 * @param problem why the list is not complete; null when it is
 * @param pastLimit whether that is only because there is more than is read
 * @param tree what a write-ahead log needs to know of a SQLite database; null for other formats
 */
record RpmDatabase(
        String format,
        List<InstalledPackage> packages,
        @Nullable String problem,
        boolean pastLimit,
        @Nullable RpmTree tree) {

    /** A database of a thousand packages takes some 60 MB; the probe's memory is no more than this, once for each layer that is being read. */
    static final int MAX_BYTES = 64 << 20;

    static final String KIND = "rpmdb/3";

    RpmDatabase {
        packages = List.copyOf(packages);
    }

    /**
     * Collects a database as it streams by and keeps what it lists: the database itself is some hundred times larger, and a copy of it is in each layer
     * that installed anything.
     */
    static final class Probe implements FileProbe {

        private final RpmBytes bytes = new RpmBytes();
        private final boolean isTarget;
        private boolean tooLong;

        Probe() {
            this(false);
        }

        private Probe(boolean isTarget) {
            this.isTarget = isTarget;
        }

        /** For a file that may be no database of rpm at all: of one that lists no packages nothing is kept. */
        static Probe ofTarget() {
            return new Probe(true);
        }

        @Override
        public void accept(byte[] buffer, int offset, int length) {
            if (length > MAX_BYTES - bytes.size()) {
                tooLong = true;
            }
            if (!tooLong) {
                bytes.append(buffer, offset, length);
            }
        }

        @Override
        public byte[] finish() {
            RpmDatabase found = tooLong
                    ? new RpmDatabase("unknown", List.of(), "longer than " + MAX_BYTES + " bytes: not read", true, null)
                    : read(bytes);
            return isTarget && found.packages().isEmpty() ? new byte[0] : found.encode();
        }
    }

    /** Whether a file that begins so may be a database of one of the three formats. */
    static boolean startsLikeOne(byte[] head) {
        return SqliteFile.startsLikeOne(head) || NdbPackages.startsLikeOne(head) || BerkeleyHash.startsLikeOne(head);
    }

    /** By what {@link #startsLikeOne} tells: SQLite; NDB; Berkeley DB in either byte order. */
    static Hints hints() {
        return Hints.NONE
                .beginning("SQLite format 3\0", "RpmP")
                .having(12, "\0\u0006\u0015a")
                .having(12, "a\u0015\u0006\0");
    }

    /** Recognises the format by its magic. A broken database gives what could be read, and the problem. */
    static RpmDatabase read(RpmBytes file) {
        PackageList packages = new PackageList();
        String format = "unknown";
        String problem = null;
        RpmTree tree = null;
        try {
            if (SqliteFile.isSqlite(file)) {
                format = "sqlite";
                RpmTree.Read read = RpmTree.read(new SqliteFile(file), packages);
                tree = read.tree();
                problem = read.problem();
            } else if (NdbPackages.isNdb(file)) {
                format = "ndb";
                NdbPackages.read(file, header -> packages.add(RpmHeader.read(header, packages)));
            } else if (BerkeleyHash.isBerkeleyHash(file)) {
                format = "bdb";
                BerkeleyHash.read(file, (key, header) -> {
                    if (!isCounter(key)) {
                        packages.add(RpmHeader.read(header, packages));
                    }
                });
            } else if (file.size() == 0) {
                problem = "is empty";
                tree = RpmTree.EMPTY;
            } else {
                problem = "is no SQLite, ndb or Berkeley DB hash database";
            }
        } catch (BrokenDatabaseException e) {
            problem = e.problem();
        }
        if (packages.isIncomplete()) {
            problem = "more than " + PackageList.MAX_PACKAGES + " packages";
        }
        return new RpmDatabase(format, packages.packages(), problem, packages.isIncomplete(), tree);
    }

    /** The same database with its write-ahead log applied, which makes good what is broken in pages that the log has. */
    RpmDatabase with(SqliteLog log) {
        if (tree == null || log.isEmpty()) {
            return this;
        }
        PackageList packages = new PackageList();
        String problem = null;
        try {
            tree.apply(log, packages);
        } catch (BrokenDatabaseException e) {
            problem = e.problem();
        }
        if (packages.isIncomplete()) {
            problem = "more than " + PackageList.MAX_PACKAGES + " packages";
        }
        return new RpmDatabase("sqlite", packages.packages(), problem, packages.isIncomplete(), null);
    }

    /** Imported keys are kept as if they were packages. */
    long keys() {
        return packages.stream()
                .filter(installed -> installed.name().equals("gpg-pubkey"))
                .count();
    }

    /** Key 0 holds the last package number given out. */
    private static boolean isCounter(byte[] key) {
        for (byte b : key) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(format);
            writeText(out, problem);
            out.writeBoolean(pastLimit);
            out.writeInt(packages.size());
            for (InstalledPackage installed : packages) {
                writeText(out, installed.name());
                writeText(out, installed.version());
                writeText(out, installed.architecture());
                writeText(out, installed.source());
                writeText(out, installed.vendor());
                out.writeLong(
                        installed.installed() == null
                                ? 0
                                : installed.installed().getEpochSecond());
                out.writeLong(installed.installedBytes());
                List<String> files = installed.files().paths();
                out.writeInt(files.size());
                for (String file : files) {
                    out.writeUTF(file);
                }
            }
            out.writeBoolean(tree != null);
            if (tree != null) {
                tree.write(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * @throws BrokenDatabaseException when the bytes are not of {@link #encode()}
     */
    static RpmDatabase decode(byte[] facts) throws BrokenDatabaseException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(facts))) {
            String format = in.readUTF();
            String problem = readText(in);
            boolean pastLimit = in.readBoolean();
            int count = in.readInt();
            List<InstalledPackage> packages = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                packages.add(readPackage(in));
            }
            RpmTree tree = in.readBoolean() ? RpmTree.read(in, packages) : null;
            return new RpmDatabase(format, packages, problem, pastLimit, tree);
        } catch (IOException e) {
            throw new BrokenDatabaseException("its stored facts are broken: " + e.getMessage());
        }
    }

    private static InstalledPackage readPackage(DataInputStream in) throws IOException {
        String name = in.readUTF().substring(1);
        String version = in.readUTF().substring(1);
        String architecture = readText(in);
        String source = readText(in);
        String vendor = readText(in);
        Instant installed = Numbers.time(in.readLong());
        long bytes = in.readLong();
        int count = in.readInt();
        List<String> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            files.add(in.readUTF());
        }
        return new InstalledPackage("rpm", name, version, architecture, source, vendor, installed, bytes, files);
    }

    /** A mark in front tells an empty text from none. */
    private static void writeText(DataOutputStream out, @Nullable String text) throws IOException {
        out.writeUTF(text == null ? "" : "=" + text);
    }

    private static @Nullable String readText(DataInputStream in) throws IOException {
        String text = in.readUTF();
        return text.isEmpty() ? null : text.substring(1);
    }
}
