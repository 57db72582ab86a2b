package io.basewatch.reportapi.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.lifecycle.CurrentLifecycle;
import io.basewatch.lineage.Base;
import io.basewatch.lineage.BaseId;
import io.basewatch.lineage.Bases;
import io.basewatch.lineage.FleetImage;
import io.basewatch.reportapi.lifecycle.Supports;
import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.Cursor;
import io.basewatch.reportapi.web.NotFoundException;
import io.basewatch.reportapi.web.Page;
import io.basewatch.reportapi.web.Parameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "bases")
public class BaseController {

    /** Children that are named where there are many. */
    private static final int FIRST = 10;

    /** Where a page ends: how many images stand on its last base, and which that is. */
    private static final String KEY = "[0-9]{1,18}\\." + Parameters.BASE;

    private final Projection projection;
    private final CurrentLifecycle lifecycle;
    private final PoliciesOnBases policies;
    private final Clock clock;

    BaseController(Projection projection, CurrentLifecycle lifecycle, PoliciesOnBases policies, Clock clock) {
        this.projection = projection;
        this.lifecycle = lifecycle;
        this.policies = policies;
        this.clock = clock;
    }

    @Operation(
            operationId = "bases",
            summary = "What the fleet's images were built on, the bases with the most images on them first",
            description =
                    "Learned from the layers of all images, one entry per platform; see 'how' for what else says so."
                            + " A base must meet every filter that is given. 503 until the fleet was read once.")
    @GetMapping("/api/v1/bases")
    public ResponseEntity<Page<BaseAnswer>> bases(
            @Parameter(
                            description = "host[:port] of a registry where a tag leads to the base, or once led to it",
                            example = "registry.example.com:5000",
                            schema = @Schema(pattern = "^" + Parameters.REGISTRY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String registry,
            @Parameter(
                            description = "registry/name where a tag leads to the base, or once led to it",
                            example = "registry.example.com:5000/library/alpine",
                            schema = @Schema(pattern = "^" + Parameters.REPOSITORY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String repository,
            @Parameter(
                            description = "os-release's ID",
                            example = "alpine",
                            schema = @Schema(pattern = "^" + Parameters.WORDS + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String distro,
            @Parameter(
                            description = "part of a name of the base, in upper or lower case",
                            example = "python",
                            schema = @Schema(pattern = "^" + Parameters.WORDS + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String q,
            @Parameter(
                            description = Parameters.AS_OF,
                            example = "2027-07-01",
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
                            schema = @Schema(pattern = "^bases:" + KEY + "$", maxLength = Cursor.MAX_LENGTH))
                    @RequestParam(required = false)
                    @Nullable
                    String after) {
        String host = Parameters.registry(registry);
        Repository named = Parameters.repository(repository);
        String id = Parameters.words("distro", distro);
        String text = Parameters.words("q", q);
        Cursor cursor = Cursor.read("bases", after, key -> key.matches(KEY));
        int most = Page.limit(limit);
        LocalDate day = Parameters.day(asOf, clock);
        Supports supports = new Supports(lifecycle.get(), day);
        List<BaseAnswer> items = new ArrayList<>();
        String last = null;
        Bases all = projection.moment().bases();
        for (Base base : all.all()) {
            if (isAfter(base, cursor.key()) && isMeant(base, host, named, id, text)) {
                if (items.size() == most) {
                    return Page.answer(items, cursor, last);
                }
                items.add(BaseAnswer.of(base, all, supports, policies));
                last = key(base);
            }
        }
        return Page.answer(items, cursor, null);
    }

    private static String key(Base base) {
        return base.descendants().images() + "." + base.id();
    }

    /** In the order of {@link io.basewatch.lineage.Bases#all}. */
    private static boolean isAfter(Base base, @Nullable String key) {
        if (key == null) {
            return true;
        }
        int dot = key.indexOf('.');
        long images = Long.parseLong(key.substring(0, dot));
        return base.descendants().images() != images
                ? base.descendants().images() < images
                : base.id().toString().compareTo(key.substring(dot + 1)) > 0;
    }

    private static boolean isMeant(
            Base base,
            @Nullable String registry,
            @Nullable Repository repository,
            @Nullable String distro,
            @Nullable String text) {
        String part = text == null ? null : text.toLowerCase(Locale.ROOT);
        return (distro == null
                        || (base.ground() != null && base.ground().distro().equals(distro)))
                && (registry == null || isCalled(base, name -> name.startsWith(registry + "/")))
                && (repository == null || isCalled(base, name -> name.startsWith(repository + ":")))
                && (part == null
                        || isCalled(base, name -> name.toLowerCase(Locale.ROOT).contains(part)));
    }

    private static boolean isCalled(Base base, Predicate<String> name) {
        return base.names().stream().anyMatch(each -> name.test(each.reference()));
    }

    /**
     * All of one base.
     *
     * @param asOf when what is told here had last changed
     * @param standsOn the bases below it, the nearest first
     * @param first some of the images that stand on it and on nothing nearer
     * @param allChildren path and query of all of them
     */
    public record OneBaseAnswer(
            Instant asOf, BaseAnswer base, List<BaseAnswer> standsOn, List<StandingItem> first, String allChildren) {}

    @Operation(
            operationId = "base",
            summary = "One base: what it stands on and what stands on it",
            description = "404 when no image of the fleet stands on it. 503 until the fleet was read once.")
    @GetMapping("/api/v1/bases/{id}")
    public OneBaseAnswer base(
            @PathVariable
                    @Parameter(
                            example =
                                    "sha256:0000000000000000000000000000000000000000000000000000000000000000~linux~amd64",
                            schema = @Schema(pattern = "^" + Parameters.BASE + "$"))
                    String id,
            @Parameter(
                            description = Parameters.AS_OF,
                            example = "2027-07-01",
                            schema = @Schema(format = "date", pattern = "^" + Parameters.DAY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String asOf) {
        BaseId asked = id(id);
        Projection.Moment moment = projection.moment();
        Base base = moment.bases().find(asked).orElseThrow(() -> unknown(asked));
        LocalDate day = Parameters.day(asOf, clock);
        Supports supports = new Supports(lifecycle.get(), day);
        List<BaseAnswer> below = new ArrayList<>();
        for (Optional<Base> on = on(base, moment); on.isPresent(); on = on(on.get(), moment)) {
            below.add(BaseAnswer.of(on.get(), moment.bases(), supports, policies));
        }
        return new OneBaseAnswer(
                moment.asOf(),
                BaseAnswer.of(base, moment.bases(), supports, policies),
                below,
                projection.tree().children(asked, null, FIRST).stream()
                        .map(StandingItem::of)
                        .toList(),
                "/api/v1/bases/" + asked + "/images");
    }

    private static Optional<Base> on(Base base, Projection.Moment moment) {
        BaseId on = base.on();
        return on == null ? Optional.empty() : moment.bases().find(on);
    }

    @Operation(
            operationId = "imagesOnBase",
            summary = "Images that stand on a base, by digest",
            description =
                    "Those that stand on nothing nearer; with all=true all that stand on it. 503 until the fleet was"
                            + " read once.")
    @GetMapping("/api/v1/bases/{id}/images")
    public ResponseEntity<Page<StandingItem>> images(
            @PathVariable
                    @Parameter(
                            example =
                                    "sha256:0000000000000000000000000000000000000000000000000000000000000000~linux~amd64",
                            schema = @Schema(pattern = "^" + Parameters.BASE + "$"))
                    String id,
            @Parameter(
                            description = "true: also those that stand on an image on it",
                            schema = @Schema(allowableValues = {"true", "false"}))
                    @RequestParam(required = false)
                    @Nullable
                    String all,
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
                                            pattern = "^standing:" + Cursor.DIGEST_KEY + "$",
                                            maxLength = Cursor.MAX_LENGTH))
                    @RequestParam(required = false)
                    @Nullable
                    String after) {
        BaseId asked = id(id);
        if (all != null && !all.equals("true") && !all.equals("false")) {
            throw new BadParameterException("all", all, "true or false");
        }
        Cursor cursor = Cursor.read("standing", after, key -> key.matches(Parameters.DIGEST));
        Digest last = cursor.key() == null ? null : Digest.parse(cursor.key());
        int most = Page.limit(limit);
        List<FleetImage> images = "true".equals(all)
                ? projection.tree().descendants(asked, last, most + 1)
                : projection.tree().children(asked, last, most + 1);
        if (images.isEmpty()
                && last == null
                && projection.moment().bases().find(asked).isEmpty()) {
            throw unknown(asked);
        }
        List<StandingItem> items =
                images.stream().limit(most).map(StandingItem::of).toList();
        return Page.answer(
                items,
                cursor,
                images.size() > most ? items.get(most - 1).digest().toString() : null);
    }

    private static NotFoundException unknown(BaseId id) {
        return new NotFoundException("base-unknown", "No image of the fleet stands on base " + id + ".");
    }

    private static BaseId id(String text) {
        try {
            if (text.matches(Parameters.BASE)) {
                return BaseId.parse(text);
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new BadParameterException(
                "id",
                text,
                "a base's id, as /api/v1/bases lists them: sha256: and 64 lower-case hex digits, ~linux~amd64");
    }
}
