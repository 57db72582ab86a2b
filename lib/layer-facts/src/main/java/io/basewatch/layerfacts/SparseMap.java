package io.basewatch.layerfacts;

import java.util.Arrays;

/** Where in a sparse file the bytes of the archive belong; zeros lie between. */
final class SparseMap {

    private static final int MAX_PIECES = 1 << 17;

    private long[] offsets = new long[4];
    private long[] lengths = new long[4];
    private int pieces;

    void add(long offset, long length) throws LayerFault {
        if (pieces == MAX_PIECES) {
            throw LayerFault.limit("a sparse file has more than the limit of " + MAX_PIECES + " pieces");
        }
        long end = pieces == 0 ? 0 : offsets[pieces - 1] + lengths[pieces - 1];
        if (offset < end || length < 0 || offset > Long.MAX_VALUE - length) {
            throw LayerFault.corrupt("a sparse file's pieces overlap");
        }
        if (pieces == offsets.length) {
            offsets = Arrays.copyOf(offsets, pieces * 4);
            lengths = Arrays.copyOf(lengths, pieces * 4);
        }
        offsets[pieces] = offset;
        lengths[pieces++] = length;
    }

    int pieces() {
        return pieces;
    }

    long offset(int piece) {
        return offsets[piece];
    }

    long length(int piece) {
        return lengths[piece];
    }

    void check(long fileSize, long archived) throws LayerFault {
        long sum = 0;
        for (int i = 0; i < pieces; i++) {
            sum += lengths[i];
        }
        if ((pieces > 0 && offsets[pieces - 1] + lengths[pieces - 1] > fileSize) || sum > archived) {
            throw LayerFault.corrupt("a sparse file's pieces are longer than the file");
        }
    }

    /** A decimal number of at most 18 digits. */
    static long number(String text) throws LayerFault {
        if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw LayerFault.corrupt(
                    "a pax header has " + PathBytes.quoted(text.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                            + " where a number belongs");
        }
        return Long.parseLong(text);
    }
}
