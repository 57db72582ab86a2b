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

    private static final class Number {
        private long images;
        private long repositories;
    }

    private final Map<Key, Number> numbers = new TreeMap<>();

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
            Number number = numbers.computeIfAbsent(key, any -> new Number());
            number.images += isCountedHere ? 1 : 0;
            number.repositories = 1;
        }
    }

    /** A repository's, as {@link #write} gave it. */
    void addAll(List<Document> written) {
        for (Document row : written) {
            Number number =
                    numbers.computeIfAbsent(new Key(row.getString("id"), row.getString("kind")), any -> new Number());
            number.images += FleetDatabase.number(row, "images");
            number.repositories++;
        }
    }

    List<Document> write() {
        List<Document> rows = new ArrayList<>();
        numbers.forEach((key, number) ->
                rows.add(new Document("id", key.id()).append("kind", key.kind()).append("images", number.images)));
        return rows;
    }

    List<FleetCount.WithCaveat> all() {
        List<FleetCount.WithCaveat> all = new ArrayList<>();
        numbers.forEach((key, number) -> all.add(new FleetCount.WithCaveat(
                key.id().isEmpty() ? null : key.id(), kind(key.kind()), number.images, number.repositories)));
        return all;
    }

    private static Caveat.@Nullable Kind kind(String kind) {
        return kind.isEmpty() ? null : Caveat.Kind.parse(kind);
    }
}
