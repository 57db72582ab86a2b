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

    /** Of the line at hand, without its end. */
    private int from;

    private int to;

    Lines(byte[] text) {
        this.text = text;
    }

    /** The next line without its end; null after the last. */
    @Nullable
    String next() {
        return advance() ? textFrom(0) : null;
    }

    /**
     * To the next line, for whoever does not need most of them as text.
     *
     * @return false after the last
     */
    boolean advance() {
        int start = position;
        int end = start;
        while (end < text.length && text[end] != '\n') {
            end++;
        }
        if (end == text.length) {
            return false;
        }
        position = end + 1;
        number++;
        if (end > start && text[end - 1] == '\r') {
            end--;
        }
        from = start;
        to = Math.min(end, start + MAX_LINE);
        return true;
    }

    /** The line's text from its so many-th byte on. */
    String textFrom(int start) {
        return new String(text, from + start, to - from - start, StandardCharsets.UTF_8);
    }

    /** As {@link String#isBlank} of the line's text. */
    boolean isBlank() {
        for (int at = from; at < to; at++) {
            byte b = text[at];
            if (b < 0) {
                return textFrom(0).isBlank();
            }
            if (!Character.isWhitespace(b)) {
                return false;
            }
        }
        return true;
    }

    /** The line's first byte; the line is not empty. */
    byte first() {
        return text[from];
    }

    /**
     * The place of a byte in the line.
     *
     * @return -1 when it has none
     */
    int indexOf(char ascii) {
        for (int at = from; at < to; at++) {
            if (text[at] == ascii) {
                return at - from;
            }
        }
        return -1;
    }

    /**
     * Whether the line's first bytes, as many as the word has, are that word in letters of any case.
     *
     * @param word ASCII, in lower case
     */
    boolean beginsWith(String word) {
        if (to - from < word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            int c = text[from + i];
            if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != word.charAt(i)) {
                return false;
            }
        }
        return true;
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
