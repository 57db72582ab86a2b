package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.lineage.Lineage.Claimed;
import io.basewatch.lineage.Lineage.Claimed.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What layers say of what images claim; for one question, or for one about the whole fleet. Guarded by the tree's lock. */
final class Claims {

    private final Map<Hash, Image> images;
    private final Map<Hash, List<Image>> byIndex;
    private final Map<Repository, Holding> holdings;
    private final Ancestry ancestry;
    private final Map<Reference, List<Image>> byName = new HashMap<>();
    private final Map<Ancestry.Place, List<Name>> names = new HashMap<>();
    private final Map<Ancestry.Place, List<Lineage.Moved>> moved = new HashMap<>();

    Claims(
            Map<Hash, Image> images,
            Map<Hash, List<Image>> byIndex,
            Map<Repository, Holding> holdings,
            Ancestry ancestry) {
        this.images = images;
        this.byIndex = byIndex;
        this.holdings = holdings;
        this.ancestry = ancestry;
    }

    List<Name> names(Ancestry.Place base) {
        return names.computeIfAbsent(base, ancestry::names);
    }

    /** Null for an image that claims nothing, or of whose layers nothing is known. */
    @Nullable
    Claimed judge(Image image) {
        BaseClaim claim = image.content().claim();
        return claim == null || image.top() == null ? null : judge(image, claim, ancestry.all(image));
    }

    private Claimed judge(Image image, BaseClaim claim, List<Ancestry.Place> bases) {
        Reference reference =
                Optional.ofNullable(claim.reference()).flatMap(Reference::parse).orElse(null);
        Digest digest = claim.digest() != null || reference == null ? claim.digest() : reference.digest();
        List<Image> named = digest != null ? of(digest) : reference != null ? of(reference) : List.of();
        if (named.contains(image)) {
            return new Claimed(claim, Verdict.INHERITED, null);
        }
        List<Image> meant = alike(named, image);
        Optional<Chain> standsOn = meant.stream()
                .map(Image::top)
                .filter(layers -> layers != null && Ancestry.has(image, layers))
                .max(Comparator.comparingInt(layers -> layers.layers));
        if (standsOn.isPresent()) {
            return new Claimed(claim, Verdict.CONFIRMED, id(standsOn.get(), image));
        }
        if (claim.source() == BaseClaim.Source.LABEL && isSaidOfOneOf(bases, claim)) {
            return new Claimed(claim, Verdict.INHERITED, null);
        }
        if (digest != null && !meant.isEmpty() && image.isWhole()) {
            Image other = Collections.min(meant, Image.BY_DIGEST);
            return new Claimed(claim, Verdict.CONTRADICTED, id(Objects.requireNonNull(other.top()), image));
        }
        for (Ancestry.Place base : bases) {
            if (names(base).stream().anyMatch(name -> isCalled(name, reference, digest))) {
                return new Claimed(claim, Verdict.CONFIRMED, base.id());
            }
        }
        return new Claimed(claim, Verdict.UNSEEN, null);
    }

    /** Those for the platform of an image of which all layers are known. */
    private static List<Image> alike(List<Image> images, Image image) {
        return images.stream()
                .filter(each ->
                        each.top() != null && each.isWhole() && Objects.equals(each.platform(), image.platform()))
                .toList();
    }

    private static BaseId id(Chain layers, Image image) {
        return BaseId.ofChain(layers.id.digest(), image.platform());
    }

    private List<Image> of(Digest digest) {
        Hash hash = Hash.of(digest);
        Image image = images.get(hash);
        return image != null ? List.of(image) : byIndex.getOrDefault(hash, List.of());
    }

    private List<Image> of(Reference reference) {
        return byName.computeIfAbsent(reference, name -> {
            Holding holding = holdings.get(name.repository());
            return holding == null || name.tag() == null ? List.of() : holding.behind(name.tag());
        });
    }

    private boolean isSaidOfOneOf(List<Ancestry.Place> bases, BaseClaim claim) {
        return bases.stream()
                .flatMap(base -> ancestry.images(base).stream())
                .anyMatch(base -> claim.equals(base.content().claim()));
    }

    private static boolean isCalled(Name name, @Nullable Reference reference, @Nullable Digest digest) {
        return (digest != null && digest.equals(name.digest()))
                || (reference != null
                        && reference.tag() != null
                        && (name.reference().equals(reference.repository() + ":" + reference.tag())
                                || reference.mayBe(name.reference())));
    }

    /** The base that an image claims and nothing else shows; null where there is another, or where the claim is not to be believed. */
    @Nullable
    BaseId alone(Image image) {
        Claimed claimed = ancestry.nearest(image) != null ? null : judge(image);
        return claimed == null || claimed.verdict() != Verdict.UNSEEN
                ? null
                : BaseId.ofClaim(claimed.said(), image.platform());
    }

    /**
     * Tags of an image's base that have moved on since it was built; of a base that the image calls by one of these tags, that one alone. The tag that the image names itself, too, where it
     * leads to other layers than the digest that stands beside it, which is gone.
     */
    List<Lineage.Moved> stale(Image image) {
        BaseClaim claim = image.content().claim();
        Reference reference = claim == null || claim.reference() == null
                ? null
                : Reference.parse(claim.reference()).orElse(null);
        List<Lineage.Moved> left = reference == null || claim == null ? List.of() : left(image, claim, reference);
        Ancestry.Place base = nearestNamed(image);
        if (base == null || !left.isEmpty()) {
            return left;
        }
        List<Lineage.Moved> moved = moved(base);
        boolean callsIt = reference != null && names(base).stream().anyMatch(name -> isCalled(name, reference, null));
        return callsIt
                ? moved.stream()
                        .filter(each -> isCalled(new Name(each.reference(), Name.From.TAG, null), reference, null))
                        .toList()
                : moved;
    }

    private List<Lineage.Moved> left(Image image, BaseClaim claim, Reference reference) {
        Digest digest = claim.digest() != null ? claim.digest() : reference.digest();
        if (digest == null || reference.tag() == null || !of(digest).isEmpty()) {
            return List.of();
        }
        List<Image> now = alike(of(reference), image);
        return now.isEmpty() || now.stream().anyMatch(each -> Ancestry.has(image, Objects.requireNonNull(each.top())))
                ? List.of()
                : now.stream()
                        .min(Image.BY_DIGEST)
                        .map(to -> new Lineage.Moved(
                                reference.repository() + ":" + reference.tag(), to.name(), to.ground()))
                        .stream()
                        .toList();
    }

    List<Lineage.Moved> moved(Ancestry.Place base) {
        return moved.computeIfAbsent(base, ancestry::moved);
    }

    Ancestry.@Nullable Place nearestNamed(Image image) {
        Ancestry.Place base = ancestry.nearest(image);
        while (base != null && base.method() == Method.SHARED) {
            base = ancestry.below(base);
        }
        return base;
    }

    /** Whether two images that should be the same for two platforms stand on different releases, or on bases of different names. */
    boolean differ(Image one, Image other) {
        Member.Ground here = one.ground();
        Member.Ground there = other.ground();
        if (here != null && there != null && !here.equals(there)) {
            return true;
        }
        Ancestry.Place base = nearestNamed(one);
        Ancestry.Place otherBase = nearestNamed(other);
        if (base == null || otherBase == null) {
            return false;
        }
        List<String> called = lastParts(base);
        return lastParts(otherBase).stream().noneMatch(called::contains);
    }

    /** {@code alpine:3.20}: the same base may come from another registry for another platform. */
    private List<String> lastParts(Ancestry.Place base) {
        return names(base).stream()
                .map(name -> name.reference().substring(name.reference().lastIndexOf('/') + 1))
                .toList();
    }

    /** Other platforms of the tags of an image that stand elsewhere. */
    List<Lineage.Drift> drift(Image image) {
        List<Lineage.Drift> drift = new ArrayList<>();
        for (Image.Place place : image.places()) {
            for (Hash index : place.indexes()) {
                for (Image other : byIndex.getOrDefault(index, List.of())) {
                    String tag = other == image || Objects.equals(other.platform(), image.platform())
                            ? null
                            : commonTag(place, other, index);
                    if (tag != null && differ(image, other)) {
                        Ancestry.Place base = nearestNamed(other);
                        drift.add(new Lineage.Drift(
                                place.in().repository + ":" + tag,
                                other.name(),
                                other.platform(),
                                other.ground(),
                                base == null ? null : base.id()));
                    }
                }
            }
        }
        return drift.stream()
                .sorted(Comparator.comparing(Lineage.Drift::reference).thenComparing(Lineage.Drift::image))
                .distinct()
                .toList();
    }

    private static @Nullable String commonTag(Image.Place place, Image other, Hash index) {
        Image.Place there = other.in(place.in());
        return there == null || !Arrays.asList(there.indexes()).contains(index)
                ? null
                : place.tagList().stream().filter(there::has).findFirst().orElse(null);
    }
}
