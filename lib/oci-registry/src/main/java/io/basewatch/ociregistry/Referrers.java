package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.PublishedEnd;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
     * @param ends from which day on its publisher ends what it refers to, see {@link PublishedEnd}; null where it does not say so
     */
    public record Referrer(
            Digest digest, String artifactType, @Nullable LocalDate ends) {

        Referrer(Digest digest, String artifactType) {
            this(digest, artifactType, null);
        }

        /** Of what kind that is. */
        public ArtifactKind kind() {
            return ArtifactKind.of(artifactType);
        }
    }
}
