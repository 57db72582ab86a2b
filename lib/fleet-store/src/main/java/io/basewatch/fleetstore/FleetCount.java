package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.Caveat;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The whole fleet, counted in one reading.
 *
 * @param asOf when the reading began: what was stored before is counted
 * @param caveats by id, by id and kind, and by kind; in order of id and kind, null first
 * @param standsOn groups of analysed images that a tag leads to, the largest first
 */
public record FleetCount(Instant asOf, FleetSummary summary, List<StandsOn> standsOn, List<WithCaveat> caveats) {

    /**
     * How many images a tag leads to have such a caveat, each counted once.
     *
     * @param id null for any
     * @param kind null for any
     * @param repositories that have at least one of the images
     */
    public record WithCaveat(@Nullable String id, Caveat.@Nullable Kind kind, long images, long repositories) {}

    public FleetCount {
        standsOn = List.copyOf(standsOn);
        caveats = List.copyOf(caveats);
    }
}
