package io.basewatch.layerfacts;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.basewatch.fleetmodel.ImageInputs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What images have in common that stand on the same layers, for who looks at many of them: the lower layers are laid once, and what was concluded of one image is
 * taken for the next where nothing of what was looked at is different. Layers are the same when they have the very same facts in memory, so that nothing an image says
 * can be taken for something of another. Bounded by weight; thread-safe.
 */
public final class Footings {

    /** Chains of layers of which one image was seen. */
    private static final int MAX_SEEN = 20_000;

    /** Longer ones are looked at by themselves. */
    private static final int MAX_LAYERS = 200;

    private static final Duration IDLE = Duration.ofMinutes(20);

    private final Cache<Chain, Footing> footings;
    private final Cache<Long, Boolean> seen =
            Caffeine.newBuilder().maximumSize(MAX_SEEN).build();

    /** Layers by the identity of their facts. */
    private record Chain(List<LayerFacts> layers, int length, long hash) {

        @Override
        public boolean equals(@Nullable Object other) {
            if (!(other instanceof Chain chain) || chain.length != length || chain.hash != hash) {
                return false;
            }
            for (int n = 0; n < length; n++) {
                if (layers.get(n) != chain.layers.get(n)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(hash);
        }
    }

    /** @param maxBytes of the heap, about */
    public Footings(long maxBytes) {
        footings = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((Chain chain, Footing footing) -> (int) Math.min(Integer.MAX_VALUE, footing.bytes()))
                .expireAfterAccess(IDLE)
                .build();
    }

    /** As the image's own constructor does it, and in less time where another image has the same lower layers. */
    public SquashedImage lay(
            List<LayerFacts> bottomUp, ImageInputs inputs, List<FactsKind> kinds, boolean hasAllLayers) {
        return SquashedImage.on(this, bottomUp, inputs, kinds, hasAllLayers);
    }

    /**
     * The most of these layers that are laid already, or that another image began with.
     *
     * @return null when there is none, or what these layers say is not all plain
     */
    @Nullable
    Footing under(List<LayerFacts> bottomUp) {
        if (bottomUp.size() > MAX_LAYERS || !bottomUp.stream().allMatch(LayerFacts::isComplete)) {
            return null;
        }
        List<Chain> chains = chains(bottomUp);
        Footing known = longest(chains);
        int length = known == null ? 0 : known.layers().size();
        Chain common = null;
        for (Chain chain : chains.subList(length, chains.size())) {
            boolean wasSeen = known == null
                    ? seen.asMap().putIfAbsent(chain.hash(), true) != null
                    : seen.getIfPresent(chain.hash()) != null;
            common = wasSeen ? chain : common;
        }
        return common == null ? known : laid(known, common);
    }

    /** On its footing too much of this image is different: one with more layers would do for others like it. */
    void isTooLow(Footing footing, List<LayerFacts> bottomUp) {
        List<Chain> chains = chains(bottomUp);
        for (Chain chain : chains.subList(footing.layers().size(), chains.size())) {
            seen.put(chain.hash(), true);
        }
    }

    private @Nullable Footing longest(List<Chain> chains) {
        for (int n = chains.size() - 1; n >= 0; n--) {
            Footing known = footings.getIfPresent(chains.get(n));
            if (known != null) {
                return known;
            }
        }
        return null;
    }

    private @Nullable Footing laid(@Nullable Footing lower, Chain wanted) {
        LayerTree tree = lower == null ? new LayerTree(SquashedImage.MAX_NAMES) : lower.tree();
        for (int n = lower == null ? 0 : lower.layers().size(); n < wanted.length(); n++) {
            if (!tree.lay(wanted.layers().get(n), n) || !tree.reasons().isEmpty()) {
                return lower;
            }
        }
        List<LayerFacts> layers = List.copyOf(wanted.layers().subList(0, wanted.length()));
        Chain chain = new Chain(layers, wanted.length(), wanted.hash());
        Footing made = new Footing(layers, tree, grown -> footings.put(chain, grown));
        footings.put(chain, made);
        return made;
    }

    /** All but that of all its layers, from the shortest. */
    private static List<Chain> chains(List<LayerFacts> bottomUp) {
        List<Chain> chains = new ArrayList<>();
        long hash = 1;
        for (int n = 0; n < bottomUp.size() - 1; n++) {
            hash = (hash ^ System.identityHashCode(bottomUp.get(n))) * 0x9e3779b97f4a7c15L;
            hash ^= hash >>> 29;
            chains.add(new Chain(bottomUp, n + 1, hash));
        }
        return chains;
    }
}
