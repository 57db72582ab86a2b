package io.basewatch.layerfacts;

import java.util.ArrayList;
import java.util.List;

/** Layers laid over each other one by one: the lower ones already while those above them are still being read. One thread. */
public final class LaidLayers {

    private final LayerTree tree;
    private final List<LayerFacts> layers;
    private int laid;

    public LaidLayers() {
        this(SquashedImage.MAX_NAMES);
    }

    LaidLayers(int maxNames) {
        this(new LayerTree(maxNames), List.of());
    }

    /**
     * @param tree in which these are laid
     */
    LaidLayers(LayerTree tree, List<LayerFacts> layers) {
        this.tree = tree;
        this.layers = new ArrayList<>(layers);
        this.laid = layers.size();
    }

    /** Over all that were given before. Where there was no room for one of them, it and those above it are only listed, and the image is not whole. */
    public void lay(LayerFacts facts) {
        int number = layers.size();
        layers.add(facts);
        if (laid == number && number < LayerTree.MAX_LAYERS && tree.lay(facts, number)) {
            laid++;
        }
    }

    /** From below. */
    public List<LayerFacts> layers() {
        return List.copyOf(layers);
    }

    LayerTree tree() {
        return tree;
    }

    /** Whether nothing of them is missing. */
    boolean areAllLaid() {
        return laid == layers.size() && tree.reasons().isEmpty();
    }
}
