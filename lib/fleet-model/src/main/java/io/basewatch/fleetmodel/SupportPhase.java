package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Where in its life a release is on a day. */
public enum SupportPhase {
    /** Before its first day. */
    UNRELEASED,
    /** Full support by those who made it. */
    STANDARD,
    /** Free security fixes after full support. */
    LTS,
    /** Fixes only for those who pay or opt in. */
    EXTENDED,
    ENDED,
    /** Has no releases that could end: its age is that of its newest package. */
    ROLLING,
    /** The dataset does not know this release: neither supported nor ended. */
    UNKNOWN;

    /** Whether free fixes are over: {@link #EXTENDED} counts, as nothing in an image proves that someone pays. */
    public boolean isPastSupport() {
        return this == EXTENDED || this == ENDED;
    }

    @JsonCreator
    public static SupportPhase parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
