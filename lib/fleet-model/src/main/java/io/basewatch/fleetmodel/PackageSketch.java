package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which packages an image has, by name and version, in at most half a kilobyte: how many they are, and the {@value #SIZE} smallest of their hashes. Of two images it tells whether one may have
 * all that the other has, without either's list. Equal where the same is installed.
 */
public final class PackageSketch {

    /** Up to so many packages, all of them are in it. */
    public static final int SIZE = 128;

    private static final char SEPARATOR = ':';

    /** Before a hash is taken, so that no name runs into its version. */
    private static final String BETWEEN = " ";

    private final int count;

    /** Unsigned, ascending, each once. */
    private final int[] smallest;

    private PackageSketch(int count, int[] smallest) {
        this.count = count;
        this.smallest = smallest;
    }

    /** One package: its hash. */
    public static int hash(String name, String version) {
        Digest digest = Digest.sha256Of((name + BETWEEN + version).getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(HexFormat.of().parseHex(digest.hex())).getInt();
    }

    /** @param packages each one's {@link #hash}; one that is there twice counts once */
    public static PackageSketch of(Stream<Integer> packages) {
        int[] ordered = packages.mapToInt(hash -> hash ^ Integer.MIN_VALUE)
                .sorted()
                .distinct()
                .toArray();
        int[] smallest = Arrays.copyOf(ordered, Math.min(ordered.length, SIZE));
        for (int n = 0; n < smallest.length; n++) {
            smallest[n] ^= Integer.MIN_VALUE;
        }
        return new PackageSketch(ordered.length, smallest);
    }

    /** How many packages there are. */
    public int count() {
        return count;
    }

    private boolean isAll() {
        return count == smallest.length;
    }

    /**
     * How many of another image's packages could be looked for among these, all of which are there. Of large lists that is a sample.
     *
     * @return 0 when one of them is missing, or none could be looked for
     */
    public int holds(PackageSketch other) {
        if (other.count > count) {
            return 0;
        }
        int compared = 0;
        int here = 0;
        for (int hash : other.smallest) {
            while (here < smallest.length && Integer.compareUnsigned(smallest[here], hash) < 0) {
                here++;
            }
            if (here == smallest.length) {
                return isAll() ? 0 : compared;
            }
            if (smallest[here] != hash) {
                return 0;
            }
            compared++;
        }
        return compared;
    }

    @JsonCreator
    public static PackageSketch parse(String text) {
        int end = text.indexOf(SEPARATOR);
        int count = end < 0 ? -1 : Integer.parseInt(text.substring(0, end));
        ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(text.substring(end + 1)));
        int[] smallest = new int[bytes.remaining() / Integer.BYTES];
        bytes.asIntBuffer().get(smallest);
        boolean ascends = true;
        for (int n = 1; n < smallest.length; n++) {
            ascends &= Integer.compareUnsigned(smallest[n - 1], smallest[n]) < 0;
        }
        if (!ascends || smallest.length != Math.min(count, SIZE) || bytes.remaining() % Integer.BYTES != 0) {
            throw new IllegalArgumentException("'" + text.substring(0, Math.min(text.length(), 40))
                    + "…' is no sketch of packages: their number, a colon, and up to " + SIZE
                    + " ascending hashes of 8 hex digits");
        }
        return new PackageSketch(count, smallest);
    }

    @JsonValue
    @Override
    public String toString() {
        ByteBuffer bytes = ByteBuffer.allocate(smallest.length * Integer.BYTES);
        bytes.asIntBuffer().put(smallest);
        return count + String.valueOf(SEPARATOR) + HexFormat.of().formatHex(bytes.array());
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof PackageSketch sketch
                && count == sketch.count
                && Arrays.equals(smallest, sketch.smallest);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(smallest);
    }
}
