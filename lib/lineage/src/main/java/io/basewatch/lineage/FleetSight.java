package io.basewatch.lineage;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image of the fleet for whoever goes through all of it: tells what it is asked for, and makes a copy of no more, as that is what takes the time. One that {@link FleetTree#forEachImage}
 * shows is to be asked only as long as it is shown; what has to stay is its {@link #whole}.
 */
public interface FleetSight {

    Digest digest();

    /** As {@link Member#status}. */
    @Nullable
    AnalysisStatus status();

    /** As {@link Member#ground}. */
    Member.@Nullable Ground ground();

    /** As {@link Member#libc}. */
    Libc.Family libc();

    /** As {@link Member#created}. */
    @Nullable
    Instant created();

    /** As {@link Member#caveats}; mostly one list for all images that have the same. */
    @Nullable
    List<Member.CaveatKey> caveats();

    /** As {@link Member#labels}. */
    Map<String, String> labels();

    /** All that hold it, sorted. */
    List<Repository> repositories();

    /** Whether a repository of that registry holds it. */
    default boolean isIn(String registry) {
        return repositories().stream().anyMatch(each -> each.registry().equals(registry));
    }

    /** As {@link Member#effort}. */
    @Nullable
    String effort();

    /** How many {@link Member#layers} it has. */
    int layerCount();

    /** Tags that lead to it, in all places. */
    long tagCount();

    /** All of it. */
    FleetImage whole();
}
