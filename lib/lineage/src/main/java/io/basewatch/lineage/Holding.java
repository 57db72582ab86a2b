package io.basewatch.lineage;

import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one repository holds. Guarded by the tree's lock. */
final class Holding {

    final Repository repository;
    List<Image> images = List.of();
    List<FormerAt> formers = List.of();

    /** Images that the tags lead to now of which {@link #formers} say what they led to before. */
    Map<String, List<Image>> behindFormers = Map.of();

    Holding(Repository repository) {
        this.repository = repository;
    }

    /**
     * @param platform normalised
     */
    record FormerAt(
            Holding in,
            String tag,
            Hash image,
            Hash chain,
            boolean claimed,
            @Nullable Platform platform) {

        static FormerAt of(Holding in, Former former) {
            return new FormerAt(
                    in,
                    former.tag(),
                    Hash.of(former.image()),
                    Hash.of(former.chain()),
                    former.claimed(),
                    BaseId.normal(former.platform()));
        }

        String reference() {
            return in.repository + ":" + tag;
        }
    }

    /** Images that a tag leads to now. */
    List<Image> behind(String tag) {
        List<Image> behind = new ArrayList<>();
        for (Image image : images) {
            Image.Place place = image.in(this);
            if (place != null && place.has(tag)) {
                behind.add(image);
            }
        }
        return behind;
    }
}
