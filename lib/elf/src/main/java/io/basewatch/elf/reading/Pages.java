package io.basewatch.elf.reading;

import org.jspecify.annotations.Nullable;

/**
 * Memory for what is kept of one file after the other. An image has hundreds of ELF files of which each is kept for as long as it streams by: were it new memory each time, the system
 * would have to clear and map it, and the collector to come for it. Thread-safe.
 */
final class Pages {

    static final int BITS = 14;

    /** In bytes. */
    static final int SIZE = 1 << BITS;

    /** So many wait for the next file, 8 MB; of those that larger files took the rest is given up. */
    private static final int MOST = 512;

    private static final byte[][] free = new byte[MOST][];
    private static int count;

    private Pages() {}

    /** One of {@value #SIZE} bytes, with whatever was in it; null when none waits. */
    static synchronized byte @Nullable [] take() {
        if (count == 0) {
            return null;
        }
        byte[] page = free[--count];
        free[count] = null;
        return page;
    }

    /** Who gives it back uses it no more. Smaller ones are nobody's. */
    static synchronized void give(byte[] page) {
        if (page.length == SIZE && count < MOST) {
            free[count++] = page;
        }
    }
}
