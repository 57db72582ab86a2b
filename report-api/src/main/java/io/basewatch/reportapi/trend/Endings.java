package io.basewatch.reportapi.trend;

import io.basewatch.backlog.Backlog;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.fleetstore.TagHistory.Place;
import io.basewatch.lifecycle.CurrentLifecycle;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.FleetImage;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.Member;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Images of now whose support ended on a day. */
final class Endings {

    static final Comparator<Place> ORDER = Comparator.comparing(Place::at).thenComparing(Place::key);

    /** Behind all tags of the same moment: no registry begins with it. */
    private static final String KEY = "~";

    /** Whatever ends does so between these. */
    private static final LocalDate FIRST = LocalDate.of(1970, 1, 1);

    private static final LocalDate LAST = LocalDate.of(2200, 1, 1);

    /** Images that ended in an answer that is kept: two megabytes. */
    private static final int MOST_KEPT = 10_000;

    private final Supplier<FleetTree> fleet;
    private final Backlog.SupportAt support;
    private final CurrentLifecycle lifecycle;
    private volatile Known known;
    private volatile @Nullable Ended lastEnded;

    Endings(Supplier<FleetTree> fleet, Backlog.SupportAt support, CurrentLifecycle lifecycle) {
        this.fleet = fleet;
        this.support = support;
        this.lifecycle = lifecycle;
        this.known = new Known(lifecycle.get());
    }

    /** First days without support by the lifecycle data of one moment; empty for what does not end, or always had. */
    private record Known(Lifecycle by, Map<Where, Optional<LocalDate>> ends) {

        Known(Lifecycle by) {
            this(by, new ConcurrentHashMap<>());
        }
    }

    /** @param scope see {@link Backlog.SupportAt#scope} */
    private record Where(Member.Ground ground, Object scope) {}

    /**
     * An image and the first day without support.
     *
     * @param reference a tag that leads to it; null where none has a name
     * @param places repositories that hold it
     */
    record Ending(
            Place place,
            Digest image,
            @Nullable String reference,
            Repository repository,
            String standsOn,
            int places) {}

    /**
     * In the order of days.
     *
     * @param to inclusive
     * @param after the last one seen; null to begin
     * @param limit of these the first
     */
    List<Ending> between(LocalDate from, LocalDate to, @Nullable Place after, int limit) {
        FleetTree tree = fleet.get();
        return ended(tree, from, to).stream()
                .filter(place -> after == null || ORDER.compare(place, after) > 0)
                .limit(limit)
                .flatMap(place -> tree.image(Digest.parse(place.key().substring(KEY.length()))).stream()
                        .map(image -> ending(place, image)))
                .toList();
    }

    /**
     * What ended between two days, as long as neither the fleet nor the lifecycle data changes.
     *
     * @param version of the tree, from before it was gone through
     */
    private record Ended(
            FleetTree tree,
            long version,
            Map<Where, Optional<LocalDate>> by,
            LocalDate from,
            LocalDate to,
            List<Place> places) {

        boolean is(FleetTree of, long now, Map<Where, Optional<LocalDate>> ends, LocalDate first, LocalDate last) {
            return tree == of && version == now && by == ends && from.equals(first) && to.equals(last);
        }
    }

    /** In order. The last answer is kept where it is short: a page that shows what ended is asked for again and again. */
    private List<Place> ended(FleetTree tree, LocalDate from, LocalDate to) {
        Map<Where, Optional<LocalDate>> ends = ends();
        long version = tree.version();
        Ended last = lastEnded;
        if (last != null && last.is(tree, version, ends, from, to)) {
            return last.places();
        }
        List<Place> places = new ArrayList<>();
        look(tree, ends, from, to)
                .forEach((digest, day) ->
                        places.add(new Place(day.atStartOfDay(ZoneOffset.UTC).toInstant(), KEY + digest)));
        places.sort(ORDER);
        if (places.size() <= MOST_KEPT) {
            lastEnded = new Ended(tree, version, ends, from, to, places);
        }
        return places;
    }

    private Map<Digest, LocalDate> look(
            FleetTree tree, Map<Where, Optional<LocalDate>> ends, LocalDate from, LocalDate to) {
        Map<Repository, Object> scopes = new HashMap<>();
        tree.repositories().forEach(place -> scopes.put(place, support.scope(place)));
        // A place for each scope: where all have the same, nobody has to look where an image lies.
        Map<Object, Repository> anywhere = new HashMap<>();
        scopes.forEach((place, scope) -> anywhere.putIfAbsent(scope, place));
        // The tree has one for all that stand on the same.
        IdentityHashMap<Member.Ground, Boolean> mayEnd = new IdentityHashMap<>();
        return tree.tell(image -> {
            Member.Ground ground = image.ground();
            if (ground == null
                    || !mayEnd.computeIfAbsent(
                            ground,
                            on -> anywhere.values().stream()
                                    .anyMatch(place -> isIn(end(on, List.of(place), scopes, ends), from, to)))) {
                return null;
            }
            LocalDate day = end(ground, anywhere.size() == 1 ? anywhere.values() : image.repositories(), scopes, ends);
            return isIn(day, from, to) ? day : null;
        });
    }

    private Map<Where, Optional<LocalDate>> ends() {
        Lifecycle now = lifecycle.get();
        Known last = known;
        if (last.by() != now) {
            last = new Known(now);
            known = last;
        }
        return last.ends();
    }

    private static boolean isIn(@Nullable LocalDate day, LocalDate from, LocalDate to) {
        return day != null && !day.isBefore(from) && !day.isAfter(to);
    }

    /** An image that lies in several places is judged by the worst of them. */
    private @Nullable LocalDate end(
            Member.Ground ground,
            Collection<Repository> places,
            Map<Repository, Object> scopes,
            Map<Where, Optional<LocalDate>> ends) {
        LocalDate earliest = null;
        for (Repository place : places) {
            Where where = new Where(ground, scopes.computeIfAbsent(place, support::scope));
            LocalDate day =
                    ends.computeIfAbsent(where, at -> firstDay(ground, place)).orElse(null);
            earliest = day != null && (earliest == null || day.isBefore(earliest)) ? day : earliest;
        }
        return earliest;
    }

    private Ending ending(Place place, FleetImage image) {
        FleetImage.Place lies = image.places().get(0);
        LocalDate day = LocalDate.ofInstant(place.at(), ZoneOffset.UTC);
        List<Repository> places =
                image.places().stream().map(FleetImage.Place::repository).toList();
        Member.Ground ground = Objects.requireNonNull(image.image().ground());
        return new Ending(
                place,
                image.image().digest(),
                lies.tags().isEmpty()
                        ? null
                        : lies.repository() + ":" + lies.tags().get(0),
                lies.repository(),
                Census.release(ground, support.of(ground, places, day)),
                places.size());
    }

    /** What has ended stays so. */
    private Optional<LocalDate> firstDay(Member.Ground ground, Repository place) {
        LocalDate not = FIRST;
        LocalDate has = LAST;
        if (hasEnded(ground, place, not) || !hasEnded(ground, place, has)) {
            return Optional.empty();
        }
        while (not.plusDays(1).isBefore(has)) {
            LocalDate middle = not.plusDays((has.toEpochDay() - not.toEpochDay()) / 2);
            if (hasEnded(ground, place, middle)) {
                has = middle;
            } else {
                not = middle;
            }
        }
        return Optional.of(has);
    }

    private boolean hasEnded(Member.Ground ground, Repository place, LocalDate day) {
        return support.of(ground, List.of(place), day).phase() == SupportPhase.ENDED;
    }
}
