package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.registrywatcher.LookTimes.Seen;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** By a clock that is moved by hand, over days. */
class CadenceTest {

    private static final Instant START = Instant.parse("2026-05-01T00:00:00Z");
    private static final Duration INTERVAL = Duration.ofMinutes(5);
    private static final Duration SWEEP = Duration.ofSeconds(40);
    private static final int REPOSITORIES = 300;

    /** What a simulation saw. */
    private record Seens(Duration oldest, Duration slowest, long looks, long sweeps, long lost) {}

    /** A third of the repositories changes every 20 minutes, a third every second day, and a third never. */
    private static Seens simulate(Cadence cadence, Duration time, long seed) {
        Random random = new Random(seed);
        Map<Integer, Seen> seen = new HashMap<>();
        Map<Integer, Instant> changed = new HashMap<>();
        Map<Integer, Instant> untold = new HashMap<>();
        Duration oldest = Duration.ZERO;
        Duration slowest = Duration.ZERO;
        long looks = 0;
        long sweeps = 0;
        for (Instant now = START; now.isBefore(START.plus(time)); sweeps++) {
            for (int n = 0; n < REPOSITORIES; n++) {
                Instant turn = now.plus(SWEEP.multipliedBy(n).dividedBy(REPOSITORIES));
                Seen last = seen.get(n);
                if (last != null) {
                    Duration every = n % 3 == 0 ? Duration.ofMinutes(20) : Duration.ofDays(2);
                    double chance =
                            (double) Duration.between(now, turn).plus(INTERVAL).toMillis() / every.toMillis();
                    if (n % 3 < 2 && random.nextDouble() < chance) {
                        // Somewhen since the turn before.
                        untold.putIfAbsent(n, turn.minusMillis((long) (random.nextDouble() * INTERVAL.toMillis())));
                    }
                    Duration age = Duration.between(last.asOf(), turn);
                    oldest = age.compareTo(oldest) > 0 ? age : oldest;
                    if (!cadence.isDue("team/app" + n, last, turn, SWEEP)) {
                        continue;
                    }
                }
                looks++;
                Instant change = untold.remove(n);
                if (change != null) {
                    changed.put(n, turn);
                    Duration took = Duration.between(change, turn);
                    slowest = took.compareTo(slowest) > 0 ? took : slowest;
                }
                seen.put(n, new Seen(turn, changed.getOrDefault(n, START), 1, 1, false));
            }
            now = now.plus(INTERVAL.multipliedBy(90 + random.nextInt(21)).dividedBy(100));
        }
        long lost = untold.values().stream()
                .filter(change -> change.plus(cadence.staleness()).isBefore(START.plus(time)))
                .count();
        return new Seens(oldest, slowest, looks, sweeps, lost);
    }

    @Test
    void whereNothingIsSaidEachSweepLooksAtEverything() {
        Seens seens = simulate(Cadence.every(INTERVAL), Duration.ofDays(2), 1);
        assertThat(seens.looks()).isEqualTo(seens.sweeps() * REPOSITORIES);
        assertThat(seens.oldest()).isLessThanOrEqualTo(INTERVAL.multipliedBy(2));
    }

    @Test
    void whatRestsIsLookedAtRarelyAndNeverLaterThanPromised() {
        for (int seed = 0; seed < 3; seed++) {
            Duration promised = Duration.ofHours(6);
            Seens seens = simulate(new Cadence(INTERVAL, promised), Duration.ofDays(6), seed);
            assertThat(seens.oldest()).as("seed %s", seed).isLessThanOrEqualTo(promised);
            assertThat(seens.slowest()).as("seed %s", seed).isLessThanOrEqualTo(promised);
            assertThat(seens.lost()).as("seed %s", seed).isZero();
            assertThat(seens.looks()).as("seed %s: of all", seed).isLessThan(seens.sweeps() * REPOSITORIES / 2);
        }
    }

    @Test
    void whatChangedAMomentAgoIsLookedAtByEachSweepAndWhatIsSaidToBeDueAtOnce() {
        Cadence cadence = new Cadence(INTERVAL, Duration.ofDays(1));
        Seen hot = new Seen(START.plus(INTERVAL), START, 1, 1, false);
        assertThat(cadence.isDue("a", hot, START.plus(INTERVAL.multipliedBy(2)), SWEEP))
                .isTrue();
        Seen cold = new Seen(START.plus(Duration.ofDays(30)), START, 1, 1, false);
        Instant soon = cold.asOf().plus(INTERVAL);
        assertThat(cadence.isDue("a", cold, soon, SWEEP)).isFalse();
        assertThat(cadence.isDue("a", cold.nowDue(), soon, SWEEP)).isTrue();
        assertThat(cadence.isDue("a", cold, soon, Duration.ofHours(12)))
                .as("the next sweep may come to it too late")
                .isTrue();
    }

    @Test
    void whatIsKnownAsOfLaterThanNowIsLookedAtAsTheClockWasSetBack() {
        Cadence cadence = new Cadence(INTERVAL, Duration.ofDays(1));
        Instant ahead = START.plus(Duration.ofDays(4 * 365));
        Seen quiet = new Seen(ahead, ahead.minus(Duration.ofDays(300)), 1, 1, false);
        assertThat(cadence.isDue("team/app", quiet, ahead.plus(INTERVAL), SWEEP))
                .isFalse();
        assertThat(cadence.isDue("team/app", quiet, START, SWEEP)).isTrue();
    }
}
