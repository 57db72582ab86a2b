package io.basewatch.ociregistry;

import java.util.List;
import java.util.Optional;

/** A registry's list, one page at a time. For one thread. */
public interface Pages {

    /**
     * The next page, which may be an empty list; empty at the end. After an exception the same page can be asked for again.
     *
     * @throws RegistryException {@code MANIFEST_MISSING} when the registry does not know the repository (any more)
     */
    Optional<List<String>> next() throws RegistryException;
}
