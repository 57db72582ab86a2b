package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a tag leads to.
 *
 * @param tagDigest what the tag points at: the index, or the image itself
 * @param images the runnable Linux images, in the index's order, each once; may be empty
 * @param unwatched images that nobody wants to be looked at
 * @param skipped what was left out, for whatever it is
 */
public record ImageTargets(Digest tagDigest, List<Target> images, List<Target> unwatched, List<Skipped> skipped) {

    public ImageTargets {
        images = List.copyOf(images);
        unwatched = List.copyOf(unwatched);
        skipped = List.copyOf(skipped);
    }

    ImageTargets(Digest tagDigest, List<Target> images, List<Skipped> skipped) {
        this(tagDigest, images, List.of(), skipped);
    }

    /** The same, of which only some platforms are watched. What does not say for which it is, is. */
    public ImageTargets only(WantedPlatforms wanted) {
        Map<Boolean, List<Target>> apart =
                images.stream().collect(Collectors.partitioningBy(image -> wanted.accepts(image.platform())));
        List<Target> left = new ArrayList<>(unwatched);
        left.addAll(apart.getOrDefault(false, List.of()));
        return new ImageTargets(tagDigest, apart.getOrDefault(true, List.of()), left, skipped);
    }

    /**
     * One image.
     *
     * @param platform as the index or else the image's config says; null when neither does
     */
    public record Target(Digest digest, @Nullable Platform platform) {}

    /**
     * Something a tag leads to that is not analyzed: an artifact ({@code NOT_AN_IMAGE}), another system ({@code NOT_LINUX}), what passes a limit, or an index's entry that is
     * none ({@code MANIFEST_INVALID}).
     *
     * @param digest null when the entry does not tell it
     * @param artifact of what kind it is; null when it is none
     */
    public record Skipped(
            @Nullable Digest digest,
            Reason reason,
            @Nullable ArtifactKind artifact) {

        /** Something else than an artifact. */
        Skipped(@Nullable Digest digest, Reason reason) {
            this(digest, reason, null);
        }
    }
}
