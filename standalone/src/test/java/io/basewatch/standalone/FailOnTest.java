package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.Support;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailOnTest {

    private static ImageReport image(AnalysisStatus status, boolean whole, Caveat... caveats) {
        return ImageReport.of(
                        "r.example.com/app:1",
                        null,
                        null,
                        status,
                        List.of(),
                        Fingerprint.unknown(),
                        Support.unknown(),
                        new ImageReport.Bytes(null, null))
                .judged(whole, List.of(), List.of(caveats));
    }

    private static Caveat caveat(Caveat.Kind kind, Caveat.Severity severity) {
        return new Caveat("some-id", kind, severity, "it breaks", List.of(), 0, null);
    }

    @ParameterizedTest
    @CsvSource({
        "certain, CERTAIN, LOW, true",
        "certain, RISK, CRITICAL, false",
        "certain, INFO, LOW, false",
        "certain:high, CERTAIN, MEDIUM, false",
        "certain:high, CERTAIN, HIGH, true",
        "certain:high, CERTAIN, CRITICAL, true",
        "CERTAIN:High, CERTAIN, CRITICAL, true",
        "risk, RISK, LOW, true",
        "risk, CERTAIN, LOW, true",
        "risk, INFO, LOW, false",
        "risk:critical, RISK, HIGH, false",
        "risk:medium, CERTAIN, HIGH, true",
        "ended, CERTAIN, CRITICAL, false",
        "unknown, INFO, LOW, true"
    })
    void failsOnWhatIsAskedFor(String what, Caveat.Kind kind, Caveat.Severity severity, boolean fails) {
        ImageReport image = image(AnalysisStatus.COMPLETE, true, caveat(kind, severity));
        assertThat(FailOn.parse(what).reason(image).isPresent()).isEqualTo(fails);
    }

    @Test
    void whatItsPublisherHasEndedIsEndedAndWhatNobodyCouldAskIsUnknown() {
        LocalDate day = LocalDate.of(2026, 11, 21);
        Support plain = Support.unknown(null, day);
        assertThat(FailOn.parse("ended").reason(Reports.of(plain.endedByPublisher(day))))
                .hasValue("its publisher has ended this image since 2026-11-21");
        assertThat(FailOn.parse("ended").reason(Reports.of(plain.endedByPublisher(day.plusDays(1)))))
                .isEmpty();
        Support known = Reports.SUPPORTED.publisherUnknown("the registry said 503");
        assertThat(FailOn.parse("unknown").reason(Reports.of(Reports.SUPPORTED)))
                .isEmpty();
        assertThat(FailOn.parse("unknown").reason(Reports.of(known)).orElse("")).contains("the registry said 503");
        assertThat(FailOn.parse("ended").reason(Reports.of(known))).isEmpty();
    }

    @Test
    void whatCouldNotBeReadOrJudgedIsIncomplete() {
        FailOn incomplete = FailOn.parse("incomplete");
        assertThat(incomplete.reason(image(AnalysisStatus.COMPLETE, true))).isEmpty();
        assertThat(incomplete.reason(image(AnalysisStatus.COMPLETE, false))).isPresent();
        assertThat(incomplete.reason(image(AnalysisStatus.PARTIAL, false))).isPresent();
        assertThat(incomplete.reason(image(AnalysisStatus.UNSCANNABLE, false))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sometimes",
                "certain:",
                "certain:worst",
                "certain:high:low",
                "ended:high",
                ":high",
                " certain"
            })
    void refusesWhatItDoesNotKnowAndSaysWhatItDoes(String text) {
        assertThatThrownBy(() -> FailOn.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("certain, risk, ended, unknown, incomplete");
    }
}
