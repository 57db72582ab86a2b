package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Each layer of the fleet once, as long as an image has it. Guarded by the tree's lock. */
final class LayerPool {

    private final Map<Key, Layer> layers = new HashMap<>();
    private final Map<Blob, Blob> blobs = new HashMap<>();

    /** Bytes as a registry keeps them. */
    static final class Blob {

        final Hash digest;
        final long bytes;
        /** That have it. */
        int images;

        Blob(Hash digest, long bytes) {
            this.digest = digest;
            this.bytes = bytes;
        }

        @Override
        public boolean equals(@Nullable Object object) {
            return object instanceof Blob blob && digest.equals(blob.digest) && bytes == blob.bytes;
        }

        @Override
        public int hashCode() {
            return digest.hashCode();
        }
    }

    private record Key(Blob blob, @Nullable Hash diffId, boolean claimed) {}

    /** A blob with what is known of its content. */
    static final class Layer {

        final Blob blob;
        final @Nullable Hash diffId;
        final boolean claimed;
        private int uses;

        private Layer(Key key) {
            this.blob = key.blob();
            this.diffId = key.diffId();
            this.claimed = key.claimed();
        }

        boolean says(Member.Layer layer) {
            return claimed == layer.claimed()
                    && blob.bytes == layer.bytes()
                    && blob.digest.equals(Hash.of(layer.digest()))
                    && Objects.equals(diffId, hash(layer.diffId()));
        }

        Member.Layer tell() {
            return new Member.Layer(blob.digest.digest(), diffId == null ? null : diffId.digest(), claimed, blob.bytes);
        }
    }

    private static @Nullable Hash hash(@Nullable Digest digest) {
        return digest == null ? null : Hash.of(digest);
    }

    Layer use(Member.Layer told) {
        Blob blob = new Blob(Hash.of(told.digest()), told.bytes());
        Blob kept = blobs.computeIfAbsent(blob, same -> same);
        Layer layer = layers.computeIfAbsent(new Key(kept, hash(told.diffId()), told.claimed()), Layer::new);
        layer.uses++;
        return layer;
    }

    /** To be called once for an image, when its layers are used. */
    void count(Layer[] of, int more) {
        for (Blob blob : distinct(of)) {
            blob.images += more;
        }
    }

    static Set<Blob> distinct(Layer[] layers) {
        Set<Blob> distinct = new HashSet<>();
        for (Layer layer : layers) {
            distinct.add(layer.blob);
        }
        return distinct;
    }

    /** When the image of these is gone, and counted off. */
    void release(Layer[] gone) {
        for (Layer layer : gone) {
            if (--layer.uses == 0) {
                layers.remove(new Key(layer.blob, layer.diffId, layer.claimed));
                if (layer.blob.images == 0) {
                    blobs.remove(layer.blob);
                }
            }
        }
    }

    int size() {
        return blobs.size();
    }
}
