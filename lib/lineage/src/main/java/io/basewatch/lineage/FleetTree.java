package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which image of the fleet stands on which: a tree of chains of layers, fed repository by repository. What it answers depends on what was told last of each repository alone, not on
 * the order of telling: one that was kept up to date says the same as one made anew.
 *
 * <p>Thread-safe: many may ask while one changes; each question is answered from one moment.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class FleetTree {

    /**
     * @param known public images that are recognised by their layers
     */
    public FleetTree(KnownBases known) {}

    /**
     * What a repository holds now, instead of what was told of it before. An image that several repositories hold is for all of them as it was told last.
     *
     * @param members each image once; empty for a repository that is gone
     * @param formers what its tags led to before; those that lead there now are passed over
     */
    public void replace(Repository repository, List<Member> members, List<Former> formers) {
        throw new UnsupportedOperationException();
    }

    /** Grows with each {@link #replace}. */
    public long version() {
        throw new UnsupportedOperationException();
    }

    /** Repositories, images, tags, layers that are held. */
    public Held held() {
        throw new UnsupportedOperationException();
    }

    /** How much a tree holds. */
    public record Held(long repositories, long images, long tags, long layers) {}

    /** Empty for an image that no repository holds. */
    public Optional<Lineage> lineage(Digest image) {
        throw new UnsupportedOperationException();
    }

    /** Empty for one that no repository holds. */
    public Optional<FleetImage> image(Digest image) {
        throw new UnsupportedOperationException();
    }

    /** All bases. Goes through the whole fleet when something has changed since it was asked last. */
    public Bases bases() {
        throw new UnsupportedOperationException();
    }

    /**
     * A page of the images that stand on a base and on nothing nearer, by digest.
     *
     * @param after last digest of the page before; null for the first
     * @param limit at least 1
     */
    public List<FleetImage> children(BaseId base, @Nullable Digest after, int limit) {
        throw new UnsupportedOperationException();
    }

    /** The same of all images that stand on it. */
    public List<FleetImage> descendants(BaseId base, @Nullable Digest after, int limit) {
        throw new UnsupportedOperationException();
    }

    /** Each image that stands on a base and on nothing nearer, by digest. Nothing can be changed meanwhile. */
    public void forEachChild(BaseId base, Consumer<FleetImage> consumer) {
        throw new UnsupportedOperationException();
    }

    /** Each image that stands on a base, by digest. Nothing can be changed meanwhile. */
    public void forEachDescendant(BaseId base, Consumer<FleetImage> consumer) {
        throw new UnsupportedOperationException();
    }

    /** Each image of the fleet with the base that it stands on most nearly, null for none; in no order. Nothing can be changed meanwhile. */
    public void forEachImage(ImageVisitor visitor) {
        throw new UnsupportedOperationException();
    }

    /** Is shown each image of the fleet. */
    public interface ImageVisitor {
        void visit(FleetImage image, @Nullable BaseId base);
    }

    /** Who has a layer; empty when no image has it. */
    public Optional<LayerUse> layer(Digest compressed) {
        throw new UnsupportedOperationException();
    }

    /** What these images cost together; those that no repository holds cost nothing. */
    public LayerCost cost(Collection<Digest> images) {
        throw new UnsupportedOperationException();
    }
}
