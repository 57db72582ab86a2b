package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which files of the system an image has, by path and size, in at most half a kilobyte: how many they are, and the {@value #SIZE} smallest of their hashes. Of two images it tells about how
 * much of the one is in the other, whether there is a database of packages or not. Equal where the same is there.
 */
public final class FileSketch {

    /** Up to so many files, all of them are in it. */
    public static final int SIZE = SmallestHashes.SIZE;

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final SmallestHashes files;

    private FileSketch(SmallestHashes files) {
        this.files = files;
    }

    /**
     * One file: its hash. Not against somebody who wants two to be the same, who would only be guessed wrongly.
     *
     * @param size in bytes
     */
    public static int hash(String path, long size) {
        long hash = FNV_OFFSET;
        for (byte each : path.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (each & 0xff)) * FNV_PRIME;
        }
        // No path has a zero in it: none runs into its size.
        hash *= FNV_PRIME;
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            hash = (hash ^ (size >>> shift & 0xff)) * FNV_PRIME;
        }
        // The last steps of MurmurHash3: FNV's upper bits alone are not even.
        hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
        hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
        return (int) (hash ^ hash >>> 33);
    }

    /** @param files each one's {@link #hash} */
    public static FileSketch of(IntStream files) {
        return new FileSketch(SmallestHashes.of(files.toArray()));
    }

    /** How many files there are. */
    public int count() {
        return files.count();
    }

    /**
     * What a comparison saw.
     *
     * @param compared how many files could be looked for; of many, a sample
     * @param found how many of these are there
     */
    public record Share(int compared, int found) {

        /** Rounded down: 100 only where all are there; 0 where none could be looked for. */
        public int percent() {
            return compared == 0 ? 0 : 100 * found / compared;
        }
    }

    /** How much of another image's files is among these. */
    public Share shareOf(FileSketch other) {
        return files.shareOf(other.files);
    }

    /**
     * Some of the files, the same ones of images that have the same: by these, images that may have much in common are found without looking at all others.
     *
     * @return at most {@code most} hashes
     */
    public IntStream marks(int most) {
        return IntStream.of(files.smallest()).limit(most);
    }

    /** @throws IllegalArgumentException when it is not as {@link #toString} writes it */
    @JsonCreator
    public static FileSketch parse(String text) {
        return new FileSketch(SmallestHashes.parse(text, "files"));
    }

    @JsonValue
    @Override
    public String toString() {
        return files.toString();
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof FileSketch sketch && files.equals(sketch.files);
    }

    @Override
    public int hashCode() {
        return files.hashCode();
    }
}
