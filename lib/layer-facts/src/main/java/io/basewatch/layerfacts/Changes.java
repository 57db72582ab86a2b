package io.basewatch.layerfacts;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** In what a view differs from that of its lower layers alone. */
final class Changes {

    /** Where there are more, looking at the image anew takes hardly longer than comparing them. */
    private static final int MOST = 20_000;

    /**
     * @param path of what came, went or was replaced
     * @param directory in which it lies
     * @param name null for a directory that was there before and is one still, with another mode or layer
     */
    @SuppressWarnings("ArrayRecordComponent") // Held, never compared.
    record Change(long path, long directory, byte @Nullable [] name) {}

    private final List<LayerFacts> layers;
    private final List<Change> all = new ArrayList<>();
    private final Set<String> probes = new HashSet<>();
    private boolean beyondTelling;

    /** @param layers of the whole view, from below */
    Changes(List<LayerFacts> layers) {
        this.layers = layers;
    }

    /** A file got another name, or lost one of several: that may change what its other names stand for. */
    void link() {
        beyondTelling = true;
    }

    void touched(long path, long directory) {
        add(new Change(path, directory, null));
    }

    /**
     * @param kept of what came or went
     * @param layer whose facts it is in
     */
    void changed(long path, long directory, byte[] name, int layer, List<KindFacts.Piece> kept) {
        add(new Change(path, directory, name));
        for (KindFacts.Piece piece : kept) {
            if (!piece.isContent()) {
                probes.add(layers.get(layer).kinds().get(piece.kind()).probes().get(piece.probe()));
            }
        }
    }

    private void add(Change change) {
        if (all.size() == MOST) {
            beyondTelling = true;
        }
        if (!beyondTelling) {
            all.add(change);
        }
    }

    /** Whether there is more than the lists say. */
    boolean isBeyondTelling() {
        return beyondTelling;
    }

    List<Change> all() {
        return all;
    }

    /** Kinds of facts that were kept of what came or went. */
    Set<String> probes() {
        return probes;
    }
}
