package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.Caveat;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/** Counts images by their caveats: by id, by kind, and by both. One of a repository is kept with its summary; the fleet's is the sum of those. */
final class CaveatTally {

    /**
     * Each part is empty for any.
     */
    private record Key(String id, String kind) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int ids = id.compareTo(other.id);
            return ids != 0 ? ids : kind.compareTo(other.kind);
        }
    }

    private static final class Tally {
        private long images;
        private long repositories;
    }

    private final Map<Key, Tally> tallies = new TreeMap<>();

    /**
     * An image of the repository.
     *
     * @param line the image's
     * @param isCountedHere false when another of its repositories counts it
     */
    void add(Document line, boolean isCountedHere) {
        Set<Key> keys = new LinkedHashSet<>();
        for (Document caveat : line.getList(JudgementArchive.CAVEATS, Document.class, List.of())) {
            keys.add(new Key(caveat.getString("id"), ""));
            keys.add(new Key(caveat.getString("id"), caveat.getString("kind")));
            keys.add(new Key("", caveat.getString("kind")));
        }
        for (Key key : keys) {
            Tally tally = tallies.computeIfAbsent(key, any -> new Tally());
            tally.images += isCountedHere ? 1 : 0;
            tally.repositories = 1;
        }
    }

    /** A repository's, as {@link #write} gave it. */
    void addAll(List<Document> written) {
        for (Document row : written) {
            Tally tally =
                    tallies.computeIfAbsent(new Key(row.getString("id"), row.getString("kind")), any -> new Tally());
            tally.images += FleetDatabase.number(row, "images");
            tally.repositories++;
        }
    }

    List<Document> write() {
        List<Document> rows = new ArrayList<>();
        tallies.forEach((key, tally) ->
                rows.add(new Document("id", key.id()).append("kind", key.kind()).append("images", tally.images)));
        return rows;
    }

    List<FleetCount.WithCaveat> all() {
        List<FleetCount.WithCaveat> all = new ArrayList<>();
        tallies.forEach((key, tally) -> all.add(new FleetCount.WithCaveat(
                key.id().isEmpty() ? null : key.id(), kind(key.kind()), tally.images, tally.repositories)));
        return all;
    }

    private static Caveat.@Nullable Kind kind(String kind) {
        return kind.isEmpty() ? null : Caveat.Kind.parse(kind);
    }
}
