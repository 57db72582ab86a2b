package io.basewatch.standalone;

import java.io.PrintStream;
import java.time.Duration;

/** Says how far something is: one line that renews itself on a terminal, a line every few seconds elsewhere. */
final class ProgressLine {

    private static final Duration QUIET = Duration.ofSeconds(5);

    private final PrintStream out;
    private final Terminal terminal;
    private String last = "";
    private long lastNanos;

    ProgressLine(PrintStream out, Terminal terminal) {
        this.out = out;
        this.terminal = terminal;
        this.lastNanos = System.nanoTime() - QUIET.toNanos();
    }

    /** Shows the line when it has changed and, off a terminal, when the last one is old enough. */
    void show(String text) {
        String line = fitting(text);
        if (line.equals(last)) {
            return;
        }
        if (terminal.isWatched()) {
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

    /** Makes room for other lines; the next {@link #show} comes below them. */
    void clear() {
        if (terminal.isWatched() && !last.isEmpty()) {
            out.print("\r" + " ".repeat(last.length()) + "\r");
            out.flush();
        }
        last = "";
    }

    /** Shows the last state whatever came before, and ends the line. */
    void finish(String line) {
        if (terminal.isWatched()) {
            show(line);
            out.println();
        } else {
            out.println(line);
        }
        last = "";
    }

    /** A line that goes over the edge cannot be renewed. */
    private String fitting(String line) {
        int room = terminal.width() - 1;
        return line.length() <= room ? line : line.substring(0, room - 1) + "…";
    }
}
