package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.InstalledPackage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One package's header as an rpm database stores it: two counts, an index of 16-byte entries (tag, type, offset, count), then the data they point into,
 * all big-endian. Source: rpm.org, "RPM Package format V4", chapter "Header Structure"; tag numbers from rpmtag.h.
 */
final class RpmHeader {

    private static final int PREAMBLE_BYTES = 8;
    private static final int ENTRY_BYTES = 16;

    private static final int NAME = 1000;
    private static final int VERSION = 1001;
    private static final int RELEASE = 1002;
    private static final int EPOCH = 1003;
    private static final int INSTALL_TIME = 1008;
    private static final int SIZE = 1009;
    private static final int VENDOR = 1011;
    private static final int ARCH = 1022;
    private static final int OLD_FILE_NAMES = 1027;
    private static final int SOURCE_RPM = 1044;
    private static final int DIR_INDEXES = 1116;
    private static final int BASE_NAMES = 1117;
    private static final int DIR_NAMES = 1118;
    private static final int LONG_SIZE = 5009;

    private static final int TYPE_INT32 = 4;
    private static final int TYPE_INT64 = 5;
    private static final int TYPE_STRING = 6;
    private static final int TYPE_STRING_ARRAY = 8;
    private static final int TYPE_I18N_STRING = 9;

    private static final int MAX_STRING = 4096;

    private final byte[] bytes;
    private final ByteBuffer header;
    private final int entries;
    private final int data;

    private RpmHeader(byte[] bytes, int entries) {
        this.bytes = bytes;
        this.header = ByteBuffer.wrap(bytes);
        this.entries = entries;
        this.data = PREAMBLE_BYTES + entries * ENTRY_BYTES;
    }

    /**
     * @throws BrokenDatabaseException when the counts do not fit the bytes, or name, version or release are missing
     */
    static InstalledPackage read(byte[] bytes, PackageList room) throws BrokenDatabaseException {
        if (bytes.length < PREAMBLE_BYTES) {
            throw new BrokenDatabaseException("a package header of " + bytes.length + " bytes");
        }
        ByteBuffer header = ByteBuffer.wrap(bytes);
        long entries = Integer.toUnsignedLong(header.getInt(0));
        long dataBytes = Integer.toUnsignedLong(header.getInt(4));
        if (PREAMBLE_BYTES + entries * ENTRY_BYTES + dataBytes > bytes.length) {
            throw new BrokenDatabaseException("a package header of " + bytes.length + " bytes promises " + entries
                    + " entries and " + dataBytes + " bytes of data");
        }
        return new RpmHeader(bytes, (int) entries).installed(room);
    }

    private InstalledPackage installed(PackageList room) throws BrokenDatabaseException {
        String epoch = number(EPOCH, TYPE_INT32) < 0 ? "" : number(EPOCH, TYPE_INT32) + ":";
        long size = number(LONG_SIZE, TYPE_INT64);
        return new InstalledPackage(
                "rpm",
                required(NAME, "name"),
                epoch + required(VERSION, "version") + "-" + required(RELEASE, "release"),
                string(ARCH),
                string(SOURCE_RPM),
                string(VENDOR),
                Numbers.time(number(INSTALL_TIME, TYPE_INT32)),
                Math.max(0, size >= 0 ? size : number(SIZE, TYPE_INT32)),
                files(room));
    }

    private String required(int tag, String name) throws BrokenDatabaseException {
        String value = string(tag);
        if (value == null) {
            throw new BrokenDatabaseException("a package header without a " + name);
        }
        return value;
    }

    /** Position of the tag's index entry, or -1. */
    private int entry(int tag) {
        for (int i = 0; i < entries; i++) {
            int position = PREAMBLE_BYTES + i * ENTRY_BYTES;
            if (header.getInt(position) == tag) {
                return position;
            }
        }
        return -1;
    }

    /** Where an entry's data starts; -1 when that is outside the header. */
    private int dataOf(int entry) {
        long offset = data + Integer.toUnsignedLong(header.getInt(entry + 8));
        return offset < header.limit() ? (int) offset : -1;
    }

    private @Nullable String string(int tag) {
        int entry = entry(tag);
        if (entry < 0) {
            return null;
        }
        int type = header.getInt(entry + 4);
        boolean isText = type == TYPE_STRING || type == TYPE_STRING_ARRAY || type == TYPE_I18N_STRING;
        int start = dataOf(entry);
        return isText && start >= 0 ? text(start, end(start)) : null;
    }

    private int end(int start) {
        int end = start;
        while (end < header.limit() && header.get(end) != 0) {
            end++;
        }
        return end;
    }

    private String text(int start, int end) {
        return new String(bytes, start, Math.min(end - start, MAX_STRING), StandardCharsets.UTF_8);
    }

    /** The first number of the tag, unsigned; -1 when there is none of that type. */
    private long number(int tag, int type) {
        int entry = entry(tag);
        if (entry < 0 || header.getInt(entry + 4) != type || header.getInt(entry + 12) < 1) {
            return -1;
        }
        int start = dataOf(entry);
        int bytes = type == TYPE_INT64 ? Long.BYTES : Integer.BYTES;
        if (start < 0 || start > header.limit() - bytes) {
            return -1;
        }
        return type == TYPE_INT64 ? header.getLong(start) : Integer.toUnsignedLong(header.getInt(start));
    }

    /** Directory and base names are kept apart; packages built by rpm 3 have whole names. */
    private List<String> files(PackageList room) {
        List<String> files = new ArrayList<>();
        Strings baseNames = new Strings(BASE_NAMES);
        if (baseNames.count == 0) {
            Strings whole = new Strings(OLD_FILE_NAMES);
            for (String path = whole.next(); path != null; path = whole.next()) {
                addFile(path, files, room);
            }
            return files;
        }
        List<String> directories = new ArrayList<>();
        Strings dirNames = new Strings(DIR_NAMES);
        for (String directory = dirNames.next(); directory != null; directory = dirNames.next()) {
            if (!room.hasRoomForName(directory.length())) {
                return files;
            }
            directories.add(directory);
        }
        int indexes = entry(DIR_INDEXES);
        int start = indexes < 0 ? -1 : dataOf(indexes);
        if (start < 0) {
            return files;
        }
        for (String name = baseNames.next();
                name != null && start <= header.limit() - Integer.BYTES;
                name = baseNames.next()) {
            int index = header.getInt(start);
            start += Integer.BYTES;
            if (index >= 0 && index < directories.size()) {
                addFile(directories.get(index) + name, files, room);
            }
        }
        return files;
    }

    private static void addFile(String path, List<String> files, PackageList room) {
        String relative = path.startsWith("/") ? path.substring(1) : path;
        if (room.hasRoomForFile(relative.length())) {
            files.add(relative);
        }
    }

    /** The strings of an array, one after another. */
    private final class Strings {

        private final int count;
        private int position;
        private int read;

        Strings(int tag) {
            int entry = entry(tag);
            boolean isArray = entry >= 0 && header.getInt(entry + 4) == TYPE_STRING_ARRAY;
            position = isArray ? dataOf(entry) : -1;
            count = position < 0 ? 0 : header.getInt(entry + 12);
        }

        @Nullable
        String next() {
            if (read >= count || position >= header.limit()) {
                return null;
            }
            read++;
            int end = end(position);
            String text = text(position, end);
            position = end + 1;
            return text;
        }
    }
}
