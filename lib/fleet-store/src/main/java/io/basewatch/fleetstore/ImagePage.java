package io.basewatch.fleetstore;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some images, by digest ascending.
 *
 * @param next what to ask for as {@code after} for the next page; null on the last one
 */
public record ImagePage(List<ImageSummary> images, @Nullable String next) {

    public ImagePage {
        images = List.copyOf(images);
    }
}
