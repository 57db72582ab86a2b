package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Support;
import java.net.URI;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SarifLogTest {

    private final SarifLog log = new SarifLog(
            "1.2.3",
            id -> id.equals("known")
                    ? Optional.of(new SarifLog.RuleText("A title", "What to do", Caveat.Severity.HIGH))
                    : Optional.empty());

    private static ImageReport image(String reference, AnalysisStatus status, Caveat... caveats) {
        return ImageReport.of(
                        reference,
                        new Digest("sha256", "a".repeat(64)),
                        new Platform("linux", "amd64", null),
                        status,
                        status == AnalysisStatus.COMPLETE
                                ? List.of()
                                : List.of(new Reason(Reason.Code.BLOB_MISSING, "layer 2 is gone")),
                        Fingerprint.unknown(),
                        Support.unknown(),
                        new ImageReport.Bytes(null, null))
                .judged(status == AnalysisStatus.COMPLETE, List.of(), List.of(caveats));
    }

    private static Caveat caveat(String id, Caveat.Kind kind, Caveat.Severity severity, String... paths) {
        List<Evidence> evidence = new ArrayList<>();
        for (String path : paths) {
            evidence.add(new Evidence(path, null, "[text](1) {0}", "rule/1"));
        }
        return new Caveat(id, kind, severity, "breaks [here]", evidence, paths.length, null);
    }

    private JsonNode run() {
        JsonNode sarif = JsonMapper.shared().readTree(log.write());
        assertThat(sarif.path("version").asString()).isEqualTo("2.1.0");
        assertThat(sarif.path("runs")).hasSize(1);
        return sarif.path("runs").get(0);
    }

    @Test
    void eachCaveatIsOneResultAtItsFirstFileHoweverManySaySo() {
        log.add(image(
                "r.example.com/app:1",
                AnalysisStatus.COMPLETE,
                caveat("known", Caveat.Kind.CERTAIN, Caveat.Severity.HIGH, "usr/bin/a b", "usr/bin/c", "usr/bin/d")));
        JsonNode run = run();
        assertThat(run.path("results")).hasSize(1);
        JsonNode result = run.path("results").get(0);
        assertThat(result.path("ruleId").asString()).isEqualTo("known");
        assertThat(result.path("level").asString()).isEqualTo("error");
        assertThat(result.path("locations")).hasSize(1);
        assertThat(result.path("relatedLocations")).hasSize(2);
        JsonNode place = result.path("locations").get(0);
        String uri = place.path("physicalLocation")
                .path("artifactLocation")
                .path("uri")
                .asString();
        assertThat(uri).isEqualTo("usr/bin/a%20b");
        assertThat(place.path("logicalLocations")
                        .get(0)
                        .path("fullyQualifiedName")
                        .asString())
                .isEqualTo("r.example.com/app:1:usr/bin/a b");
        assertThat(result.path("properties").path("digest").asString()).startsWith("sha256:aaa");
        assertThat(run.path("invocations").get(0).path("executionSuccessful").asBoolean())
                .isTrue();
    }

    @Test
    void rulesAreNamedOnceWithWhatIsKnownOfThem() {
        log.add(image(
                "r.example.com/app:1",
                AnalysisStatus.COMPLETE,
                caveat("known", Caveat.Kind.CERTAIN, Caveat.Severity.HIGH, "a"),
                caveat("known", Caveat.Kind.RISK, Caveat.Severity.LOW, "b"),
                caveat("unheard-of", Caveat.Kind.RISK, Caveat.Severity.MEDIUM, "c")));
        JsonNode run = run();
        JsonNode rules = run.path("tool").path("driver").path("rules");
        assertThat(rules).hasSize(2);
        assertThat(rules.get(0).path("shortDescription").path("text").asString())
                .isEqualTo("A title");
        assertThat(rules.get(0).path("properties").path("security-severity").asString())
                .isEqualTo("8.0");
        for (JsonNode result : run.path("results")) {
            JsonNode rule = rules.get(result.path("ruleIndex").asInt());
            assertThat(rule.path("id")).isEqualTo(result.path("ruleId"));
        }
        assertThat(levels(run)).containsExactly("error", "warning", "note");
    }

    private static List<String> levels(JsonNode run) {
        List<String> levels = new ArrayList<>();
        run.path("results").forEach(result -> levels.add(result.path("level").asString()));
        return levels;
    }

    @Test
    void whatTextsOfImagesHoldIsNoLinkAndNoPlaceholder() {
        log.add(image(
                "r.example.com/app:1",
                AnalysisStatus.COMPLETE,
                caveat("known", Caveat.Kind.INFO, Caveat.Severity.LOW, "x:y[1].so", "\u001b[31mred")));
        JsonNode result = run().path("results").get(0);
        assertThat(result.path("message").path("text").asString()).endsWith("breaks \\[here\\]");
        assertThat(result.path("level").asString()).isEqualTo("note");
        JsonNode place = result.path("locations").get(0);
        assertThat(place.path("message").path("text").asString()).isEqualTo("\\[text\\](1) {{0}}");
        for (JsonNode each : List.of(place, result.path("relatedLocations").get(0))) {
            String uri = each.path("physicalLocation")
                    .path("artifactLocation")
                    .path("uri")
                    .asString();
            assertThat(URI.create("rootfs:///").resolve("/" + uri).isAbsolute()).isTrue();
            assertThat(uri).doesNotContain("[", "\u001b");
        }
    }

    @Test
    void anImageThatWasNotReadWhollyIsNoSuccessfulRun() {
        log.add(image("r.example.com/app:1", AnalysisStatus.PARTIAL));
        log.add("r.example.com/gone:1", "there is no such tag");
        JsonNode invocation = run().path("invocations").get(0);
        assertThat(invocation.path("executionSuccessful").asBoolean()).isFalse();
        assertThat(invocation.path("toolExecutionNotifications").toString())
                .contains("layer 2 is gone", "there is no such tag");
    }

    @Test
    void whatAnImageAndItsPublisherSayOfItsEndAreResults() {
        LocalDate day = LocalDate.of(2026, 11, 21);
        Support plain = Support.unknown(null, day);
        log.add(Reports.of(plain.endedByPublisher(day)).judged(true, List.of(), List.of()));
        log.add(Reports.of(plain.endedByPublisher(day.plusDays(1))).judged(true, List.of(), List.of()));
        log.add(Reports.of(plain.declared(day.minusDays(1))).judged(true, List.of(), List.of()));
        log.add(Reports.of(plain.declared(day)).judged(true, List.of(), List.of()));

        JsonNode run = run();
        assertThat(levels(run)).containsExactly("warning", "note", "warning", "note");
        assertThat(run.path("results").findValuesAsString("ruleId"))
                .containsExactly("publisher-ends", "publisher-ends", "support-declared", "support-declared");
        assertThat(run.path("results").toString())
                .contains("its publisher has ended this image since 2026-11-21")
                .contains("its publisher ends this image on 2026-11-22")
                .contains("the image itself says that its support ends on 2026-11-20");
        assertThat(run.at("/tool/driver/rules").findValuesAsString("id"))
                .containsExactly("publisher-ends", "support-declared");
        assertThat(run.at("/tool/driver/rules/0/help/text").asString()).isNotEmpty();
    }

    @Test
    void whatIsUnknownOfAnImageThatWasReadIsANotification() {
        log.add(Reports.of(Support.unknown().publisherUnknown("the registry said 503"))
                .judged(true, List.of(), List.of()));

        JsonNode invocation = run().path("invocations").get(0);
        assertThat(invocation.path("executionSuccessful").asBoolean()).isTrue();
        assertThat(invocation.path("toolExecutionNotifications").findValuesAsString("level"))
                .containsExactly("warning", "warning", "warning");
        assertThat(invocation.path("toolExecutionNotifications").toString())
                .contains("support is unknown", "its C library is unknown", "the registry said 503");
    }

    @Test
    void aFindingOfALaterBuildOfAnImageIsTheSameFinding() {
        for (String reference : List.of(
                "r.example.com:5000/app:1",
                "r.example.com:5000/app:2",
                "r.example.com:5000/app@sha256:" + "b".repeat(64),
                "r.example.com:5000/other:1")) {
            log.add(image(
                    reference,
                    AnalysisStatus.COMPLETE,
                    caveat("known", Caveat.Kind.CERTAIN, Caveat.Severity.HIGH, "a")));
        }
        List<String> prints = new ArrayList<>();
        run().path("results")
                .forEach(result -> prints.add(result.path("partialFingerprints")
                        .path("basewatchFinding/v1")
                        .asString()));
        assertThat(prints.get(0))
                .isEqualTo(prints.get(1))
                .isEqualTo(prints.get(2))
                .isNotEqualTo(prints.get(3));
    }
}
