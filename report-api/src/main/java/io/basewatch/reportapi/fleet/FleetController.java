package io.basewatch.reportapi.fleet;

import io.basewatch.fleetmodel.Lifecycle;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.fleetstore.FleetQueries;
import io.basewatch.fleetstore.FleetSummary;
import io.basewatch.fleetstore.StandsOn;
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

    private final FleetQueries fleet;
    private final Lifecycle lifecycle;
    private final Clock clock;

    FleetController(FleetQueries fleet, Lifecycle lifecycle, Clock clock) {
        this.fleet = fleet;
        this.lifecycle = lifecycle;
        this.clock = clock;
    }

    @Operation(
            operationId = "fleet",
            summary = "The whole fleet in a few numbers",
            description =
                    "Only images that a tag leads to are counted, each once. The support phases are those of today.")
    @GetMapping("/api/v1/fleet")
    FleetAnswer fleet() {
        LocalDate day = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        Map<SupportPhase, Long> byPhase = new EnumMap<>(SupportPhase.class);
        long past = 0;
        for (StandsOn group : fleet.standsOn()) {
            SupportPhase phase = support(group, day).phase();
            byPhase.merge(phase, group.images(), Long::sum);
            past += phase.isPastSupport() ? group.images() : 0;
        }
        FleetSummary summary = fleet.summary();
        return FleetAnswer.of(day, summary, byPhase, past, lifecycle.generated());
    }

    private Support support(StandsOn group, LocalDate day) {
        return group.distro() == null
                ? Support.unknown()
                : lifecycle.support(group.distro(), group.version(), group.codename(), group.variant(), day);
    }
}
