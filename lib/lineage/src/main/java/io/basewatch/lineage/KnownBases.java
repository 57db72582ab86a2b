package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Public images that are recognised by their layers where the fleet does not hold them. */
public final class KnownBases {

    private static final KnownBases NONE = new KnownBases(List.of());

    private final List<Known> all;

    private KnownBases(List<Known> all) {
        this.all = List.copyOf(all);
    }

    public static KnownBases none() {
        return NONE;
    }

    public static KnownBases of(List<Known> all) {
        return new KnownBases(all);
    }

    /**
     * One image that is recognised.
     *
     * @param chain ChainID of all its layers
     * @param layers how many
     * @param reference {@code docker.io/library/alpine:3.20.3}
     */
    public record Known(
            Digest chain,
            int layers,
            Platform platform,
            String reference,
            @Nullable Digest digest,
            Member.@Nullable Ground ground) {}

    /** In no order. */
    public List<Known> all() {
        return all;
    }
}
