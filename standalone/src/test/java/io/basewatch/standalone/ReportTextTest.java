package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.ReportJson;
import io.basewatch.fleetmodel.Support;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReportTextTest {

    private static String text(AnalysisStatus status, Libc libc, List<PackageDatabase> packages) {
        return ReportText.of(ImageReport.of(
                "r.example.com/app:1",
                null,
                null,
                status,
                status == AnalysisStatus.COMPLETE ? List.of() : List.of(new Reason(Reason.Code.BLOB_MISSING, "x")),
                new Fingerprint(null, List.of(libc), packages, List.of(), List.of()),
                Support.unknown(),
                new ImageReport.Bytes(null, null)));
    }

    @Test
    void whatACompleteImageHasNotIsSaidToBeNone() {
        assertThat(text(AnalysisStatus.COMPLETE, Libc.none(), List.of()))
                .contains("distro    unknown: no file says it")
                .contains("libc      none: nothing in this image needs one")
                .contains("packages  no package database");
    }

    @Test
    void whatMayLieInWhatWasNotReadIsSaidToBeUnknown() {
        for (String text : List.of(
                text(AnalysisStatus.PARTIAL, Libc.unknown(), List.of(PackageDatabase.unknown())),
                text(AnalysisStatus.UNSCANNABLE, Libc.unknown(), List.of()))) {
            assertThat(text)
                    .contains("distro    unknown: not all of the image was read")
                    .contains("libc      unknown: not all of the image was read")
                    .contains("packages  unknown: not all of the image was read")
                    .doesNotContain("none")
                    .doesNotContain("no package database");
        }
    }

    @Test
    void whatItsPublisherSaysOfTheImageStandsBesideTheReleasesSupport() {
        LocalDate day = LocalDate.of(2026, 11, 22);
        assertThat(endedFrom(null, day)).doesNotContain("publisher");
        assertThat(endedFrom(day, day)).contains("\n            its publisher has ended this image since 2026-11-22\n");
        assertThat(endedFrom(day.plusDays(1), day))
                .contains("\n            its publisher ends this image on 2026-11-23\n");
        ImageReport untold = Reports.of(Support.unknown(null, day).publisherUnknown("the registry said 503"));
        assertThat(ReportText.of(untold))
                .contains(
                        "\n            whether its publisher has ended this image is unknown: the registry said 503\n");
        assertThat(ReportJson.write(untold)).contains("\"publisherUnknown\":\"the registry said 503\"");
        assertThat(ReportText.of(Reports.of(Support.unknown(null, day).declared(day))))
                .as("of a release that the data does not know")
                .contains("\n            the image itself says that its support ends on 2026-11-22\n");
    }

    private static String endedFrom(@Nullable LocalDate from, LocalDate day) {
        return ReportText.of(Reports.of(Support.unknown(null, day).endedByPublisher(from)));
    }

    @Test
    void theBaseIsNamedWhereItIsKnown() {
        ImageReport report = ImageReport.of(
                "r.example.com/app:1",
                null,
                null,
                AnalysisStatus.COMPLETE,
                List.of(),
                Fingerprint.unknown(),
                Support.unknown(),
                new ImageReport.Bytes(null, null));
        assertThat(ReportText.of(report)).doesNotContain("base ");
        assertThat(ReportText.of(report.standingOn(new ImageReport.Base("alpine:3.20.3", null, "known", "certain"))))
                .contains("\n  base      alpine:3.20.3, certain, by its layers\n");
    }

    @Test
    void whatWillFailIsToldFirstWithItsEvidenceAndHowManyMoreThereAre() {
        Evidence evidence = new Evidence("usr/bin/a\u001b[31m", null, "/lib64/ld-linux-x86-64.so.2", "elf/1");
        Caveat fails = new Caveat(
                "elf-glibc-interpreter-missing",
                Caveat.Kind.CERTAIN,
                Caveat.Severity.HIGH,
                "programs need a loader ".repeat(8).strip(),
                List.of(evidence, evidence, evidence, evidence),
                7,
                null);
        Caveat risk = new Caveat(
                "small-default-thread-stack",
                Caveat.Kind.RISK,
                Caveat.Severity.MEDIUM,
                "threads have 128 KiB",
                List.of(),
                0,
                "a linker flag");
        String text = ReportText.of(report().judged(false, List.of(), List.of(risk, fails)));
        assertThat(text.lines().toList())
                .contains(
                        "  fails     high  elf-glibc-interpreter-missing",
                        "            <- usr/bin/a [31m: /lib64/ld-linux-x86-64.so.2",
                        "            <- and 4 more",
                        "  risk      medium  small-default-thread-stack",
                        "            softened by a linker flag",
                        "  caveats   not all are known: not all of the image was read")
                .allMatch(line -> line.length() <= 112);
        assertThat(text.indexOf("  fails ")).isLessThan(text.indexOf("  risk "));
        assertThat(text.indexOf("  risk ")).isLessThan(text.indexOf("  distro "));
    }

    @Test
    void onlyAnImageThatWasJudgedWhollyIsSaidToHaveNoCaveats() {
        assertThat(ReportText.of(report().judged(true, List.of(), List.of()))).contains("  caveats   none found");
        assertThat(ReportText.of(report().judged(false, List.of(), List.of()))).doesNotContain("none found");
        assertThat(ReportText.of(report())).doesNotContain("none found").contains("  caveats   not all are known");
    }

    private static ImageReport report() {
        return ImageReport.of(
                "r.example.com/app:1",
                null,
                null,
                AnalysisStatus.COMPLETE,
                List.of(),
                Fingerprint.unknown(),
                Support.unknown(),
                new ImageReport.Bytes(null, null));
    }
}
