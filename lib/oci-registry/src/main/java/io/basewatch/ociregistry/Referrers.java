package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import java.util.List;

/**
 * What refers to an image or index: signatures, attestations, SBOMs.
 *
 * @param found in the registry's order, each once, at most {@link #MAX}
 * @param more whether there are others
 */
public record Referrers(List<Referrer> found, boolean more) {

    public static final int MAX = 100;

    public Referrers {
        found = List.copyOf(found);
    }

    /**
     * One of them; nothing of it is read or verified.
     *
     * @param artifactType as the registry lists it, fit to be printed; {@code unknown} where it does not
     */
    public record Referrer(Digest digest, String artifactType) {

        /** Of what kind that is. */
        public ArtifactKind kind() {
            return ArtifactKind.of(artifactType);
        }
    }
}
