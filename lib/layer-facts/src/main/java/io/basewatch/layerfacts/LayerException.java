package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Reason;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A layer could not be read as its manifest promises. Reading it again gives the same, as long as the stored bytes are the same. */
public final class LayerException extends Exception {

    private final transient Reason reason;
    private final transient @Nullable LayerFacts facts;

    LayerException(Reason reason, @Nullable LayerFacts facts, @Nullable Throwable cause) {
        super(reason.message(), cause);
        this.reason = reason;
        this.facts = facts;
    }

    public Reason reason() {
        return reason;
    }

    /**
     * What is known nevertheless. Empty when the bytes are not those of the manifest, for then they say nothing about the image.
     * {@link LayerFacts#isComplete()} tells whether the whole layer was seen (as with a wrong diffID in the config).
     */
    public Optional<LayerFacts> facts() {
        return Optional.ofNullable(facts);
    }
}
