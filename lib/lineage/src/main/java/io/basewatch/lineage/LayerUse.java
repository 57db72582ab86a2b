package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;

/**
 * Who has a layer.
 *
 * @param layer as registries keep it
 * @param bytes of it
 * @param images that have it
 */
public record LayerUse(Digest layer, long bytes, long images) {}
