package io.basewatch.fleetstore;

import java.time.Instant;
import java.util.List;

/**
 * The whole fleet, counted in one reading.
 *
 * @param asOf when the reading began: what was stored before is counted
 * @param standsOn groups of analysed images that a tag leads to, the largest first
 */
public record FleetCount(Instant asOf, FleetSummary summary, List<StandsOn> standsOn) {

    public FleetCount {
        standsOn = List.copyOf(standsOn);
    }
}
