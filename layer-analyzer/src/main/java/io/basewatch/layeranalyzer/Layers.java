package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layeranalyzer.ImageAnalyzer.Turn;
import io.basewatch.layerfacts.FactsName;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.ociregistry.Descriptor;
import io.basewatch.ociregistry.ImageSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Gives the facts of layers, reading as few of them as possible. Thread-safe. */
interface Layers {

    /** Facts that are there, without asking the registry; empty when the layer would have to be pulled. */
    Optional<Result> known(Descriptor layer, @Nullable Digest diffId);

    /** Facts in the store, by their name alone; empty also when what is stored is not usable, or not all that is wanted now. */
    Optional<LayerFacts> stored(FactsName name);

    /** The layers of an image that is about to be read, from below; what can be done for them meanwhile may be. */
    default void expect(List<Descriptor> layers) {}

    /**
     * Those that are known, else read.
     *
     * @param diffId as the image's config says; null when it does not
     * @param turn awaited before anything is asked of the registry
     */
    Result facts(ImageSource source, Descriptor layer, @Nullable Digest diffId, Turn turn) throws InterruptedException;

    /**
     * What is known of a layer now.
     *
     * @param facts null when nothing is; may be those of a part of the layer
     * @param problem null when the layer was read to its end and is what was promised; with complete facts, what else must be known
     * @param temporary whether trying again later may help
     */
    record Result(@Nullable LayerFacts facts, @Nullable Reason problem, boolean temporary) {

        static Result of(LayerFacts facts) {
            return new Result(facts, null, false);
        }

        static Result failed(Reason problem, boolean temporary) {
            return new Result(null, problem, temporary);
        }
    }
}
