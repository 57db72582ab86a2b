package io.basewatch.lineage;

import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Goes through the whole fleet once and counts what stands on which base. Guarded by the tree's lock. */
final class Survey {

    private final Ancestry ancestry;
    private final Claims claims;
    private final Map<Where, Counted> nearest = new HashMap<>();
    private final Map<BaseId, Counted> bases = new HashMap<>();

    private record Where(Chain chain, @Nullable Platform platform) {}

    /** What is found below chains that stand on no base. */
    private static final Counted NONE = new Counted(null, null);

    Survey(Ancestry ancestry, Claims claims) {
        this.ancestry = ancestry;
        this.claims = claims;
    }

    /** A base that is being counted. */
    private static final class Counted {
        /** Null for one that is only claimed. */
        final Ancestry.@Nullable Place place;

        final @Nullable Counted on;

        @Nullable
        Image claiming;

        final Set<String> claimed = new TreeSet<>();
        final Numbers children = new Numbers();
        final Numbers descendants = new Numbers();
        final Agreed<Member.Ground> ground = new Agreed<>();
        final Agreed<Libc.Family> libc = new Agreed<>();
        long stale;
        long drifting;

        Counted(Ancestry.@Nullable Place place, @Nullable Counted on) {
            this.place = place;
            this.on = on;
        }
    }

    private static final class Numbers {
        long images;
        long tags;
        long repositories;

        Lineage.Count count() {
            return new Lineage.Count(images, tags, repositories);
        }
    }

    /** What all say that say anything. */
    private static final class Agreed<T> {
        private @Nullable T said;
        private boolean differs;

        void say(@Nullable T value) {
            if (value != null) {
                differs |= said != null && !said.equals(value);
                said = value;
            }
        }

        @Nullable
        T all() {
            return differs ? null : said;
        }
    }

    List<Base> of(Collection<Holding> holdings) {
        for (Holding holding : holdings) {
            count(holding);
        }
        List<Base> all = new ArrayList<>();
        bases.forEach((id, counted) -> all.add(base(id, counted)));
        all.sort(Comparator.comparingLong((Base base) -> base.descendants().images())
                .reversed()
                .thenComparing(base -> base.id().toString()));
        return all;
    }

    /** The base that an image stands on most nearly, by layers or by its claim alone; null for none. */
    @Nullable
    BaseId nearest(Image image) {
        Counted base = of(image);
        return base == null ? null : id(base);
    }

    private static BaseId id(Counted base) {
        return base.place != null
                ? base.place.id()
                : BaseId.ofClaim(
                        Objects.requireNonNull(
                                Objects.requireNonNull(base.claiming).content().claim()),
                        base.claiming.platform());
    }

    private void count(Holding holding) {
        Set<Counted> withChildren = new HashSet<>();
        Set<Counted> withDescendants = new HashSet<>();
        for (Image image : holding.images) {
            Counted base = of(image);
            if (base == null) {
                continue;
            }
            long tags = Objects.requireNonNull(image.in(holding)).tagCount();
            boolean first = image.places()[0].in() == holding;
            base.children.tags += tags;
            withChildren.add(base);
            for (Counted each = base; each != null; each = each.on) {
                each.descendants.tags += tags;
                each.descendants.images += first ? 1 : 0;
                withDescendants.add(each);
                if (first) {
                    each.ground.say(image.ground());
                    each.libc.say(
                            image.content().libc() == Libc.Family.UNKNOWN
                                    ? null
                                    : image.content().libc());
                }
            }
            if (first) {
                child(image, base);
            }
        }
        withChildren.forEach(base -> base.children.repositories++);
        withDescendants.forEach(base -> base.descendants.repositories++);
    }

    private void child(Image image, Counted base) {
        base.children.images++;
        base.stale += (image.content().claim() != null || hasMoved(base))
                        && !claims.stale(image).isEmpty()
                ? 1
                : 0;
        base.drifting += claims.drift(image).isEmpty() ? 0 : 1;
        BaseClaim claim = image.content().claim();
        if (claim != null && claim.reference() != null && base.place != null && base.place.method() == Method.SHARED) {
            base.claimed.add(BaseId.claimedName(claim.reference()));
        }
    }

    /** Whether a tag of the nearest base that has a name did: of most it did not. */
    private boolean hasMoved(Counted base) {
        Counted named = base;
        while (named != null && named.place != null && named.place.method() == Method.SHARED) {
            named = named.on;
        }
        return named != null
                && named.place != null
                && !claims.moved(named.place).isEmpty();
    }

    private @Nullable Counted of(Image image) {
        Chain top = image.top();
        if (top == null) {
            return null;
        }
        Counted byLayers = from(image.isWhole() ? top.below : top, image.platform());
        if (byLayers != NONE) {
            return byLayers;
        }
        BaseId claimed = claims.alone(image);
        if (claimed == null) {
            return null;
        }
        Counted base = bases.computeIfAbsent(claimed, id -> new Counted(null, null));
        if (base.claiming == null || Image.BY_DIGEST.compare(image, base.claiming) < 0) {
            base.claiming = image;
        }
        return base;
    }

    /** The nearest base at or below layers; what is found is remembered for all layers that were passed. */
    private Counted from(@Nullable Chain highest, @Nullable Platform platform) {
        List<Where> passed = new ArrayList<>();
        Counted found = NONE;
        for (Chain chain = highest; chain != null && chain.below != null; chain = chain.below) {
            Where where = new Where(chain, platform);
            Counted remembered = nearest.get(where);
            if (remembered != null) {
                found = remembered;
                break;
            }
            passed.add(where);
            Ancestry.Place place = ancestry.at(chain, platform);
            if (place != null) {
                Counted below = from(chain.below, platform);
                found = new Counted(place, below == NONE ? null : below);
                bases.put(place.id(), found);
                break;
            }
        }
        for (Where where : passed) {
            nearest.put(where, found);
        }
        return found;
    }

    private Base base(BaseId id, Counted counted) {
        return counted.place == null ? claimed(id, counted) : byLayers(id, counted, counted.place);
    }

    private Base claimed(BaseId id, Counted counted) {
        BaseClaim claim = Objects.requireNonNull(
                Objects.requireNonNull(counted.claiming).content().claim());
        String called =
                claim.reference() == null ? String.valueOf(claim.digest()) : BaseId.claimedName(claim.reference());
        return new Base(
                id,
                claim.source().method(),
                List.of(new Name(called, Name.From.CLAIM, claim.digest())),
                1,
                List.of(),
                false,
                0,
                0,
                0,
                counted.ground.all(),
                counted.libc.all(),
                null,
                counted.children.count(),
                counted.descendants.count(),
                counted.stale,
                counted.drifting,
                List.of());
    }

    private Base byLayers(BaseId id, Counted counted, Ancestry.Place place) {
        List<Image> images = ancestry.images(place);
        List<Name> names = claims.names(place);
        if (place.method() == Method.SHARED && counted.claimed.size() == 1) {
            names = List.of(new Name(counted.claimed.iterator().next(), Name.From.CLAIM, null));
        }
        Member.Ground ground = ancestry.ground(place);
        int depth = 0;
        for (Counted below = counted.on; below != null; below = below.on) {
            depth++;
        }
        return new Base(
                id,
                place.method(),
                names.subList(0, Math.min(names.size(), Base.MAX_NAMES)),
                names.size(),
                Ancestry.firstDigests(images, Lineage.StandsOn.MAX_NAMES),
                names.stream().anyMatch(name -> name.from() == Name.From.TAG),
                depth,
                place.chain().layers,
                bytes(place, images),
                ground != null || !images.isEmpty() ? ground : counted.ground.all(),
                images.isEmpty() ? counted.libc.all() : images.get(0).content().libc(),
                counted.on == null ? null : id(counted.on),
                counted.children.count(),
                counted.descendants.count(),
                counted.stale,
                counted.drifting,
                claims.moved(place).stream().limit(Lineage.StandsOn.MAX_NAMES).toList());
    }

    /** As one of the images that have these layers lists them: the one with the first digest. */
    private static long bytes(Ancestry.Place place, List<Image> images) {
        Image one = images.isEmpty() ? null : images.get(0);
        if (one == null) {
            Image[] first = {null};
            Shared.through(place.chain(), image -> {
                if (Objects.equals(image.platform(), place.platform())
                        && (first[0] == null || Image.BY_DIGEST.compare(image, first[0]) < 0)) {
                    first[0] = image;
                }
                return true;
            });
            one = first[0];
        }
        long bytes = 0;
        for (int i = 0; one != null && i < place.chain().layers; i++) {
            bytes += one.content().layers()[i].blob.bytes;
        }
        return bytes;
    }
}
