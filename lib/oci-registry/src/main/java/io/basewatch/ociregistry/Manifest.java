package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;

/** What a tag or a digest names. Which of the three it is follows from the content, whatever the registry's Content-Type says. */
public sealed interface Manifest permits ImageManifest, IndexManifest, ArtifactManifest {

    /** Of the manifest's bytes. */
    Digest digest();

    String mediaType();
}
