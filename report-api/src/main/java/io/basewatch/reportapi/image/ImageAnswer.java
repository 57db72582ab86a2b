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
 * @param tags all that lead to it; empty when none does any more
 * @param layers bottom-up
 * @param created as the image's config says
 */
record ImageAnswer(
        @JsonUnwrapped ImageReport report,
        List<String> tags,
        List<Layer> layers,
        @Nullable Instant created,
        Instant analyzedAt,
        String analyzerVersion) {

    static ImageAnswer of(StoredImage image, ImageAnalysis analysis, Support support) {
        String reference = image.tags().isEmpty()
                ? analysis.digest().toString()
                : image.tags().get(0).toString();
        return new ImageAnswer(
                ImageReport.of(reference, analysis, support),
                image.tags().stream().map(ImageReference::toString).toList(),
                analysis.layers(),
                analysis.created(),
                analysis.analyzedAt(),
                analysis.analyzerVersion());
    }
}
