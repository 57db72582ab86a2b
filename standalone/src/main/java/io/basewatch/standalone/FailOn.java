package io.basewatch.standalone;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.SupportPhase;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a gate in CI can fail on.
 *
 * @param least of caveats, those that are at least as bad; null for all, and for what is no caveat
 */
record FailOn(What what, Caveat.@Nullable Severity least) {

    enum What {
        /** A failure that the files prove. */
        CERTAIN,
        /** A failure that may be; the proven ones are no less. */
        RISK,
        /** No free fixes any more: ended, or only for those who pay; or its publisher has ended this very image. */
        ENDED,
        /** The lifecycle data does not know the release, or the files do not say which it is; or the registry did not tell whether its publisher has ended the image. */
        UNKNOWN,
        /** Something of the image could not be read, or not be judged. */
        INCOMPLETE;

        private boolean isCaveat() {
            return this == CERTAIN || this == RISK;
        }

        private String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** For people. */
    static final String ALL = Arrays.stream(What.values()).map(What::text).collect(Collectors.joining(", "));

    /** @throws IllegalArgumentException when it is none, with what there is */
    static FailOn parse(String text) {
        String[] parts = text.split(":", -1);
        What what = PlainArguments.constant(What.values(), parts[0]);
        Caveat.Severity least = parts.length < 2 ? null : PlainArguments.constant(Caveat.Severity.values(), parts[1]);
        if (what == null || parts.length > 2 || (parts.length == 2 && (least == null || !what.isCaveat()))) {
            throw new IllegalArgumentException("'" + text + "' is none of " + ALL
                    + "; certain and risk may be followed by :low, :medium, :high or :critical");
        }
        return new FailOn(what, least);
    }

    /** Why the image fails, in short; empty when it does not. */
    Optional<String> reason(ImageReport report) {
        return switch (what) {
            case CERTAIN -> caveats(report, List.of(Caveat.Kind.CERTAIN));
            case RISK -> caveats(report, List.of(Caveat.Kind.CERTAIN, Caveat.Kind.RISK));
            case ENDED ->
                report.support().pastSupport()
                        ? Optional.of("support is " + ReportText.describe(report.support()))
                        : report.support().pastPublisherEnd()
                                ? Optional.of(ReportText.published(report.support()))
                                : Optional.empty();
            case UNKNOWN ->
                report.support().phase() == SupportPhase.UNKNOWN
                        ? Optional.of("nothing is known of its support")
                        : report.support().publisherUnknown() != null
                                ? Optional.of(ReportText.notPublished(report.support()))
                                : Optional.empty();
            case INCOMPLETE ->
                isIncomplete(report)
                        ? Optional.of("not all of it could be read or judged: status " + report.status())
                        : Optional.empty();
        };
    }

    static boolean isIncomplete(ImageReport report) {
        return report.status() == AnalysisStatus.PARTIAL
                || report.status() == AnalysisStatus.UNSCANNABLE
                || report.judged() != ImageReport.Judged.WHOLE;
    }

    private Optional<String> caveats(ImageReport report, List<Caveat.Kind> kinds) {
        List<Caveat> all = matching(report, kinds).toList();
        return all.stream()
                .findFirst()
                .map(worst -> worst.kind() + ", " + worst.severity() + ", " + worst.id()
                        + (all.size() == 1
                                ? ""
                                : ", and " + Counted.of(all.size() - 1, "other caveat", "other caveats")));
    }

    private Stream<Caveat> matching(ImageReport report, List<Caveat.Kind> kinds) {
        return report.caveats().stream()
                .filter(caveat -> kinds.contains(caveat.kind()))
                .filter(caveat -> least == null || caveat.severity().compareTo(least) >= 0);
    }

    /** Whether it asks for caveats, of which one may be in what was not seen. */
    boolean isOfCaveats() {
        return what.isCaveat();
    }

    @Override
    public String toString() {
        return what.text() + (least == null ? "" : ":" + least);
    }
}
