package io.basewatch.reportapi.backlog;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Images that stand on the same and would move together.
 *
 * @param rank from 1
 * @param score images × points
 * @param points for one image, by the rule
 * @param why each reason with what it adds to the points
 * @param images that a tag leads to
 * @param byStatus the same, by the status of their analysis: of a partial one not everything is known
 * @param repositories that have at least one of them, sorted; cut where there are very many
 * @param repositoryCount all of them; at least that many when {@code repositoryCountIsExact} is false
 * @param compressedBytes a layer that several images share is counted with each of them
 * @param oldestCreated as the images' configs say
 */
record BacklogEntry(
        int rank,
        long score,
        int points,
        List<Why> why,
        Ground standsOn,
        Support support,
        long images,
        Map<AnalysisStatus, Long> byStatus,
        List<Repository> repositories,
        long repositoryCount,
        boolean repositoryCountIsExact,
        long compressedBytes,
        @Nullable Instant oldestCreated,
        @Nullable Instant newestCreated) {

    /**
     * @param distro id; absent when the files do not say
     * @param release the dataset's cycle where it knows it ({@code 3.18}), else the version or codename as the image spells it
     */
    record Ground(
            @Nullable String distro,
            @Nullable String release,
            @Nullable String variant,
            Libc.Family libc) {}

    /**
     * @param code few, for programs: {@code ended}, {@code extended}, {@code unknown}, {@code musl}
     * @param message for people
     */
    record Why(String code, int points, String message) {}

    BacklogEntry withRank(int number) {
        return new BacklogEntry(
                number,
                score,
                points,
                why,
                standsOn,
                support,
                images,
                byStatus,
                repositories,
                repositoryCount,
                repositoryCountIsExact,
                compressedBytes,
                oldestCreated,
                newestCreated);
    }
}
