package io.basewatch.reportapi.lineage;

import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.lifecycle.SupportPolicy;
import io.basewatch.lineage.Base;
import io.basewatch.lineage.BaseId;
import io.basewatch.lineage.Bases;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What was decided for the places in which the images on a base lie. Thread-safe.
 *
 * <p>Where they lie is counted once for all bases and all days, when something has changed since it was asked last, and not at all where nothing is decided.
 */
@Component
final class PoliciesOnBases {

    private final Projection projection;
    private final SupportPolicy policy;
    private volatile @Nullable Counted last;

    PoliciesOnBases(Projection projection, SupportPolicy policy) {
        this.projection = projection;
        this.policy = policy;
    }

    /**
     * Images on a base for which the same was decided.
     *
     * @param phase of the base's release in their places, on the day
     * @param pastSupport whether nobody fixes it there any more who does so for free, and nothing that counts was bought
     * @param images that stand on it, directly or through other bases
     */
    record Decided(SupportPhase phase, boolean pastSupport, long images, Support.Policy policy) {}

    /** Of all images that are in places of the same kind. */
    private static final class Tally {
        /** One repository of each kind of place; what is decided for it is decided for all of that kind. */
        final List<Repository> places;

        long images;

        Tally(List<Repository> places) {
            this.places = places;
        }
    }

    /** By base: by what is decided of the places that images on it are in. */
    private record Counted(long version, Map<BaseId, Map<Set<Object>, Tally>> byBase) {}

    /**
     * What was decided for images on a base, the most images first; those for which nothing was decided are not there.
     *
     * @param plain the base's support on a day, where nothing is decided
     */
    List<Decided> of(Base base, Bases all, Support plain) {
        if (policy.isEmpty()) {
            return List.of();
        }
        Map<Decided, Long> images = new LinkedHashMap<>();
        counted(all).byBase().getOrDefault(base.id(), Map.of()).values().forEach(tally -> {
            Support support = policy.apply(plain, tally.places, true);
            Support.Policy decided = support.policy();
            if (decided != null) {
                images.merge(new Decided(support.phase(), support.pastSupport(), 0, decided), tally.images, Long::sum);
            }
        });
        return images.entrySet().stream()
                .map(each -> new Decided(
                        each.getKey().phase(),
                        each.getKey().pastSupport(),
                        each.getValue(),
                        each.getKey().policy()))
                .sorted(Comparator.comparing(Decided::images)
                        .reversed()
                        .thenComparing(decided -> decided.policy().toString()))
                .toList();
    }

    private Counted counted(Bases all) {
        Counted known = last;
        return known != null && known.version() == all.version() ? known : count(all);
    }

    private synchronized Counted count(Bases all) {
        Counted known = last;
        if (known != null && known.version() == all.version()) {
            return known;
        }
        Map<Repository, Object> scopes = new HashMap<>();
        Map<BaseId, Map<Set<Object>, Tally>> direct = new HashMap<>();
        projection.tree().forEachImage((image, base) -> {
            if (base != null) {
                Map<Object, Repository> places = image.repositories().stream()
                        .collect(Collectors.toMap(
                                place -> scopes.computeIfAbsent(place, policy::scope),
                                place -> place,
                                (one, other) -> one,
                                LinkedHashMap::new));
                direct.computeIfAbsent(base, any -> new HashMap<>())
                        .computeIfAbsent(
                                Set.copyOf(places.keySet()), any -> new Tally(new ArrayList<>(places.values())))
                        .images++;
            }
        });
        Map<BaseId, Map<Set<Object>, Tally>> byBase = new HashMap<>();
        direct.forEach((base, tallies) -> {
            for (Optional<Base> on = all.find(base); on.isPresent(); on = below(on.get(), all)) {
                Map<Set<Object>, Tally> there = byBase.computeIfAbsent(on.get().id(), any -> new HashMap<>());
                tallies.forEach((kind, tally) ->
                        there.computeIfAbsent(kind, any -> new Tally(tally.places)).images += tally.images);
            }
        });
        Counted counted = new Counted(all.version(), byBase);
        last = counted;
        return counted;
    }

    private static Optional<Base> below(Base base, Bases all) {
        BaseId on = base.on();
        return on == null ? Optional.empty() : all.find(on);
    }
}
