package io.basewatch.standalone;

import java.io.PrintStream;
import java.time.Duration;

/** Says how far the first sweep is: one line that renews itself on a terminal, a line every few seconds elsewhere. */
final class ProgressLine {

    private static final Duration QUIET = Duration.ofSeconds(5);

    private final PrintStream out;
    private final boolean terminal;
    private String last = "";
    private long lastNanos;

    ProgressLine(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
        this.lastNanos = System.nanoTime() - QUIET.toNanos();
    }

    /** Shows the line when it has changed and, off a terminal, when the last one is old enough. */
    void show(String line) {
        if (line.equals(last)) {
            return;
        }
        if (terminal) {
            out.print("\r" + line + " ".repeat(Math.max(0, last.length() - line.length())));
            out.flush();
        } else if (System.nanoTime() - lastNanos >= QUIET.toNanos()) {
            out.println(line);
            lastNanos = System.nanoTime();
        } else {
            return;
        }
        last = line;
    }

    /** Shows the last state whatever came before, and ends the line. */
    void finish(String line) {
        if (terminal) {
            show(line);
            out.println();
        } else {
            out.println(line);
        }
        last = "";
    }
}
