package io.basewatch.lineage;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.FileSketch;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageSketch;
import io.basewatch.fleetmodel.Platform;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image of one repository, as lineage and whoever builds on it see it.
 *
 * @param digest of the image's manifest
 * @param platform as the image or its index says; null where neither does
 * @param status null while the image is not analysed: nothing else is known of it then
 * @param layers bottom-up; empty while it is not analysed, and for what has none
 * @param history of each step of the build, the lowest first, a number that stands for this step and all below; empty where the image does not say. Two images whose numbers begin alike were
 *     built alike so far
 * @param ground what the image stands on; null where its files do not say
 * @param libc the system's; {@link Libc.Family#UNKNOWN} where nothing is known
 * @param created as the image's config says; null when it does not
 * @param caveats each id, kind and severity once; null while the analysis is not judged
 * @param claim what the image says itself of its base; null when it says nothing
 * @param tags of this repository that lead to the image, by themselves or through an index; sorted
 * @param indexes digests of the indexes through which tags of this repository lead to it; sorted, empty where tags lead to it by themselves
 * @param labels by which somebody may say whose it is
 * @param effort what whoever builds on this wants to know of the image, kept as it is; null when there is nothing
 * @param packages which ones the system has installed; null where that is not known, or not wholly
 * @param files which ones the system has; null where that is not known, or not wholly
 * @param kept what is said of the image's record and not of the image
 */
public record Member(
        Digest digest,
        @Nullable Platform platform,
        @Nullable AnalysisStatus status,
        List<Layer> layers,
        List<Long> history,
        @Nullable Ground ground,
        Libc.Family libc,
        @Nullable Instant created,
        @Nullable List<CaveatKey> caveats,
        @Nullable BaseClaim claim,
        List<String> tags,
        List<Digest> indexes,
        Map<String, String> labels,
        @Nullable String effort,
        @Nullable PackageSketch packages,
        @Nullable FileSketch files,
        Kept kept) {

    /** One of whose packages and files nothing is known, and whose changes nobody counts. */
    public Member(
            Digest digest,
            @Nullable Platform platform,
            @Nullable AnalysisStatus status,
            List<Layer> layers,
            List<Long> history,
            @Nullable Ground ground,
            Libc.Family libc,
            @Nullable Instant created,
            @Nullable List<CaveatKey> caveats,
            @Nullable BaseClaim claim,
            List<String> tags,
            List<Digest> indexes,
            Map<String, String> labels,
            @Nullable String effort) {
        this(
                digest,
                platform,
                status,
                layers,
                history,
                ground,
                libc,
                created,
                caveats,
                claim,
                tags,
                indexes,
                labels,
                effort,
                null,
                null,
                Kept.NOTHING);
    }

    public Member {
        layers = List.copyOf(layers);
        history = List.copyOf(history);
        caveats = caveats == null ? null : List.copyOf(caveats);
        tags = List.copyOf(tags);
        indexes = List.copyOf(indexes);
        labels = Map.copyOf(labels);
    }

    /**
     * What lists show besides, and by which it is known whether they may: nothing stands on it.
     *
     * @param revision grows with each change of what is kept of the image: of an equal one all of it is the same. 0 where nobody counts
     * @param analyzedAt null while it is not analysed
     * @param compressedBytes of all layers, as the registry keeps them; null where that is not known
     */
    public record Kept(
            long revision,
            @Nullable Instant analyzedAt,
            @Nullable Long compressedBytes) {

        public static final Kept NOTHING = new Kept(0, null, null);

        /** Whether the revision tells one state from another. */
        public boolean isCounted() {
            return revision != 0;
        }
    }

    /**
     * One layer as the manifest lists it.
     *
     * @param digest of the layer as the registry keeps it
     * @param diffId of the uncompressed tar; null when nothing says it
     * @param claimed whether the config alone says the diffID: nobody has seen that tar
     * @param bytes as the registry keeps it
     */
    public record Layer(Digest digest, @Nullable Digest diffId, boolean claimed, long bytes) {}

    /**
     * @param distro id, as os-release spells it
     * @param version null where the distribution has none
     * @param codename null when there is none
     * @param variant null for the ordinary one
     */
    public record Ground(
            String distro,
            @Nullable String version,
            @Nullable String codename,
            @Nullable String variant) {}

    /** What is asked of a caveat; its text is with the image's judgement. */
    public record CaveatKey(String id, Caveat.Kind kind, Caveat.Severity severity) {}
}
