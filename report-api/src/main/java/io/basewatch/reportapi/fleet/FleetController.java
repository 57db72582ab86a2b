package io.basewatch.reportapi.fleet;

import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.fleetstore.FleetCount;
import io.basewatch.fleetstore.FleetCounts;
import io.basewatch.fleetstore.StandsOn;
import io.basewatch.lifecycle.CurrentLifecycle;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.reportapi.web.Parameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "fleet")
public class FleetController {

    private final FleetCounts fleet;
    private final CurrentLifecycle lifecycle;
    private final Clock clock;

    FleetController(FleetCounts fleet, CurrentLifecycle lifecycle, Clock clock) {
        this.fleet = fleet;
        this.lifecycle = lifecycle;
        this.clock = clock;
    }

    @Operation(
            operationId = "fleet",
            summary = "The whole fleet in a few numbers",
            description =
                    "Only images that a tag leads to are counted, each once. The support phases are those of 'day': today (UTC), or what"
                            + " 'asOf' says. What was decided for single repositories does not change these figures."
                            + " Counted at 'asOf': for a large fleet that may be some seconds ago.")
    @GetMapping("/api/v1/fleet")
    public FleetAnswer fleet(
            @Parameter(
                            description = Parameters.AS_OF,
                            example = "2027-07-01",
                            schema = @Schema(format = "date", pattern = "^" + Parameters.DAY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String asOf) {
        LocalDate day = Parameters.day(asOf, clock);
        Lifecycle dates = lifecycle.get();
        Map<SupportPhase, Long> byPhase = new EnumMap<>(SupportPhase.class);
        long past = 0;
        FleetCount count = fleet.recent();
        for (StandsOn group : count.standsOn()) {
            SupportPhase phase = dates.support(group.distro(), group.version(), group.codename(), group.variant(), day)
                    .phase();
            byPhase.merge(phase, group.images(), Long::sum);
            past += phase.isPastSupport() ? group.images() : 0;
        }
        return FleetAnswer.of(day, count, byPhase, past, dates.generated());
    }
}
