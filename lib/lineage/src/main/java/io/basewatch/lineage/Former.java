package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a tag of a repository led to before: by this, images that were built on it then are told from those built on what it leads to now.
 *
 * @param tag of the repository, whether it is still there or not
 * @param image that it led to, which may be gone from the fleet
 * @param chain ChainID of all layers of that image
 * @param claimed whether a config alone says one of the diffIDs that the chain is made of
 * @param platform of that image; null where nothing said it
 * @param until when the tag came to lead elsewhere; null when nobody knows
 */
public record Former(
        String tag,
        Digest image,
        Digest chain,
        boolean claimed,
        @Nullable Platform platform,
        @Nullable Instant until) {}
