package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.FileProbe;
import io.basewatch.fingerprint.InstalledPackage;
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
 */
record RpmDatabase(
        String format,
        List<InstalledPackage> packages,
        @Nullable String problem) {

    /** A database of a thousand packages takes some 60 MB; the probe's memory is no more than this, once for each layer that is being read. */
    static final int MAX_BYTES = 64 << 20;

    static final String KIND = "rpmdb/1";

    RpmDatabase {
        packages = List.copyOf(packages);
    }

    /**
     * Collects a database as it streams by and keeps what it lists: the database itself is some hundred times larger, and a copy of it is in each layer
     * that installed anything.
     */
    static final class Probe implements FileProbe {

        private final RpmBytes bytes = new RpmBytes();
        private boolean tooLong;

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
            return tooLong
                    ? new RpmDatabase("unknown", List.of(), "longer than " + MAX_BYTES + " bytes: not read").encode()
                    : read(bytes).encode();
        }
    }

    /** Recognises the format by its magic. A broken database gives what could be read, and the problem. */
    static RpmDatabase read(RpmBytes file) {
        PackageList packages = new PackageList();
        String format = "unknown";
        String problem = null;
        try {
            if (SqliteTable.isSqlite(file)) {
                format = "sqlite";
                SqliteTable.read(file, "Packages", row -> {
                    byte[] header = row.blob(1);
                    if (header == null) {
                        throw new BrokenDatabaseException("has a row without a package header");
                    }
                    packages.add(RpmHeader.read(header, packages));
                });
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
            } else if (file.size() > 0) {
                problem = "is no SQLite, ndb or Berkeley DB hash database";
            }
        } catch (BrokenDatabaseException e) {
            problem = e.problem();
        }
        if (packages.isIncomplete()) {
            problem = "more than " + PackageList.MAX_PACKAGES + " packages";
        }
        return new RpmDatabase(format, packages.packages(), problem);
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
                out.writeInt(installed.files().size());
                for (String file : installed.files()) {
                    out.writeUTF(file);
                }
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
            int count = in.readInt();
            List<InstalledPackage> packages = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                packages.add(readPackage(in));
            }
            return new RpmDatabase(format, packages, problem);
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
