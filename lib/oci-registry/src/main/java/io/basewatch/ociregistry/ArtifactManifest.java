package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;

/**
 * A signature, SBOM, chart, module or anything else that is kept in a registry and is no container image.
 *
 * @param artifactType what it says of itself, or else the media type of its config or first blob
 */
public record ArtifactManifest(Digest digest, String mediaType, String artifactType) implements Manifest {}
