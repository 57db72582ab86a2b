package io.basewatch.lineage;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What chains of layers stand for: where in the tree a base is, who says so, and what it is called. Guarded by the tree's lock. */
final class Ancestry {

    /** Builders that make the same of the same write a time before this, of which nothing can be concluded; milliseconds since 1970. */
    private static final long NO_TIME = 347_155_200_000L;

    private static final Comparator<Image> LIKELIEST_BASE = Comparator.comparing(
                    (Image image) -> image.content().status() != AnalysisStatus.COMPLETE)
            .thenComparing(image -> image.content().created() < NO_TIME
                    ? Long.MAX_VALUE
                    : image.content().created())
            .thenComparing(Image.BY_DIGEST);

    private final Map<Hash, List<KnownBases.Known>> known = new HashMap<>();
    private final Map<Hash, List<Holding.FormerAt>> formers = new HashMap<>();

    Ancestry(KnownBases bases) {
        bases.all()
                .forEach(each -> known.computeIfAbsent(Hash.of(each.chain()), chain -> new ArrayList<>(1))
                        .add(each));
    }

    /**
     * A base by its layers.
     *
     * @param platform of all that it is told of; null for images that do not say theirs
     */
    record Place(Chain chain, @Nullable Platform platform, Method method) {

        BaseId id() {
            return BaseId.ofChain(chain.id.digest(), platform);
        }
    }

    void enter(Holding.FormerAt former) {
        formers.computeIfAbsent(former.chain(), chain -> new ArrayList<>(1)).add(former);
    }

    void leave(Holding.FormerAt former) {
        List<Holding.FormerAt> there = formers.get(former.chain());
        if (there != null) {
            there.remove(former);
            if (there.isEmpty()) {
                formers.remove(former.chain());
            }
        }
    }

    /**
     * Each image of one platform of which more layers are known than these, or more are there of which nothing is known.
     *
     * @param nearestOnly without those that stand on a base above
     */
    void forEachAbove(Chain chain, @Nullable Platform platform, boolean nearestOnly, Consumer<Image> consumer) {
        chain.cut().forEach(image -> give(image, platform, consumer));
        Deque<Chain> left = new ArrayDeque<>();
        chain.above().forEach(left::push);
        while (!left.isEmpty()) {
            Chain next = left.pop();
            next.at().forEach(image -> give(image, platform, consumer));
            if (!nearestOnly || at(next, platform) == null) {
                next.cut().forEach(image -> give(image, platform, consumer));
                next.above().forEach(left::push);
            }
        }
    }

    private static void give(Image image, @Nullable Platform platform, Consumer<Image> consumer) {
        if (Objects.equals(image.platform(), platform)) {
            consumer.accept(image);
        }
    }

    /** The nearest base of an image; null when its layers show none. */
    @Nullable
    Place nearest(Image image) {
        Chain top = image.top();
        return top == null ? null : from(image.isWhole() ? top.below : top, image.platform());
    }

    /** The next base below one. */
    @Nullable
    Place below(Place base) {
        return from(base.chain().below, base.platform());
    }

    /** An image's bases, the nearest first. */
    List<Place> all(Image image) {
        List<Place> all = new ArrayList<>();
        for (Place base = nearest(image); base != null; base = below(base)) {
            all.add(base);
        }
        return all;
    }

    private @Nullable Place from(@Nullable Chain highest, @Nullable Platform platform) {
        for (Chain chain = highest; chain != null && chain.below != null; chain = chain.below) {
            Place place = at(chain, platform);
            if (place != null) {
                return place;
            }
        }
        return null;
    }

    /** The base that these layers are for images of a platform that have more; null when they are none. */
    @Nullable
    Place at(Chain chain, @Nullable Platform platform) {
        if (chain.evidence == 0) {
            return null;
        }
        Place said = said(chain, platform);
        if (said != null) {
            return said;
        }
        return Shared.is(chain, platform) ? new Place(chain, platform, Method.SHARED) : null;
    }

    /** The base by who says that there is one; null when nobody does. */
    private @Nullable Place said(Chain chain, @Nullable Platform platform) {
        Place place = new Place(chain, platform, Method.LAYERS);
        if (chain.at().stream().anyMatch(image -> Objects.equals(image.platform(), platform))
                || formers(place).findAny().isPresent()) {
            return place;
        }
        return known(place).findAny().isPresent() ? new Place(chain, platform, Method.KNOWN) : null;
    }

    /** Images of the fleet that are a base, by digest. */
    List<Image> images(Place base) {
        return base.chain().at().stream()
                .filter(image -> Objects.equals(image.platform(), base.platform()))
                .sorted(Image.BY_DIGEST)
                .toList();
    }

    /** Whether a well-known image has just these layers. */
    boolean isKnown(Chain chain, @Nullable Platform platform) {
        return known(new Place(chain, platform, Method.KNOWN)).findAny().isPresent();
    }

    private Stream<KnownBases.Known> known(Place base) {
        return known.getOrDefault(base.chain().id, List.of()).stream()
                .filter(each -> Objects.equals(BaseId.normal(each.platform()), base.platform()));
    }

    private Stream<Holding.FormerAt> formers(Place base) {
        return formers.getOrDefault(base.chain().id, List.of()).stream()
                .filter(former -> Objects.equals(former.platform(), base.platform()));
    }

    /**
     * All that a base is called, the best first: what tags lead to it now, before what once did. Of several images with the same layers the one that has a public image's name is most likely
     * what others were built on, then one that is whole, then the oldest.
     */
    List<Name> names(Place base) {
        List<Name> publics = known(base).map(KnownBases.Known::name).toList();
        List<Reference> famous = publics.stream()
                .flatMap(each -> Reference.parse(each.reference()).stream())
                .toList();
        Set<Name> tags = new LinkedHashSet<>();
        Set<Name> famousTags = new LinkedHashSet<>();
        Set<String> now = new HashSet<>();
        images(base).stream().sorted(LIKELIEST_BASE).forEach(image -> {
            for (String reference : image.references()) {
                boolean isFamous = famous.stream().anyMatch(each -> each.mayBe(reference));
                (isFamous ? famousTags : tags).add(new Name(reference, Name.From.TAG, image.name()));
                now.add(reference);
            }
        });
        Set<Name> names = new LinkedHashSet<>(famousTags);
        names.addAll(tags);
        publics.stream().sorted(Name.ORDER).forEach(names::add);
        formers(base)
                .filter(former -> !now.contains(former.reference()))
                .map(former -> new Name(
                        former.reference(), Name.From.FORMER, former.image().digest()))
                .sorted(Name.ORDER)
                .forEach(names::add);
        return List.copyOf(names);
    }

    /** What public images are known with just the layers of an image. */
    List<Name> publicNames(Image image) {
        Chain top = image.top();
        if (top == null || !image.isWhole()) {
            return List.of();
        }
        return known.getOrDefault(top.id, List.of()).stream()
                .filter(each -> Objects.equals(BaseId.normal(each.platform()), image.platform()))
                .map(KnownBases.Known::name)
                .sorted(Name.ORDER)
                .distinct()
                .toList();
    }

    /** What a base stands on; null where nothing says it. */
    Member.@Nullable Ground ground(Place base) {
        return Stream.concat(
                        images(base).stream().map(Image::ground), known(base).map(KnownBases.Known::ground))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** How sure it is that an image has the layers of a base. */
    Confidence confidence(Image image, Place base, boolean isNearest) {
        boolean read = image.content().claimedFrom() >= base.chain().layers;
        boolean baseRead = known(base).findAny().isPresent()
                || images(base).stream().anyMatch(each -> each.content().claimedFrom() >= base.chain().layers)
                || formers(base).anyMatch(former -> !former.claimed());
        return base.method() != Method.SHARED && read && baseRead && (image.isWhole() || !isNearest)
                ? Confidence.CERTAIN
                : Confidence.LIKELY;
    }

    /** Tags that led to a base, and where they lead now; by name. Of a tag that leads to the same layers again, or to an image of which nothing is known yet, nothing is told. */
    List<Lineage.Moved> moved(Place base) {
        List<Lineage.Moved> moved = new ArrayList<>();
        Set<String> seen = new LinkedHashSet<>();
        formers(base).sorted(Comparator.comparing(Holding.FormerAt::reference)).forEach(former -> {
            if (seen.add(former.reference())) {
                leadsElsewhere(former, base)
                        .ifPresent(to -> moved.add(new Lineage.Moved(former.reference(), to.name(), to.ground())));
            }
        });
        return moved;
    }

    private static Optional<Image> leadsElsewhere(Holding.FormerAt former, Place base) {
        List<Image> now = former.in().behindFormers.getOrDefault(former.tag(), List.of()).stream()
                .filter(image -> Objects.equals(image.platform(), base.platform()))
                .toList();
        return now.stream().anyMatch(image -> image.top() == base.chain() || !image.isWhole())
                ? Optional.empty()
                : now.stream().min(Image.BY_DIGEST);
    }

    /** Whether layers are among those of an image, all of them or fewer. */
    static boolean has(Image image, Chain layers) {
        for (Chain chain = image.top(); chain != null; chain = chain.below) {
            if (chain == layers) {
                return true;
            }
        }
        return false;
    }

    static boolean adds(Image image, Chain base) {
        Chain top = image.top();
        return !image.isWhole() || top == null || top.evidence > base.evidence;
    }

    static List<Digest> firstDigests(Collection<Image> sorted, int most) {
        return sorted.stream().limit(most).map(Image::name).toList();
    }
}
