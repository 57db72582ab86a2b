package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.Repository;
import org.jspecify.annotations.Nullable;

/**
 * Which tags are asked for: those that are there and meet every condition that is not null.
 *
 * @param registry host[:port]
 */
public record TagFilter(@Nullable String registry, @Nullable Repository repository) {

    /** No condition. */
    public static TagFilter all() {
        return new TagFilter(null, null);
    }
}
