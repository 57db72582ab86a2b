package io.basewatch.reportapi.horizon;

import io.basewatch.fleetmodel.Owners;
import io.basewatch.fleetstore.FleetCount;
import io.basewatch.fleetstore.FleetCounts;
import io.basewatch.lifecycle.CurrentLifecycle;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lifecycle.SupportPolicy;
import io.basewatch.reportapi.lineage.Projection;
import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.Parameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "horizon")
public class HorizonController {

    /** From 1 to {@value #MAX_DAYS}, as a regular expression. */
    private static final String NUMBER = "([1-9][0-9]{0,2}|[12][0-9]{3}|3[0-5][0-9]{2}|36[0-5][0-9]|3660)";

    private static final String DAYS = NUMBER + "(," + NUMBER + "){0,11}";

    private static final String USUAL = "30,90,180,365";

    private static final int MAX_DAYS = 3660;

    private final FleetCounts fleet;
    private final CurrentLifecycle lifecycle;
    private final Horizons horizons;
    private final Projection projection;
    private final Clock clock;

    HorizonController(
            FleetCounts fleet,
            CurrentLifecycle lifecycle,
            SupportPolicy policy,
            Owners owners,
            Projection projection,
            Clock clock) {
        this.fleet = fleet;
        this.lifecycle = lifecycle;
        this.horizons = new Horizons(policy, owners);
        this.projection = projection;
        this.clock = clock;
    }

    /**
     * @param asOf when the fleet was counted
     * @param day seen from this day; an end on it lies ahead still
     * @param past images that are past their support already
     * @param withoutEnd images of releases that never end, are not out yet, are unknown or have no end announced
     * @param pending images that are not analysed yet: nothing is known of their support
     * @param lifecycleGenerated when the dataset of support dates was put together
     */
    public record HorizonAnswer(
            Instant asOf,
            LocalDate day,
            List<Horizon.Within> within,
            List<Horizon.Month> months,
            long past,
            long withoutEnd,
            long pending,
            LocalDate lifecycleGenerated) {}

    @Operation(
            operationId = "horizon",
            summary = "What reaches the end of its support, and when",
            description = "Releases of the fleet that lose free fixes, or what counts in their place, or the paid ones"
                    + " too, by month, and the images, bases and repositories on them. Where a release lies in many"
                    + " repositories not all are looked at: then figures of repositories and owners are lower bounds,"
                    + " and what was decided for single ones does not count.")
    @GetMapping("/api/v1/horizon")
    public HorizonAnswer horizon(
            @Parameter(
                            description = "comma-separated: how many days to look ahead; without it " + USUAL,
                            example = "30,365",
                            schema = @Schema(pattern = "^" + DAYS + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String days,
            @Parameter(
                            description = Parameters.AS_OF,
                            example = "2027-07-01",
                            schema = @Schema(format = "date", pattern = "^" + Parameters.DAY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String asOf) {
        LocalDate day = Parameters.day(asOf, clock);
        List<Integer> ahead = ahead(days == null ? USUAL : days);
        FleetCount count = fleet.recent();
        Lifecycle dates = lifecycle.get();
        Horizon horizon = horizons.of(
                count.standsOn(),
                day,
                ahead,
                dates,
                projection.isFilled() ? projection.moment().bases() : null);
        return new HorizonAnswer(
                count.asOf(),
                day,
                horizon.within(),
                horizon.months(),
                horizon.past(),
                horizon.withoutEnd(),
                count.summary().pending(),
                dates.generated());
    }

    private static List<Integer> ahead(String text) {
        if (text.matches(DAYS)) {
            List<Integer> days =
                    Arrays.stream(text.split(",", -1)).map(Integer::valueOf).toList();
            if (days.stream().allMatch(each -> each <= MAX_DAYS)) {
                return days;
            }
        }
        throw new BadParameterException("days", text, "1 to 12 numbers from 1 to " + MAX_DAYS + ", as in " + USUAL);
    }
}
