package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Entry;
import io.basewatch.caveats.WhatIfReport;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to move one entry of the backlog.
 *
 * @param day the support phases are those of this day
 * @param findings all that was found in its images
 * @param cost of the base's layers
 * @param steps one for each Dockerfile to change, those that most moves along with first; at most {@value #MAX_STEPS}, {@code entry.changeCount} all of them
 */
public record Plan(
        LocalDate day,
        BacklogItem entry,
        List<Entry.Finding> findings,
        @Nullable Cost cost,
        List<Step> steps) {

    static final int MAX_STEPS = 50;

    /** Of so many the target's loader is asked. */
    static final int MAX_TRIED = 3;

    /**
     * @param base bytes of the base's layers, as registries keep them
     * @param freed of these, bytes that the registry gives back when all that this entry is about has moved and its tags are gone: no other image has them
     * @param shared the rest, which other images have too
     * @param target bytes of the target, where the fleet holds it; a node pulls them once, not once for each image
     * @param note for people
     */
    public record Cost(
            long base, long freed, long shared, @Nullable Long target, String note) {}

    /**
     * @param image the newest that stands directly on the base
     * @param below images of the fleet that move along when this one is built again
     * @param dockerfile null where nothing is recommended
     * @param byHand what nobody can do for you
     * @param tried what the target's loader would say of the image's own programs; absent where it was not asked, see {@code untried}
     * @param untried why not; absent where it was
     * @param rebase a command that puts the image's own layers on the target as they are; absent where that is not known to be safe
     * @param weight what the image weighs unpacked, and would on the target; absent where it was not read wholly, and for steps after the first few
     */
    public record Step(
            Repository repository,
            Digest image,
            List<String> tags,
            long below,
            double effort,
            @Nullable Dockerfile dockerfile,
            List<String> byHand,
            @Nullable WhatIfReport tried,
            @Nullable String untried,
            @Nullable String rebase,
            @Nullable Weight weight) {}

    /**
     * Unpacked bytes; what is not known is absent.
     *
     * @param image of all its layers
     * @param base of these, those of the base
     * @param compilers of these, what packages of compilers take, whoever brought them
     * @param headers likewise, of headers and other things to build with
     * @param target of the target, where the fleet holds it
     * @param onTarget an estimate of the image on the target
     * @param note how it is made, for people
     */
    public record Weight(
            long image,
            @Nullable Long base,
            @Nullable Long compilers,
            @Nullable Long headers,
            @Nullable Long target,
            @Nullable Long onTarget,
            String note) {}

    /**
     * Lines that change.
     *
     * @param packages of Alpine and what they are called there
     * @param missing of Alpine, for which no name is known there
     */
    public record Dockerfile(List<String> before, List<String> after, List<Renamed> packages, List<String> missing) {}

    /**
     * @param debian absent where nothing is needed in its place
     * @param note absent where there is nothing to say
     */
    public record Renamed(
            String alpine,
            @Nullable String debian,
            @Nullable String note) {}
}
