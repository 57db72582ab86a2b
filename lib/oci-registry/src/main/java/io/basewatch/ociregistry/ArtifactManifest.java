package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import java.util.List;

/**
 * A signature, SBOM, attestation, chart, module or anything else that is kept in a registry and is no container image.
 *
 * @param artifactType what it says of itself, or else the media type of its config or first blob
 * @param blobs what it consists of, beside a config
 */
public record ArtifactManifest(Digest digest, String mediaType, String artifactType, List<Descriptor> blobs)
        implements Manifest {

    public ArtifactManifest {
        blobs = List.copyOf(blobs);
    }
}
