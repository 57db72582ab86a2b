package io.basewatch.reportapi.image;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageAnalysis.Layer;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetstore.StoredImage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The report of one image, its fields at the top as the command line gives them, and what only the fleet knows.
 *
 * @param tags that lead to it, sorted; at most {@value StoredImage#MAX_TAGS}; empty when none does any more
 * @param tagCount all of them, where they are more than {@code tags} has: {@code /api/v1/tags?image=} has them by the page; else absent
 * @param layers bottom-up
 * @param created as the image's config says
 */
public record ImageAnswer(
        @JsonUnwrapped ImageReport report,
        List<String> tags,
        @Nullable Long tagCount,
        List<Layer> layers,
        @Nullable Instant created,
        Instant analyzedAt,
        String analyzerVersion) {

    static ImageAnswer of(StoredImage image, ImageAnalysis analysis, Support support, ImageReport.@Nullable Base base) {
        String reference = image.tags().isEmpty()
                ? analysis.digest().toString()
                : image.tags().get(0).toString();
        return new ImageAnswer(
                ImageReport.of(reference, analysis, image.judgement(), support).standingOn(base),
                image.tags().stream().map(ImageReference::toString).toList(),
                image.tagCount() > image.tags().size() ? image.tagCount() : null,
                analysis.layers(),
                analysis.created(),
                analysis.analyzedAt(),
                analysis.analyzerVersion());
    }
}
