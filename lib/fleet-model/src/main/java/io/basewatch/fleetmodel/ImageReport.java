package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is answered about one image, by the command line and the report API alike. Field order is the document's order; fields that have no value are null, not absent.
 *
 * @param reference where it was found: {@code registry/repository:tag}, or the path it was read from
 * @param digest null for what has no manifest (a plain root file system)
 * @param base that it was built on; null where none is known
 * @param caveats the worst first; empty also where nothing is known of them, see {@code judged}
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
        @Nullable Base base,
        List<LanguageRuntime> runtimes,
        Judged judged,
        List<Caveat> caveats,
        List<Contradiction> contradictions,
        Bytes bytes) {

    /** How far the image's caveats are known. */
    public enum Judged {
        /** What is not listed is not there, as far as files can tell. */
        WHOLE,
        /** Not all of the image could be seen: what is not listed may be there all the same. */
        PARTIAL,
        /** Not judged yet, or another analysis was: nothing is known. */
        PENDING;

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The system's package database, and all there are. Null instead of a record when there is none, or when nothing of the image was read; where only a part of
     * it was, in which there is none, the manager is {@code unknown} and the list is empty.
     */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Packages(String manager, @Nullable Integer count, List<PackageDatabase> databases) {}

    /**
     * The image that this one was built on.
     *
     * @param reference what it is called; absent for one that nobody has named
     * @param digest of that image; absent where it is not known
     * @param how it was found: {@code layers}, {@code known}, {@code shared}, {@code annotation}, {@code label}, {@code provenance}, {@code history}, {@code likeness}; {@code pending} while that is not known yet
     * @param confidence {@code certain}, {@code likely} or {@code guess}; absent while it is pending
     */
    public record Base(
            @Nullable String reference,
            @Nullable Digest digest,
            String how,
            @Nullable String confidence) {

        /** Nobody has looked yet. */
        public static final Base PENDING = new Base(null, null, "pending", null);
    }

    /** Sizes of all layers together; null where not known. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Bytes(@Nullable Long compressed, @Nullable Long uncompressed) {}

    /**
     * @param judgement null when there is none; one of another analysis than this is no judgement of it
     * @param support of the analysis' distro on the day it is asked for
     */
    public static ImageReport of(
            String reference, ImageAnalysis analysis, @Nullable Judgement judgement, Support support) {
        ImageReport report = of(
                reference,
                analysis.digest(),
                analysis.platform(),
                analysis.status(),
                analysis.reasons(),
                analysis.fingerprint(),
                support,
                new Bytes(analysis.compressedBytes(), analysis.uncompressedBytes()));
        return judgement == null || !judgement.isOf(analysis)
                ? report
                : report.judged(judgement.whole(), judgement.reasons(), judgement.caveats());
    }

    /** Of an image that was not judged, see {@link #judged(boolean, List, List)}. */
    public static ImageReport of(
            String reference,
            @Nullable Digest digest,
            @Nullable Platform platform,
            AnalysisStatus status,
            List<Reason> reasons,
            Fingerprint fingerprint,
            Support support,
            Bytes bytes) {
        // For programs that compare images, not for readers.
        List<PackageDatabase> databases = fingerprint.packages().stream()
                .map(PackageDatabase::withoutSketch)
                .toList();
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
                support.declared(
                        fingerprint.distro() == null
                                ? null
                                : fingerprint.distro().supportEnd()),
                null,
                fingerprint.runtimes(),
                Judged.PENDING,
                List.of(),
                fingerprint.contradictions(),
                bytes);
    }

    /**
     * The same, of an image that was judged.
     *
     * @param mistakes of ours while judging
     */
    public ImageReport judged(boolean whole, List<Reason> mistakes, List<Caveat> found) {
        return with(
                base,
                mistakes,
                whole ? Judged.WHOLE : Judged.PARTIAL,
                found.stream().sorted(Caveat.WORST_FIRST).toList());
    }

    /** The same, with more to say of what went wrong. */
    public ImageReport remarked(List<Reason> remarks) {
        return with(base, remarks, judged, caveats);
    }

    /** The same, of an image whose base was looked for. */
    public ImageReport standingOn(@Nullable Base found) {
        return with(found, List.of(), judged, caveats);
    }

    private ImageReport with(@Nullable Base on, List<Reason> more, Judged newly, List<Caveat> found) {
        return new ImageReport(
                reference,
                digest,
                platform,
                status,
                Stream.concat(reasons.stream(), more.stream()).toList(),
                distro,
                libc,
                packages,
                support,
                on,
                runtimes,
                newly,
                found,
                contradictions,
                bytes);
    }
}
