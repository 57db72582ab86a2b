package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an image may stand on whose layers show nothing, because they were squashed or written anew. Several that are equally likely are none unless they are the same layers. Guarded by the
 * tree's lock.
 */
final class Guesses {

    private final Ancestry ancestry;

    Guesses(Ancestry ancestry) {
        this.ancestry = ancestry;
    }

    Optional<Lineage.StandsOn> of(Image image, Collection<Image> fleet) {
        if (image.top() == null || !image.isWhole() || isBase(image)) {
            return Optional.empty();
        }
        List<Image> alike = byHistory(image, fleet);
        if (!alike.isEmpty()) {
            return standsOn(alike, Method.HISTORY, Confidence.LIKELY);
        }
        return standsOn(byGround(image, fleet), Method.LIKENESS, Confidence.GUESS);
    }

    private boolean isBase(Image image) {
        Chain top = Objects.requireNonNull(image.top());
        return top.above().iterator().hasNext() || !ancestry.publicNames(image).isEmpty();
    }

    /** Those with the longest history that the image's begins with. */
    private static List<Image> byHistory(Image image, Collection<Image> fleet) {
        long[] history = image.content().history();
        int longest = 0;
        List<Image> alike = new ArrayList<>();
        for (Image other : fleet) {
            long[] its = other.content().history();
            if (its.length > 0
                    && its.length >= longest
                    && its.length < history.length
                    && its[its.length - 1] == history[its.length - 1]
                    && other.top() != null
                    && other.isWhole()
                    && Objects.equals(other.platform(), image.platform())) {
                if (its.length > longest) {
                    alike.clear();
                    longest = its.length;
                }
                alike.add(other);
            }
        }
        return alike;
    }

    /** Those that others stand on, that stand on no other, and on whose release of which libc the image stands; it must be larger than they are. */
    private List<Image> byGround(Image image, Collection<Image> fleet) {
        Member.Ground ground = image.ground();
        if (ground == null || ground.version() == null) {
            return List.of();
        }
        List<Image> alike = new ArrayList<>();
        for (Image other : fleet) {
            if (ground.equals(other.ground())
                    && other != image
                    && other.content().libc() == image.content().libc()
                    && Objects.equals(other.platform(), image.platform())
                    && other.top() != null
                    && other.isWhole()
                    && other.bytes() < image.bytes()
                    && isBase(other)
                    && ancestry.nearest(other) == null) {
                alike.add(other);
            }
        }
        return alike;
    }

    private Optional<Lineage.StandsOn> standsOn(List<Image> alike, Method method, Confidence confidence) {
        Set<@Nullable Chain> layers = new LinkedHashSet<>();
        alike.forEach(image -> layers.add(image.top()));
        if (layers.size() != 1) {
            return Optional.empty();
        }
        Image one = alike.get(0);
        Ancestry.Place base = new Ancestry.Place(Objects.requireNonNull(one.top()), one.platform(), Method.LAYERS);
        List<Digest> digests = Ancestry.firstDigests(ancestry.images(base), Lineage.StandsOn.MAX_NAMES);
        return Optional.of(new Lineage.StandsOn(
                base.id(),
                method,
                confidence,
                ancestry.names(base).stream().limit(Lineage.StandsOn.MAX_NAMES).toList(),
                digests,
                0,
                true,
                ancestry.ground(base)));
    }
}
