package io.basewatch.reportapi.lifecycle;

import io.basewatch.fleetmodel.Support;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lifecycle.LifecycleFeed;
import io.basewatch.reportapi.web.NotFoundException;
import io.basewatch.reportapi.web.Parameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "lifecycle")
class LifecycleController {

    private static final String PRODUCT = "[a-z0-9][a-z0-9._-]{0,99}";

    private final LifecycleFeed feed;
    private final Clock clock;

    LifecycleController(LifecycleFeed feed, Clock clock) {
        this.feed = feed;
        this.clock = clock;
    }

    /**
     * @param generated the day the dataset in force was put together; each release has the date of its own source
     * @param digest of the dataset in force
     * @param source of the dataset in force: {@code bundled}, a file, or a URL without its query
     * @param state bundled: no source is configured; waiting: it was not looked at yet; current: what lies there is in force; refused: what lies
     *     there is not taken, or cannot be had, and what was in force is so still
     * @param configured the source that is looked at
     * @param takenAt when the dataset came into force
     * @param checkedAt when the source was last found to hold it
     * @param lastRefusal the last one since the start
     */
    record LifecycleAnswer(
            LocalDate generated,
            String digest,
            String source,

            @Schema(allowableValues = {"bundled", "waiting", "current", "refused"})
            String state,

            @Nullable String configured,
            @Nullable Instant takenAt,
            @Nullable Instant checkedAt,
            @Nullable LastRefusal lastRefusal,
            List<String> products) {}

    /**
     * @param why few, for programs
     * @param message for people, with what to do
     */
    record LastRefusal(
            Instant at,

            @Schema(
                    allowableValues = {
                        "unreadable",
                        "too-large",
                        "digest",
                        "signature",
                        "form",
                        "canary",
                        "shrunk",
                        "age"
                    })
            String why,

            String message) {}

    /**
     * @param day the phases are those of this day
     * @param releases in the dataset's order
     */
    record ProductAnswer(String product, LocalDate day, List<Support> releases) {}

    @Operation(operationId = "lifecycle", summary = "Where the support dates come from, and whether they are of today")
    @GetMapping("/api/v1/lifecycle")
    LifecycleAnswer lifecycle() {
        Lifecycle dates = feed.get();
        LifecycleFeed.State state = feed.state();
        LifecycleFeed.Refusal refusal = state.lastRefusal();
        return new LifecycleAnswer(
                dates.generated(),
                dates.digest(),
                state.source(),
                state.phase().toString(),
                state.configured(),
                state.takenAt(),
                state.checkedAt(),
                refusal == null
                        ? null
                        : new LastRefusal(refusal.at(), refusal.why().toString(), refusal.message()),
                dates.products());
    }

    @Operation(
            operationId = "lifecycleProduct",
            summary = "All releases of one product, with their dates, phases and sources")
    @GetMapping("/api/v1/lifecycle/{product}")
    ProductAnswer product(
            @PathVariable @Parameter(example = "debian", schema = @Schema(pattern = "^" + PRODUCT + "$"))
                    String product,
            @Parameter(
                            description = Parameters.AS_OF,
                            example = "2027-07-01",
                            schema = @Schema(format = "date", pattern = "^" + Parameters.DAY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String asOf) {
        LocalDate day = Parameters.day(asOf, clock);
        List<Support> releases = product.matches(PRODUCT) ? feed.get().releases(product, day) : List.of();
        if (releases.isEmpty()) {
            throw new NotFoundException(
                    "product-unknown",
                    "The lifecycle dataset has no such product: /api/v1/lifecycle lists those it has.");
        }
        return new ProductAnswer(product, day, releases);
    }
}
