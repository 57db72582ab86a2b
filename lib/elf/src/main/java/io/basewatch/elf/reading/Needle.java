package io.basewatch.elf.reading;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A short text that is looked for in bytes; Horspool's way (1980), which looks at one byte in as many as the text is long. */
final class Needle {

    private final byte[] text;

    /** How far on the text may begin when this byte is seen where its last one would be. */
    private final int[] steps = new int[256];

    /**
     * @param text of ASCII; not empty
     */
    Needle(String text) {
        this.text = text.getBytes(StandardCharsets.US_ASCII);
        int last = this.text.length - 1;
        Arrays.fill(steps, this.text.length);
        for (int i = 0; i < last; i++) {
            steps[this.text[i] & 0xff] = last - i;
        }
    }

    int length() {
        return text.length;
    }

    /** Where it begins for the first time at a place or behind; -1 when it is not there. */
    int in(byte[] bytes, int from) {
        int last = text.length - 1;
        for (int at = from; at + last < bytes.length; at += steps[bytes[at + last] & 0xff]) {
            int i = last;
            while (bytes[at + i] == text[i]) {
                if (i-- == 0) {
                    return at;
                }
            }
        }
        return -1;
    }
}
