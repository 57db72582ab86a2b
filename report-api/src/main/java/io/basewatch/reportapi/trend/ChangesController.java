package io.basewatch.reportapi.trend;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.TagHistory;
import io.basewatch.reportapi.trend.TrendController.Days;
import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.Cursor;
import io.basewatch.reportapi.web.Page;
import io.basewatch.reportapi.web.Parameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "trends")
class ChangesController {

    private static final String KIND = "(came|moved|went|ended)";

    private static final String KINDS = KIND + "(," + KIND + "){0,3}";

    private static final String KEY = "[0-9]{1,15}_[!-~\\u00A1-\\uFFFF]{1,900}";

    private static final int USUAL_DAYS = 7;

    private final TagHistory history;
    private final Endings endings;
    private final Clock clock;

    ChangesController(TagHistory history, Endings endings, Clock clock) {
        this.history = history;
        this.endings = endings;
        this.clock = clock;
    }

    /** What became of a tag or an image. */
    enum What {
        CAME,
        MOVED,
        WENT,
        /** The support of what an image stands on ended. */
        ENDED
    }

    /**
     * One change.
     *
     * @param what came, moved, went: a tag; ended: the support of what an image stands on
     * @param at when the watcher saw it; of what ended, the first day without support
     * @param reference registry/repository:tag; of what ended, the first of the image's tags
     * @param from digest that the tag pointed at before; absent when it was not there
     * @param to digest that it points at since; absent when it is gone
     * @param images that the tag leads to since, or that ended
     * @param before images that it led to before
     * @param standsOn distribution and release of what ended
     * @param places repositories that hold what ended
     */
    record ChangeItem(
            String what,
            Instant at,
            @Nullable String reference,
            @Nullable Repository repository,
            @Nullable String tag,
            @Nullable Digest from,
            @Nullable Digest to,
            List<Digest> images,
            @Nullable List<Digest> before,
            @Nullable String standsOn,
            @Nullable Integer places) {}

    /**
     * Changes of some days, in the order of time.
     *
     * @param to inclusive
     * @param knownSince when the first change was seen that is still kept: of what became of tags before, nothing is said; absent while there is none
     * @param note what is not told here, for people
     * @param next path and query of the next page; absent on the last one
     */
    record ChangesAnswer(
            LocalDate from,
            LocalDate to,
            @Nullable Instant knownSince,
            String note,
            List<ChangeItem> items,
            @Nullable String next) {}

    private static final String NOTE =
            "Tags that came, moved and went are told as of when they were seen: while the watcher was down, that is later than it was done, and what came"
                    + " and went meanwhile was not seen. What ended is told of the images that a tag leads to now.";

    @Operation(
            operationId = "changes",
            summary = "What changed between two days: tags that came, were moved, went, and images whose support ended",
            description = NOTE)
    @GetMapping("/api/v1/changes")
    ResponseEntity<ChangesAnswer> changes(
            @Parameter(
                            description = "first day; without it a week before the last",
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
                            description = "comma-separated: came, moved, went, ended; without it all",
                            schema = @Schema(pattern = "^" + KINDS + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String what,
            @Parameter(
                            description = "entries on a page",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "100"))
                    @RequestParam(required = false)
                    @Nullable
                    String limit,
            @Parameter(
                            description = "opaque; from 'next' of the page before",
                            schema = @Schema(pattern = "^changes:" + KEY + "$", maxLength = Cursor.MAX_LENGTH))
                    @RequestParam(required = false)
                    @Nullable
                    String after) {
        Days days = Days.of(from, to, USUAL_DAYS, TrendController.MAX_DAYS, clock);
        Set<What> asked = asked(what);
        int most = Page.limit(limit);
        Cursor cursor = Cursor.read("changes", after, key -> key.matches(KEY));
        TagHistory.Place behind = place(cursor.key());
        List<Keyed> found = new ArrayList<>();
        Set<TagHistory.Kind> kinds = kinds(asked);
        if (!kinds.isEmpty()) {
            Instant begin = days.from().atStartOfDay(ZoneOffset.UTC).toInstant();
            Instant end = days.to().plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
            history.page(begin, end, kinds, behind, most + 1).forEach(change -> found.add(Keyed.of(change)));
        }
        if (asked.contains(What.ENDED)) {
            endings.between(days.from(), days.to(), behind, most + 1).forEach(ending -> found.add(Keyed.of(ending)));
        }
        found.sort((one, other) -> Endings.ORDER.compare(one.place(), other.place()));
        List<Keyed> page = found.stream().limit(most).toList();
        String next = Page.next(
                cursor, found.size() > most ? key(page.get(page.size() - 1).place()) : null);
        ResponseEntity.BodyBuilder answer = ResponseEntity.ok();
        if (next != null) {
            answer.header(HttpHeaders.LINK, "<" + next + ">; rel=\"next\"");
        }
        return answer.body(new ChangesAnswer(
                days.from(),
                days.to(),
                history.first(),
                NOTE,
                page.stream().map(Keyed::item).toList(),
                next));
    }

    private static Set<What> asked(@Nullable String what) {
        if (what == null) {
            return EnumSet.allOf(What.class);
        }
        Set<What> asked = EnumSet.noneOf(What.class);
        for (String each : what.split(",", -1)) {
            What parsed = Parameters.oneOf("what", each, What.values());
            if (parsed != null) {
                asked.add(parsed);
            }
        }
        return asked;
    }

    private static Set<TagHistory.Kind> kinds(Set<What> asked) {
        Set<TagHistory.Kind> kinds = EnumSet.noneOf(TagHistory.Kind.class);
        for (What each : asked) {
            switch (each) {
                case CAME -> kinds.add(TagHistory.Kind.CAME);
                case MOVED -> kinds.add(TagHistory.Kind.MOVED);
                case WENT -> kinds.add(TagHistory.Kind.WENT);
                case ENDED -> {}
            }
        }
        return kinds;
    }

    private static TagHistory.@Nullable Place place(@Nullable String key) {
        if (key == null) {
            return null;
        }
        int end = key.indexOf('_');
        return new TagHistory.Place(
                Instant.ofEpochMilli(Long.parseLong(key.substring(0, end))), key.substring(end + 1));
    }

    private static String key(TagHistory.Place place) {
        String key = place.at().toEpochMilli() + "_" + place.key();
        if (key.length() > Cursor.MAX_LENGTH - 10) {
            throw new BadParameterException("limit", "", "another one: the page ends at a name too long for a cursor");
        }
        return key;
    }

    private record Keyed(TagHistory.Place place, ChangeItem item) {

        static Keyed of(TagHistory.Change change) {
            return new Keyed(
                    new TagHistory.Place(change.at(), change.key()),
                    new ChangeItem(
                            change.kind().toString(),
                            change.at(),
                            change.repository() + ":" + change.tag(),
                            change.repository(),
                            change.tag(),
                            change.from(),
                            change.to(),
                            change.images(),
                            change.before(),
                            null,
                            null));
        }

        static Keyed of(Endings.Ending ending) {
            return new Keyed(
                    ending.place(),
                    new ChangeItem(
                            "ended",
                            ending.place().at(),
                            ending.reference(),
                            ending.repository(),
                            null,
                            null,
                            null,
                            List.of(ending.image()),
                            null,
                            ending.standsOn(),
                            ending.places()));
        }
    }
}
