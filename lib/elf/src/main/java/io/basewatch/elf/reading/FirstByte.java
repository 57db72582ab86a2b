package io.basewatch.elf.reading;

import java.util.Arrays;

/**
 * The first byte of what is deflated (RFC 1951), of which nothing is inflated for it: of ten thousand classes in an archive it is all that anybody wants to know, and most of what inflating their
 * begin takes goes into tables for the rest.
 */
final class FirstByte {

    /** Where it does not come first, the block is of another kind, cut, or not as it should be: who inflates it finds out. */
    static final int UNCLEAR = -1;

    private static final int FIXED = 1;
    private static final int DYNAMIC = 2;
    private static final int END_OF_BLOCK = 256;
    private static final int MOST_LITERALS = 286;
    private static final int LONGEST_CODE = 15;

    /** Of codes for lengths. */
    private static final int LONGEST_LENGTH_CODE = 7;

    /** In which the lengths of codes for lengths are stored (3.2.7). */
    private static final byte[] ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

    private final byte[] bytes;
    private final int end;
    private int next;
    private long bits;
    private int held;

    private FirstByte(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.next = from;
        this.end = to;
    }

    /** @return 0 to 255, or {@link #UNCLEAR} */
    static int of(byte[] bytes, int from, int to) {
        FirstByte in = new FirstByte(bytes, from, to);
        in.skip(1); // Whether it is the last block.
        int kind = in.take(2);
        int symbol = kind == DYNAMIC ? in.dynamic() : kind == FIXED ? in.fixed() : UNCLEAR;
        return in.held >= 0 && symbol < END_OF_BLOCK ? symbol : UNCLEAR;
    }

    /** The lowest bits, as many as there are. Behind the end are zeros, and fewer than none are held then. */
    private int peek(int count) {
        while (held < count && next < end) {
            bits |= (bytes[next++] & 0xffL) << held;
            held += 8;
        }
        return (int) bits & ((1 << count) - 1);
    }

    private int take(int count) {
        int value = peek(count);
        skip(count);
        return value;
    }

    private void skip(int count) {
        peek(count);
        bits >>>= count;
        held -= count;
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
        byte[] lengthCodes = lengthCodes(take(4) + 4);
        byte[] lengths = new byte[literals + distances];
        if (literals > MOST_LITERALS || !read(lengths, lengthCodes)) {
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
                return ofLength(length, code - first, lengths);
            }
            first += count[length];
        }
        return UNCLEAR;
    }

    private static int ofLength(int length, int which, byte[] lengths) {
        int left = which;
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            if (lengths[symbol] == length && left-- == 0) {
                return symbol;
            }
        }
        return UNCLEAR;
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

    /**
     * @return for the next {@value #LONGEST_LENGTH_CODE} bits, symbol and length of the code that they begin with, as {@code symbol << 3 | length}; empty where the codes are not as they should be
     */
    private byte[] lengthCodes(int stored) {
        byte[] lengths = new byte[ORDER.length];
        int[] count = new int[LONGEST_LENGTH_CODE + 1];
        for (int i = 0; i < stored; i++) {
            int length = take(3);
            lengths[ORDER[i]] = (byte) length;
            count[length]++;
        }
        if (!isComplete(count)) {
            return new byte[0];
        }
        count[0] = 0;
        int[] nextCode = new int[LONGEST_LENGTH_CODE + 1];
        for (int length = 2; length <= LONGEST_LENGTH_CODE; length++) {
            nextCode[length] = (nextCode[length - 1] + count[length - 1]) << 1;
        }
        byte[] codes = new byte[1 << LONGEST_LENGTH_CODE];
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            int length = lengths[symbol];
            if (length > 0) {
                // The first bit of a code is its highest, and comes first.
                int begin = Integer.reverse(nextCode[length]++) >>> (32 - length);
                for (int i = begin; i < codes.length; i += 1 << length) {
                    codes[i] = (byte) (symbol << 3 | length);
                }
            }
        }
        return codes;
    }

    /** The one part that takes long, some three hundred numbers, so all it needs is at hand. */
    private boolean read(byte[] lengths, byte[] codes) {
        long ahead = bits;
        int left = held;
        int from = next;
        int at = 0;
        while (codes.length > 0 && at < lengths.length) {
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
                if (times > lengths.length - at || (symbol == 16 && at == 0)) {
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
        return codes.length > 0;
    }
}
