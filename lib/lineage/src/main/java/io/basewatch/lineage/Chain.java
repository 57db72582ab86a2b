package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.Platform;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One layer upon those below: a node of the tree that all images' layers make together. Guarded by the tree's lock. */
final class Chain {

    /** Tars of nothing, as several builders end them: that images share one says nothing. */
    private static final Set<Hash> EMPTY = Set.of(zeros(0), zeros(512), zeros(1024), zeros(10_240));

    /** Null for what is below the lowest layer. */
    final @Nullable Chain below;

    final Hash diffId;
    /** ChainID of the OCI image-spec (config.md, "Layer ChainID"). */
    final Hash id;

    final int layers;

    /** Layers that are not empty. */
    final int evidence;

    /** Images with just these layers. */
    private List<Image> at = List.of();

    /** Images with these layers and more of which nothing is known. */
    private List<Image> cut = List.of();

    private @Nullable Chain firstAbove;
    private @Nullable Chain previous;
    private @Nullable Chain next;

    /** What was found out by {@link Shared}; forgotten with each change of an image here or above. */
    private volatile Map<Optional<Platform>, Boolean> shared = Map.of();

    /** Below the lowest layer. */
    static Chain ground() {
        Hash nothing = zeros(0);
        return new Chain(null, nothing, nothing, 0, 0);
    }

    private Chain(@Nullable Chain below, Hash diffId, Hash id, int layers, int evidence) {
        this.below = below;
        this.diffId = diffId;
        this.id = id;
        this.layers = layers;
        this.evidence = evidence;
    }

    /** A new one; part of the tree from then on. */
    static Chain upon(Chain below, Hash diffId) {
        Hash id = Hash.of(ImageAnalysis.Chain.id(below.below == null ? null : below.id.digest(), diffId.digest()));
        Chain chain = new Chain(below, diffId, id, below.layers + 1, below.evidence + (EMPTY.contains(diffId) ? 0 : 1));
        chain.next = below.firstAbove;
        if (chain.next != null) {
            chain.next.previous = chain;
        }
        below.firstAbove = chain;
        return chain;
    }

    private static Hash zeros(int length) {
        return Hash.of(Digest.sha256Of(new byte[length]));
    }

    /** Takes it out of the tree. */
    void cutOff() {
        if (previous != null) {
            previous.next = next;
        } else if (below != null) {
            below.firstAbove = next;
        }
        if (next != null) {
            next.previous = previous;
        }
    }

    boolean isUnused() {
        return below != null && firstAbove == null && at.isEmpty() && cut.isEmpty();
    }

    List<Image> at() {
        return at;
    }

    List<Image> cut() {
        return cut;
    }

    boolean isBelowAny() {
        return firstAbove != null;
    }

    /** Chains with one layer more, in no order. */
    Iterable<Chain> above() {
        return () -> new Iterator<>() {
            private @Nullable Chain coming = firstAbove;

            @Override
            public boolean hasNext() {
                return coming != null;
            }

            @Override
            public Chain next() {
                if (coming == null) {
                    throw new NoSuchElementException();
                }
                Chain now = coming;
                coming = now.next;
                return now;
            }
        };
    }

    void put(Image image, boolean whole) {
        if (whole) {
            at = with(at, image);
        } else {
            cut = with(cut, image);
        }
        forget();
    }

    /** One that was put in twice is there once more. */
    void take(Image image, boolean whole) {
        if (whole) {
            at = without(at, image);
        } else {
            cut = without(cut, image);
        }
        forget();
    }

    /** Most have none or one. */
    static List<Image> with(List<Image> images, Image image) {
        if (images.isEmpty()) {
            return List.of(image);
        }
        List<Image> more = images instanceof ArrayList<Image> ? images : new ArrayList<>(images);
        more.add(image);
        return more;
    }

    static List<Image> without(List<Image> images, Image image) {
        if (images.size() <= 1) {
            return images.contains(image) ? List.of() : images;
        }
        images.remove(image);
        return images;
    }

    /** What was found out of this one and those below, by an image that has changed. */
    void forget() {
        for (Chain chain = this; chain != null; chain = chain.below) {
            chain.shared = Map.of();
        }
    }

    @Nullable
    Boolean shared(@Nullable Platform platform) {
        return shared.get(Optional.ofNullable(platform));
    }

    /** By any of those who ask at the same time: all of them find the same. */
    void remember(@Nullable Platform platform, boolean isShared) {
        Map<Optional<Platform>, Boolean> more = new HashMap<>(shared);
        more.put(Optional.ofNullable(platform), isShared);
        shared = Map.copyOf(more);
    }
}
