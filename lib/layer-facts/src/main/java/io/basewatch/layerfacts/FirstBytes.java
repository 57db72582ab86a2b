package io.basewatch.layerfacts;

import java.nio.charset.StandardCharsets;

/** What the first bytes of a file tell of it, whatever its name is. Asked of every file, so nothing is copied. */
public final class FirstBytes {

    private FirstBytes() {}

    /**
     * @param text ASCII
     */
    public static boolean startWith(byte[] head, String text) {
        return have(head, 0, text);
    }

    /**
     * Whether a line begins with that text.
     *
     * @param text ASCII
     */
    public static boolean haveLine(byte[] head, String text) {
        for (int at = 0; at < head.length; at++) {
            if ((at == 0 || head[at - 1] == '\n') && have(head, at, text)) {
                return true;
            }
        }
        return false;
    }

    /** No controls but blanks and line ends; empty is none. */
    public static boolean areText(byte[] head) {
        for (byte b : head) {
            if (!isText(b)) {
                return false;
            }
        }
        return head.length > 0;
    }

    static boolean isText(byte b) {
        return b < 0 || b >= ' ' || b == '\t' || b == '\n' || b == '\r' || b == '\f' || b == 0x1b;
    }

    /** Whether a text is at a place. */
    static boolean have(byte[] head, int at, String text) {
        if (head.length - at < text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (head[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** As bytes of one character each, for patterns. */
    public static String text(byte[] head) {
        return new String(head, StandardCharsets.ISO_8859_1);
    }
}
