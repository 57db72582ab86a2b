package io.basewatch.layerfacts;

import java.util.Arrays;

/**
 * Decodes the symbols of one Huffman code (RFC 1951, §3.2.2) by looking at several bits at once: the next {@code mainBits} bits of the stream choose an entry, which for longer codes
 * points to a table of their remaining bits. Made anew for each block, in the same arrays.
 *
 * <p>An entry is one {@code int}, so that the loop that uses it does with one read:
 *
 * <pre>
 *   bit 31      a literal, which is in bits 16 to 23
 *   bits 16-30  the base of a length or a distance; of a pointer: where its table begins
 *   bit 15      none of both: a pointer, the end of the block, or nothing that is a code
 *   bit 14      a pointer to a table of longer codes
 *   bit 13      the end of the block
 *   bits 8-11   of a length or distance: the bits of the code alone; of a pointer: the bits that choose in its table
 *   bits 0-5    the bits to take from the stream: the code with its extra bits
 * </pre>
 */
final class HuffmanTable {

    static final int LITERAL = 1 << 31;
    static final int SPECIAL = 1 << 15;
    static final int POINTER = 1 << 14;
    static final int END = 1 << 13;

    /** RFC 1951, §3.2.7. */
    static final int LONGEST_CODE = 15;

    private static final int BASE_SHIFT = 16;

    /** What each symbol stands for: an entry without the bits of its code, its extra bits in place of all bits. */
    private static final int[] LENGTHS = lengths();

    private static final int[] DISTANCES = distances();
    private static final int[] CODE_LENGTHS = codeLengths();

    private final int[] meanings;
    private final int mainBits;
    final int[] entries;

    private final int[] counts = new int[LONGEST_CODE + 1];
    private final int[] next = new int[LONGEST_CODE + 2];
    private final int[] sorted;

    /**
     * @param size entries that suffice for every complete code of so many symbols and main bits
     */
    private HuffmanTable(int[] meanings, int mainBits, int size) {
        this.meanings = meanings;
        this.mainBits = mainBits;
        this.entries = new int[size];
        this.sorted = new int[meanings.length];
    }

    /** Of literals, lengths and the end of a block; zlib's {@code enough} says 2,342 entries for 288 symbols, 11 bits. */
    static HuffmanTable ofLengths(int mainBits) {
        return new HuffmanTable(LENGTHS, mainBits, (1 << mainBits) + 300);
    }

    /** Of distances; 32 symbols, 9 bits: 594 entries. */
    static HuffmanTable ofDistances(int mainBits) {
        return new HuffmanTable(DISTANCES, mainBits, (1 << mainBits) + 500);
    }

    /** Of the lengths of codes, which have no longer ones than the main bits. */
    static HuffmanTable ofCodeLengths(int mainBits) {
        return new HuffmanTable(CODE_LENGTHS, mainBits, 1 << mainBits);
    }

    private static int[] lengths() {
        int[] meanings = new int[288];
        for (int literal = 0; literal < 256; literal++) {
            meanings[literal] = LITERAL | literal << BASE_SHIFT;
        }
        meanings[256] = SPECIAL | END;
        int base = 3;
        for (int i = 0; i < 28; i++) {
            int extra = i < 8 ? 0 : (i >> 2) - 1;
            meanings[257 + i] = base << BASE_SHIFT | extra;
            base += 1 << extra;
        }
        meanings[285] = 258 << BASE_SHIFT;
        meanings[286] = SPECIAL;
        meanings[287] = SPECIAL;
        return meanings;
    }

    private static int[] distances() {
        int[] meanings = new int[32];
        int base = 1;
        for (int i = 0; i < 30; i++) {
            int extra = i < 4 ? 0 : (i >> 1) - 1;
            meanings[i] = base << BASE_SHIFT | extra;
            base += 1 << extra;
        }
        meanings[30] = SPECIAL;
        meanings[31] = SPECIAL;
        return meanings;
    }

    private static int[] codeLengths() {
        int[] meanings = new int[19];
        for (int i = 0; i < meanings.length; i++) {
            meanings[i] = i << BASE_SHIFT;
        }
        return meanings;
    }

    static boolean isLiteral(int entry) {
        return entry < 0;
    }

    static boolean isPointer(int entry) {
        return entry >= 0 && (entry & (SPECIAL | POINTER)) == (SPECIAL | POINTER);
    }

    /** The bits of an entry's code alone, within its table. */
    static int codeBits(int entry) {
        return isLiteral(entry) || (entry & SPECIAL) != 0 ? entry & 63 : entry >> 8 & 15;
    }

    private static int entry(int meaning, int bits) {
        return isLiteral(meaning) || (meaning & SPECIAL) != 0
                ? meaning | bits
                : (meaning & (-1 << BASE_SHIFT)) | (bits << 8) | (bits + (meaning & 63));
    }

    /**
     * Takes another code.
     *
     * @param lengths of the symbols' codes in bits, 0 to {@value #LONGEST_CODE}; 0 for a symbol that has none
     * @param count of symbols, from {@code from} on
     * @return false when no encoder may write such a code: more codes than fit, or fewer, other than a single one of one bit or none at all (as zlib takes it)
     */
    boolean take(byte[] lengths, int from, int count) {
        if (!sort(lengths, from, count)) {
            return false;
        }
        int left = 1 << LONGEST_CODE;
        int longest = 0;
        for (int length = 1; length <= LONGEST_CODE; length++) {
            left -= counts[length] << (LONGEST_CODE - length);
            longest = counts[length] > 0 ? length : longest;
        }
        if (left > 0) {
            return longest <= 1 && takeLone(longest == 1);
        }
        fill();
        return true;
    }

    /** Symbols by length of code and then by value; false when there are more codes than fit. */
    private boolean sort(byte[] lengths, int from, int count) {
        Arrays.fill(counts, 0);
        for (int symbol = 0; symbol < count; symbol++) {
            counts[lengths[from + symbol]]++;
        }
        counts[0] = 0;
        next[1] = 0;
        int left = 1;
        for (int length = 1; length <= LONGEST_CODE; length++) {
            next[length + 1] = next[length] + counts[length];
            left = (left << 1) - counts[length];
            if (left < 0) {
                return false;
            }
        }
        for (int symbol = 0; symbol < count; symbol++) {
            int length = lengths[from + symbol];
            if (length != 0) {
                sorted[next[length]++] = symbol;
            }
        }
        return true;
    }

    private boolean takeLone(boolean one) {
        Arrays.fill(entries, 0, 1 << mainBits, SPECIAL | 1);
        for (int i = 0; one && i < 1 << mainBits; i += 2) {
            entries[i] = entry(meanings[sorted[0]], 1);
        }
        return true;
    }

    /**
     * Codes come in the order of {@link #sorted}; in the stream their first bit is the lowest, so they are counted up from their highest bit. A table of n bits holds each code once, and
     * becomes one of n + 1 bits by being copied behind itself.
     */
    private void fill() {
        int length = 1;
        while (counts[length] == 0) {
            length++;
        }
        int symbol = 0;
        int code = 0;
        int end = 1 << Math.min(length, mainBits);
        for (; length <= mainBits; length++) {
            for (int left = counts[length]; left > 0; left--) {
                entries[code] = entry(meanings[sorted[symbol++]], length);
                if (code == end - 1) {
                    widen(end);
                    return;
                }
                code = after(code, end - 1);
            }
            if (length < mainBits) {
                System.arraycopy(entries, 0, entries, end, end);
                end <<= 1;
            }
        }
        fillLonger(length, code, symbol);
    }

    private void widen(int from) {
        for (int end = from; end < 1 << mainBits; end <<= 1) {
            System.arraycopy(entries, 0, entries, end, end);
        }
    }

    private void fillLonger(int firstLength, int firstCode, int firstSymbol) {
        int length = firstLength;
        int code = firstCode;
        int symbol = firstSymbol;
        int left = counts[length];
        int end = 1 << mainBits;
        int start = end;
        int prefix = -1;
        while (true) {
            while (left == 0) {
                left = counts[++length];
            }
            if ((code & (1 << mainBits) - 1) != prefix) {
                prefix = code & (1 << mainBits) - 1;
                start = end;
                int bits = length - mainBits;
                // As many bits as the longest of the codes that begin alike: they fill the table.
                for (int used = left; used < 1 << bits; used = (used << 1) + counts[mainBits + bits]) {
                    bits++;
                }
                end = start + (1 << bits);
                entries[prefix] = SPECIAL | POINTER | start << BASE_SHIFT | bits << 8 | mainBits;
            }
            int entry = entry(meanings[sorted[symbol++]], length - mainBits);
            for (int at = start + (code >>> mainBits); at < end; at += 1 << (length - mainBits)) {
                entries[at] = entry;
            }
            if (code == (1 << length) - 1) {
                return;
            }
            code = after(code, (1 << length) - 1);
            left--;
        }
    }

    /** The next code, counted from its highest bit. */
    private static int after(int code, int ones) {
        int bit = Integer.highestOneBit(code ^ ones);
        return (code & (bit - 1)) | bit;
    }
}
