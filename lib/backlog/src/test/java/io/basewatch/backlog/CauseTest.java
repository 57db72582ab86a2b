package io.basewatch.backlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CauseTest {

    private static Cause cause(String text) {
        return Cause.parse(text).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"past-support alpine 3.12", "ending debian 12", "certain:critical elf-lost", "risk:medium x"})
    void oneIsReadAsItWasWritten(String text) {
        assertThat(cause(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "certain", "certain ", "sure:high x", "certain:worst x", "past-support:"})
    void whatIsNoneIsNone(String text) {
        assertThat(Cause.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "certain:high x, certain:high x, true",
        "certain:medium x, certain:high x, true",
        "certain:critical x, certain:high x, false",
        "certain:high x, certain:high y, false",
        "risk:high x, certain:high x, false",
        "certain:high x, certain x, false",
        "past-support alpine 3.12, past-support alpine 3.12, true",
        "past-support alpine 3.12, ending alpine 3.12, false",
        "past-support alpine 3.12, past-support alpine 3.11, false"
    })
    void aDecisionIsAboutWhatItNamesAndAboutWhatIsNoWorse(String there, String known, boolean expected) {
        assertThat(cause(there).isAmong(List.of(cause("ending x 1"), cause(known))))
                .isEqualTo(expected);
    }
}
