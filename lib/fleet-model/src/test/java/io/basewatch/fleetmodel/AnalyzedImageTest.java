package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnalyzedImageTest {

    private static final Digest IMAGE = Digest.parse("sha256:" + "a".repeat(64));
    private static final Instant TIME = Instant.parse("2026-11-22T10:15:30Z");

    private static ImageAnalysis analysis(AnalysisStatus status, Fingerprint fingerprint, Reason.Code... reasons) {
        return new ImageAnalysis(
                IMAGE,
                Platform.parse("linux/arm64/v8"),
                status,
                Arrays.stream(reasons).map(code -> new Reason(code, "words")).toList(),
                fingerprint,
                List.of(),
                null,
                "7.2026-11-01",
                TIME);
    }

    private static Fingerprint alpine() {
        Distro distro = new Distro("alpine", "3.20.3", null, "Alpine Linux", null, List.of(), List.of());
        return new Fingerprint(distro, List.of(Libc.unknown()), List.of(), List.of(), List.of());
    }

    private static Judgement judgement(boolean whole, Caveat... caveats) {
        return new Judgement(IMAGE, "12", "7.2026-11-01", TIME, whole, List.of(), List.of(caveats), null);
    }

    private static Caveat caveat(String id, Caveat.Kind kind, Caveat.Severity severity) {
        return new Caveat(id, kind, severity, "what happens", List.of(), 0, null);
    }

    @Test
    void isWrittenAsTheGoldenOne() {
        AnalyzedImage told = AnalyzedImage.of(
                analysis(AnalysisStatus.COMPLETE, alpine()),
                judgement(
                        true,
                        caveat("dns-no-tcp-fallback", Caveat.Kind.RISK, Caveat.Severity.HIGH),
                        caveat("elf-needed-missing", Caveat.Kind.CERTAIN, Caveat.Severity.MEDIUM),
                        caveat("elf-unresolved-symbol", Caveat.Kind.CERTAIN, Caveat.Severity.CRITICAL)));

        assertThat(JSON.read(told.encode())).isEqualTo(JSON.read(golden()));
        assertThat(told.headers())
                .containsEntry("ce_specversion", "1.0")
                .containsEntry("ce_type", "io.basewatch.image.analyzed")
                .containsEntry("ce_subject", IMAGE.toString())
                .containsEntry("ce_time", "2026-11-22T10:15:30Z")
                .containsEntry("content-type", "application/json")
                .containsKeys("ce_id", "ce_source");
    }

    @Test
    void theGoldenOneIsReadWhateverALaterVersionAdds() {
        String later = new String(golden()).replaceFirst("\\{", "{\"added\": {\"later\": 1},");

        assertThat(ModelJson.read(later, AnalyzedImage.class)).isEqualTo(ModelJson.read(golden(), AnalyzedImage.class));
    }

    @Test
    void whatIsToldAgainHasTheSameIdAndAnotherJudgementHasAnother() {
        ImageAnalysis analysis = analysis(AnalysisStatus.COMPLETE, alpine());

        String id = AnalyzedImage.of(analysis, judgement(true)).headers().get("ce_id");

        assertThat(AnalyzedImage.of(analysis, judgement(true)).headers()).containsEntry("ce_id", id);
        assertThat(AnalyzedImage.of(analysis, null).headers().get("ce_id")).isNotEqualTo(id);
    }

    @Test
    void whatWasNotReadOrNotJudgedNeverLooksClean() {
        ImageAnalysis partial = analysis(AnalysisStatus.PARTIAL, alpine(), Reason.Code.TIMEOUT, Reason.Code.TIMEOUT);

        assertThat(AnalyzedImage.of(partial, judgement(true)).caveats().known()).isEqualTo("partial");
        assertThat(AnalyzedImage.of(partial, judgement(true)).reasons()).containsExactly("timeout");
        assertThat(AnalyzedImage.of(analysis(AnalysisStatus.COMPLETE, alpine()), judgement(false))
                        .caveats()
                        .known())
                .isEqualTo("partial");
        AnalyzedImage unknown = AnalyzedImage.of(
                analysis(AnalysisStatus.UNSCANNABLE, Fingerprint.unknown(), Reason.Code.UNAUTHORIZED), null);
        assertThat(unknown.caveats().known()).isEqualTo("none");
        assertThat(unknown.libc()).isEqualTo("unknown");
        assertThat(unknown.reasons()).containsExactly("unauthorized");
        // Of an analysis before this one.
        Judgement other = new Judgement(IMAGE, "12", "6", TIME, true, List.of(), List.of(), null);
        assertThat(AnalyzedImage.of(analysis(AnalysisStatus.COMPLETE, alpine()), other)
                        .caveats()
                        .known())
                .isEqualTo("none");
    }

    @Test
    void isNeverLongerThanItsBoundWhateverAnImageSays() {
        String long4 = "\ud83d\ude00".repeat(5_000);
        for (String said : List.of(long4, "\u0001".repeat(5_000), "\"".repeat(5_000), "\u4e2d".repeat(5_000))) {
            Distro distro = new Distro(said, said, said, said, said, List.of(), List.of());
            AnalyzedImage told = AnalyzedImage.of(
                    analysis(
                            AnalysisStatus.PARTIAL,
                            new Fingerprint(distro, List.of(Libc.unknown()), List.of(), List.of(), List.of()),
                            Reason.Code.values()),
                    judgement(
                            true,
                            Collections.nCopies(
                                            Judgement.MAX_CAVEATS,
                                            caveat("late-added-symbols", Caveat.Kind.CERTAIN, Caveat.Severity.CRITICAL))
                                    .toArray(Caveat[]::new)));

            assertThat(told.encode().length).isLessThanOrEqualTo(AnalyzedImage.MAX_BYTES);
            assertThat(told.distribution()).hasSizeLessThanOrEqualTo(64);
        }
    }

    private static final JsonTree JSON = new JsonTree(20);

    private static byte[] golden() {
        try (var in = AnalyzedImageTest.class.getResourceAsStream("events/v1/analyzed.json")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
