package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import java.util.List;
import java.util.Map;

/** A multi-platform list of images (OCI image index, Docker manifest list), or of anything else a builder chose to list. */
public record IndexManifest(
        Digest digest, String mediaType, List<Descriptor> manifests, Map<String, String> annotations)
        implements Manifest {

    public IndexManifest {
        manifests = List.copyOf(manifests);
        annotations = Map.copyOf(annotations);
    }
}
