package io.basewatch.fleetstore;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some tags, by {@code registry/repository:tag} ascending.
 *
 * @param next what to ask for as {@code after} for the next page; null on the last one
 */
public record TagPage(List<StoredTag> tags, @Nullable String next) {

    public TagPage {
        tags = List.copyOf(tags);
    }
}
