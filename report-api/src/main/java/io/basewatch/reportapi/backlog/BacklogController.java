package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Backlog;
import io.basewatch.backlog.Entry;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.BacklogJournal.Line;
import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.Cursor;
import io.basewatch.reportapi.web.NotFoundException;
import io.basewatch.reportapi.web.Page;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "backlog")
public class BacklogController {

    private static final String WHY = "(past-support|ending|certain|risk|musl|unknown)";

    private static final String INCLUDE = WHY + "(," + WHY + ")*";

    private static final int MAX_INCLUDE = 200;

    /** Of an entry, as a regular expression. */
    static final String ID = "(base|leaf)-[0-9a-f]{20}";

    /** Without a finding and in full support, that an image is on musl is no reason to move it. */
    public static final Set<Entry.Why> USUAL = Collections.unmodifiableSet(
            EnumSet.of(Entry.Why.PAST_SUPPORT, Entry.Why.ENDING, Entry.Why.CERTAIN, Entry.Why.RISK));

    private final Backlogs backlogs;
    private final Plans plans;
    private final Journalist journal;
    private final Decisions decisions;
    private final ItemTexts texts;
    private final Clock clock;

    BacklogController(
            Backlogs backlogs, Plans plans, Journalist journal, Decisions decisions, ItemTexts texts, Clock clock) {
        this.backlogs = backlogs;
        this.plans = plans;
        this.journal = journal;
        this.decisions = decisions;
        this.texts = texts;
        this.clock = clock;
    }

    /** Whether entries that somebody decided to leave are listed. */
    enum Waived {
        WITHOUT,
        WITH,
        ONLY
    }

    /**
     * @param day the support phases are those of this day
     * @param rule how the entries are ranked, for people
     * @param pending images of the fleet that are not analysed yet: of these nothing is said
     * @param unread images that are not read wholly, or not judged yet: of these more may be said
     * @param waived entries that were asked for, but that somebody decided to leave for a while: these are not listed unless they are asked for
     * @param total entries there are that were asked for
     * @param items first what to move first
     * @param next path and query of the next page; absent on the last one
     */
    public record BacklogAnswer(
            LocalDate day,
            String rule,
            long pending,
            long unread,
            int waived,
            int total,
            List<BacklogItem> items,
            @Nullable String next) {
        private BacklogAnswer withoutItems() {
            return new BacklogAnswer(day, rule, pending, unread, waived, total, List.of(), next);
        }
    }

    @Operation(
            operationId = "backlog",
            summary = "What to move first, to what, why and at what cost",
            description =
                    "An entry is a base with all images that stand on it, or a repository that stands on none that is known. "
                            + Backlog.RULE,
            responses =
                    @ApiResponse(
                            responseCode = "200",
                            content = {
                                @Content(
                                        mediaType = "application/json",
                                        schema = @Schema(anyOf = {BacklogAnswer.class, BacklogGroups.class})),
                                @Content(mediaType = "text/csv", schema = @Schema(type = "string")),
                                @Content(mediaType = "application/x-ndjson", schema = @Schema(type = "string")),
                                @Content(mediaType = "text/markdown", schema = @Schema(type = "string"))
                            }))
    @GetMapping("/api/v1/backlog")
    public ResponseEntity<?> backlog(
            @Parameter(
                            description = "comma-separated: entries with one of these reasons; without it"
                                    + " past-support,ending,certain,risk",
                            example = "past-support,certain",
                            schema = @Schema(pattern = "^" + INCLUDE + "$", maxLength = MAX_INCLUDE))
                    @RequestParam(required = false)
                    @Nullable
                    String include,
            @Parameter(
                            description = "only entries with images of this owner",
                            schema = @Schema(pattern = "^" + Parameters.WORDS + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String owner,
            @Parameter(
                            description =
                                    "registry/name: only entries for which this repository's Dockerfile has to be changed",
                            schema = @Schema(pattern = "^" + Parameters.REPOSITORY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String repository,
            @Parameter(
                            description = "entries that somebody decided to leave for a while: without it they are only"
                                    + " counted, as 'waived'",
                            schema =
                                    @Schema(
                                            allowableValues = {"without", "with", "only"},
                                            defaultValue = "without"))
                    @RequestParam(required = false)
                    @Nullable
                    String waived,
            @Parameter(
                            description = "what comes first; the rank of an entry stays that of its score",
                            schema =
                                    @Schema(
                                            allowableValues = {
                                                "score",
                                                "benefit",
                                                "effort",
                                                "images",
                                                "tags",
                                                "repositories"
                                            },
                                            defaultValue = "score"))
                    @RequestParam(required = false)
                    @Nullable
                    String sort,
            @Parameter(
                            description = "entries put together by what they have in common; without pages, in JSON",
                            schema = @Schema(allowableValues = {"owner", "base", "repository"}))
                    @RequestParam(required = false)
                    @Nullable
                    String group,
            @Parameter(
                            description = "what the list is written as; all but json are whole, without pages",
                            schema = @Schema(allowableValues = {"json", "csv", "ndjson", "markdown"}))
                    @RequestParam(required = false)
                    @Nullable
                    String format,
            @Parameter(
                            description = Parameters.AS_OF,
                            schema = @Schema(format = "date", pattern = "^" + Parameters.DAY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String asOf,
            @Parameter(
                            description = "entries on a page",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "100"))
                    @RequestParam(required = false)
                    @Nullable
                    String limit,
            @Parameter(
                            description = "opaque; from 'next' of the page before",
                            schema =
                                    @Schema(
                                            pattern = "^backlog:" + BacklogOrder.KEY + "$",
                                            maxLength = Cursor.MAX_LENGTH))
                    @RequestParam(required = false)
                    @Nullable
                    String after) {
        int most = Page.limit(limit);
        LocalDate day = Parameters.day(asOf, clock);
        Predicate<Entry> asked =
                why(include).and(of(Parameters.words("owner", owner), Parameters.repository(repository)));
        Waived listed = Parameters.oneOf("waived", waived, Waived.values());
        BacklogOrder order = Parameters.oneOf("sort", sort, BacklogOrder.values());
        BacklogGroups.By by = Parameters.oneOf("group", group, BacklogGroups.By.values());
        Cursor cursor = Cursor.read("backlog", after, key -> key.matches(BacklogOrder.KEY));
        BacklogExport export =
                "json".equals(format) ? null : Parameters.oneOf("format", format, BacklogExport.values());
        if (by != null && (export != null || cursor.key() != null)) {
            throw new BadParameterException("group", String.valueOf(group), "no format and no after beside it");
        }
        Backlog backlog = backlogs.of(day);
        List<Ranked> all = ranked(backlog, asked);
        List<Ranked> ranked = listed(all, listed == null ? Waived.WITHOUT : listed, day);
        if (by != null) {
            return ResponseEntity.ok(BacklogGroups.of(ranked, by, day, limit == null ? BacklogGroups.MAX : most));
        }
        BacklogOrder sorted = order == null ? BacklogOrder.SCORE : order;
        ranked.sort(Comparator.comparing(Ranked::entry, sorted.comparator()));
        if (export != null) {
            return ResponseEntity.ok()
                    .header(HttpHeaders.CONTENT_TYPE, export.mediaType())
                    .header(
                            HttpHeaders.CONTENT_DISPOSITION,
                            "attachment; filename=\"backlog-" + day + extension(export))
                    .body(export.write(items(ranked, day), day).getBytes(StandardCharsets.UTF_8));
        }
        String key = cursor.key();
        Predicate<Entry> behind = key == null ? entry -> true : sorted.isBehind(key);
        List<Ranked> left =
                ranked.stream().filter(each -> behind.test(each.entry())).toList();
        List<Ranked> page = left.stream().limit(most).toList();
        String lastKey =
                left.size() > most ? sorted.key(page.get(page.size() - 1).entry()) : null;
        String next = Page.next(cursor, lastKey);
        ResponseEntity.BodyBuilder answer = ResponseEntity.ok();
        if (next != null) {
            answer.header(HttpHeaders.LINK, "<" + next + ">; rel=\"next\"");
        }
        BacklogItems items = items(page, day);
        BacklogAnswer body = new BacklogAnswer(
                day,
                Backlog.RULE,
                backlog.pending(),
                backlog.unread(),
                (int) all.stream().filter(each -> isWaived(each, day)).count(),
                ranked.size(),
                items,
                next);
        return answer.eTag(items.tag(body.withoutItems().toString())).body(body);
    }

    private static String extension(BacklogExport export) {
        return switch (export) {
            case CSV -> ".csv\"";
            case NDJSON -> ".ndjson\"";
            case MARKDOWN -> ".md\"";
        };
    }

    private static List<Ranked> ranked(Backlog backlog, Predicate<Entry> asked) {
        List<Ranked> ranked = new ArrayList<>();
        List<Entry> entries = backlog.entries();
        for (int n = 0; n < entries.size(); n++) {
            if (asked.test(entries.get(n))) {
                ranked.add(new Ranked(entries.get(n), n + 1));
            }
        }
        return ranked;
    }

    private List<Ranked> listed(List<Ranked> all, Waived asked, LocalDate day) {
        List<Ranked> listed = new ArrayList<>(all);
        switch (asked) {
            case WITHOUT -> listed.removeIf(each -> isWaived(each, day));
            case ONLY -> listed.removeIf(each -> !isWaived(each, day));
            case WITH -> {
                // all of them
            }
        }
        return listed;
    }

    private boolean isWaived(Ranked ranked, LocalDate day) {
        return decisions.of(ranked.entry(), day) != null;
    }

    private BacklogItems items(List<Ranked> ranked, LocalDate day) {
        return new BacklogItems(ranked, day, journal.open(), entry -> decisions.of(entry, day), texts);
    }

    private BacklogItem item(Ranked ranked, Map<String, Line> open, LocalDate day) {
        return BacklogItem.of(
                ranked.entry(), ranked.rank(), open.get(ranked.entry().id()), decisions.of(ranked.entry(), day));
    }

    private static Predicate<Entry> of(@Nullable String owner, @Nullable Repository repository) {
        return entry -> (owner == null || entry.owners().containsKey(owner))
                && (repository == null
                        || entry.changes().stream()
                                .anyMatch(change -> change.repository().equals(repository)));
    }

    private static Predicate<Entry> why(@Nullable String include) {
        Set<Entry.Why> why = EnumSet.copyOf(USUAL);
        if (include != null) {
            if (include.length() > MAX_INCLUDE) {
                throw new BadParameterException("include", include, "at most " + MAX_INCLUDE + " characters");
            }
            why.clear();
            for (String each : include.split(",", -1)) {
                Entry.Why parsed = Parameters.oneOf("include", each, Entry.Why.values());
                if (parsed == null) {
                    throw new BadParameterException("include", include, INCLUDE);
                }
                why.add(parsed);
            }
        }
        return entry -> entry.why().stream().anyMatch(why::contains);
    }

    /** Those that went, the last one first; of more than {@code limit} the others are left out. */
    public record ClosedAnswer(List<Line> items) {}

    @Operation(
            operationId = "closedBacklog",
            summary = "Entries that stood in the backlog and went, the last one first",
            description = "An entry goes by itself when the images that it was about have moved or are gone.")
    @GetMapping("/api/v1/backlog/closed")
    public ClosedAnswer closed(
            @Parameter(
                            description = "entries at most",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "100"))
                    @RequestParam(required = false)
                    @Nullable
                    String limit) {
        return new ClosedAnswer(journal.closed(Page.limit(limit)));
    }

    @Operation(
            operationId = "plan",
            summary = "One move: what to change, what will break and why, and what it costs",
            description = "The Dockerfiles to change with their lines, packages by their names there, what the loader"
                    + " of the target would say of each image's own programs, and what moves along. 404 when there is no"
                    + " such entry (any more).")
    @GetMapping("/api/v1/backlog/{id}")
    public Plan plan(
            @PathVariable @Parameter(example = "base-0123456789abcdef0123", schema = @Schema(pattern = "^" + ID + "$"))
                    String id,
            @Parameter(
                            description = Parameters.AS_OF,
                            schema = @Schema(format = "date", pattern = "^" + Parameters.DAY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String asOf) {
        if (!id.matches(ID)) {
            throw new BadParameterException("id", id, "an entry's id, as /api/v1/backlog lists them");
        }
        LocalDate day = Parameters.day(asOf, clock);
        List<Entry> entries = backlogs.of(day).entries();
        for (int n = 0; n < entries.size(); n++) {
            if (entries.get(n).id().equals(id)) {
                Ranked ranked = new Ranked(entries.get(n), n + 1);
                return plans.of(item(ranked, journal.open(), day), ranked.entry(), day);
            }
        }
        throw new NotFoundException(
                "entry-unknown",
                "There is no entry '" + id + "' in the backlog of " + day
                        + ": it never was, or all that it was about has moved.");
    }
}
