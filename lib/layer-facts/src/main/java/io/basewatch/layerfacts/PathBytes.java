package io.basewatch.layerfacts;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Paths as the bytes they are in tar headers. */
final class PathBytes {

    private PathBytes() {}

    /**
     * Without leading and doubled slashes and {@code .}; {@code ..} takes its parent away, as container runtimes do it before they look at any link.
     *
     * @return empty for the root itself; null when the path climbs out of the root
     */
    static byte @Nullable [] normalise(byte[] raw) {
        if (isNormal(raw, raw.length)) {
            return raw;
        }
        byte[] clean = new byte[raw.length];
        int end = 0;
        int at = 0;
        while (at < raw.length) {
            int slash = at;
            while (slash < raw.length && raw[slash] != '/') {
                slash++;
            }
            int length = slash - at;
            if (length == 2 && raw[at] == '.' && raw[at + 1] == '.') {
                if (end == 0) {
                    return null;
                }
                while (end > 0 && clean[end - 1] != '/') {
                    end--;
                }
                end = Math.max(0, end - 1);
            } else if (length > 0 && !(length == 1 && raw[at] == '.')) {
                if (end > 0) {
                    clean[end++] = '/';
                }
                System.arraycopy(raw, at, clean, end, length);
                end += length;
            }
            at = slash + 1;
        }
        return java.util.Arrays.copyOf(clean, end);
    }

    /** Whether the first bytes are a path without leading, doubled or final slashes and without {@code .} and {@code ..}. Empty is the root. */
    static boolean isNormal(byte[] path, int length) {
        int start = 0;
        for (int i = 0; i <= length; i++) {
            if (i == length || path[i] == '/') {
                int size = i - start;
                if ((size == 0 && length > 0)
                        || (size == 1 && path[start] == '.')
                        || (size == 2 && path[start] == '.' && path[start + 1] == '.')) {
                    return false;
                }
                start = i + 1;
            }
        }
        return true;
    }

    static int depth(byte[] path) {
        int depth = path.length == 0 ? 0 : 1;
        for (byte b : path) {
            if (b == '/') {
                depth++;
            }
        }
        return depth;
    }

    /** For people and detectors; bytes that are no UTF-8 become U+FFFD. */
    static String text(byte[] path, int offset, int length) {
        return new String(path, offset, length, StandardCharsets.UTF_8);
    }

    /** For messages: what a hostile name holds must neither flood a log nor draw in a terminal. */
    static String quoted(byte[] path) {
        String text = text(path, 0, Math.min(path.length, 200));
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('\'');
        text.codePoints().forEach(c -> quoted.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return quoted.append(path.length > 200 ? "…'" : "'").toString();
    }
}
