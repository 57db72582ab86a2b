package io.basewatch.standalone;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.SupportPhase;

/** What a gate in CI can fail on. */
enum FailOn {
    /** No free fixes any more: ended, or only for those who pay. */
    ENDED,
    /** The lifecycle data does not know the release, or the files do not say which it is. */
    UNKNOWN,
    /** Something of the image could not be read. */
    INCOMPLETE;

    boolean isFoundIn(ImageReport report) {
        return switch (this) {
            case ENDED -> report.support().phase().isPastSupport();
            case UNKNOWN -> report.support().phase() == SupportPhase.UNKNOWN;
            case INCOMPLETE ->
                report.status() == AnalysisStatus.PARTIAL || report.status() == AnalysisStatus.UNSCANNABLE;
        };
    }
}
