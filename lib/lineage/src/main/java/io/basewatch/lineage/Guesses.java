package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageSketch;
import io.basewatch.fleetmodel.Platform;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an image may stand on whose layers show nothing, because they were squashed or written anew. Several that are equally likely are none unless they are the same layers. Guarded by the
 * tree's lock.
 */
final class Guesses {

    /** So many packages of the same name and version, and none that is missing, say something; of bases that have fewer, all. */
    private static final int ENOUGH = 4;

    private final Ancestry ancestry;
    private final Map<Long, List<Image>> byLastStep = new HashMap<>();
    private final Map<Ground, List<Image>> byGround = new HashMap<>();

    /** What images must have in common. */
    private record Ground(
            Member.Ground release,
            Libc.Family libc,
            @Nullable Platform platform) {

        /** Null for one that nothing can be told by. */
        static @Nullable Ground of(Image.Content content) {
            Member.Ground release = content.ground();
            return release == null || release.version() == null
                    ? null
                    : new Ground(release, content.libc(), content.platform());
        }
    }

    Guesses(Ancestry ancestry) {
        this.ancestry = ancestry;
    }

    /** An image of the fleet; one whose content changes is entered first and leaves with what it was. */
    void enter(Image image, Image.Content content) {
        if (content.top() != null && content.whole()) {
            long[] history = content.history();
            if (history.length > 0) {
                byLastStep.merge(
                        history[history.length - 1], List.of(image), (there, one) -> Chain.with(there, one.get(0)));
            }
            Ground ground = Ground.of(content);
            if (ground != null) {
                byGround.merge(ground, List.of(image), (there, one) -> Chain.with(there, one.get(0)));
            }
        }
    }

    void leave(Image image, Image.Content content) {
        if (content.top() != null && content.whole()) {
            long[] history = content.history();
            if (history.length > 0) {
                byLastStep.computeIfPresent(history[history.length - 1], (any, there) -> fewer(there, image));
            }
            Ground ground = Ground.of(content);
            if (ground != null) {
                byGround.computeIfPresent(ground, (any, there) -> fewer(there, image));
            }
        }
    }

    private static @Nullable List<Image> fewer(List<Image> there, Image image) {
        List<Image> left = Chain.without(there, image);
        return left.isEmpty() ? null : left;
    }

    /**
     * @param base null for none
     * @param undecided see {@link Lineage#undecided}
     */
    record Guess(Lineage.@Nullable StandsOn base, List<Digest> undecided) {}

    static final Guess NONE = new Guess(null, List.of());

    /** Of an image whose layers and claims show no base. */
    Guess of(Image image) {
        if (image.top() == null || !image.isWhole() || isBase(image)) {
            return NONE;
        }
        List<Image> alike = byHistory(image);
        return alike.isEmpty()
                ? guess(byGround(image), Method.LIKENESS, Confidence.GUESS)
                : guess(alike, Method.HISTORY, Confidence.LIKELY);
    }

    private boolean isBase(Image image) {
        Chain top = Objects.requireNonNull(image.top());
        return top.above().iterator().hasNext() || !ancestry.publicNames(image).isEmpty();
    }

    /** Those with the longest history that the image's begins with. */
    private List<Image> byHistory(Image image) {
        long[] history = image.content().history();
        for (int steps = history.length - 1; steps > 0; steps--) {
            int length = steps;
            List<Image> alike = byLastStep.getOrDefault(history[steps - 1], List.of()).stream()
                    .filter(other -> other.content().history().length == length
                            && Objects.equals(other.platform(), image.platform()))
                    .toList();
            if (!alike.isEmpty()) {
                return alike;
            }
        }
        return List.of();
    }

    /**
     * Those that others stand on, and whose release of which libc and whose packages the image has. Of these, those with the most packages. Of an image, or a base, whose packages are not known,
     * the release alone can be compared: then only smaller ones that stand on no other are looked at.
     */
    private List<Image> byGround(Image image) {
        Ground ground = Ground.of(image.content());
        if (ground == null) {
            return List.of();
        }
        PackageSketch packages = image.content().packages();
        List<Image> unknown = new ArrayList<>();
        List<Image> alike = new ArrayList<>();
        int most = 0;
        long bytes = image.bytes();
        for (Image other : byGround.getOrDefault(ground, List.of())) {
            if (other == image || !isBase(other)) {
                continue;
            }
            PackageSketch its = other.content().packages();
            if (packages == null || its == null) {
                if (other.bytes() < bytes && ancestry.nearest(other) == null) {
                    unknown.add(other);
                }
            } else if (its.count() >= most && isEnough(packages.holds(its), its)) {
                if (its.count() > most) {
                    alike.clear();
                    most = its.count();
                }
                alike.add(other);
            }
        }
        if (unknown.isEmpty()) {
            return lowest(alike);
        }
        unknown.addAll(lowest(alike));
        return unknown;
    }

    private static boolean isEnough(int compared, PackageSketch all) {
        return compared >= Math.min(ENOUGH, all.count()) && compared > 0;
    }

    /** Of images with the same packages, the one on which all others stand; all of them where there is none. */
    private static List<Image> lowest(List<Image> alike) {
        Image lowest = alike.stream()
                .min(Comparator.comparingInt((Image image) -> Objects.requireNonNull(image.top()).layers)
                        .thenComparing(Image.BY_DIGEST))
                .orElse(null);
        if (lowest == null) {
            return List.of();
        }
        Chain base = Objects.requireNonNull(lowest.top());
        return alike.stream().allMatch(image -> image.top() == base || Ancestry.has(image, base))
                ? alike.stream().filter(image -> image.top() == base).toList()
                : alike;
    }

    private Guess guess(List<Image> alike, Method method, Confidence confidence) {
        Set<@Nullable Chain> layers = new LinkedHashSet<>();
        alike.forEach(image -> layers.add(image.top()));
        if (layers.isEmpty()) {
            return NONE;
        }
        if (layers.size() > 1) {
            return new Guess(
                    null,
                    Ancestry.firstDigests(alike.stream().sorted(Image.BY_DIGEST).toList(), Lineage.StandsOn.MAX_NAMES));
        }
        Image one = alike.get(0);
        Ancestry.Place base = new Ancestry.Place(Objects.requireNonNull(one.top()), one.platform(), Method.LAYERS);
        List<Digest> digests = Ancestry.firstDigests(ancestry.images(base), Lineage.StandsOn.MAX_NAMES);
        return new Guess(
                new Lineage.StandsOn(
                        base.id(),
                        method,
                        confidence,
                        ancestry.names(base).stream()
                                .limit(Lineage.StandsOn.MAX_NAMES)
                                .toList(),
                        digests,
                        0,
                        true,
                        ancestry.ground(base)),
                List.of());
    }
}
