package io.basewatch.reportapi.lineage;

import io.basewatch.lineage.Member;
import org.jspecify.annotations.Nullable;

/**
 * A distribution's release, as images are asked for by it.
 *
 * @param id as os-release spells it
 */
public record Release(
        String id,
        @Nullable String version,
        @Nullable String codename,
        @Nullable String variant) {

    /** Null for null. */
    static @Nullable Release of(Member.@Nullable Ground ground) {
        return ground == null
                ? null
                : new Release(ground.distro(), ground.version(), ground.codename(), ground.variant());
    }
}
