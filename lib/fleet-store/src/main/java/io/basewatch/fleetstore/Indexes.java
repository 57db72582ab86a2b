package io.basewatch.fleetstore;

import com.mongodb.client.ListIndexesIterable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bson.Document;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * The indexes that the questions need. Each ends with {@code _id}, so that a page of what matches comes in the order of {@code _id} without
 * sorting; but for those of the few documents that have a field at all, which are sparse. Whatever images are filtered by, one of them has all of it: where
 * libc or status is not asked for, every value of it is.
 */
final class Indexes {

    private static final List<Wanted> WANTED = List.of(
            new Wanted(FleetDatabase.IMAGES, List.of("in.r")),
            new Wanted(FleetDatabase.IMAGES, List.of("in.g")),
            new Wanted(FleetDatabase.IMAGES, List.of("status")),
            new Wanted(FleetDatabase.IMAGES, List.of("libc", "status")),
            new Wanted(FleetDatabase.IMAGES, List.of("distro", "libc", "status")),
            new Wanted(FleetDatabase.IMAGES, List.of("release", "libc", "status")),
            new Wanted(FleetDatabase.IMAGES, List.of("distro", "release", "libc", "status")),
            new Wanted(FleetDatabase.IMAGES, List.of("in.g", "status")),
            new Wanted(FleetDatabase.IMAGES, List.of("in.g", "libc", "status")),
            new Wanted(FleetDatabase.IMAGES, List.of("in.g", "distro", "libc", "status")),
            new Wanted(FleetDatabase.IMAGES, List.of("in.g", "release", "libc", "status")),
            new Wanted(FleetDatabase.IMAGES, List.of("in.g", "distro", "release", "libc", "status")),
            new Wanted(FleetDatabase.IMAGES, List.of(RepositorySummaries.UNCOUNTED), true),
            new Wanted(FleetDatabase.IMAGES, List.of(StaleImages.HEALS)),
            new Wanted(FleetDatabase.TAGS, List.of(RepositorySummaries.UNCOUNTED), true),
            new Wanted(FleetDatabase.IMAGES, List.of(JudgementArchive.JUDGED)),
            new Wanted(FleetDatabase.IMAGES, List.of("caveats.id")),
            new Wanted(FleetDatabase.IMAGES, List.of("caveats.kind", "caveats.severity")),
            new Wanted(FleetDatabase.IMAGES, List.of("caveats.severity")),
            new Wanted(FleetDatabase.TAGS, List.of("images")),
            new Wanted(FleetDatabase.TAGS, List.of("repository")),
            new Wanted(FleetDatabase.TAGS, List.of("registry")),
            new Wanted(RepositorySummaries.COLLECTION, List.of(RepositorySummaries.LIVE)),
            new Wanted(RepositorySummaries.COLLECTION, List.of("registry", RepositorySummaries.LIVE)),
            new Wanted(RepositorySummaries.COLLECTION, List.of(RepositorySummaries.TAGS_IN), true),
            new Wanted(TagHistory.COLLECTION, List.of("at")),
            new Wanted(AccessTokens.TOKENS, List.of("hash")),
            new Wanted(FleetDatabase.WATCH_TAGS, List.of("repository")),
            new Wanted(FleetDatabase.WATCH_TAGS, List.of("registry")),
            new Wanted(FleetDatabase.WATCH_TAGS, List.of(TagLedger.UNSETTLED), true),
            new Wanted(FleetDatabase.WATCH_TAGS, List.of(UnwatchedImage.DIGEST), true),
            new Wanted(FleetDatabase.LAYERS, List.of("compressed")),
            new Wanted(FleetDatabase.LAYER_CHUNKS, List.of("layer")));

    /** Of earlier versions of this program; dropped where they are found as they were. */
    private static final List<Wanted> RETIRED = List.of(
            new Wanted(FleetDatabase.JUDGEMENTS, List.of("caveats.id")),
            new Wanted(FleetDatabase.JUDGEMENTS, List.of("caveats.kind", "caveats.severity")),
            new Wanted(FleetDatabase.JUDGEMENTS, List.of("caveats.severity")),
            new Wanted(FleetDatabase.IMAGES, List.of("libc")),
            new Wanted(FleetDatabase.IMAGES, List.of("distro", "release")),
            new Wanted(FleetDatabase.IMAGES, List.of("tags.t")),
            new Wanted(FleetDatabase.IMAGES, List.of("tags.r")),
            new Wanted(FleetDatabase.IMAGES, List.of("tags.g")));

    private Indexes() {}

    /**
     * @param isSparse only documents with the field have an entry
     */
    private record Wanted(String collection, List<String> fields, boolean isSparse) {

        Wanted(String collection, List<String> fields) {
            this(collection, fields, false);
        }

        String name() {
            return String.join("_", fields);
        }

        Document keys() {
            Document keys = new Document();
            fields.forEach(field -> keys.append(field, 1));
            return isSparse ? keys : keys.append("_id", 1);
        }
    }

    /** What is there under this name or with these keys. */
    private record Found(String name, Document keys) {

        /** The same fields in the same order, ascending, whatever the width of the numbers. */
        boolean hasKeys(Document wanted) {
            return List.copyOf(keys.keySet()).equals(List.copyOf(wanted.keySet()))
                    && keys.values().stream()
                            .allMatch(direction -> direction instanceof Number number && number.doubleValue() == 1);
        }
    }

    /**
     * Creates what is missing and drops what this program once made and needs no more; does nothing on the second call.
     *
     * @param template that is patient
     * @throws SchemaException when another index is in the way
     */
    static void create(MongoTemplate template) {
        for (Wanted index : WANTED) {
            create(template, index);
        }
        for (Wanted index : RETIRED) {
            if (found(template, index.collection()).stream()
                    .anyMatch(found -> found.name().equals(index.name()) && found.hasKeys(index.keys()))) {
                command(template, "dropIndexes", index.collection(), "index", index.name());
            }
        }
    }

    private static void create(MongoTemplate template, Wanted index) {
        for (Found found : found(template, index.collection())) {
            boolean named = found.name().equals(index.name());
            boolean keyed = found.hasKeys(index.keys());
            if (named && keyed) {
                return;
            }
            if (named || keyed) {
                throw new SchemaException("collection " + index.collection() + " has an index " + found.name() + " on "
                        + found.keys().toJson() + ", where Basewatch needs its own, " + index.name() + " on "
                        + index.keys().toJson() + ": drop it with db." + index.collection() + ".dropIndex(\""
                        + found.name() + "\"); Basewatch then makes its own");
            }
        }
        command(
                template,
                "createIndexes",
                index.collection(),
                "indexes",
                List.of(new Document("key", index.keys())
                        .append("name", index.name())
                        .append("sparse", index.isSparse())));
    }

    private static void command(MongoTemplate template, String command, String collection, String field, Object value) {
        template.executeCommand(new Document(command, collection).append(field, value));
    }

    private static List<Found> found(MongoTemplate template, String collection) {
        return Objects.requireNonNull(template.execute(collection, documents -> {
            ListIndexesIterable<Document> indexes = documents.listIndexes();
            List<Found> found = new ArrayList<>();
            for (Document index : indexes) {
                found.add(new Found(index.getString("name"), keys(index)));
            }
            return found;
        }));
    }

    private static Document keys(Document index) {
        return index.get("key", new Document());
    }
}
