package io.basewatch.reportapi.backlog;

import io.basewatch.fleetstore.FleetCount;
import io.basewatch.fleetstore.FleetCounts;
import io.basewatch.lifecycle.CurrentLifecycle;
import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.Page;
import io.basewatch.reportapi.web.Parameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "backlog")
class BacklogController {

    private static final String INCLUDE = "(musl|past-support|unknown)(,(musl|past-support|unknown))*";

    private static final int MAX_INCLUDE = 200;

    private final FleetCounts fleet;
    private final CurrentLifecycle lifecycle;
    private final Clock clock;

    BacklogController(FleetCounts fleet, CurrentLifecycle lifecycle, Clock clock) {
        this.fleet = fleet;
        this.lifecycle = lifecycle;
        this.clock = clock;
    }

    /**
     * @param asOf when the fleet was counted
     * @param day the support phases are those of this day
     * @param rule how the entries are ranked, for people
     * @param total entries there are; more than {@code items} when the limit cut them
     * @param items first what to move first
     */
    record BacklogAnswer(Instant asOf, LocalDate day, String rule, int total, List<BacklogEntry> items) {}

    @Operation(
            operationId = "backlog",
            summary = "What to move first",
            description =
                    "Images grouped by what they stand on (distribution, release, C library), where that is musl or"
                            + " past its support. " + Backlog.RULE)
    @GetMapping("/api/v1/backlog")
    BacklogAnswer backlog(
            @Parameter(
                            description = "comma-separated: which groups to list; without it musl,past-support",
                            example = "past-support,unknown",
                            schema = @Schema(pattern = "^" + INCLUDE + "$", maxLength = MAX_INCLUDE))
                    @RequestParam(required = false)
                    @Nullable
                    String include,
            @Parameter(
                            description = Parameters.AS_OF,
                            example = "2027-07-01",
                            schema = @Schema(pattern = "^" + Parameters.DAY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String asOf,
            @Parameter(
                            description = "entries at most",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "100"))
                    @RequestParam(required = false)
                    @Nullable
                    String limit) {
        int most = Page.limit(limit);
        LocalDate day = Parameters.day(asOf, clock);
        Set<Backlog.Include> included = why(include);
        FleetCount count = fleet.recent();
        List<BacklogEntry> entries = new Backlog(lifecycle.get(), day, included).rank(count.standsOn());
        return new BacklogAnswer(
                count.asOf(),
                day,
                Backlog.RULE,
                entries.size(),
                entries.stream().limit(most).toList());
    }

    private static Set<Backlog.Include> why(@Nullable String include) {
        if (include == null) {
            return EnumSet.of(Backlog.Include.MUSL, Backlog.Include.PAST_SUPPORT);
        }
        if (include.length() > MAX_INCLUDE) {
            throw new BadParameterException("include", include, "at most " + MAX_INCLUDE + " characters");
        }
        Set<Backlog.Include> why = EnumSet.noneOf(Backlog.Include.class);
        for (String each : include.split(",", -1)) {
            Backlog.Include parsed = Parameters.oneOf("include", each, Backlog.Include.values());
            if (parsed == null) {
                throw new BadParameterException("include", include, "musl, past-support, unknown");
            }
            why.add(parsed);
        }
        return why;
    }
}
