package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ImageReportTest {

    private static final Digest DIGEST = Digest.parse("sha256:" + "a".repeat(64));
    private static final Evidence EVIDENCE = new Evidence("etc/os-release", DIGEST, "ID=alpine", "os-release/1");

    @Test
    void isTheDocumentOfTheContractInItsOrder() {
        Fingerprint fingerprint = new Fingerprint(
                new Distro("alpine", "3.18.9", null, "Alpine Linux v3.18", null, List.of(), List.of(EVIDENCE)),
                List.of(new Libc(Libc.Family.MUSL, "1.2.4", Libc.Linkage.DYNAMIC, null, null, List.of())),
                List.of(new PackageDatabase("apk", 15, List.of())),
                List.of(new LanguageRuntime("go", "1.21", Map.of("cgo", "0"), List.of())),
                List.of());
        ImageAnalysis analysis = analysis(AnalysisStatus.COMPLETE, List.of(), fingerprint, 7L);
        String json = ModelJson.write(ImageReport.of("r.example.com/app:1", analysis, null, Support.unknown()));
        assertThat(json).isEqualTo("""
                        {"reference":"r.example.com/app:1","digest":"%1$s","platform":"linux/amd64","status":"complete","reasons":[],\
                        "distro":{"id":"alpine","version":"3.18.9","name":"Alpine Linux v3.18","like":[],"evidence":[{"path":"etc/os-release",\
                        "layer":"%1$s","excerpt":"ID=alpine","detector":"os-release/1"}]},\
                        "libc":[{"family":"musl","version":"1.2.4","linkage":"dynamic","evidence":[]}],\
                        "packages":{"manager":"apk","count":15,"databases":[{"manager":"apk","count":15,"evidence":[]}]},\
                        "support":{"phase":"unknown"},"base":null,\
                        "runtimes":[{"name":"go","version":"1.21","details":{"cgo":"0"},"evidence":[]}],"judged":"pending","caveats":[],"contradictions":[],\
                        "bytes":{"compressed":5,"uncompressed":7}}""".formatted(DIGEST));
    }

    @Test
    void whatAnImageSaysItselfOfItsSupportIsHeldAgainstTheData() {
        LocalDate table = LocalDate.of(2029, 6, 30);
        Support support = new Support(
                "amazon-linux",
                "2023",
                SupportPhase.STANDARD,
                null,
                LocalDate.of(2027, 6, 30),
                table,
                null,
                List.of(),
                "x",
                "2026-11-21",
                table,
                null,
                null,
                null,
                null);
        assertThat(support.declared(null)).isEqualTo(support);
        assertThat(declared(support, LocalDate.of(2028, 3, 1)).differs()).isTrue();
        assertThat(declared(support, table.plusDays(1)).differs()).isFalse();
        assertThat(declared(support, LocalDate.of(2027, 6, 30)).differs()).isFalse();
        assertThat(declared(Support.unknown(), table)).isEqualTo(new Support.Declared(table, false));
        Fingerprint fingerprint = new Fingerprint(
                new Distro("amzn", "2023", null, "x", null, List.of(), List.of(EVIDENCE), LocalDate.of(2028, 3, 1)),
                List.of(Libc.unknown()),
                List.of(),
                List.of(),
                List.of());
        ImageAnalysis analysis = analysis(AnalysisStatus.COMPLETE, List.of(), fingerprint, 7L);
        assertThat(ModelJson.write(ImageReport.of("r.example.com/app:1", analysis, null, support)))
                .contains("\"supportEnd\":\"2028-03-01\"", "\"declared\":{\"ends\":\"2028-03-01\",\"differs\":true}");
    }

    private static Support.Declared declared(Support support, LocalDate ends) {
        return Objects.requireNonNull(support.declared(ends).declared());
    }

    @Test
    void whatIsProvenComesBeforeWhatMayBeAndTheWorstOfEachFirst() {
        ImageAnalysis analysis = analysis(AnalysisStatus.COMPLETE, List.of(), Fingerprint.unknown(), 7L);
        Judgement judgement = judgement(
                analysis,
                analysis.analyzedAt(),
                caveat("a", Caveat.Kind.INFO, Caveat.Severity.LOW),
                caveat("b", Caveat.Kind.RISK, Caveat.Severity.CRITICAL),
                caveat("c", Caveat.Kind.CERTAIN, Caveat.Severity.HIGH),
                caveat("d", Caveat.Kind.CERTAIN, Caveat.Severity.CRITICAL));
        ImageReport report = ImageReport.of("r.example.com/app:1", analysis, judgement, Support.unknown());
        assertThat(report.judged()).isEqualTo(ImageReport.Judged.WHOLE);
        assertThat(report.caveats()).extracting(Caveat::id).containsExactly("d", "c", "b", "a");
        assertThat(ModelJson.write(report))
                .contains(
                        "\"judged\":\"whole\",\"caveats\":[{\"id\":\"d\",\"kind\":\"certain\",\"severity\":\"critical\"");
    }

    @Test
    void aJudgementOfAnotherAnalysisSaysNothing() {
        ImageAnalysis analysis = analysis(AnalysisStatus.COMPLETE, List.of(), Fingerprint.unknown(), 7L);
        Judgement before = judgement(
                analysis,
                analysis.analyzedAt().minusSeconds(1),
                caveat("a", Caveat.Kind.CERTAIN, Caveat.Severity.HIGH));
        ImageReport report = ImageReport.of("r.example.com/app:1", analysis, before, Support.unknown());
        assertThat(report.judged()).isEqualTo(ImageReport.Judged.PENDING);
        assertThat(report.caveats()).isEmpty();
    }

    private static Judgement judgement(ImageAnalysis analysis, Instant at, Caveat... caveats) {
        return new Judgement(
                analysis.digest(), "1[a/1]", analysis.analyzerVersion(), at, true, List.of(), List.of(caveats), null);
    }

    private static Caveat caveat(String id, Caveat.Kind kind, Caveat.Severity severity) {
        return new Caveat(id, kind, severity, "it does not start", List.of(EVIDENCE), 1, null);
    }

    @Test
    void sayNullForWhatIsNotKnownInsteadOfLeavingTheFieldOut() {
        ImageAnalysis analysis = analysis(
                AnalysisStatus.UNSCANNABLE,
                List.of(new Reason(Reason.Code.BLOB_MISSING, "layer 1 of 1 answers 404")),
                Fingerprint.unknown(),
                null);
        String json = ModelJson.write(ImageReport.of("r.example.com/app:1", analysis, null, Support.unknown()));
        assertThat(json)
                .contains("\"distro\":null", "\"packages\":null", "\"uncompressed\":null")
                .contains("\"reasons\":[{\"code\":\"blob-missing\",\"message\":\"layer 1 of 1 answers 404\"}]")
                .contains("\"libc\":[{\"family\":\"unknown\"");
    }

    @Test
    void aDatabaseThatMayLieInWhatWasNotReadIsNotSaidToBeNone() {
        Fingerprint fingerprint = new Fingerprint(
                null, List.of(Libc.unknown()), List.of(PackageDatabase.unknown()), List.of(), List.of());
        String json = ModelJson.write(ImageReport.of(
                "dir:x",
                null,
                null,
                AnalysisStatus.PARTIAL,
                List.of(new Reason(Reason.Code.TIMEOUT, "x")),
                fingerprint,
                Support.unknown(),
                new ImageReport.Bytes(null, null)));

        assertThat(json)
                .contains("\"packages\":{\"manager\":\"unknown\",\"count\":null,\"databases\":[]}")
                .contains("\"distro\":null");
        assertThat(ModelJson.read(ModelJson.write(fingerprint), Fingerprint.class))
                .isEqualTo(fingerprint);
    }

    @Test
    void anAnalysisIsReadBackFromItsJson() {
        ImageAnalysis analysis = analysis(
                AnalysisStatus.PARTIAL,
                List.of(new Reason(Reason.Code.LAYER_CORRUPT, "x")),
                Fingerprint.unknown(),
                null);
        assertThat(ModelJson.read(ModelJson.write(analysis), ImageAnalysis.class))
                .isEqualTo(analysis);
    }

    @Test
    void anAnalysisThatIsNotCompleteNeedsAReason() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> analysis(AnalysisStatus.PARTIAL, List.of(), Fingerprint.unknown(), null))
                .withMessageContaining("without a reason");
    }

    @Test
    void excerptsOfEvidenceAreBounded() {
        assertThat(new Evidence("f", null, "x".repeat(10_000), "d/1").excerpt()).hasSize(Evidence.MAX_EXCERPT);
    }

    private static ImageAnalysis analysis(
            AnalysisStatus status, List<Reason> reasons, Fingerprint fingerprint, Long uncompressed) {
        return new ImageAnalysis(
                DIGEST,
                Platform.parse("linux/amd64"),
                status,
                reasons,
                fingerprint,
                List.of(new ImageAnalysis.Layer(DIGEST, DIGEST, "application/gzip", 5, uncompressed)),
                Instant.parse("2026-01-01T00:00:00Z"),
                "1",
                Instant.parse("2026-11-22T00:00:00Z"));
    }
}
