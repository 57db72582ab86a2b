package io.basewatch.worker;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses of which each is twice the one before, up to the longest; a part less by chance, so that those who wait for the same do not come at once. */
public record GrowingPauses(Duration first, Duration longest) {

    private static final double LEAST = 0.75;

    /**
     * The next pause.
     *
     * @param before pauses that there were
     */
    public Duration next(int before) {
        double grown = (double) first.toMillis() * Math.pow(2, Math.min(before, 30));
        double bounded = Math.min(grown, (double) longest.toMillis());
        return Duration.ofMillis((long) (bounded * ThreadLocalRandom.current().nextDouble(LEAST, 1)));
    }
}
