package io.basewatch.fleetstore;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/**
 * What is believed of a time that another process has written down, or this one before its clock was set right. Nothing is waited for that was written later than now: whoever wrote it had a
 * clock that was ahead, by years perhaps.
 */
final class Clocks {

    /** Further than that no two clocks that are right are apart. */
    static final Duration APART = Duration.ofHours(1);

    private Clocks() {}

    /** The latest time that one whose clock is right can have written up to now. */
    static Date latest(Clock clock) {
        return Date.from(clock.instant().plus(APART));
    }

    /** Whether who wrote this down had a clock that was ahead; false where nobody did. */
    static boolean wasAhead(@Nullable Instant written, Clock clock) {
        return written != null && written.isAfter(clock.instant().plus(APART));
    }
}
