package io.basewatch.elf.reading;

import java.util.Arrays;

/**
 * The first byte of what is deflated (RFC 1951), of which nothing is inflated for it: of thousands of scripts and texts in an archive it is all that anybody wants to know, and most of what inflating their
 * begin takes goes into tables for the rest.
 */
final class FirstByte {

    /** Where it does not come first, the block is of another kind, cut, or not as it should be: who inflates it finds out. */
    static final int UNCLEAR = -1;

    private static final byte[] NOTHING = {};

    private static final int FIXED = 1;
    private static final int DYNAMIC = 2;
    private static final int END_OF_BLOCK = 256;
    private static final int MOST_LITERALS = 286;
    private static final int LONGEST_CODE = 15;

    /** Of codes for lengths. */
    private static final int LONGEST_LENGTH_CODE = 7;

    /** In which the lengths of codes for lengths are stored (3.2.7). */
    private static final byte[] ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

    private byte[] bytes = NOTHING;
    private int next;
    private int end;
    private long bits;
    private int held;

    /** Of codes for literals, lengths and distances, as many as a block can have. */
    private final byte[] lengths = new byte[257 + 31 + 1 + 31];

    /** For the next {@value #LONGEST_LENGTH_CODE} bits, symbol and length of the code that they begin with, as {@code symbol << 3 | length}. */
    private final byte[] codes = new byte[1 << LONGEST_LENGTH_CODE];

    /** @return 0 to 255, or {@link #UNCLEAR} */
    int of(byte[] deflated, int from, int to) {
        bytes = deflated;
        next = from;
        end = to;
        bits = 0;
        held = 0;
        // The first bit says whether it is the last block.
        int kind = take(3) >> 1;
        int symbol = kind == DYNAMIC ? dynamic() : kind == FIXED ? fixed() : UNCLEAR;
        bytes = NOTHING;
        return held >= 0 && symbol < END_OF_BLOCK ? symbol : UNCLEAR;
    }

    /** The next bits, the first one lowest. Behind the end are zeros, and fewer than none are held then. */
    private int take(int count) {
        while (held < count && next < end) {
            bits |= (bytes[next++] & 0xffL) << held;
            held += 8;
        }
        int value = (int) bits & ((1 << count) - 1);
        bits >>>= count;
        held -= count;
        return value;
    }

    /** The code that is always the same (3.2.6). */
    private int fixed() {
        int code = Integer.reverse(take(8)) >>> 24;
        if (code >= 0b0011_0000 && code < 0b1100_0000) {
            return code - 0b0011_0000;
        }
        return code >= 0b1100_1000 ? 144 + ((code - 0b1100_1000) << 1 | take(1)) : UNCLEAR;
    }

    private int dynamic() {
        int literals = take(5) + 257;
        int distances = take(5) + 1;
        if (!readCodes(take(4) + 4) || literals > MOST_LITERALS || !readLengths(literals + distances)) {
            return UNCLEAR;
        }
        int[] count = new int[LONGEST_CODE + 1];
        for (int symbol = 0; symbol < literals; symbol++) {
            count[lengths[symbol]]++;
        }
        if (lengths[END_OF_BLOCK] == 0 || !isComplete(count)) {
            return UNCLEAR;
        }
        // Codes of one length are numbers that follow each other, behind those of the shorter ones (3.2.2).
        int code = 0;
        int first = 0;
        for (int length = 1; length <= LONGEST_CODE; length++) {
            code = code << 1 | take(1);
            first <<= 1;
            if (code - first < count[length]) {
                return ofLength(length, code - first);
            }
            first += count[length];
        }
        return UNCLEAR;
    }

    private int ofLength(int length, int which) {
        int left = which;
        int symbol = 0;
        while (lengths[symbol] != length || left-- > 0) {
            symbol++;
        }
        return symbol;
    }

    /** Every number of bits leads to one symbol. */
    private static boolean isComplete(int[] countOfLength) {
        int left = 1;
        for (int length = 1; length < countOfLength.length; length++) {
            left = (left << 1) - countOfLength[length];
            if (left < 0) {
                return false;
            }
        }
        return left == 0;
    }

    /** @return false where they are not as they should be */
    private boolean readCodes(int stored) {
        byte[] lengthOf = new byte[ORDER.length];
        int[] count = new int[LONGEST_LENGTH_CODE + 1];
        for (int i = 0; i < stored; i++) {
            int length = take(3);
            lengthOf[ORDER[i]] = (byte) length;
            count[length]++;
        }
        if (!isComplete(count)) {
            return false;
        }
        count[0] = 0;
        int[] nextCode = new int[LONGEST_LENGTH_CODE + 1];
        for (int length = 2; length <= LONGEST_LENGTH_CODE; length++) {
            nextCode[length] = (nextCode[length - 1] + count[length - 1]) << 1;
        }
        for (int symbol = 0; symbol < lengthOf.length; symbol++) {
            int length = lengthOf[symbol];
            if (length > 0) {
                // The first bit of a code is its highest, and comes first.
                int begin = Integer.reverse(nextCode[length]++) >>> (32 - length);
                for (int i = begin; i < codes.length; i += 1 << length) {
                    codes[i] = (byte) (symbol << 3 | length);
                }
            }
        }
        return true;
    }

    /** The one part that takes long, some three hundred numbers, so all it needs is at hand. */
    private boolean readLengths(int wanted) {
        long ahead = bits;
        int left = held;
        int from = next;
        int at = 0;
        while (at < wanted) {
            if (left < LONGEST_LENGTH_CODE + 7) {
                while (left <= 56 && from < end) {
                    ahead |= (bytes[from++] & 0xffL) << left;
                    left += 8;
                }
            }
            int code = codes[(int) ahead & (codes.length - 1)] & 0xff;
            ahead >>>= code & 7;
            left -= code & 7;
            int symbol = code >> 3;
            if (symbol < 16) {
                lengths[at++] = (byte) symbol;
            } else {
                int more = symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
                int times = (symbol == 18 ? 11 : 3) + ((int) ahead & ((1 << more) - 1));
                ahead >>>= more;
                left -= more;
                if (times > wanted - at || (symbol == 16 && at == 0)) {
                    return false;
                }
                Arrays.fill(lengths, at, at + times, symbol == 16 ? lengths[at - 1] : 0);
                at += times;
            }
            if (left < 0) {
                return false;
            }
        }
        bits = ahead;
        held = left;
        next = from;
        return true;
    }
}
