package io.basewatch.fingerprint.packages;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a text in UTF-8, one at a time. A line longer than {@value #MAX_LINE} bytes is cut: no field that we read is that long. A last line without
 * an end is none: the text breaks off there.
 */
final class Lines {

    private static final int MAX_LINE = 4096;

    private final byte[] text;
    private int position;
    private int number;

    Lines(byte[] text) {
        this.text = text;
    }

    /** The next line without its end; null after the last. */
    @Nullable
    String next() {
        int start = position;
        int end = start;
        while (end < text.length && text[end] != '\n') {
            end++;
        }
        if (end == text.length) {
            return null;
        }
        position = end + 1;
        number++;
        if (end > start && text[end - 1] == '\r') {
            end--;
        }
        return new String(text, start, Math.min(end - start, MAX_LINE), StandardCharsets.UTF_8);
    }

    /** Of the line last returned, from 1. */
    int number() {
        return number;
    }

    /** Whether the text breaks off within its last line. */
    static boolean breakOff(byte[] text) {
        return text.length > 0 && text[text.length - 1] != '\n';
    }

    /** Whether a blank line is the last, as after each record of the databases that are written so; an empty text has no record. */
    static boolean endBlank(byte[] text) {
        int end = text.length;
        return end < 2 || (text[end - 1] == '\n' && (text[end - 2] == '\n' || text[end - 2] == '\r'));
    }
}
