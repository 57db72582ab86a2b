package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import java.util.List;
import java.util.Map;

/**
 * A multi-platform list of images (OCI image index, Docker manifest list), or of anything else a builder chose to list.
 *
 * @param passedOver what it lists and is no descriptor, in its order: what is wrong with each, of very many how many more there are
 */
public record IndexManifest(
        Digest digest,
        String mediaType,
        List<Descriptor> manifests,
        List<String> passedOver,
        Map<String, String> annotations)
        implements Manifest {

    public IndexManifest {
        manifests = List.copyOf(manifests);
        passedOver = List.copyOf(passedOver);
        annotations = Map.copyOf(annotations);
    }
}
