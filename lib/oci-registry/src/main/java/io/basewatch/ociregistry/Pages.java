package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A registry's list, one page at a time. For one thread. */
public interface Pages {

    /**
     * The next page, which may be an empty list; empty at the end. Only names that can be asked for are in it, the others are {@link #passedOver()}. After an exception the same
     * page can be asked for again.
     *
     * @throws RegistryException {@code MANIFEST_MISSING} when the registry does not know the repository (any more)
     */
    Optional<List<String>> next() throws RegistryException;

    /**
     * What the page that {@link #next()} gave last lists beside its names: entries that are no text, or no name that a registry may have. In the page's order, each as
     * {@code 'NAME' (what is wrong with it)}, short and fit to be printed; of very many the last text says how many more there are.
     */
    List<String> passedOver();

    /**
     * What the registry says, with the page that {@link #next()} gave last, that its tags point at: the index, or the image itself. Without those of which it does not say it; empty
     * for repositories.
     */
    default Map<String, Digest> digests() {
        return Map.of();
    }

    /** When the tags of the page that {@link #next()} gave last came to what they point at, without those of which the registry does not say it; empty for repositories. */
    default Map<String, Instant> dates() {
        return Map.of();
    }
}
