package io.basewatch.lineage;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How sure it is that an image stands on a base; the surest first. */
public enum Confidence {
    /** The layers prove it, and all of them were read. */
    CERTAIN,
    /** Who built the image says so, or the proof lacks a layer that nobody read. */
    LIKELY,
    /** It looks like it. */
    GUESS;

    @JsonCreator
    public static Confidence parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
