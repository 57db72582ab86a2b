package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a tag leads to.
 *
 * @param digest what it points at: the index, or the image itself
 * @param images it leads to, one for each platform that was told
 * @param changed when the watcher saw it come to this
 */
public record StoredTag(
        Repository repository,
        String tag,
        Digest digest,
        List<Digest> images,
        long revision,
        @Nullable Instant changed) {

    public StoredTag {
        images = List.copyOf(images);
    }
}
