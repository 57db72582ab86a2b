package io.basewatch.reportapi.trend;

import io.basewatch.fleetstore.TrendArchive;
import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.Parameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "trends")
class TrendController {

    /** Ten years. */
    static final int MAX_DAYS = 3700;

    private static final int USUAL_DAYS = 90;

    private static final MediaType TEXT_CSV = new MediaType("text", "csv");

    private final TrendArchive archive;
    private final Clock clock;

    TrendController(TrendArchive archive, Clock clock) {
        this.archive = archive;
        this.clock = clock;
    }

    /** What the lines of {@code distro} are. */
    enum Group {
        RELEASE,
        DISTRO
    }

    /** As what an answer is written. */
    enum Format {
        JSON,
        CSV
    }

    @Operation(
            operationId = "trends",
            summary = "How the fleet was on each day",
            description =
                    "Images that a tag led to at the end of each day (UTC), or when it was last counted. An image is in one line of a series;"
                            + " in several of 'caveat', 'registry' and 'owner' where it belongs to several. What was not read is a"
                            + " line of its own: pending, unscannable, unknown. Null is what nobody knows: the service was down and it"
                            + " cannot be told afterwards, or the line was among 'other' that day.",
            responses =
                    @ApiResponse(
                            responseCode = "200",
                            content = {
                                @Content(
                                        mediaType = "application/json",
                                        schema = @Schema(implementation = Trend.class)),
                                @Content(mediaType = "text/csv", schema = @Schema(type = "string"))
                            }))
    @GetMapping("/api/v1/trends")
    ResponseEntity<?> trends(
            @Parameter(
                            description = "what is counted",
                            schema =
                                    @Schema(
                                            allowableValues = {
                                                "distro",
                                                "distribution",
                                                "libc",
                                                "phase",
                                                "caveat",
                                                "backlog",
                                                "backlog-images",
                                                "registry",
                                                "owner"
                                            },
                                            defaultValue = "phase"))
                    @RequestParam(required = false)
                    @Nullable
                    String series,
            @Parameter(
                            description = "first day; without it 90 days before the last",
                            schema = @Schema(format = "date", pattern = "^" + Parameters.DAY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String from,
            @Parameter(
                            description = "last day; without it today (UTC)",
                            schema = @Schema(format = "date", pattern = "^" + Parameters.DAY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String to,
            @Parameter(
                            description = "of series 'distro': a line for each release, or for each distribution",
                            schema = @Schema(allowableValues = {"release", "distro"}))
                    @RequestParam(required = false)
                    @Nullable
                    String group,
            @Parameter(
                            description = "of a week or a month the last day that is known counts",
                            schema =
                                    @Schema(
                                            allowableValues = {"day", "week", "month"},
                                            defaultValue = "day"))
                    @RequestParam(required = false)
                    @Nullable
                    String resolution,
            @Parameter(
                            description = "what the answer is written as; without it as Accept says",
                            schema = @Schema(allowableValues = {"json", "csv"}))
                    @RequestParam(required = false)
                    @Nullable
                    String format,
            @Parameter(hidden = true) @RequestHeader(value = HttpHeaders.ACCEPT, required = false) @Nullable
                    String accept) {
        Series asked = Parameters.oneOf("series", series, Series.values());
        Group by = Parameters.oneOf("group", group, Group.values());
        Series told = asked == null ? Series.PHASE : asked;
        if (by != null && told != Series.DISTRO) {
            throw new BadParameterException("group", String.valueOf(group), "it for series distro alone");
        }
        if (by == Group.DISTRO) {
            told = Series.DISTRIBUTION;
        }
        Trend.Resolution every = Parameters.oneOf("resolution", resolution, Trend.Resolution.values());
        Format written = Parameters.oneOf("format", format, Format.values());
        Days days = Days.of(from, to, USUAL_DAYS, MAX_DAYS, clock);
        Trend trend = Trend.of(
                told,
                days.from(),
                days.to(),
                every == null ? Trend.Resolution.DAY : every,
                archive.between(days.from(), days.to(), List.of(told.toString())));
        if (written == Format.CSV || (written == null && prefersCsv(accept))) {
            return ResponseEntity.ok()
                    .header(HttpHeaders.CONTENT_TYPE, "text/csv;charset=utf-8")
                    .header(
                            HttpHeaders.CONTENT_DISPOSITION,
                            "attachment; filename=\"trend-" + told + "-" + days.to() + ".csv\"")
                    .body(trend.csv().getBytes(StandardCharsets.UTF_8));
        }
        return ResponseEntity.ok().body(trend);
    }

    private static boolean prefersCsv(@Nullable String accept) {
        List<MediaType> accepted = MediaType.parseMediaTypes(accept);
        return !accepted.isEmpty()
                && accepted.get(0).isCompatibleWith(TEXT_CSV)
                && accepted.get(0).isConcrete();
    }

    /**
     * A time of whole days.
     *
     * @param to inclusive
     */
    record Days(LocalDate from, LocalDate to) {

        /**
         * @param usual days where no first one is given
         * @param most days
         * @throws BadParameterException when it is no such time
         */
        static Days of(@Nullable String from, @Nullable String to, int usual, int most, Clock clock) {
            LocalDate last = Parameters.day("to", to, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
            LocalDate first = Parameters.day("from", from, last.minusDays(usual - 1));
            if (first.isAfter(last)) {
                throw new BadParameterException("from", first.toString(), "a day that is not after " + last);
            }
            if (ChronoUnit.DAYS.between(first, last) >= most) {
                throw new BadParameterException(
                        "from",
                        first.toString(),
                        "at most " + most + " days: " + last.minusDays(most - 1) + " or later");
            }
            return new Days(first, last);
        }
    }
}
