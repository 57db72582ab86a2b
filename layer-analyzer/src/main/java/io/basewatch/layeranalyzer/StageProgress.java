package io.basewatch.layeranalyzer;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** How many images are still to be done, counted now and then, and from that when the last one is. All analyzers together make it less. Thread-safe. */
final class StageProgress {

    /** What was longer ago says nothing about the rate of now. */
    private static final Duration WINDOW = Duration.ofMinutes(10);

    private record Count(long left, long nanos) {}

    private final Deque<Count> counts = new ArrayDeque<>();

    /**
     * @param nanos {@link System#nanoTime()}
     */
    synchronized void counted(long left, long nanos) {
        Count last = counts.peekLast();
        if (last != null && left > last.left) {
            // New ones came: what was measured before them is about other work.
            counts.clear();
        }
        while (counts.size() > 1 && nanos - counts.getFirst().nanos > WINDOW.toNanos()) {
            counts.removeFirst();
        }
        counts.addLast(new Count(left, nanos));
    }

    /** NaN when never counted. */
    synchronized double left() {
        Count last = counts.peekLast();
        return last == null ? Double.NaN : last.left;
    }

    /** From the last count on; 0 when nothing is left, NaN while the number does not fall. */
    synchronized double forecastSeconds() {
        Count first = counts.peekFirst();
        Count last = counts.peekLast();
        if (first == null || last == null) {
            return Double.NaN;
        }
        if (last.left == 0) {
            return 0;
        }
        double done = first.left - last.left;
        return done <= 0 ? Double.NaN : last.left * ((last.nanos - first.nanos) / 1e9) / done;
    }
}
