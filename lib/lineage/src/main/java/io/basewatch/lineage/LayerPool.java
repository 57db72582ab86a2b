package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Each layer of the fleet once, as long as an image has it. Guarded by the tree's lock. */
final class LayerPool {

    private final Map<Key, Layer> layers = new HashMap<>();
    private final Map<Hash, Blob> blobs = new HashMap<>();
    private int size;

    /** Bytes as a registry keeps them. */
    static final class Blob {

        final Hash digest;
        final long bytes;
        /** That have it. */
        int images;

        /** Of the same digest, where a manifest says another size of it; most have none. */
        private @Nullable Blob other;

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
        Blob blob = blob(Hash.of(told.digest()), told.bytes());
        Layer layer = layers.computeIfAbsent(new Key(blob, hash(told.diffId()), told.claimed()), Layer::new);
        layer.uses++;
        return layer;
    }

    private Blob blob(Hash digest, long bytes) {
        Blob first = blobs.get(digest);
        for (Blob each = first; each != null; each = each.other) {
            if (each.bytes == bytes) {
                return each;
            }
        }
        Blob blob = new Blob(digest, bytes);
        blob.other = first;
        blobs.put(digest, blob);
        size++;
        return blob;
    }

    /** One that is gone already is none. */
    private void remove(Blob gone) {
        Blob before = null;
        Blob each = blobs.get(gone.digest);
        while (each != null && !each.equals(gone)) {
            before = each;
            each = each.other;
        }
        if (each == null) {
            return;
        }
        size--;
        if (before != null) {
            before.other = gone.other;
        } else if (gone.other != null) {
            blobs.put(gone.digest, gone.other);
        } else {
            blobs.remove(gone.digest);
        }
    }

    /** Empty when no image has it. */
    Optional<LayerUse> use(Digest compressed) {
        long images = 0;
        long bytes = 0;
        for (Blob each = blobs.get(Hash.of(compressed)); each != null; each = each.other) {
            images += each.images;
            bytes = Math.max(bytes, each.bytes);
        }
        return images == 0 ? Optional.empty() : Optional.of(new LayerUse(compressed, bytes, images));
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
                    remove(layer.blob);
                }
            }
        }
    }

    int size() {
        return size;
    }
}
