package io.basewatch.caveats.kept;

import io.basewatch.caveats.JudgedImage;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.ImageMemory;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.FactsName;
import io.basewatch.layerfacts.LayerFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Sees an analysed image again, by the facts that are kept of its layers: nothing is read. */
public final class KeptImage {

    private KeptImage() {}

    /** As {@link #see(ImageAnalysis, ImageInputs, Function, long, ImageMemory)}, of one image alone. */
    public static Optional<JudgedImage> see(
            ImageAnalysis analysis,
            @Nullable ImageInputs inputs,
            Function<FactsName, Optional<LayerFacts>> facts,
            long maxFactsBytes) {
        return see(analysis, inputs, facts, maxFactsBytes, null);
    }

    /**
     * The image as its rules see it: large, for one thread. Where facts of a layer are missing, or not of all kinds of now, it is not whole.
     *
     * @param inputs null when they were not kept: it is not whole then
     * @param facts of a layer, by their name; empty where there are none
     * @param maxFactsBytes of all layers together; those beyond are taken for missing
     * @param memory of who looks at many images; null for none
     * @return empty when nothing is known of any layer
     */
    public static Optional<JudgedImage> see(
            ImageAnalysis analysis,
            @Nullable ImageInputs inputs,
            Function<FactsName, Optional<LayerFacts>> facts,
            long maxFactsBytes,
            @Nullable ImageMemory memory) {
        List<LayerFacts> kept = new ArrayList<>();
        long bytes = 0;
        for (ImageAnalysis.Layer layer : analysis.layers()) {
            LayerFacts found =
                    FactsName.of(layer).flatMap(facts).flatMap(KeptImage::ofNow).orElse(null);
            bytes += found == null ? 0 : found.heldBytes();
            if (found != null && bytes <= maxFactsBytes) {
                kept.add(found);
            }
        }
        boolean hasAll = inputs != null && kept.size() == analysis.layers().size();
        return kept.isEmpty() && !hasAll
                ? Optional.empty()
                : Optional.of(JudgedImage.of(
                        Fingerprinter.see(kept, inputs == null ? ImageInputs.NONE : inputs, hasAll, memory),
                        analysis.fingerprint()));
    }

    /** Those that say all that is asked of a layer now; a kind for which it has nothing need not have been asked for. */
    private static Optional<LayerFacts> ofNow(LayerFacts facts) {
        List<FactsKind> lacks = facts.lacks(Kinds.all());
        return lacks.stream().anyMatch(facts::mayHave)
                ? Optional.empty()
                : Optional.of(lacks.isEmpty() ? facts : facts.withNothingOf(lacks));
    }
}
