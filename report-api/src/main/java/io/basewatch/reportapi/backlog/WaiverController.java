package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Cause;
import io.basewatch.backlog.Entry;
import io.basewatch.fleetstore.Waivers.Decision;
import io.basewatch.fleetstore.Waivers.Ended;
import io.basewatch.fleetstore.Waivers.Waiver;
import io.basewatch.reportapi.access.Audit;
import io.basewatch.reportapi.access.Caller;
import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.ConflictException;
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
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Decisions to leave entries of the backlog for a while. */
@RestController
@Tag(name = "waivers")
class WaiverController {

    private static final String WAIVER = BacklogController.ID + "[.][1-9][0-9]{0,4}";

    private final Decisions decisions;
    private final Backlogs backlogs;
    private final Audit audit;
    private final Clock clock;

    WaiverController(Decisions decisions, Backlogs backlogs, Audit audit, Clock clock) {
        this.decisions = decisions;
        this.backlogs = backlogs;
        this.audit = audit;
        this.clock = clock;
    }

    /** Null where nobody need say who they are. */
    private static @Nullable String signedIn() {
        Caller caller = Caller.current();
        return caller.equals(Caller.LOCAL) ? null : caller.name();
    }

    /** Which waivers. */
    enum State {
        IN_FORCE,
        ENDED,
        ALL
    }

    /**
     * One waiver.
     *
     * @param name what the entry was called when it was given
     * @param causes all that it was given for: another one ends it
     * @param until its last day
     * @param ended absent while it is in force
     */
    record WaiverItem(
            String id,
            String entry,
            String name,
            List<String> causes,
            String reason,
            String author,
            Instant givenAt,
            LocalDate until,
            @Nullable Ended ended) {
        static WaiverItem of(Waiver waiver) {
            Decision decision = waiver.decision();
            return new WaiverItem(
                    waiver.id(),
                    decision.entry(),
                    decision.name(),
                    decision.causes(),
                    decision.reason(),
                    decision.author(),
                    waiver.givenAt(),
                    decision.until(),
                    waiver.ended());
        }
    }

    @Operation(
            operationId = "waivers",
            summary = "What was decided to be left for a while, by whom, why, until when, and how that ended",
            description = "Waivers are never changed or deleted: one that has ended says when, why and by whom.")
    @GetMapping("/api/v1/waivers")
    ResponseEntity<Page<WaiverItem>> waivers(
            @Parameter(
                            description = "without it those in force",
                            schema =
                                    @Schema(
                                            allowableValues = {"in-force", "ended", "all"},
                                            defaultValue = "in-force"))
                    @RequestParam(required = false)
                    @Nullable
                    String state,
            @Parameter(
                            description = "only those of this entry",
                            schema = @Schema(pattern = "^" + BacklogController.ID + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String entry,
            @Parameter(
                            description = "waivers on a page",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "100"))
                    @RequestParam(required = false)
                    @Nullable
                    String limit,
            @Parameter(
                            description = "opaque; from 'next' of the page before",
                            schema = @Schema(pattern = "^waivers:" + WAIVER + "$", maxLength = Cursor.MAX_LENGTH))
                    @RequestParam(required = false)
                    @Nullable
                    String after) {
        int most = Page.limit(limit);
        State asked = Parameters.oneOf("state", state, State.values());
        if (entry != null && !entry.matches(BacklogController.ID)) {
            throw new BadParameterException("entry", entry, "an entry's id, as /api/v1/backlog lists them");
        }
        Cursor cursor = Cursor.read("waivers", after, key -> key.matches(WAIVER));
        List<Waiver> found = decisions.page(
                asked == State.ALL ? null : (Boolean) (asked == State.ENDED), entry, cursor.key(), most + 1);
        List<WaiverItem> items = found.stream().limit(most).map(WaiverItem::of).toList();
        return Page.answer(
                items, cursor, found.size() > most ? items.get(items.size() - 1).id() : null);
    }

    @Operation(operationId = "waiver", summary = "One waiver")
    @GetMapping("/api/v1/waivers/{id}")
    WaiverItem waiver(
            @PathVariable
                    @Parameter(example = "base-0123456789abcdef0123.1", schema = @Schema(pattern = "^" + WAIVER + "$"))
                    String id) {
        return decisions.find(id(id)).map(WaiverItem::of).orElseThrow(() -> unknown(id));
    }

    private static String id(String id) {
        if (!id.matches(WAIVER)) {
            throw new BadParameterException("id", id, "a waiver's id, as /api/v1/waivers lists them");
        }
        return id;
    }

    private static NotFoundException unknown(String id) {
        return new NotFoundException("waiver-unknown", "There is no waiver '" + id + "'.");
    }

    @Operation(
            operationId = "giveWaiver",
            summary = "Decides to leave an entry of the backlog for a while",
            description =
                    "It ends with its last day, when somebody withdraws it, when the entry goes, and when there is a"
                            + " cause that it was not given for: support that ends, something more that fails, something that"
                            + " got worse. 409 when the entry has one already, or more causes than the author has seen.",
            requestBody =
                    @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            schema = @Schema(implementation = WaiverRequest.class))),
            responses =
                    @ApiResponse(
                            responseCode = "201",
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            schema = @Schema(implementation = WaiverItem.class))))
    @PostMapping(value = "/api/v1/waivers", consumes = "application/json")
    ResponseEntity<WaiverItem> give(@Parameter(hidden = true) HttpServletRequest request) throws IOException {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        WaiverRequest asked =
                WaiverRequest.read(request.getInputStream().readNBytes(WaiverRequest.MAX_BYTES + 1), today, signedIn());
        Entry entry = backlogs.of(today).entries().stream()
                .filter(each -> each.id().equals(asked.entry()))
                .findFirst()
                .orElseThrow(() -> new NotFoundException(
                        "entry-unknown", "There is no entry '" + asked.entry() + "' in the backlog."));
        Waiver given = decisions
                .give(new Decision(
                        entry.id(),
                        entry.name(),
                        causes(entry, asked.causes()),
                        asked.reason(),
                        asked.author(),
                        asked.until()))
                .orElseThrow(() -> new ConflictException(
                        "already-waived",
                        "The entry '" + entry.id()
                                + "' is waived already: see /api/v1/waivers?entry=" + entry.id()
                                + "; withdraw that one first."));
        audit.record(
                Caller.current(), "waiver given", given.id(), given.decision().reason());
        return ResponseEntity.created(URI.create("/api/v1/waivers/" + given.id()))
                .body(WaiverItem.of(given));
    }

    private static List<String> causes(Entry entry, @Nullable List<String> seen) {
        List<String> there = entry.causes().stream().map(Cause::toString).toList();
        if (seen != null) {
            List<Cause> known =
                    seen.stream().flatMap(text -> Cause.parse(text).stream()).toList();
            String more = entry.causes().stream()
                    .filter(cause -> !cause.isAmong(known))
                    .map(Cause::toString)
                    .collect(Collectors.joining(", "));
            if (!more.isEmpty()) {
                throw new ConflictException("entry-changed", "There is more by now that speaks for moving it: " + more);
            }
        }
        return there;
    }

    @Operation(
            operationId = "withdrawWaiver",
            summary = "Takes a waiver back",
            description = "It stays in the list of those that have ended. 409 when it has ended before.")
    @DeleteMapping("/api/v1/waivers/{id}")
    WaiverItem withdraw(
            @PathVariable
                    @Parameter(example = "base-0123456789abcdef0123.1", schema = @Schema(pattern = "^" + WAIVER + "$"))
                    String id,
            @Parameter(
                            description = "who takes it back; whoever is signed in, where somebody is",
                            schema = @Schema(pattern = "^" + Parameters.WORDS + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String author,
            @Parameter(description = "why", schema = @Schema(pattern = "^" + Parameters.WORDS + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String reason) {
        String signedIn = signedIn();
        String by = signedIn != null ? signedIn : Parameters.words("author", author);
        if (by == null) {
            throw new BadParameterException("author", "", "who takes it back");
        }
        if (author != null && !author.equals(by)) {
            throw new BadParameterException("author", author, "nothing: you are signed in as " + by);
        }
        String why = Parameters.words("reason", reason);
        Optional<Waiver> withdrawn = decisions.withdraw(id(id), by, why == null ? "" : why);
        withdrawn.ifPresent(waiver -> audit.record(Caller.current(), "waiver withdrawn", id, why == null ? "" : why));
        return withdrawn
                .map(WaiverItem::of)
                .orElseThrow(() -> decisions
                        .find(id)
                        .<RuntimeException>map(waiver -> new ConflictException(
                                "already-ended",
                                "The waiver '" + id + "' has ended already"
                                        + (waiver.ended() == null
                                                ? ""
                                                : ": " + waiver.ended().why()) + "."))
                        .orElseGet(() -> unknown(id)));
    }
}
