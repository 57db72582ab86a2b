package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a tag leads to.
 *
 * @param tagDigest what the tag points at: the index, or the image itself
 * @param images the runnable Linux images, in the index's order, each once; may be empty
 * @param skipped what was left out
 */
public record ImageTargets(Digest tagDigest, List<Target> images, List<Skipped> skipped) {

    public ImageTargets {
        images = List.copyOf(images);
        skipped = List.copyOf(skipped);
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
