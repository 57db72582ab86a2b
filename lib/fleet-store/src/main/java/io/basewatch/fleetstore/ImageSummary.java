package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.lineage.Member;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of a list of images: what can be told without reading the analysis.
 *
 * @param platform null when nothing says it
 * @param status null while it is not analysed; everything that comes from the analysis is null then too
 * @param distro id; null when the files do not say
 * @param version null when the distribution has none
 * @param codename null when there is none
 * @param variant null for the ordinary one
 * @param libc the system's
 * @param tags that lead to it, sorted; at most {@value #MAX_TAGS}
 * @param tagCount all of them
 * @param created as the image's config says
 * @param compressedBytes of all layers
 * @param caveats each id, kind and severity once; null while the analysis is not judged
 */
public record ImageSummary(
        Digest digest,
        @Nullable Platform platform,
        @Nullable AnalysisStatus status,
        @Nullable String distro,
        @Nullable String version,
        @Nullable String codename,
        @Nullable String variant,
        Libc.@Nullable Family libc,
        List<ImageReference> tags,
        int tagCount,
        @Nullable Instant created,
        @Nullable Instant analyzedAt,
        @Nullable Long compressedBytes,
        @Nullable List<Member.CaveatKey> caveats) {

    public static final int MAX_TAGS = 20;

    public ImageSummary {
        tags = List.copyOf(tags);
        caveats = caveats == null ? null : List.copyOf(caveats);
    }
}
