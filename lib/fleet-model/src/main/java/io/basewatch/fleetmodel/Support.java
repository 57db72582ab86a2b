package io.basewatch.fleetmodel;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * How long a release is supported, seen from one day. All dates are inclusive last days.
 *
 * @param product of the lifecycle dataset: {@code alpine}, {@code centos-stream}; null when none matches
 * @param cycle of that product: {@code 3.18}, {@code 12}; null when none matches
 * @param standardEnds last day of full support; null when unknown or not announced
 * @param ltsEnds last day of free security fixes; null when unknown or not announced
 * @param extendedEnds last day of paid or opt-in fixes; null when there are none or the end is unknown
 * @param source where the dates come from; null with an unknown release
 * @param datasetDate when those dates were read; null with an unknown release
 */
public record Support(
        @Nullable String product,
        @Nullable String cycle,
        SupportPhase phase,
        @Nullable LocalDate standardEnds,
        @Nullable LocalDate ltsEnds,
        @Nullable LocalDate extendedEnds,
        @Nullable String source,
        @Nullable String datasetDate) {

    public static Support unknown() {
        return new Support(null, null, SupportPhase.UNKNOWN, null, null, null, null, null);
    }
}
