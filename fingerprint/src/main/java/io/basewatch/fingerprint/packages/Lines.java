package io.basewatch.fingerprint.packages;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The lines of a text in UTF-8, one at a time. A line longer than {@value #MAX_LINE} bytes is cut: no field that we read is that long. */
final class Lines {

    private static final int MAX_LINE = 4096;

    private final byte[] text;
    private int position;

    Lines(byte[] text) {
        this.text = text;
    }

    /** The next line without its end; null after the last. */
    @Nullable
    String next() {
        if (position >= text.length) {
            return null;
        }
        int start = position;
        int end = start;
        while (end < text.length && text[end] != '\n') {
            end++;
        }
        position = end + 1;
        if (end > start && text[end - 1] == '\r') {
            end--;
        }
        return new String(text, start, Math.min(end - start, MAX_LINE), StandardCharsets.UTF_8);
    }
}
