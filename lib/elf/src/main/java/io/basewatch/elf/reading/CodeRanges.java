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

    /** @param to behind the last byte */
    record Range(long from, long to) {}

    CodeRanges {
        ranges = List.copyOf(ranges);
    }

    /** Whether all of these bytes are code. */
    boolean holds(long from, int length) {
        for (Range range : ranges) {
            if (range.from <= from && from + length <= range.to) {
                return true;
            }
        }
        return false;
    }
}
