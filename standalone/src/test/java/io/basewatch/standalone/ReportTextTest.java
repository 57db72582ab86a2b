package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Support;
import java.util.List;
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
}
