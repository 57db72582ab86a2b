package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Which packages an image has, by name and version, in at most half a kilobyte: how many they are, and the {@value #SIZE} smallest of their hashes. Of two images it tells whether one may have
 * all that the other has, without either's list. Equal where the same is installed.
 */
public final class PackageSketch {

    /** Up to so many packages, all of them are in it. */
    public static final int SIZE = SmallestHashes.SIZE;

    /** Before a hash is taken, so that no name runs into its version. */
    private static final String BETWEEN = " ";

    /** Nothing was given to it yet: a copy costs less than asking for another one, of which there is one for each package. */
    private static final MessageDigest SHA_256 = Digest.sha256();

    private final SmallestHashes packages;

    private PackageSketch(SmallestHashes packages) {
        this.packages = packages;
    }

    /** One package: its hash. */
    public static int hash(String name, String version) {
        try {
            MessageDigest sha256 = (MessageDigest) SHA_256.clone();
            byte[] hash = sha256.digest((name + BETWEEN + version).getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(hash).getInt();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("each Java runtime's SHA-256 can be copied", e);
        }
    }

    /** @param packages each one's {@link #hash}; one that is there twice counts once */
    public static PackageSketch of(int... packages) {
        return new PackageSketch(SmallestHashes.of(packages.clone()));
    }

    /** How many packages there are. */
    public int count() {
        return packages.count();
    }

    /**
     * How many of another image's packages could be looked for among these, all of which are there. Of large lists that is a sample.
     *
     * @return 0 when one of them is missing, or none could be looked for
     */
    public int holds(PackageSketch other) {
        if (other.count() > count()) {
            return 0;
        }
        FileSketch.Share share = packages.shareOf(other.packages);
        return share.found() == share.compared() ? share.compared() : 0;
    }

    /** @throws IllegalArgumentException when it is not as {@link #toString} writes it */
    @JsonCreator
    public static PackageSketch parse(String text) {
        return new PackageSketch(SmallestHashes.parse(text, "packages"));
    }

    @JsonValue
    @Override
    public String toString() {
        return packages.toString();
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof PackageSketch sketch && packages.equals(sketch.packages);
    }

    @Override
    public int hashCode() {
        return packages.hashCode();
    }
}
