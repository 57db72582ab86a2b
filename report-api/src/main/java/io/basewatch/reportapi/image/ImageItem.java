package io.basewatch.reportapi.image;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetstore.ImageFilter.State;
import io.basewatch.fleetstore.ImageSummary;
import io.basewatch.lifecycle.SupportPolicy;
import io.basewatch.lineage.Member.CaveatKey;
import io.basewatch.reportapi.lifecycle.Supports;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonSerialize;

/**
 * One line of a list of images.
 *
 * @param reference the first of {@code references}
 * @param references tags that lead to it, at most {@value ImageSummary#MAX_TAGS}
 * @param referenceCount all of them
 * @param status pending, or the analysis' status
 * @param distro absent while it is pending, and when the files do not say
 * @param libc the system's; absent while it is pending
 * @param support absent while it is pending
 * @param caveats absent while its analysis is not judged
 */
@JsonSerialize(using = ItemSerializer.class)
public record ImageItem(
        String reference,
        List<ImageReference> references,
        int referenceCount,
        Digest digest,
        @Nullable Platform platform,

        @Schema(allowableValues = {"pending", "complete", "partial", "unscannable", "skipped"})
        String status,

        @Nullable Release distro,
        Libc.@Nullable Family libc,
        @Nullable Support support,
        @Nullable Caveats caveats,
        @Nullable Instant created,
        @Nullable Instant analyzedAt,
        @Nullable Long compressedBytes) {

    /**
     * How many there are of each kind, and the worst: what is proven before what may be, and of these the most severe.
     *
     * @param worst absent when there is none
     */
    public record Caveats(
            int certain, int risk, int info, @Nullable CaveatKey worst) {

        private static final Comparator<CaveatKey> WORST_FIRST = Comparator.comparing(CaveatKey::kind)
                .thenComparing(CaveatKey::severity, Comparator.reverseOrder())
                .thenComparing(CaveatKey::id);

        static Caveats of(List<CaveatKey> keys) {
            int certain = 0;
            int risk = 0;
            int info = 0;
            CaveatKey worst = null;
            for (CaveatKey key : keys) {
                switch (key.kind()) {
                    case CERTAIN -> certain++;
                    case RISK -> risk++;
                    case INFO -> info++;
                }
                worst = worst == null || WORST_FIRST.compare(key, worst) < 0 ? key : worst;
            }
            return new Caveats(certain, risk, info, worst);
        }
    }

    /** What tells one release from another: {@link io.basewatch.fleetmodel.Distro} without its evidence. */
    public record Release(
            String id,
            @Nullable String version,
            @Nullable String codename,
            @Nullable String variant) {}

    /** Each once. */
    static Set<Repository> repositories(List<ImageReference> tags) {
        return tags.stream().map(ImageReference::repository).collect(Collectors.toCollection(TreeSet::new));
    }

    static ImageItem of(ImageSummary image, Supports supports, SupportPolicy policy) {
        String id = image.distro();
        Support plain = supports.of(id, image.version(), image.codename(), image.variant());
        Support support = policy.isEmpty()
                ? plain
                : policy.apply(
                        plain,
                        repositories(image.tags()),
                        image.tagCount() == image.tags().size());
        return new ImageItem(
                (image.tags().isEmpty() ? image.digest() : image.tags().get(0)).toString(),
                image.tags(),
                image.tagCount(),
                image.digest(),
                image.platform(),
                State.of(image.status()).name().toLowerCase(Locale.ROOT),
                id == null ? null : new Release(id, image.version(), image.codename(), image.variant()),
                image.libc(),
                image.status() == null ? null : support,
                image.caveats() == null ? null : Caveats.of(image.caveats()),
                image.created(),
                image.analyzedAt(),
                image.compressedBytes());
    }
}
