package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import com.mongodb.bulk.BulkWriteError;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bson.Document;
import org.springframework.data.mongodb.BulkOperationException;
import org.springframework.data.mongodb.core.BulkOperations;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * What the watcher has told about each tag. It writes here only after Kafka has acknowledged the events, so that a crash between the two
 * tells a thing twice, never not at all. Writes are fenced by revision: an older one changes nothing, the same one again changes nothing.
 */
public final class TagLedger {

    private static final int BATCH = 1000;
    private static final int DUPLICATE_KEY = 11000;

    private final MongoTemplate mongo;
    private final MongoTemplate patient;
    private final Clock clock;

    TagLedger(MongoTemplate mongo, Clock clock) {
        this.mongo = FleetDatabase.durable(mongo);
        this.patient = FleetDatabase.patient(mongo);
        this.clock = clock;
    }

    /**
     * A tag as it was told last.
     *
     * @param digest what the tag pointed at: the index, or the image itself
     */
    public record SeenTag(Digest digest, long revision) {}

    /** The tags that were there when they were told last, by name, in the names' order. */
    public Map<String, SeenTag> tags(Repository repository) {
        Map<String, SeenTag> tags = new TreeMap<>();
        for (Document tag : find(repository)) {
            if (!tag.getBoolean("removed", false)) {
                tags.put(
                        tag.getString("tag"),
                        new SeenTag(Digest.parse(tag.getString("digest")), FleetDatabase.number(tag, "revision")));
            }
        }
        return tags;
    }

    /** The tags that were told to be gone, with the revision of that: one that comes back counts on from there. */
    public Map<String, Long> removedTags(Repository repository) {
        Map<String, Long> removed = new TreeMap<>();
        for (Document tag : find(repository)) {
            if (tag.getBoolean("removed", false)) {
                removed.put(tag.getString("tag"), FleetDatabase.number(tag, "revision"));
            }
        }
        return removed;
    }

    private List<Document> find(Repository repository) {
        return mongo.find(
                new Query(where("repository").is(repository.toString())), Document.class, FleetDatabase.WATCH_TAGS);
    }

    /**
     * Keeps what was told. Durable when it returns.
     *
     * @param told tags that are there, by name
     * @param removed tags that are gone, by name, with the revision of their going
     */
    public void remember(Repository repository, Map<String, SeenTag> told, Map<String, Long> removed) {
        List<FencedUpdate> updates = new ArrayList<>();
        told.forEach((tag, seen) -> updates.add(new FencedUpdate(
                FleetDatabase.tagId(repository, tag),
                seen.revision(),
                named(repository, tag)
                        .set("revision", seen.revision())
                        .set("digest", seen.digest().toString())
                        .set("removed", false)
                        .unset("removedAt"))));
        Date now = FleetDatabase.date(clock.instant());
        removed.forEach((tag, revision) -> updates.add(new FencedUpdate(
                FleetDatabase.tagId(repository, tag),
                revision,
                named(repository, tag)
                        .set("revision", revision)
                        .set("removed", true)
                        .set("removedAt", now))));
        for (int from = 0; from < updates.size(); from += BATCH) {
            write(updates.subList(from, Math.min(updates.size(), from + BATCH)));
        }
    }

    private record FencedUpdate(String id, long revision, Update update) {}

    private static Update named(Repository repository, String tag) {
        return new Update()
                .set("registry", repository.registry())
                .set("repository", repository.toString())
                .set("tag", tag);
    }

    private void write(List<FencedUpdate> updates) {
        BulkOperations bulk = mongo.bulkOps(BulkOperations.BulkMode.UNORDERED, FleetDatabase.WATCH_TAGS);
        for (FencedUpdate update : updates) {
            bulk.upsert(
                    new Query(where("_id").is(update.id()).and("revision").lte(update.revision())), update.update());
        }
        try {
            bulk.execute();
        } catch (BulkOperationException e) {
            // A newer revision is there: its document does not match, and the upsert meets its _id. That is the fence.
            for (BulkWriteError error : e.getErrors()) {
                if (error.getCode() != DUPLICATE_KEY) {
                    throw e;
                }
            }
        }
    }

    /** Repositories of a registry of which at least one tag was there when it was told last; sorted, without the registry's name. */
    public List<String> repositories(String registry) {
        String prefix = registry + "/";
        List<String> repositories = new ArrayList<>();
        FleetDatabase.forEach(
                patient,
                FleetDatabase.WATCH_TAGS,
                List.of(
                        new Document("$match", new Document("registry", registry).append("removed", false)),
                        new Document("$group", new Document("_id", "$repository"))),
                row -> repositories.add(row.getString("_id").substring(prefix.length())));
        return repositories.stream().sorted().toList();
    }
}
