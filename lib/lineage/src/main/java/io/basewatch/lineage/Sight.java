package io.basewatch.lineage;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks into the tree's own image. Guarded by the tree's lock. */
record Sight(Image image) implements FleetSight {

    @Override
    public Digest digest() {
        return image.name();
    }

    @Override
    public @Nullable AnalysisStatus status() {
        return image.content().status();
    }

    @Override
    public Member.@Nullable Ground ground() {
        return image.ground();
    }

    @Override
    public Libc.Family libc() {
        return image.content().libc();
    }

    @Override
    public @Nullable Instant created() {
        return image.created();
    }

    @Override
    public @Nullable List<Member.CaveatKey> caveats() {
        return image.content().caveats();
    }

    @Override
    public Map<String, String> labels() {
        Map<String, String> labels = image.content().labels();
        return labels == null ? Map.of() : labels;
    }

    @Override
    public @Nullable String effort() {
        return image.content().effort();
    }

    @Override
    public List<Repository> repositories() {
        Image.Place[] places = image.places();
        return places.length == 1
                ? List.of(places[0].in().repository)
                : Arrays.stream(places).map(place -> place.in().repository).toList();
    }

    @Override
    public boolean isIn(String registry) {
        for (Image.Place place : image.places()) {
            if (place.in().repository.registry().equals(registry)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public int layerCount() {
        return image.content().layers().length;
    }

    @Override
    public long tagCount() {
        return image.tagCount();
    }

    @Override
    public FleetImage whole() {
        return image.toFleetImage();
    }
}
