package io.basewatch.lineage;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image of the fleet with all the places where tags lead to it.
 *
 * @param image as it was told last, with the tags of the first place
 * @param places by repository; never empty
 */
public record FleetImage(Member image, List<Place> places) implements FleetSight {

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

    @Override
    public Digest digest() {
        return image.digest();
    }

    @Override
    public @Nullable AnalysisStatus status() {
        return image.status();
    }

    @Override
    public Member.@Nullable Ground ground() {
        return image.ground();
    }

    @Override
    public Libc.Family libc() {
        return image.libc();
    }

    @Override
    public @Nullable Instant created() {
        return image.created();
    }

    @Override
    public @Nullable List<Member.CaveatKey> caveats() {
        return image.caveats();
    }

    @Override
    public Map<String, String> labels() {
        return image.labels();
    }

    @Override
    public List<Repository> repositories() {
        return places.stream().map(Place::repository).toList();
    }

    @Override
    public @Nullable String effort() {
        return image.effort();
    }

    @Override
    public int layerCount() {
        return image.layers().size();
    }

    @Override
    public long tagCount() {
        return places.stream().mapToLong(place -> place.tags().size()).sum();
    }

    @Override
    public FleetImage whole() {
        return this;
    }
}
