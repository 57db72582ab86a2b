package io.basewatch.standalone;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** Says from how fast work was done lately how long the rest will take. */
final class Forecast {

    /** Long enough that one large image does not decide it. */
    private static final Duration LATELY = Duration.ofMinutes(1);

    private static final Duration ENOUGH = Duration.ofSeconds(5);

    private record Look(long nanos, long done) {}

    private final Deque<Look> looks = new ArrayDeque<>();

    /**
     * @param nanos now, {@link System#nanoTime()}
     * @param done of any count that grows by one with each piece
     * @param left pieces
     * @return empty while nobody can say
     */
    Optional<Duration> rest(long nanos, long done, long left) {
        if (looks.isEmpty()
                || nanos - looks.getLast().nanos() >= Duration.ofSeconds(1).toNanos()) {
            looks.addLast(new Look(nanos, done));
        }
        while (looks.size() > 2 && nanos - looks.getFirst().nanos() > LATELY.toNanos()) {
            looks.removeFirst();
        }
        Look first = looks.getFirst();
        long took = nanos - first.nanos();
        long pieces = done - first.done();
        if (left <= 0 || pieces <= 0 || took < ENOUGH.toNanos()) {
            return Optional.empty();
        }
        return Optional.of(Duration.ofSeconds(Math.max(1, Math.round(took / 1e9 / pieces * left))));
    }

    /** As exact as a forecast is: {@code 40 s}, {@code 4 min}, {@code 3 h}. */
    static String text(Duration rest) {
        if (rest.compareTo(Duration.ofSeconds(90)) < 0) {
            return rest.toSeconds() + " s";
        }
        return rest.compareTo(Duration.ofMinutes(90)) < 0
                ? Math.round(rest.toSeconds() / 60.0) + " min"
                : Math.round(rest.toMinutes() / 60.0) + " h";
    }
}
