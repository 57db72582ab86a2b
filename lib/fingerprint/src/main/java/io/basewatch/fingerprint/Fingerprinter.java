package io.basewatch.fingerprint;

import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.ImageHints;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.SquashedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Lays facts over each other and asks all detectors what they see. */
public final class Fingerprinter {

    /**
     * Facts of another version are not used. Raised when their encoding changes or when a detector wants more of a layer, or of {@link ImageHints#kept()}, than before; a detector that only
     * understands more of what it gets does not need it.
     */
    public static final String FACTS_VERSION = "4";

    private Fingerprinter() {}

    /**
     * @param reasons why it is not complete, or what else must be known: the layers' notes, what could not be laid, files that are broken; empty when all
     *     is well
     */
    public record Result(Fingerprint fingerprint, List<Reason> reasons) {
        public Result {
            reasons = List.copyOf(reasons);
        }
    }

    /** Names the facts and the detectors. Results of another version are to be derived again, from facts where {@link #FACTS_VERSION} is the same. */
    public static String version() {
        return FACTS_VERSION
                + Detectors.all().stream().map(Detector::id).sorted().collect(Collectors.joining(",", "[", "]"));
    }

    /**
     * @param bottomUp the lowest layer first; a plain root file system is a single one
     * @param hints of which detectors get {@link ImageHints#kept()}
     */
    public static Result fingerprint(List<LayerFacts> bottomUp, ImageHints hints) {
        return fingerprint(bottomUp, hints, true);
    }

    /**
     * @param hasAllLayers false when the image has layers of which nothing is known: what is not found may then be in these, and is called unknown. That a
     *     layer was not read to its end its facts say themselves.
     */
    public static Result fingerprint(List<LayerFacts> bottomUp, ImageHints hints, boolean hasAllLayers) {
        return fingerprint(bottomUp, hints, hasAllLayers, Detectors.all());
    }

    static Result fingerprint(
            List<LayerFacts> bottomUp, ImageHints hints, boolean hasAllLayers, List<Detector> detectors) {
        SquashedImage image = new SquashedImage(bottomUp, hints.kept(), detectors, hasAllLayers);
        image.lookForUnread();
        Findings findings = new Findings();
        List<Reason> mistakes = new ArrayList<>();
        for (Detector detector : detectors) {
            try {
                detector.detect(image, findings);
            } catch (RuntimeException e) {
                // One detector's mistake must not hide what the others see, and must not look like a clean image
                // either.
                mistakes.add(new Reason(Reason.Code.INTERNAL_ERROR, "detector " + detector.id() + " failed: " + e));
            }
        }
        List<Reason> reasons = new ArrayList<>();
        bottomUp.forEach(facts -> reasons.addAll(facts.notes()));
        reasons.addAll(image.reasons());
        reasons.addAll(mistakes);
        reasons.addAll(findings.reasons());
        return new Result(findings.toFingerprint(image.isWhole()), reasons);
    }
}
