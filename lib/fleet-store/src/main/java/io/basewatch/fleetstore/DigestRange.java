package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.Digest;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.query.Criteria;

/**
 * A part of all digests, so that many can go through images side by side. Digests are spread evenly, and so are the images over the ranges.
 *
 * @param name the same in all processes
 * @param from the first text that belongs to it
 * @param to the first one that does not any more; null when all that follow do
 */
public record DigestRange(
        String name, String from, @Nullable String to) {

    private static final int COUNT = 64;
    private static final int WIDTH = 256 / COUNT;

    /** All there are. */
    static final DigestRange WHOLE = new DigestRange("whole", "", null);

    private static final List<DigestRange> PARTS =
            IntStream.range(0, COUNT).mapToObj(DigestRange::part).toList();

    /** The ranges that together hold each digest once, in order; always the same. Digests that are not SHA-256 are in the last one. */
    public static List<DigestRange> parts() {
        return PARTS;
    }

    private static DigestRange part(int n) {
        return new DigestRange(
                String.format("%02d", n), n == 0 ? "" : border(n), n == COUNT - 1 ? null : border(n + 1));
    }

    private static String border(int n) {
        return String.format("sha256:%02x", n * WIDTH);
    }

    /**
     * Those of this range by their {@code _id}.
     *
     * @param after only what follows it; null for all
     */
    Criteria ids(@Nullable Digest after) {
        Criteria ids = after == null ? where("_id").gte(from) : where("_id").gt(after.toString());
        return to == null ? ids : ids.lt(to);
    }
}
