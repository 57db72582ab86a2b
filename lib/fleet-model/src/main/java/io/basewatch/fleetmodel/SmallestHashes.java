package io.basewatch.fleetmodel;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * How many things there are, and the {@value #SIZE} smallest of their hashes: of the same length however many there are, and of any two sets alike a sample of the same things. Immutable.
 *
 * @param count how many there are
 * @param smallest unsigned, ascending, each once; never changed
 */
// An array for its room; whoever holds it compares it.
@SuppressWarnings("ArrayRecordComponent")
record SmallestHashes(int count, int[] smallest) {

    /** Up to so many, all of them are in it. */
    static final int SIZE = 128;

    private static final char SEPARATOR = ':';

    private static final int DIGIT_BITS = 11;
    private static final int DIGITS = 1 << DIGIT_BITS;

    /** @param ordered in any order, in which they do not stay; one that is there twice counts once */
    static SmallestHashes of(int[] ordered) {
        sortUnsigned(ordered);
        // A stream would box each of them to find those that are there twice.
        int count = 0;
        for (int hash : ordered) {
            if (count == 0 || hash != ordered[count - 1]) {
                ordered[count++] = hash;
            }
        }
        return new SmallestHashes(count, Arrays.copyOf(ordered, Math.min(count, SIZE)));
    }

    /**
     * Many by their digits of eleven bits, the lowest first: three short loops over all. What compares them with each other is long code that a run of one image has mostly not compiled, and a
     * table to find equal ones could be made slow by who chooses the names.
     */
    private static void sortUnsigned(int[] hashes) {
        if (hashes.length < DIGITS) {
            flip(hashes);
            Arrays.sort(hashes);
            flip(hashes);
            return;
        }
        int[] from = hashes;
        int[] to = new int[hashes.length];
        for (int shift = 0; shift < Integer.SIZE; shift += DIGIT_BITS) {
            int[] ends = new int[DIGITS];
            for (int hash : from) {
                ends[(hash >>> shift) & (DIGITS - 1)]++;
            }
            for (int digit = 1; digit < DIGITS; digit++) {
                ends[digit] += ends[digit - 1];
            }
            for (int n = from.length - 1; n >= 0; n--) {
                to[--ends[(from[n] >>> shift) & (DIGITS - 1)]] = from[n];
            }
            int[] swap = from;
            from = to;
            to = swap;
        }
        System.arraycopy(from, 0, hashes, 0, hashes.length);
    }

    /** Between the order of signed numbers and that of unsigned ones. */
    private static void flip(int[] hashes) {
        for (int n = 0; n < hashes.length; n++) {
            hashes[n] ^= Integer.MIN_VALUE;
        }
    }

    private boolean isAll() {
        return count == smallest.length;
    }

    /** How much of others is among these: above the largest of these, where they are not all, nothing can be looked for. */
    FileSketch.Share shareOf(SmallestHashes others) {
        int compared = 0;
        int found = 0;
        int here = 0;
        for (int hash : others.smallest) {
            while (here < smallest.length && Integer.compareUnsigned(smallest[here], hash) < 0) {
                here++;
            }
            if (here == smallest.length && !isAll()) {
                break;
            }
            compared++;
            found += here < smallest.length && smallest[here] == hash ? 1 : 0;
        }
        return new FileSketch.Share(compared, found);
    }

    /**
     * @param what they are hashes of, for the error
     * @throws IllegalArgumentException when it is not as {@link #toString} writes it
     */
    static SmallestHashes parse(String text, String what) {
        try {
            int end = text.indexOf(SEPARATOR);
            int count = end < 0 ? -1 : Integer.parseInt(text.substring(0, end));
            ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(text.substring(end + 1)));
            int[] smallest = new int[bytes.remaining() / Integer.BYTES];
            bytes.asIntBuffer().get(smallest);
            boolean ascends = true;
            for (int n = 1; n < smallest.length; n++) {
                ascends &= Integer.compareUnsigned(smallest[n - 1], smallest[n]) < 0;
            }
            if (ascends && smallest.length == Math.min(count, SIZE) && bytes.remaining() % Integer.BYTES == 0) {
                return new SmallestHashes(count, smallest);
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new IllegalArgumentException("'" + text.substring(0, Math.min(text.length(), 40))
                + "…' is no sketch of " + what + ": their number, a colon, and up to " + SIZE
                + " ascending hashes of 8 hex digits");
    }

    @Override
    public String toString() {
        ByteBuffer bytes = ByteBuffer.allocate(smallest.length * Integer.BYTES);
        bytes.asIntBuffer().put(smallest);
        return count + String.valueOf(SEPARATOR) + HexFormat.of().formatHex(bytes.array());
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof SmallestHashes other
                && count == other.count
                && Arrays.equals(smallest, other.smallest);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(smallest);
    }
}
