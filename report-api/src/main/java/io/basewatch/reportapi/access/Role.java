package io.basewatch.reportapi.access;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What somebody may do. */
public enum Role {
    /** Asks whatever can be asked. */
    READER,
    /** All that a reader may, and changes what can be changed. */
    OPERATOR,
    /** Health and meters, nothing else. */
    SCRAPER;

    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
