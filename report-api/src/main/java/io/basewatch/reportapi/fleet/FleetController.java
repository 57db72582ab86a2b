package io.basewatch.reportapi.fleet;

import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.fleetstore.FleetCount;
import io.basewatch.fleetstore.FleetCounts;
import io.basewatch.fleetstore.StandsOn;
import io.basewatch.lifecycle.Lifecycle;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "fleet")
class FleetController {

    private final FleetCounts fleet;
    private final Lifecycle lifecycle;
    private final Clock clock;

    FleetController(FleetCounts fleet, Lifecycle lifecycle, Clock clock) {
        this.fleet = fleet;
        this.lifecycle = lifecycle;
        this.clock = clock;
    }

    @Operation(
            operationId = "fleet",
            summary = "The whole fleet in a few numbers",
            description =
                    "Only images that a tag leads to are counted, each once. The support phases are those of today."
                            + " Counted at 'asOf': for a large fleet that may be some seconds ago.")
    @GetMapping("/api/v1/fleet")
    FleetAnswer fleet() {
        LocalDate day = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        Map<SupportPhase, Long> byPhase = new EnumMap<>(SupportPhase.class);
        long past = 0;
        FleetCount count = fleet.recent();
        for (StandsOn group : count.standsOn()) {
            SupportPhase phase = support(group, day).phase();
            byPhase.merge(phase, group.images(), Long::sum);
            past += phase.isPastSupport() ? group.images() : 0;
        }
        return FleetAnswer.of(day, count, byPhase, past, lifecycle.generated());
    }

    private Support support(StandsOn group, LocalDate day) {
        return group.distro() == null
                ? Support.unknown()
                : lifecycle.support(group.distro(), group.version(), group.codename(), group.variant(), day);
    }
}
