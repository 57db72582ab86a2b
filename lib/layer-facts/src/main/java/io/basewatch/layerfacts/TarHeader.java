package io.basewatch.layerfacts;

import java.util.Arrays;

/**
 * One 512-byte header block. Source of the format: POSIX.1-2017 pax, "ustar Interchange Format", and the GNU tar manual, "Basic Tar Format". Where
 * readers differ, it is read as Go's archive/tar does, because that is what container runtimes unpack layers with.
 */
final class TarHeader {

    static final int BYTES = 512;

    private static final int NAME_BYTES = 100;
    private static final int MODE = 100;
    private static final int SIZE = 124;
    private static final int CHECKSUM = 148;
    private static final int TYPE = 156;
    private static final int LINK = 157;
    private static final int MAGIC = 257;
    private static final int PREFIX = 345;
    private static final int PREFIX_BYTES = 155;
    private static final int STAR_PREFIX_BYTES = 131;
    private static final int STAR_TRAILER = 508;
    private static final int GNU_ACCESS_TIME = 345;
    private static final int GNU_CHANGE_TIME = 357;

    private final byte[] block;
    private final int at;

    /** A view, good for as long as the buffer is. */
    TarHeader(byte[] block, int at) {
        this.block = block;
        this.at = at;
    }

    int byteAt(int offset) {
        return block[at + offset] & 0xff;
    }

    boolean isZero() {
        for (int i = at; i < at + BYTES; i++) {
            if (block[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** The sum of all bytes with the checksum's own field taken as spaces; some old writers summed signed bytes. */
    boolean hasRightChecksum() {
        long stated = number(CHECKSUM, 8);
        if (stated < 0) {
            return false;
        }
        byte[] bytes = block;
        int end = at + BYTES;
        int sum = 0;
        // Eight at a time, as this is done for each entry, and mostly not compiled for long.
        for (int i = at; i < end; i += 8) {
            sum += (bytes[i] & 0xff)
                    + (bytes[i + 1] & 0xff)
                    + (bytes[i + 2] & 0xff)
                    + (bytes[i + 3] & 0xff)
                    + (bytes[i + 4] & 0xff)
                    + (bytes[i + 5] & 0xff)
                    + (bytes[i + 6] & 0xff)
                    + (bytes[i + 7] & 0xff);
        }
        for (int i = at + CHECKSUM; i < at + CHECKSUM + 8; i++) {
            sum += ' ' - (bytes[i] & 0xff);
        }
        if (stated == sum) {
            return true;
        }
        for (int i = at; i < end; i++) {
            boolean isSummed = i < at + CHECKSUM || i >= at + CHECKSUM + 8;
            sum -= bytes[i] < 0 && isSummed ? 256 : 0;
        }
        return stated == sum;
    }

    char type() {
        return (char) (block[at + TYPE] & 0xff);
    }

    /**
     * @return -1 when the field is no number
     */
    long size() {
        return number(SIZE, 12);
    }

    int mode() {
        long mode = number(MODE, 8);
        return mode < 0 ? 0 : (int) (mode & 07777);
    }

    byte[] link() {
        return text(LINK, NAME_BYTES);
    }

    byte[] name() {
        byte[] name = text(0, NAME_BYTES);
        byte[] prefix = prefix();
        if (prefix.length == 0) {
            return name;
        }
        byte[] path = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        path[prefix.length] = '/';
        System.arraycopy(name, 0, path, prefix.length + 1, name.length);
        return path;
    }

    private byte[] prefix() {
        if (hasText(MAGIC, "ustar\0")) {
            return text(PREFIX, hasText(STAR_TRAILER, "tar\0") ? STAR_PREFIX_BYTES : PREFIX_BYTES);
        }
        // GNU has times where POSIX has the prefix; layers written by the Docker of 2014 carry a prefix nevertheless.
        if (hasText(MAGIC, "ustar  \0")
                && ((block[at + GNU_ACCESS_TIME] != 0 && number(GNU_ACCESS_TIME, 12) < 0)
                        || (block[at + GNU_CHANGE_TIME] != 0 && number(GNU_CHANGE_TIME, 12) < 0))) {
            byte[] prefix = text(PREFIX, PREFIX_BYTES);
            for (byte b : prefix) {
                if (b < 0) {
                    return new byte[0];
                }
            }
            return prefix;
        }
        return new byte[0];
    }

    private boolean hasText(int offset, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (block[at + offset + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    byte[] text(int offset, int length) {
        int end = at + offset;
        while (end < at + offset + length && block[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(block, at + offset, end);
    }

    /**
     * Octal digits between blanks and zero bytes, or base-256 when the highest bit is set (GNU, star).
     *
     * @return -1 when it is neither, negative, or more than 63 bits
     */
    long number(int offset, int length) {
        int from = at + offset;
        int to = from + length;
        if ((block[from] & 0x80) != 0) {
            if ((block[from] & 0x40) != 0) {
                return -1;
            }
            long value = block[from] & 0x3f;
            for (int i = from + 1; i < to; i++) {
                if (value >> 55 != 0) {
                    return -1;
                }
                value = value << 8 | (block[i] & 0xff);
            }
            return value;
        }
        while (from < to && isBlank(block[from])) {
            from++;
        }
        while (from < to && isBlank(block[to - 1])) {
            to--;
        }
        long value = 0;
        for (int i = from; i < to && block[i] != 0; i++) {
            int digit = block[i] - '0';
            if (digit < 0 || digit > 7 || value >> 60 != 0) {
                return -1;
            }
            value = value << 3 | digit;
        }
        return value;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == 0;
    }
}
