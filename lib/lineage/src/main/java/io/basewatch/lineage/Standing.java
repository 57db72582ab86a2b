package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What each image stands on, kept up to date change by change, and what has become different since when. After a change only those images are looked at that it may concern: the changed ones,
 * those above layers that have become a base or are none any more, and those that claim something of what has changed. Guarded by the tree's lock.
 */
final class Standing {

    /** Images and bases whose changes are remembered for those who come to look. */
    private static final int REMEMBERED = 200_000;

    private final Ancestry ancestry;
    private final Supplier<Claims> claims;
    private final Map<Where, Foot> feet = new HashMap<>();
    private final Map<BaseId, Foot> byId = new HashMap<>();

    /** Images for which their claim alone may tell the base, by what it names. */
    private final Map<Object, Set<Image>> claimants = new HashMap<>();

    private final Deque<Step> steps = new ArrayDeque<>();
    private int remembered;

    /** The last version of which {@link #steps} do not tell what changed after it. */
    private long before;

    private record Where(Chain chain, @Nullable Platform platform) {}

    /** What a claim without a digest names. */
    private record Tagged(Repository repository, String tag) {}

    /** What became different with one version. */
    private record Step(long version, Set<Hash> images, Set<BaseId> bases) {

        int size() {
            return images.size() + bases.size();
        }
    }

    /** A base on which at least one image stands. */
    private static final class Foot {

        final BaseId id;

        /** Null for one that is only claimed. */
        final Ancestry.@Nullable Place place;

        final @Nullable Foot on;
        private long descendants;
        private final Map<Member.Ground, long[]> grounds = new HashMap<>(2);
        private final Map<String, long[]> claimed = new TreeMap<>();
        private final TreeSet<Image> claiming = new TreeSet<>(Image.BY_DIGEST);

        /** What its own images and tags say; null when that is to be asked again. */
        @Nullable
        Own own;

        @Nullable
        BaseSight told;

        Foot(BaseId id, Ancestry.@Nullable Place place, @Nullable Foot on) {
            this.id = id;
            this.place = place;
            this.on = on;
        }
    }

    private record Own(
            Method method, List<Name> names, boolean hasImages, List<Digest> images, Member.@Nullable Ground ground) {}

    /**
     * What an image was counted as, so that just that can be taken back.
     *
     * @param foot null for none
     * @param claimant under which it is kept among the claimants; null when it is not
     */
    record Stand(
            @Nullable Foot foot,
            Member.@Nullable Ground ground,
            @Nullable String claimed,
            @Nullable Object claimant) {}

    /** What one change of the tree may concern; to be told before and after. */
    static final class Touched {

        private final Set<Image> images = new LinkedHashSet<>();
        private final Set<Where> tops = new LinkedHashSet<>();
        private final Set<Object> named = new HashSet<>();

        /** As it is now. */
        void image(Image image) {
            images.add(image);
            top(image.top(), image.platform());
            named.add(image.digest);
            for (Image.Place place : image.places()) {
                named.addAll(List.of(place.indexes()));
                place.tagList().forEach(tag -> named.add(new Tagged(place.in().repository, tag)));
            }
        }

        /** Layers of which more or less is known than before. */
        void top(@Nullable Chain chain, @Nullable Platform platform) {
            if (chain != null) {
                tops.add(new Where(chain, platform));
            }
        }
    }

    Standing(Ancestry ancestry, Supplier<Claims> claims, long version) {
        this.ancestry = ancestry;
        this.claims = claims;
        this.before = version;
    }

    /** Takes in all images of a tree, from nothing. */
    void begin(Collection<Image> images) {
        settle(new LinkedHashSet<>(images), new HashSet<>());
    }

    /** Takes in a change. */
    void settle(Touched touched, long version) {
        Set<Image> concerned = new LinkedHashSet<>(touched.images);
        Set<Foot> again = new HashSet<>();
        Set<Where> seen = new HashSet<>();
        for (Where top : touched.tops) {
            Foot itself = feet.get(top);
            if (itself != null) {
                itself.own = null;
                again.add(itself);
            }
            for (Chain chain = top.chain(); chain.below != null; chain = chain.below) {
                Where here = new Where(chain, top.platform());
                if (!seen.add(here)) {
                    break;
                }
                boolean isBase = ancestry.at(chain, top.platform()) != null;
                if (isBase != feet.containsKey(here)) {
                    ancestry.forEachAbove(chain, here.platform(), false, concerned::add);
                }
            }
        }
        if (!claimants.isEmpty()) {
            touched.named.forEach(name -> concerned.addAll(claimants.getOrDefault(name, Set.of())));
        }
        remember(settle(concerned, again), version);
    }

    private Step settle(Set<Image> concerned, Set<Foot> again) {
        Set<Hash> images = new HashSet<>();
        Set<BaseId> bases = new HashSet<>();
        for (Image image : concerned) {
            images.add(image.digest);
            Stand stand = image.stand();
            if (stand != null) {
                takeBack(image, stand, again);
                image.stand(null);
            }
        }
        Claims now = claims.get();
        for (Image image : concerned) {
            if (image.places().length > 0) {
                Stand stand = stand(image, now);
                image.stand(stand);
                count(image, stand, again);
            }
        }
        for (Foot foot : again) {
            BaseSight last = foot.told;
            boolean isThere = byId.get(foot.id) == foot;
            BaseSight next = isThere ? sight(foot, now) : null;
            foot.told = next;
            if (!Objects.equals(last, next)) {
                bases.add(foot.id);
                if (last == null || next == null || !last.images().equals(next.images())) {
                    // They are that base now, or are it no more.
                    hashes(last, images);
                    hashes(next, images);
                }
            }
        }
        return new Step(0, images, bases);
    }

    private static void hashes(@Nullable BaseSight base, Set<Hash> images) {
        if (base != null) {
            base.images().forEach(image -> images.add(Hash.of(image)));
        }
    }

    private void remember(Step step, long version) {
        steps.add(new Step(version, step.images(), step.bases()));
        remembered += step.size();
        while (remembered > REMEMBERED) {
            Step oldest = steps.remove();
            remembered -= oldest.size();
            before = oldest.version();
        }
    }

    private void takeBack(Image image, Stand stand, Set<Foot> again) {
        if (stand.claimant() != null) {
            Set<Image> alike = claimants.getOrDefault(stand.claimant(), Set.of());
            alike.remove(image);
            if (alike.isEmpty()) {
                claimants.remove(stand.claimant());
            }
        }
        Foot nearest = stand.foot();
        if (nearest != null) {
            nearest.claiming.remove(image);
            less(nearest.claimed, stand.claimed());
        }
        for (Foot foot = nearest; foot != null; foot = foot.on) {
            foot.descendants--;
            less(foot.grounds, stand.ground());
            again.add(foot);
            if (foot.descendants == 0) {
                byId.remove(foot.id);
                if (foot.place != null) {
                    feet.remove(new Where(foot.place.chain(), foot.place.platform()));
                }
            }
        }
    }

    private void count(Image image, Stand stand, Set<Foot> again) {
        if (stand.claimant() != null) {
            claimants.computeIfAbsent(stand.claimant(), any -> new HashSet<>(2)).add(image);
        }
        Foot nearest = stand.foot();
        if (nearest != null) {
            if (nearest.place == null) {
                nearest.claiming.add(image);
            }
            more(nearest.claimed, stand.claimed());
        }
        for (Foot foot = nearest; foot != null; foot = foot.on) {
            foot.descendants++;
            more(foot.grounds, stand.ground());
            again.add(foot);
        }
    }

    private static <T> void more(Map<T, long[]> numbers, @Nullable T of) {
        if (of != null) {
            numbers.computeIfAbsent(of, any -> new long[1])[0]++;
        }
    }

    private static <T> void less(Map<T, long[]> numbers, @Nullable T of) {
        long[] number = of == null ? null : numbers.get(of);
        if (of != null && number != null && --number[0] == 0) {
            numbers.remove(of);
        }
    }

    private Stand stand(Image image, Claims now) {
        Chain top = image.top();
        if (top == null) {
            return new Stand(null, null, null, null);
        }
        Foot byLayers = from(image.isWhole() ? top.below : top, image.platform());
        BaseClaim claim = image.content().claim();
        if (byLayers != null) {
            return new Stand(byLayers, image.ground(), claim == null ? null : called(claim), null);
        }
        BaseId alone = claim == null ? null : now.alone(image);
        return new Stand(
                alone == null ? null : byId.computeIfAbsent(alone, id -> new Foot(id, null, null)),
                image.ground(),
                null,
                claim == null ? null : names(claim));
    }

    private static @Nullable String called(BaseClaim claim) {
        return claim.reference() == null ? null : BaseId.claimedName(claim.reference());
    }

    /** What decides over a claim; null for one that names nothing. */
    private static @Nullable Object names(BaseClaim claim) {
        Reference reference = claim.reference() == null
                ? null
                : Reference.parse(claim.reference()).orElse(null);
        Digest digest = claim.digest() != null || reference == null ? claim.digest() : reference.digest();
        if (digest != null) {
            return Hash.of(digest);
        }
        return reference == null || reference.tag() == null
                ? null
                : new Tagged(reference.repository(), reference.tag());
    }

    private @Nullable Foot from(@Nullable Chain highest, @Nullable Platform platform) {
        for (Chain chain = highest; chain != null && chain.below != null; chain = chain.below) {
            Where where = new Where(chain, platform);
            Foot known = feet.get(where);
            if (known != null) {
                return known;
            }
            Ancestry.Place place = ancestry.at(chain, platform);
            if (place != null) {
                Foot foot = new Foot(place.id(), place, from(chain.below, platform));
                feet.put(where, foot);
                byId.put(foot.id, foot);
                return foot;
            }
        }
        return null;
    }

    private BaseSight sight(Foot foot, Claims now) {
        Member.Ground agreed =
                foot.grounds.size() == 1 ? foot.grounds.keySet().iterator().next() : null;
        if (foot.place == null) {
            BaseClaim claim =
                    Objects.requireNonNull(foot.claiming.first().content().claim());
            String called = claim.reference() == null ? String.valueOf(claim.digest()) : called(claim);
            return new BaseSight(
                    foot.id,
                    List.of(new Name(String.valueOf(called), Name.From.CLAIM, claim.digest())),
                    List.of(),
                    0,
                    agreed,
                    null,
                    foot.descendants);
        }
        Own own = foot.own;
        if (own == null) {
            own = own(foot.place, now);
            foot.own = own;
        }
        List<Name> names = own.method() == Method.SHARED && foot.claimed.size() == 1
                ? List.of(new Name(foot.claimed.keySet().iterator().next(), Name.From.CLAIM, null))
                : own.names();
        return new BaseSight(
                foot.id,
                names.size() > Base.MAX_NAMES ? names.subList(0, Base.MAX_NAMES) : names,
                own.images(),
                foot.place.chain().layers,
                own.ground() != null || own.hasImages() ? own.ground() : agreed,
                foot.on == null ? null : foot.on.id,
                foot.descendants);
    }

    private Own own(Ancestry.Place known, Claims now) {
        Ancestry.Place place = Objects.requireNonNullElse(ancestry.at(known.chain(), known.platform()), known);
        List<Image> images = ancestry.images(place);
        return new Own(
                place.method(),
                now.names(place),
                !images.isEmpty(),
                Ancestry.firstDigests(images, Lineage.StandsOn.MAX_NAMES),
                ancestry.ground(place));
    }

    /** The base that an image stands on most nearly; null for none. */
    static @Nullable BaseId nearest(Image image) {
        Stand stand = image.stand();
        Foot foot = stand == null ? null : stand.foot();
        return foot == null ? null : foot.id;
    }

    @Nullable
    BaseSight base(BaseId id) {
        Foot foot = byId.get(id);
        return foot == null ? null : foot.told;
    }

    List<BaseSight> all() {
        List<BaseSight> all = new ArrayList<>(byId.size());
        byId.values().forEach(foot -> all.add(Objects.requireNonNull(foot.told)));
        return all;
    }

    /** Each image that stands on a base. */
    void forEachOn(BaseId base, Consumer<Image> consumer) {
        Foot foot = byId.get(base);
        if (foot != null && foot.place != null) {
            ancestry.forEachAbove(foot.place.chain(), foot.place.platform(), false, consumer);
        } else if (foot != null) {
            foot.claiming.forEach(consumer);
        }
    }

    /** What became different after a version; null when that is too long ago. */
    @Nullable
    Since since(long version) {
        if (version < before) {
            return null;
        }
        Since since = new Since(new HashSet<>(), new HashSet<>());
        for (Step step : steps) {
            if (step.version() > version) {
                since.images().addAll(step.images());
                since.bases().addAll(step.bases());
            }
        }
        return since;
    }

    record Since(Set<Hash> images, Set<BaseId> bases) {}
}
