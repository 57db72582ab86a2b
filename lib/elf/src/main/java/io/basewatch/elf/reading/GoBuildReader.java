package io.basewatch.elf.reading;

import io.basewatch.elf.GoBuild;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes the build information of a Go executable out of the stream: a header of 32 bytes on a 16 byte boundary, then, since Go 1.18, version and module
 * information as counted strings; before, two pointers (debug/buildinfo of Go's standard library describes both).
 */
final class GoBuildReader {

    private static final int HEADER = 32;
    /** The module information of a large program: some hundred dependencies, the build settings behind them. */
    private static final int MAX_BYTES = 256 << 10;

    private static final int MAX_ATTEMPTS = 8;

    private byte[] bytes = new byte[0];
    private int length;
    private long start = -1;
    private long position;
    private int attempts;
    private @Nullable GoBuild build;
    private boolean isOldForm;
    private long oldFormAt;

    /**
     * A match of the magic was seen.
     *
     * @param at offset of the header in the file
     * @param carry the bytes before the part of the file that is being looked at
     * @param partAt offset of that part
     */
    void startAt(long at, byte[] carry, int carried, long partAt) {
        if (start >= 0 || build != null || at < 0 || at % 16 != 0 || attempts >= MAX_ATTEMPTS) {
            return;
        }
        attempts++;
        start = at;
        length = 0;
        bytes = new byte[4096];
        long carryAt = partAt - carried;
        if (at < carryAt) {
            // The byte ff itself is gone already; boundary and version are proof enough.
            append(new byte[] {(byte) 0xff}, 0, 1);
            append(carry, 0, carried);
        } else if (at < partAt) {
            append(carry, (int) (at - carryAt), (int) (partAt - at));
        }
        position = partAt;
    }

    /** The part of the file in which matches were just looked for. */
    void accept(byte[] buffer, int offset, int count) {
        if (start < 0) {
            return;
        }
        int skip = (int) Math.max(0, Math.min(count, start - position));
        append(buffer, offset + skip, count - skip);
        position += count;
        if (length >= MAX_BYTES) {
            parse();
        }
    }

    private void append(byte[] buffer, int offset, int count) {
        int taken = Math.min(count, MAX_BYTES - length);
        if (bytes.length < length + taken) {
            bytes = Arrays.copyOf(bytes, Math.min(MAX_BYTES, Math.max(length + taken, 2 * bytes.length)));
        }
        System.arraycopy(buffer, offset, bytes, length, taken);
        length += taken;
    }

    /** @return offset of the header of the older form, or -1 */
    long oldFormAt() {
        return isOldForm ? oldFormAt : -1;
    }

    @Nullable
    GoBuild finish() {
        if (start >= 0) {
            parse();
        }
        return build;
    }

    private void parse() {
        int flags = length >= HEADER ? bytes[15] & 0xff : -1;
        if (flags >= 0 && (flags & 2) != 0 && (bytes[0] & 0xff) == 0xff) {
            parseInline();
        } else if (flags >= 0 && flags < 2 && (bytes[0] & 0xff) == 0xff && (bytes[14] == 4 || bytes[14] == 8)) {
            isOldForm = true;
            oldFormAt = start;
            build = new GoBuild(null, null, null, null);
        }
        start = -1;
        bytes = new byte[0];
    }

    private void parseInline() {
        int[] at = {HEADER};
        String version = string(at);
        if (version == null || at[0] > length || !(version.startsWith("go") || version.startsWith("devel"))) {
            return;
        }
        String info = string(at);
        build = of(version, info);
    }

    static GoBuild of(@Nullable String version, @Nullable String info) {
        return info == null
                ? new GoBuild(version, null, null, null)
                : new GoBuild(version, field(info, "path\t"), field(info, "build\t-buildmode="), cgo(info));
    }

    private static @Nullable Boolean cgo(String info) {
        String value = field(info, "build\tCGO_ENABLED=");
        return value == null ? null : (Boolean) value.equals("1");
    }

    private static @Nullable String field(String info, String name) {
        int at = info.indexOf(name);
        if (at < 0) {
            return null;
        }
        int end = info.indexOf('\n', at);
        if (end < 0) {
            return null;
        }
        String value = info.substring(at + name.length(), end);
        return value.length() > 200 ? value.substring(0, 200) : value;
    }

    /** What is there of a counted string; the position is then behind its end, which may lie outside of what is there. */
    private @Nullable String string(int[] at) {
        long size = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (at[0] >= length) {
                return null;
            }
            int b = bytes[at[0]++] & 0xff;
            size |= (long) (b & 0x7f) << shift;
            if ((b & 0x80) == 0) {
                int there = (int) Math.min(size, length - at[0]);
                String value = new String(bytes, at[0], there, StandardCharsets.ISO_8859_1);
                at[0] += (int) size;
                return value;
            }
        }
        return null;
    }
}
