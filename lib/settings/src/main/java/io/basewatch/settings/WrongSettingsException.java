package io.basewatch.settings;

import java.util.List;
import java.util.stream.Collectors;

/** What is set cannot be used. The message has all that is wrong, one thing on each line. */
public final class WrongSettingsException extends RuntimeException {

    WrongSettingsException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    }
}
