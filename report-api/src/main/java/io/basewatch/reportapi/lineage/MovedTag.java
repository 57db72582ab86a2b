package io.basewatch.reportapi.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.lineage.Lineage;
import org.jspecify.annotations.Nullable;

/**
 * A tag that led to a base and leads elsewhere now.
 *
 * @param to image that it leads to now, for the same platform
 * @param distro of that one; absent where its files do not say
 */
public record MovedTag(
        String reference, Digest to, @Nullable Release distro) {

    static MovedTag of(Lineage.Moved moved) {
        return new MovedTag(moved.reference(), moved.to(), Release.of(moved.ground()));
    }
}
