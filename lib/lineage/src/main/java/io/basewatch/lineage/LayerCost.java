package io.basewatch.lineage;

/**
 * What a set of images costs, in bytes as registries keep them.
 *
 * @param unique each layer of the images once
 * @param freed layers that no other image of the fleet has: what removing all of these images gives back
 * @param shared layers that other images have too
 */
public record LayerCost(long unique, long freed, long shared) {}
