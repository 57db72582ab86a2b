package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Images that stand on the same: analysed, led to by a tag, and alike in distribution, release, libc and status.
 *
 * @param distro id; null when the files do not say
 * @param version null when the distribution has none
 * @param codename null when there is none
 * @param variant null for the ordinary one
 * @param libc the system's
 * @param images by digest, however many tags lead to one
 * @param repositories that have at least one of them, sorted; at most {@value #MAX_REPOSITORIES}
 * @param repositoryCount all of them
 * @param compressedBytes of all these images; a layer that several share is counted with each of them
 * @param oldestCreated as the images' configs say; null when none does
 * @param newestCreated likewise
 */
public record StandsOn(
        @Nullable String distro,
        @Nullable String version,
        @Nullable String codename,
        @Nullable String variant,
        Libc.Family libc,
        AnalysisStatus status,
        long images,
        List<Repository> repositories,
        long repositoryCount,
        long compressedBytes,
        @Nullable Instant oldestCreated,
        @Nullable Instant newestCreated) {

    public static final int MAX_REPOSITORIES = 100;

    public StandsOn {
        repositories = List.copyOf(repositories);
    }
}
