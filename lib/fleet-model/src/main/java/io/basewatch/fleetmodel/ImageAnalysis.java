package io.basewatch.fleetmodel;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one image. Idempotent by (digest, analyzer version): the same image gives the same analysis but for the time.
 *
 * @param digest of the image's manifest
 * @param platform null when neither index nor config says it
 * @param reasons empty only for {@link AnalysisStatus#COMPLETE}; a complete one may have some too (a media type that lied)
 * @param layers bottom-up
 * @param created as the image's config says; null when it does not
 * @param analyzerVersion version of the layer facts, detectors and data together
 */
public record ImageAnalysis(
        Digest digest,
        @Nullable Platform platform,
        AnalysisStatus status,
        List<Reason> reasons,
        Fingerprint fingerprint,
        List<Layer> layers,
        @Nullable Instant created,
        String analyzerVersion,
        Instant analyzedAt) {

    public ImageAnalysis {
        reasons = List.copyOf(reasons);
        layers = List.copyOf(layers);
        if (status != AnalysisStatus.COMPLETE && reasons.isEmpty()) {
            throw new IllegalArgumentException("analysis of " + digest + " is " + status + " without a reason");
        }
    }

    /** Whether time alone may change it: something could not be read for a reason that {@linkplain Reason.Code#mayPass() may pass}. */
    public boolean mayHeal() {
        return failed() && reasons.stream().anyMatch(reason -> reason.code().mayPass());
    }

    /** Whether another look by the same version would say the same. A mistake of ours settles nothing. */
    public boolean settled() {
        return !mayHeal()
                && (!failed() || reasons.stream().noneMatch(reason -> reason.code() == Reason.Code.INTERNAL_ERROR));
    }

    private boolean failed() {
        return status == AnalysisStatus.PARTIAL || status == AnalysisStatus.UNSCANNABLE;
    }

    /**
     * What the lowest layer, the lowest two, … stand for, however they are compressed: ChainIDs of the OCI image-spec (config.md, "Layer ChainID"). Ends before
     * the first layer whose diffID nothing says.
     */
    public List<Chain> chains() {
        List<Chain> chains = new ArrayList<>();
        Digest below = null;
        boolean claimed = false;
        for (Layer layer : layers) {
            Digest diffId = layer.diffId() == null ? layer.claimedDiffId() : layer.diffId();
            if (diffId == null) {
                break;
            }
            below = Chain.id(below, diffId);
            claimed |= layer.diffId() == null;
            chains.add(new Chain(below, claimed));
        }
        return chains;
    }

    /**
     * @param claimed whether a config alone says one of the diffIDs that it is made of
     */
    public record Chain(Digest id, boolean claimed) {

        /**
         * ChainID of a layer upon others.
         *
         * @param below ChainID of those below it; null for the lowest
         */
        public static Digest id(@Nullable Digest below, Digest diffId) {
            return below == null ? diffId : Digest.sha256Of((below + " " + diffId).getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** Sum of the layers as the registry keeps them, in bytes. */
    public long compressedBytes() {
        return layers.stream().mapToLong(Layer::compressedBytes).sum();
    }

    /** Sum of the layers as tars, in bytes; null as long as one of them was not read to its end. */
    public @Nullable Long uncompressedBytes() {
        long sum = 0;
        for (Layer layer : layers) {
            if (layer.uncompressedBytes() == null) {
                return null;
            }
            sum += layer.uncompressedBytes();
        }
        return sum;
    }

    /**
     * One layer as the manifest lists it.
     *
     * @param diffId digest of the uncompressed tar, as it was read; null when the layer was not read to its end, or by its table
     * @param claimedDiffId what the config says it is, where nobody saw the tar; null beside a diffId, and when the config does not say
     * @param uncompressedBytes size of the tar; null when it was not read to its end, and when it was read by its table
     * @param table digest of the table of contents by which only parts of the layer were read; null when it was read as a whole, or not
     */
    public record Layer(
            Digest digest,
            @Nullable Digest diffId,
            @Nullable Digest claimedDiffId,
            String mediaType,
            long compressedBytes,
            @Nullable Long uncompressedBytes,
            @Nullable Digest table) {

        /** One that was read as a whole. */
        public Layer(
                Digest digest,
                @Nullable Digest diffId,
                String mediaType,
                long compressedBytes,
                @Nullable Long uncompressedBytes) {
            this(digest, diffId, null, mediaType, compressedBytes, uncompressedBytes, null);
        }
    }
}
