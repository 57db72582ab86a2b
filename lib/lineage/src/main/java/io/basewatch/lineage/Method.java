package io.basewatch.lineage;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** By what a base was found. */
public enum Method {
    /** All layers of an image of the fleet, now or once, are the lowest layers of this one; compared by what they hold, not by how they are compressed. */
    LAYERS,
    /** The same of a well-known public image that the fleet does not hold. */
    KNOWN,
    /** The lowest layers are shared with images of other repositories, and no image that is known has just these: a base that nobody has named. */
    SHARED,
    /** The image's manifest says so. */
    ANNOTATION,
    /** The image's config says so. */
    LABEL,
    /** The attestation of the image's build says so. */
    PROVENANCE,
    /** The image's history begins with all of the base's: layers were squashed, or written anew. */
    HISTORY,
    /** The image has the base's packages or files, whatever its layers are; see {@link Likeness}. */
    LIKENESS;

    @JsonCreator
    public static Method parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
