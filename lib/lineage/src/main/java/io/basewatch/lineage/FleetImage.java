package io.basewatch.lineage;

import io.basewatch.fleetmodel.Repository;
import java.util.List;

/**
 * An image of the fleet with all the places where tags lead to it.
 *
 * @param image as it was told last, with the tags of the first place
 * @param places by repository; never empty
 */
public record FleetImage(Member image, List<Place> places) {

    public FleetImage {
        places = List.copyOf(places);
    }

    /**
     * @param tags that lead to it there; sorted, may be empty
     */
    public record Place(Repository repository, List<String> tags) {

        public Place {
            tags = List.copyOf(tags);
        }
    }

    /** Tags that lead to it, in all places. */
    public long tagCount() {
        return places.stream().mapToLong(place -> place.tags().size()).sum();
    }
}
