package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a tag leads to.
 *
 * @param digest what it points at: the index, or the image itself
 * @param images it leads to, one for each platform that was told
 * @param changed when the watcher saw it come to this
 * @param unwatched images that it leads to as well and that are not looked at, by choice
 * @param referrers to what it leads to; null where nobody asked for them
 */
public record StoredTag(
        Repository repository,
        String tag,
        Digest digest,
        List<Digest> images,
        long revision,
        @Nullable Instant changed,
        List<UnwatchedImage> unwatched,
        @Nullable TagReferrers referrers) {

    public StoredTag {
        images = List.copyOf(images);
        unwatched = List.copyOf(unwatched);
    }

    /**
     * The day from which on an image that this leads to has ended, as what refers to that image or to its index says; the earliest where several say so. Empty where none does, and where nobody
     * asked.
     */
    public Optional<LocalDate> publisherEnds(Digest image) {
        return referrers == null
                ? Optional.empty()
                : referrers.found().stream()
                        .filter(each ->
                                each.subject().equals(image) || each.subject().equals(digest))
                        .map(TagReferrers.Referrer::ends)
                        .filter(Objects::nonNull)
                        .min(Comparator.naturalOrder());
    }
}
