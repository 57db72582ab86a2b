package io.basewatch.reportapi.trend;

import io.basewatch.backlog.Backlog;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.fleetstore.TagHistory.Place;
import io.basewatch.lineage.FleetImage;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.Member;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Images of now whose support ended on a day. */
final class Endings {

    static final Comparator<Place> ORDER = Comparator.comparing(Place::at).thenComparing(Place::key);

    /** Behind all tags of the same moment: no registry begins with it. */
    private static final String KEY = "~";

    private final Supplier<FleetTree> fleet;
    private final Backlog.SupportAt support;

    Endings(Supplier<FleetTree> fleet, Backlog.SupportAt support) {
        this.fleet = fleet;
        this.support = support;
    }

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

    private record Where(Member.Ground ground, List<Repository> places) {}

    /**
     * In the order of days.
     *
     * @param to inclusive
     * @param after the last one seen; null to begin
     * @param limit of these the first
     */
    List<Ending> between(LocalDate from, LocalDate to, @Nullable Place after, int limit) {
        Map<Where, Optional<LocalDate>> ends = new HashMap<>();
        Comparator<Ending> order = Comparator.comparing(Ending::place, ORDER);
        PriorityQueue<Ending> first = new PriorityQueue<>(order.reversed());
        fleet.get().forEachImage((image, base) -> {
            Member.Ground ground = image.image().ground();
            if (ground == null || image.places().isEmpty()) {
                return;
            }
            List<Repository> places =
                    image.places().stream().map(FleetImage.Place::repository).toList();
            ends.computeIfAbsent(new Where(ground, places), where -> end(where, from, to))
                    .map(day -> new Place(
                            day.atStartOfDay(ZoneOffset.UTC).toInstant(),
                            KEY + image.image().digest()))
                    .filter(place -> after == null || ORDER.compare(place, after) > 0)
                    .ifPresent(place -> {
                        first.add(ending(place, image, ground));
                        if (first.size() > limit) {
                            first.remove();
                        }
                    });
        });
        return first.stream().sorted(order).toList();
    }

    private Ending ending(Place place, FleetImage image, Member.Ground ground) {
        FleetImage.Place lies = image.places().get(0);
        LocalDate day = LocalDate.ofInstant(place.at(), ZoneOffset.UTC);
        return new Ending(
                place,
                image.image().digest(),
                lies.tags().isEmpty()
                        ? null
                        : lies.repository() + ":" + lies.tags().get(0),
                lies.repository(),
                Census.release(
                        ground,
                        support.of(
                                ground,
                                image.places().stream()
                                        .map(FleetImage.Place::repository)
                                        .toList(),
                                day)),
                image.places().size());
    }

    /** The first day on which it has ended, when that is one of these; what has ended stays so. */
    private Optional<LocalDate> end(Where where, LocalDate from, LocalDate to) {
        if (hasEnded(where, from.minusDays(1)) || !hasEnded(where, to)) {
            return Optional.empty();
        }
        LocalDate not = from.minusDays(1);
        LocalDate has = to;
        while (not.plusDays(1).isBefore(has)) {
            LocalDate middle = not.plusDays((has.toEpochDay() - not.toEpochDay()) / 2);
            if (hasEnded(where, middle)) {
                has = middle;
            } else {
                not = middle;
            }
        }
        return Optional.of(has);
    }

    private boolean hasEnded(Where where, LocalDate day) {
        return support.of(where.ground(), where.places(), day).phase() == SupportPhase.ENDED;
    }
}
