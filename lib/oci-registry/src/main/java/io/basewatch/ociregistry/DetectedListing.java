package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The listing of a registry whose kind is found out when the first page is asked for, and then kept. */
final class DetectedListing implements Listing {

    /** Finds out. */
    interface Detection {
        Listing listing() throws RegistryException;
    }

    private final Detection detection;
    private @Nullable Listing found;

    DetectedListing(Detection detection) {
        this.detection = detection;
    }

    private synchronized Listing found() throws RegistryException {
        Listing known = found;
        if (known == null) {
            known = detection.listing();
            found = known;
        }
        return known;
    }

    @Override
    public Pages repositories() {
        return new Later(Listing::repositories);
    }

    @Override
    public Pages tags(String repository) {
        String checked = Names.requireRepository(repository);
        return new Later(listing -> listing.tags(checked));
    }

    private final class Later implements Pages {
        private final Function<Listing, Pages> list;
        private @Nullable Pages pages;

        Later(Function<Listing, Pages> list) {
            this.list = list;
        }

        @Override
        public Optional<List<String>> next() throws RegistryException {
            Pages known = pages;
            if (known == null) {
                known = list.apply(found());
                pages = known;
            }
            return known.next();
        }

        @Override
        public List<String> passedOver() {
            return pages == null ? List.of() : pages.passedOver();
        }

        @Override
        public Map<String, Digest> digests() {
            return pages == null ? Map.of() : pages.digests();
        }

        @Override
        public Map<String, Instant> dates() {
            return pages == null ? Map.of() : pages.dates();
        }
    }
}
