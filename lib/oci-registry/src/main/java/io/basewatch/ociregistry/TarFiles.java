package io.basewatch.ociregistry;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The regular files of a tar archive, found again by their offsets, which one pass over the archive gathers. Of a compressed archive (gzip, zstd) each file is read by
 * decompressing up to it again. Source of the format: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual, "Basic Tar Format".
 */
final class TarFiles implements ImageFiles {

    static final int MAX_ENTRIES = 100_000;

    private static final int BLOCK = 512;
    private static final int MAX_PATH_BYTES = 4_096;
    private static final int MAX_HEADER_BYTES = 1024 * 1024;
    private static final int MAX_LINKS = 8;

    /** Of all entries together, decompressed. */
    private static final long MAX_BYTES = 1L << 40;

    private enum Packing {
        NONE,
        GZIP,
        ZSTD
    }

    private final Path archive;
    private final Packing packing;
    private final Map<String, Entry> entries = new HashMap<>();

    /**
     * @param link where another entry is to be looked for instead; null for a file of its own
     */
    private record Entry(long offset, long size, @Nullable String link) {}

    private TarFiles(Path archive, Packing packing) {
        this.archive = archive;
        this.packing = packing;
    }

    /**
     * @throws IOException when the file cannot be read or is no whole tar; the message says what is wrong
     */
    static TarFiles scan(Path archive) throws IOException {
        TarFiles files = new TarFiles(archive, packing(archive));
        try (InputStream in = files.stream()) {
            files.new Scan(in).run();
        } catch (EOFException e) {
            throw new IOException("the archive is cut short", e);
        }
        return files;
    }

    private static Packing packing(Path archive) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(archive)) {
            head = in.readNBytes(6);
        }
        if (startsWith(head, 0x1f, 0x8b)) {
            return Packing.GZIP;
        }
        boolean skippable =
                head.length > 3 && (head[0] & 0xf0) == 0x50 && head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18;
        if (skippable || startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)) {
            return Packing.ZSTD;
        }
        if (startsWith(head, 0xfd, '7', 'z', 'X', 'Z')) {
            throw new IOException("it is compressed with xz, uncompress it first: xz -d");
        }
        if (startsWith(head, 'B', 'Z', 'h')) {
            throw new IOException("it is compressed with bzip2, uncompress it first: bzip2 -d");
        }
        return Packing.NONE;
    }

    private static boolean startsWith(byte[] head, int... magic) {
        for (int i = 0; i < magic.length; i++) {
            if (i >= head.length || (head[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    private InputStream stream() throws IOException {
        InputStream file = Files.newInputStream(archive);
        try {
            return switch (packing) {
                case GZIP -> new GZIPInputStream(file, 64 * 1024);
                case ZSTD -> new BufferedInputStream(new ZstdInputStreamNoFinalizer(file), 8 * BLOCK);
                case NONE -> new BufferedInputStream(file, 8 * BLOCK);
            };
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    @Override
    public Optional<Part> find(String path) {
        String wanted = normalized("", path);
        for (int links = 0; wanted != null && links <= MAX_LINKS; links++) {
            Entry entry = entries.get(wanted);
            if (entry != null && entry.link() == null) {
                return Optional.of(new TarPart(entry));
            }
            wanted = entry != null ? entry.link() : throughLinkedFolder(wanted);
        }
        return Optional.empty();
    }

    /** The path behind its first part that is a link; null when none is. */
    private @Nullable String throughLinkedFolder(String path) {
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            Entry folder = entries.get(path.substring(0, slash));
            if (folder != null && folder.link() != null) {
                return normalized("", folder.link() + path.substring(slash));
            }
        }
        return null;
    }

    /** The one folder that all files are in; empty when there is none such. */
    String topFolder() {
        String top = null;
        for (String path : entries.keySet()) {
            int slash = path.indexOf('/');
            String first = slash < 0 ? "" : path.substring(0, slash);
            if (first.isEmpty() || (top != null && !top.equals(first))) {
                return "";
            }
            top = first;
        }
        return top == null ? "" : top;
    }

    private final class TarPart implements Part {
        private final Entry entry;

        TarPart(Entry entry) {
            this.entry = entry;
        }

        @Override
        public long size() {
            return entry.size();
        }

        /** Ends with the archive, not with the file: whoever reads knows the size. */
        @Override
        public InputStream open() throws IOException {
            InputStream in = stream();
            try {
                in.skipNBytes(entry.offset());
                return in;
            } catch (IOException | RuntimeException | Error e) {
                in.close();
                throw e;
            }
        }
    }

    /** The one pass. */
    private final class Scan {
        private final InputStream in;
        private long offset;
        private int count;

        /** What extended headers say of the next entry; null where they say nothing. */
        private @Nullable String nextPath;

        private @Nullable String nextLink;
        private long nextSize = -1;

        Scan(InputStream in) {
            this.in = in;
        }

        void run() throws IOException {
            byte[] header = new byte[BLOCK];
            while (readHeader(header)) {
                if (++count > MAX_ENTRIES) {
                    throw new IOException("it has more than " + MAX_ENTRIES + " entries");
                }
                entry(header);
            }
            if (count == 0) {
                throw new IOException("it is empty");
            }
        }

        /** False at the end of the archive: a block of zeros, or nothing. */
        private boolean readHeader(byte[] header) throws IOException {
            int read = in.readNBytes(header, 0, BLOCK);
            offset += read;
            if (read == 0 && count > 0) {
                return false;
            }
            if (read < BLOCK) {
                throw new EOFException();
            }
            boolean zeros = true;
            for (byte b : header) {
                zeros &= b == 0;
            }
            if (!zeros) {
                requireChecksum(header);
            }
            return !zeros;
        }

        private void requireChecksum(byte[] header) throws IOException {
            long sum = 0;
            for (int i = 0; i < BLOCK; i++) {
                // The checksum's own field counts as blanks.
                sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
            }
            if (sum != number(header, 148, 8, "checksum")) {
                throw new IOException("the header of entry " + (count + 1) + " has a wrong checksum");
            }
        }

        private void entry(byte[] header) throws IOException {
            long size = number(header, 124, 12, "size");
            switch (header[156]) {
                case 'x' -> pax(extended(size));
                case 'L' -> nextPath = text(extended(size), 0, MAX_HEADER_BYTES);
                case 'K' -> nextLink = text(extended(size), 0, MAX_HEADER_BYTES);
                default -> {
                    plain(header, nextSize >= 0 ? nextSize : size);
                    nextPath = null;
                    nextLink = null;
                    nextSize = -1;
                }
            }
        }

        private void plain(byte[] header, long size) throws IOException {
            String path = nextPath != null ? nextPath : ustarPath(header);
            String link = nextLink != null ? nextLink : text(header, 157, 100);
            if (path.length() > MAX_PATH_BYTES || link.length() > MAX_PATH_BYTES) {
                throw new IOException("the path of entry " + count + " is longer than " + MAX_PATH_BYTES);
            }
            String name = normalized("", path);
            switch (header[156]) {
                case '0', 0, '7' -> {
                    put(name, new Entry(offset, size, null));
                    skip(size);
                }
                // Links have no content, whatever size they state.
                case '1' -> putLink(name, normalized("", link));
                case '2' -> putLink(name, normalized(name, link));
                default -> skip(size);
            }
        }

        private void put(@Nullable String name, Entry entry) {
            if (name != null && !name.isEmpty()) {
                entries.put(name, entry);
            }
        }

        /** A link that leads out of the archive leads nowhere. */
        private void putLink(@Nullable String name, @Nullable String target) {
            if (target != null) {
                put(name, new Entry(0, 0, target));
            }
        }

        private void skip(long size) throws IOException {
            long padded = size + (BLOCK - size % BLOCK) % BLOCK;
            if (size > MAX_BYTES || offset > MAX_BYTES) {
                throw new IOException("entry " + count + " says it has " + size + " bytes");
            }
            in.skipNBytes(padded);
            offset += padded;
        }

        private byte[] extended(long size) throws IOException {
            if (size > MAX_HEADER_BYTES) {
                throw new IOException("an extended header says it has " + size + " bytes");
            }
            byte[] bytes = in.readNBytes((int) size);
            offset += bytes.length;
            if (bytes.length < size) {
                throw new EOFException();
            }
            long padding = (BLOCK - size % BLOCK) % BLOCK;
            in.skipNBytes(padding);
            offset += padding;
            return bytes;
        }

        /** Records of the form {@code LENGTH KEY=VALUE\n}. */
        private void pax(byte[] records) throws IOException {
            int at = 0;
            while (at < records.length) {
                int blank = at;
                int length = 0;
                while (blank < records.length && records[blank] >= '0' && records[blank] <= '9' && blank - at < 8) {
                    length = length * 10 + records[blank++] - '0';
                }
                int end = at + length;
                if (blank >= records.length || records[blank] != ' ' || end <= blank + 1 || end > records.length) {
                    throw new IOException("the extended header before entry " + (count + 1) + " is malformed");
                }
                String record = new String(records, blank + 1, end - blank - 2, StandardCharsets.UTF_8);
                int equals = record.indexOf('=');
                if (equals > 0) {
                    paxRecord(record.substring(0, equals), record.substring(equals + 1));
                }
                at = end;
            }
        }

        private void paxRecord(String key, String value) throws IOException {
            switch (key) {
                case "path" -> nextPath = value;
                case "linkpath" -> nextLink = value;
                case "size" -> {
                    if (!value.matches("[0-9]{1,18}")) {
                        throw new IOException("the extended header before entry " + (count + 1) + " has the size '"
                                + Printable.text(value) + "'");
                    }
                    nextSize = Long.parseLong(value);
                }
                default -> {
                    // Times, owners and attributes do not matter here.
                }
            }
        }
    }

    private static String ustarPath(byte[] header) {
        String name = text(header, 0, 100);
        boolean ustar = text(header, 257, 6).equals("ustar");
        String prefix = ustar ? text(header, 345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    /** Bytes up to the first zero. */
    private static String text(byte[] bytes, int from, int length) {
        int end = from;
        int limit = Math.min(bytes.length, from + length);
        while (end < limit && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, from, end - from, StandardCharsets.UTF_8);
    }

    /** Octal digits, or GNU's base 256 when the first bit is set. */
    private static long number(byte[] header, int from, int length, String field) throws IOException {
        if ((header[from] & 0x80) != 0) {
            long value = header[from] & 0x7f;
            for (int i = from + 1; i < from + length; i++) {
                if (value > Long.MAX_VALUE >> 8) {
                    throw new IOException("a header's " + field + " is out of range");
                }
                value = (value << 8) | (header[i] & 0xff);
            }
            return value;
        }
        String digits = text(header, from, length).trim();
        if (!digits.matches("[0-7]{0,12}")) {
            throw new IOException("a header's " + field + " is not a number");
        }
        return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    }

    /**
     * A path without {@code .} and {@code ..}; null when it leads out of the archive.
     *
     * @param link path of the symbolic link that the path stands in; empty for one that starts at the top
     */
    private static @Nullable String normalized(@Nullable String link, String path) {
        ArrayDeque<String> segments = new ArrayDeque<>();
        if (link != null && !link.isEmpty() && !path.startsWith("/")) {
            int slash = link.lastIndexOf('/');
            path = slash < 0 ? path : link.substring(0, slash) + "/" + path;
        }
        for (String segment : path.split("/")) {
            if (segment.equals("..")) {
                if (segments.pollLast() == null) {
                    return null;
                }
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                segments.addLast(segment);
            }
        }
        return String.join("/", segments);
    }
}
