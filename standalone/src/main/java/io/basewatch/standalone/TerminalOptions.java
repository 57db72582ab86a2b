package io.basewatch.standalone;

import picocli.CommandLine.Option;

/** How what is told looks, for each command that tells something. */
final class TerminalOptions {

    @Option(
            names = "--color",
            paramLabel = "WHEN",
            defaultValue = "auto",
            description = "auto (default: on a terminal, unless NO_COLOR is set), always or never.")
    Terminal.Colors color = Terminal.Colors.AUTO;

    Terminal out() {
        return Terminal.ofOut(color);
    }

    Terminal err() {
        return Terminal.ofErr(color);
    }
}
