package io.basewatch.standalone;

import java.time.LocalDate;
import java.time.ZoneOffset;

/** The day that is meant where no other is given. Not where options are read: a short run does without the library for these. */
final class Today {

    private Today() {}

    static LocalDate utc() {
        return LocalDate.now(ZoneOffset.UTC);
    }
}
