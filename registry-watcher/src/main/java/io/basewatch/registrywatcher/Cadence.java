package io.basewatch.registrywatcher;

import io.basewatch.registrywatcher.LookTimes.Seen;
import java.time.Duration;
import java.time.Instant;

/**
 * How often a repository is looked at: after a tenth of the time for which nothing has changed in it, and never later than promised. What changed a moment ago is so looked at by each
 * sweep, and what has rested for a month every third day, if that much was promised.
 *
 * @param interval between the starts of two sweeps of its registry, give or take a tenth
 * @param staleness how old what is known of it may get
 */
record Cadence(Duration interval, Duration staleness) {

    private static final int SHARE = 10;

    /** What is promised where nothing is said: each sweep looks at everything, and is over before the next but one begins. */
    static Cadence every(Duration interval) {
        return new Cadence(interval, interval.multipliedBy(2));
    }

    /**
     * Whether a sweep that has come to a repository looks at it. As of when one is known that is known as of later than now, nobody can say: the clock was set back.
     *
     * @param sweep how long the last one took: so much later its turn may come in the next one
     */
    boolean isDue(String repository, Seen last, Instant now, Duration sweep) {
        if (last.due() || last.asOf().isAfter(now) || staleness.compareTo(interval.multipliedBy(2)) <= 0) {
            return true;
        }
        Duration rest = Duration.between(last.changed(), last.asOf()).dividedBy(SHARE);
        // Between half of that and all of it, always the same of one repository: what came together goes apart.
        Duration own = rest.multipliedBy(500 + Math.floorMod(repository.hashCode(), 500))
                .dividedBy(1000);
        if (!now.isBefore(last.asOf().plus(own))) {
            return true;
        }
        Duration latest = interval.multipliedBy(11).dividedBy(10);
        Duration next = (latest.compareTo(sweep) < 0 ? sweep : latest).plus(sweep);
        return now.plus(next).isAfter(last.asOf().plus(staleness));
    }
}
