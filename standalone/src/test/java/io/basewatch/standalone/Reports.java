package io.basewatch.standalone;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import java.time.LocalDate;
import java.util.List;

/** Reports of tests about what is told of an image's support. */
final class Reports {

    /** Of a release that is known and supported. */
    static final Support SUPPORTED = new Support(
            "alpine",
            "3.22",
            SupportPhase.STANDARD,
            null,
            null,
            null,
            null,
            List.of(),
            "x",
            "2026-11-21",
            LocalDate.of(2026, 11, 21),
            null,
            null,
            null,
            null);

    private Reports() {}

    /** Of an image that was read wholly, of which nothing but its support is known. */
    static ImageReport of(Support support) {
        return of(Fingerprint.unknown(), support);
    }

    /** Of an image that was read wholly. */
    static ImageReport of(Fingerprint fingerprint, Support support) {
        return ImageReport.of(
                "r.example.com/app:1",
                null,
                null,
                AnalysisStatus.COMPLETE,
                List.of(),
                fingerprint,
                support,
                new ImageReport.Bytes(null, null));
    }
}
