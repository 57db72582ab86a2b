package io.basewatch.fingerprint.packages;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Numbers as package databases write them; a field that is none counts as absent. */
final class Numbers {

    private static final long YEAR_2200 = 7_258_118_400L;

    private Numbers() {}

    /** A non-negative decimal number; 0 when the text is none. */
    static long parseCount(@Nullable String text) {
        if (text == null || text.isEmpty() || text.length() > 15) {
            return 0;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return 0;
            }
        }
        return Long.parseLong(text);
    }

    /** Seconds since 1970; null when that is no plausible moment. */
    static @Nullable Instant time(long seconds) {
        return seconds <= 0 || seconds > YEAR_2200 ? null : Instant.ofEpochSecond(seconds);
    }
}
