package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import java.util.List;
import java.util.Map;

/**
 * A container image of one platform.
 *
 * @param layers bottom-up; may be empty; one that cannot be had and whose size the manifest does not tell has the size 0
 */
public record ImageManifest(
        Digest digest, String mediaType, Descriptor config, List<Descriptor> layers, Map<String, String> annotations)
        implements Manifest {

    public ImageManifest {
        layers = List.copyOf(layers);
        annotations = Map.copyOf(annotations);
    }

    ImageManifest withLayers(List<Descriptor> others) {
        return new ImageManifest(digest, mediaType, config, others, annotations);
    }
}
