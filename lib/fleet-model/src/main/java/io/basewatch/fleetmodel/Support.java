package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long a release is supported, seen from one day. All ends are inclusive last days.
 *
 * @param product of the lifecycle dataset: {@code alpine}, {@code centos-stream}; null when none matches
 * @param cycle of that product: {@code 3.18}, {@code 12}; null when none matches
 * @param phase on that day; where a policy counts, the one that counts for the place the image lies in
 * @param released first day; null when unknown
 * @param standardEnds last day of full support; null when unknown or not announced
 * @param ltsEnds last day of free security fixes; null when unknown or not announced
 * @param extendedEnds last day of paid or opt-in fixes; null when there are none or the end is unknown
 * @param extended the offers of paid or opt-in fixes that the source names; absent when there are none
 * @param source where the dates come from; null with an unknown release
 * @param datasetDate when those dates were read; null with an unknown release
 * @param day the phase is of this day; null only where nobody has asked
 * @param policy what was decided for the place the image lies in; null when nothing was
 * @param declared what the image says itself; null when it does not, or when it is not about one image
 * @param publisherEnds the day from which on this very image has ended, as what refers to it says, see {@link PublishedEnd}; the phase is the release's all the same. Null
 *     when nobody says so, when the registry was not asked, or when it is not about one image
 * @param publisherUnknown why it is not known whether its publisher ends this image although the registry was asked, for people; absent where that is known, or nobody asked
 */
public record Support(
        @Nullable String product,
        @Nullable String cycle,
        SupportPhase phase,
        @Nullable LocalDate released,
        @Nullable LocalDate standardEnds,
        @Nullable LocalDate ltsEnds,
        @Nullable LocalDate extendedEnds,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Extended> extended,

        @Nullable String source,
        @Nullable String datasetDate,
        @Nullable LocalDate day,
        @Nullable Policy policy,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Declared declared,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable LocalDate publisherEnds,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String publisherUnknown) {

    /** Makers of images mean the last day, or the one after it. */
    private static final int SAME_DAYS = 1;

    /**
     * What an image's publisher wrote into it: a cross-check, as images are older than dates that were moved.
     *
     * @param ends as its os-release says
     * @param differs whether the dataset has another last day of free fixes, or of full support
     */
    public record Declared(LocalDate ends, boolean differs) {}

    /**
     * Fixes for those who pay or opt in.
     *
     * @param name as the source has it: {@code Freexian ELTS (paid)}
     * @param ends last day; null when none is announced
     */
    public record Extended(String name, @Nullable LocalDate ends) {}

    /**
     * An entry of the configuration that is about this release and place.
     *
     * @param repositories the pattern that matched
     * @param says what was decided, for people: {@code Ubuntu Pro (ESM) is bought, until 2028-04-26}
     * @param counts whether the image is supported on that day because of it
     * @param ends last day on which it can count; null when there is none
     * @param reason as configured; null when none was given
     * @param remark why it does not count although it matched, or what else is to be known; null when there is nothing
     */
    public record Policy(
            String repositories,
            String says,
            boolean counts,
            @Nullable LocalDate ends,
            @Nullable String reason,
            @Nullable String remark) {}

    public Support {
        extended = List.copyOf(extended);
    }

    /** Of a release that the dataset does not know, when nobody has asked for a day. */
    public static Support unknown() {
        return unknown(null, null);
    }

    /**
     * Of a release that the dataset does not know.
     *
     * @param product null when it is not known either
     */
    public static Support unknown(@Nullable String product, @Nullable LocalDate day) {
        return new Support(
                product,
                null,
                SupportPhase.UNKNOWN,
                null,
                null,
                null,
                null,
                List.of(),
                null,
                null,
                day,
                null,
                null,
                null,
                null);
    }

    /** Whether nobody fixes this any more who does so for free, and nothing that counts was bought. */
    public boolean pastSupport() {
        return phase.isPastSupport() && (policy == null || !policy.counts());
    }

    /** The last day before {@link #pastSupport()}; null when none is announced or it is unknown. */
    public @Nullable LocalDate supportedUntil() {
        return policy == null ? ltsEnds : policy.ends();
    }

    /** The same release, in a place for which something was decided. */
    public Support with(SupportPhase newPhase, @Nullable LocalDate newExtendedEnds, Policy decided) {
        return new Support(
                product,
                cycle,
                newPhase,
                released,
                standardEnds,
                ltsEnds,
                newExtendedEnds,
                extended,
                source,
                datasetDate,
                day,
                decided,
                declared,
                publisherEnds,
                publisherUnknown);
    }

    /** The same release, of an image that says itself when its support ends. */
    public Support declared(@Nullable LocalDate ends) {
        if (ends == null) {
            return this;
        }
        boolean isKnown = ltsEnds != null || standardEnds != null;
        return said(
                new Declared(ends, isKnown && !isSame(ends, ltsEnds) && !isSame(ends, standardEnds)),
                publisherEnds,
                publisherUnknown);
    }

    /** The same release, of an image that its publisher has ended or will end. */
    public Support endedByPublisher(@Nullable LocalDate from) {
        return said(declared, from, publisherUnknown);
    }

    /**
     * The same release, of an image of which was asked in vain whether its publisher has ended it.
     *
     * @param why for people; null where it is known
     */
    public Support publisherUnknown(@Nullable String why) {
        return said(declared, publisherEnds, why);
    }

    private Support said(
            @Nullable Declared byImage, @Nullable LocalDate byPublisher, @Nullable String publisherNotKnown) {
        return new Support(
                product,
                cycle,
                phase,
                released,
                standardEnds,
                ltsEnds,
                extendedEnds,
                extended,
                source,
                datasetDate,
                day,
                policy,
                byImage,
                byPublisher,
                publisherNotKnown);
    }

    /** Whether its publisher has ended this image by the day that the phase is of. */
    public boolean pastPublisherEnd() {
        return publisherEnds != null && day != null && !publisherEnds.isAfter(day);
    }

    private static boolean isSame(LocalDate one, @Nullable LocalDate other) {
        return other != null && Math.abs(ChronoUnit.DAYS.between(one, other)) <= SAME_DAYS;
    }
}
