package io.basewatch.fleetstore;

import com.mongodb.WriteConcern;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.Repository;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.index.Index;

/**
 * The collections, their indexes, and how this module's values look in a document. Queries keep to what MongoDB and the embedded engine
 * both do (see docs/adr/0002): no transactions, no pipeline updates, no partial or TTL indexes.
 *
 * <p>{@code images}: one small document per image: what it stands on, and the tags that lead to it. {@code analyses}: the whole analysis of
 * an image, apart from it so that counting the fleet never reads one. {@code tags}: what each tag leads to. {@code watch_tags}: what the
 * watcher has told. {@code layers}, {@code layer_chunks}: facts. {@code layer_claims}: who works on which layer. {@code analyzer_versions}: the
 * order of the analyzers' versions. {@code rederivations}: who brings old results up to which version, and who tidies up.
 */
final class FleetDatabase {

    static final String IMAGES = "images";
    static final String ANALYSES = "analyses";
    static final String TAGS = "tags";
    static final String WATCH_TAGS = "watch_tags";
    static final String LAYERS = "layers";
    static final String LAYER_CHUNKS = "layer_chunks";
    static final String LAYER_CLAIMS = "layer_claims";
    static final String VERSIONS = "analyzer_versions";
    static final String TURNS = "rederivations";

    /** An image that is known, but not analysed yet; else the field has the analysis' own status. */
    static final String PENDING = "pending";

    private FleetDatabase() {}

    /**
     * A template whose writes are on a majority's journal when they return: the caller may tell Kafka so. An outage of the store is a
     * {@link StoreUnavailableException} whatever is done with it.
     */
    static MongoTemplate durable(MongoTemplate template) {
        MongoTemplate durable =
                new MongoTemplate(StoreDatabases.of(template.getMongoDatabaseFactory()), template.getConverter());
        durable.setWriteConcern(WriteConcern.MAJORITY.withJournal(true));
        return durable;
    }

    /** Creates what is missing; does nothing on the second call. */
    static void createIndexes(MongoTemplate template) {
        index(template, IMAGES, "tags.t");
        index(template, IMAGES, "tags.r");
        index(template, IMAGES, "tags.g");
        index(template, IMAGES, "status");
        index(template, IMAGES, "distro", "release");
        index(template, IMAGES, "libc");
        index(template, TAGS, "repository");
        index(template, TAGS, "registry");
        index(template, WATCH_TAGS, "repository");
        index(template, WATCH_TAGS, "registry");
        index(template, LAYERS, "compressed");
        index(template, LAYER_CHUNKS, "layer");
    }

    /** Each index ends with _id, so that a page of what matches comes in the order of _id without sorting. */
    private static void index(MongoTemplate template, String collection, String... fields) {
        Index index = new Index();
        for (String field : fields) {
            index.on(field, Sort.Direction.ASC);
        }
        template.indexOps(collection)
                .createIndex(index.on("_id", Sort.Direction.ASC).named(String.join("_", fields)));
    }

    static String tagId(Repository repository, String tag) {
        return repository + ":" + tag;
    }

    /** The inverse of {@link #tagId}: a tag has no colon, a registry may. */
    static ImageReference reference(String tagId) {
        int colon = tagId.lastIndexOf(':');
        return new ImageReference(Repository.parse(tagId.substring(0, colon)), tagId.substring(colon + 1), null);
    }

    static @Nullable Instant instant(Document document, String field) {
        Date date = document.getDate(field);
        return date == null ? null : date.toInstant();
    }

    static @Nullable Date date(@Nullable Instant instant) {
        return instant == null ? null : Date.from(instant);
    }

    /** A number of any width: what one engine returns as int, another may return as long. */
    static long number(Document document, String field) {
        return document.get(field) instanceof Number number ? number.longValue() : 0;
    }

    static List<Digest> digests(Document document, String field) {
        List<Digest> digests = new ArrayList<>();
        for (String text : document.getList(field, String.class, List.of())) {
            digests.add(Digest.parse(text));
        }
        return digests;
    }
}
