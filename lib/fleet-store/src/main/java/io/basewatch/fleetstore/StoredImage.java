package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetmodel.Platform;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is kept of one image.
 *
 * @param platform null when nothing says it
 * @param analysis null while it is not analysed
 * @param judgement of the analysis, or of another one of the image; null when there is none
 * @param tags that lead to it, sorted; at most {@value #MAX_TAGS}, the others are found by {@link TagFilter#image()}; empty for an image that
 *     no tag leads to any more
 * @param tagCount all of them
 */
public record StoredImage(
        Digest digest,
        @Nullable Platform platform,
        @Nullable ImageAnalysis analysis,
        @Nullable Judgement judgement,
        List<ImageReference> tags,
        long tagCount) {

    public static final int MAX_TAGS = 1000;

    public StoredImage {
        tags = List.copyOf(tags);
    }
}
