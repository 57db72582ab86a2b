package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How far an analysis came. Everything but {@link #COMPLETE} carries at least one reason. */
public enum AnalysisStatus {
    /** Every layer was read to its end and verified. */
    COMPLETE,
    /** Some of it could not be read; what is told is what is still known. */
    PARTIAL,
    /** Nothing can be said. */
    UNSCANNABLE,
    /** Nothing for us to read: an artifact, or an image for another system than Linux. */
    SKIPPED;

    @JsonCreator
    public static AnalysisStatus parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
