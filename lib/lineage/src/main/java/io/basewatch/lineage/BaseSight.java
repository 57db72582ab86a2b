package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a base without going through the fleet: each part as {@link Base} has it.
 *
 * @param names as {@link Base#names}
 * @param images as {@link Base#images}
 * @param layers as {@link Base#layers}
 * @param ground as {@link Base#ground}
 * @param on as {@link Base#on}
 * @param descendants images that stand on it
 */
public record BaseSight(
        BaseId id,
        List<Name> names,
        List<Digest> images,
        int layers,
        Member.@Nullable Ground ground,
        @Nullable BaseId on,
        long descendants) {

    public BaseSight {
        names = List.copyOf(names);
        images = List.copyOf(images);
    }
}
