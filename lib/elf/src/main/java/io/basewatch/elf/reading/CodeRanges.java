package io.basewatch.elf.reading;

import java.util.List;

/**
 * Where in a file there is code and no text. Linkers that lay the file's own header into a segment that is only read (GNU ld with {@code -z separate-code}, lld, mold) lay its texts there too, or
 * into another one like it; where the header lies with the code, texts do as well.
 *
 * @param ranges of offsets in the file
 */
record CodeRanges(List<Range> ranges) {

    static final CodeRanges NONE = new CodeRanges(List.of());

    /** No linker makes as many. */
    static final int MAX = 16;

    /** @param to behind the last byte */
    record Range(long from, long to) {}

    CodeRanges {
        ranges = List.copyOf(ranges);
    }

    /** Whether there is code at a place. */
    boolean hold(long at) {
        for (Range range : ranges) {
            if (range.from <= at && at < range.to) {
                return true;
            }
        }
        return false;
    }

    /** Where behind a place a range begins or ends; the largest number where none does. */
    long nextBound(long at) {
        long next = Long.MAX_VALUE;
        for (Range range : ranges) {
            if (range.from > at) {
                next = Math.min(next, range.from);
            } else if (range.to > at) {
                next = Math.min(next, range.to);
            }
        }
        return next;
    }
}
