package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import org.jspecify.annotations.Nullable;

/**
 * Which tags are asked for: those that are there and meet every condition that is not null.
 *
 * @param registry host[:port]
 * @param image that they lead to
 */
public record TagFilter(
        @Nullable String registry,
        @Nullable Repository repository,
        @Nullable Digest image) {

    public TagFilter(@Nullable String registry, @Nullable Repository repository) {
        this(registry, repository, null);
    }

    /** No condition. */
    public static TagFilter all() {
        return new TagFilter(null, null, null);
    }
}
