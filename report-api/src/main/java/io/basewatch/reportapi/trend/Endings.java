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
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
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

    private final Supplier<FleetTree> fleet;
    private final Backlog.SupportAt support;
    private final CurrentLifecycle lifecycle;
    private volatile Known known;

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
        Map<Where, Optional<LocalDate>> ends = ends();
        Map<Repository, Object> scopes = new HashMap<>();
        tree.repositories().forEach(place -> scopes.put(place, support.scope(place)));
        // A place for each scope: where all have the same, nobody has to look where an image lies.
        Map<Object, Repository> anywhere = new HashMap<>();
        scopes.forEach((place, scope) -> anywhere.putIfAbsent(scope, place));
        // The tree has one for all that stand on the same.
        IdentityHashMap<Member.Ground, Boolean> mayEnd = new IdentityHashMap<>();
        Map<Digest, LocalDate> ended = tree.tell(image -> {
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
        PriorityQueue<Place> first = new PriorityQueue<>(ORDER.reversed());
        ended.forEach((digest, day) -> {
            Place place = new Place(day.atStartOfDay(ZoneOffset.UTC).toInstant(), KEY + digest);
            if (after == null || ORDER.compare(place, after) > 0) {
                first.add(place);
                if (first.size() > limit) {
                    first.remove();
                }
            }
        });
        return first.stream()
                .sorted(ORDER)
                .flatMap(place -> tree.image(Digest.parse(place.key().substring(KEY.length()))).stream()
                        .map(image -> ending(place, image)))
                .toList();
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
