package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is answered about one image, by the command line and the report API alike. Field order is the document's order; fields that have no value are null, not absent.
 *
 * @param reference where it was found: {@code registry/repository:tag}, or the path it was read from
 * @param digest null for what has no manifest (a plain root file system)
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ImageReport(
        String reference,
        @Nullable Digest digest,
        @Nullable Platform platform,
        AnalysisStatus status,
        List<Reason> reasons,
        @Nullable Distro distro,
        List<Libc> libc,
        @Nullable Packages packages,
        Support support,
        List<LanguageRuntime> runtimes,
        List<Contradiction> contradictions,
        Bytes bytes) {

    /**
     * The system's package database, and all there are. Null instead of a record when there is none, or when nothing of the image was read; where only a part of
     * it was, in which there is none, the manager is {@code unknown} and the list is empty.
     */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Packages(String manager, @Nullable Integer count, List<PackageDatabase> databases) {}

    /** Sizes of all layers together; null where not known. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Bytes(@Nullable Long compressed, @Nullable Long uncompressed) {}

    /**
     * @param support of the analysis' distro on the day it is asked for
     */
    public static ImageReport of(String reference, ImageAnalysis analysis, Support support) {
        return of(
                reference,
                analysis.digest(),
                analysis.platform(),
                analysis.status(),
                analysis.reasons(),
                analysis.fingerprint(),
                support,
                new Bytes(analysis.compressedBytes(), analysis.uncompressedBytes()));
    }

    public static ImageReport of(
            String reference,
            @Nullable Digest digest,
            @Nullable Platform platform,
            AnalysisStatus status,
            List<Reason> reasons,
            Fingerprint fingerprint,
            Support support,
            Bytes bytes) {
        List<PackageDatabase> databases = fingerprint.packages();
        return new ImageReport(
                reference,
                digest,
                platform,
                status,
                reasons,
                fingerprint.distro(),
                fingerprint.libc(),
                databases.isEmpty()
                        ? null
                        : new Packages(
                                databases.get(0).manager(),
                                databases.get(0).count(),
                                databases.get(0).isUnknown() ? List.of() : databases),
                support,
                fingerprint.runtimes(),
                fingerprint.contradictions(),
                bytes);
    }
}
