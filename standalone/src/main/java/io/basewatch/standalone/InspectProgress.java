package io.basewatch.standalone;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells whoever waits at a terminal which of several references is looked at, and how long the others may take. */
final class InspectProgress {

    private final ProgressLine line;
    private final Forecast forecast = new Forecast();
    private final int all;
    private int begun;

    private InspectProgress(int all, Terminal terminal) {
        this.all = all;
        this.line = new ProgressLine(System.err, terminal);
    }

    /** Null where there is nobody. */
    static @Nullable InspectProgress of(int references, TerminalOptions options) {
        Terminal terminal = options.err();
        return terminal.isWatched() ? new InspectProgress(references, terminal) : null;
    }

    void begins(String reference) {
        Optional<Duration> rest = forecast.rest(System.nanoTime(), begun, all - begun);
        begun++;
        line.show(ReportText.printable("%d of %d%s: %s"
                .formatted(
                        begun,
                        all,
                        rest.map(left -> ", about " + Forecast.text(left) + " to go")
                                .orElse(""),
                        reference)));
    }

    /** What is told next has the line for itself. */
    void ended() {
        line.clear();
    }
}
