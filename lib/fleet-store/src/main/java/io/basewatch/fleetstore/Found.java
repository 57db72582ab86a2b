package io.basewatch.fleetstore;

import java.util.List;

/**
 * What begins with a text.
 *
 * @param tags by name
 * @param images by digest
 * @param isCut whether there is more
 */
public record Found(List<StoredTag> tags, List<ImageSummary> images, boolean isCut) {

    public Found {
        tags = List.copyOf(tags);
        images = List.copyOf(images);
    }
}
