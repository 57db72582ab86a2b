package io.basewatch.fleetmodel;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What follows from an image's analysis and its files. Made again when the catalogue of rules or the analysis changes.
 *
 * @param digest of the image's manifest
 * @param catalogueVersion by which rules
 * @param analyzerVersion of the analysis that was judged
 * @param analyzedAt of the same; together they say which one it was
 * @param whole false when not all of the image could be seen, or a rule broke: what is not listed may be there all the same
 * @param reasons mistakes of ours, of which the judgement is not whole
 * @param caveats at most {@value #MAX_CAVEATS}; of one rule there may be several, one for each kind and severity
 * @param move what moving it would take; null when nothing could be seen, and where an older catalogue judged
 */
public record Judgement(
        Digest digest,
        String catalogueVersion,
        String analyzerVersion,
        Instant analyzedAt,
        boolean whole,
        List<Reason> reasons,
        List<Caveat> caveats,
        @Nullable MoveFacts move) {

    public static final int MAX_CAVEATS = 200;

    /** Caveats beyond the bound are left out, and the judgement is then not whole. */
    public Judgement {
        reasons = List.copyOf(reasons);
        whole &= caveats.size() <= MAX_CAVEATS;
        caveats = List.copyOf(caveats.subList(0, Math.min(caveats.size(), MAX_CAVEATS)));
    }

    /** Whether this very analysis was judged, not another one of the same image. */
    public boolean isOf(ImageAnalysis analysis) {
        return digest.equals(analysis.digest())
                && analyzerVersion.equals(analysis.analyzerVersion())
                && analyzedAt.toEpochMilli() == analysis.analyzedAt().toEpochMilli();
    }
}
