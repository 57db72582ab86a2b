package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.Repository;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.function.Consumer;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;

/**
 * The collections, and how this module's values look in a document. Queries keep to what MongoDB and the embedded engine
 * both do (see docs/adr/0002): no transactions, no pipeline updates, no partial or TTL indexes.
 *
 * <p>{@code images}: one small document per image: what it stands on, and in which repositories tags lead to it ({@code in}), but not these
 * tags: there may be any number. {@code analyses}: the whole analysis of an image, apart from it so that counting the fleet never reads
 * one. {@code judgements}: what follows from it, see {@link JudgementArchive}. {@code tags}: what each tag leads to, which is where an image's tags are found, and what the last images were that it led to before ({@link Formers}). {@code watch_tags}: what the
 * watcher has told. {@code layers}, {@code layer_chunks}: facts. {@code layer_claims}: who works on which layer. {@code analyzer_versions}: the
 * order of the analyzers' versions. {@code repository_summaries}, {@code summary_rounds}: see {@link RepositorySummaries}. {@code rederivations}: who brings old results up to which version, who
 * tidies up, and who upgrades the store. {@code watched_registries}: which watcher watches what. {@code watch_book}: see {@link WatchBook}. {@code watch_members}: see {@link WatchMembers}. {@code horizons}: what is forgotten up to
 * when. {@code backlog_journal}: see {@link BacklogJournal}. {@code waivers}: see {@link Waivers}. {@code tag_changes}: see {@link TagHistory}. {@code trends}: see {@link TrendArchive}. {@code access_tokens}, {@code access_sessions}: see {@link AccessTokens}. {@code audit}: see {@link AuditLog}. {@code schema}: see {@link Schema}; {@link Indexes}.
 */
final class FleetDatabase {

    static final String IMAGES = "images";
    static final String ANALYSES = "analyses";
    static final String JUDGEMENTS = "judgements";
    static final String TAGS = "tags";
    static final String WATCH_TAGS = "watch_tags";
    static final String LAYERS = "layers";
    static final String LAYER_CHUNKS = "layer_chunks";
    static final String LAYER_CLAIMS = "layer_claims";
    static final String VERSIONS = "analyzer_versions";
    static final String TURNS = "rederivations";
    static final String WATCHED = "watched_registries";
    static final String HORIZONS = "horizons";

    /** An image that is known, but not analysed yet; else the field has the analysis' own status. */
    static final String PENDING = "pending";

    /** Whether a tag leads to an image. */
    static final String LED_TO = "in.0";

    /** Rows of an aggregation that are fetched at once. */
    private static final int ROWS = 1000;

    private FleetDatabase() {}

    /**
     * A template whose writes are on a majority's journal when they return: the caller may tell Kafka so. An outage of the store is a
     * {@link StoreUnavailableException} whatever is done with it, and so is what takes too long; see {@link StoreDatabases}.
     */
    static MongoTemplate durable(MongoTemplate template) {
        return limited(template, StoreDatabases.OPERATION);
    }

    /** {@link #durable} for work that goes through a whole collection. */
    static MongoTemplate patient(MongoTemplate template) {
        return limited(template, StoreDatabases.SCAN);
    }

    static MongoTemplate limited(MongoTemplate template, Duration limit) {
        return new MongoTemplate(StoreDatabases.of(template.getMongoDatabaseFactory(), limit), template.getConverter());
    }

    /** Each row of an aggregation, one after the other: neither side ever holds all of them. */
    static void forEach(
            MongoTemplate template, String collection, List<Document> pipeline, Consumer<Document> consumer) {
        // Read to its end inside, so that a store that does not answer is Spring's exception like everywhere else.
        template.execute(collection, documents -> {
            for (Document row : documents.aggregate(pipeline).allowDiskUse(true).batchSize(ROWS)) {
                consumer.accept(row);
            }
            return true;
        });
    }

    /** Each document that meets a criterion, in the order of {@code _id}, page by page: one engine holds a cursor's whole rest in memory. */
    static void forEach(
            MongoTemplate template,
            String collection,
            Criteria criteria,
            Collection<String> fields,
            Consumer<Document> consumer) {
        Object after = "";
        while (after != null) {
            Query query = new Query(criteria)
                    .addCriteria(where("_id").gt(after))
                    .with(Sort.by("_id"))
                    .limit(ROWS);
            query.fields().include(fields.toArray(String[]::new));
            List<Document> page = plain(template, collection, query);
            page.forEach(consumer);
            after = page.size() < ROWS ? null : page.get(page.size() - 1).get("_id");
        }
    }

    /**
     * What {@code find} gives, without looking through each document for what there is to convert: nothing is, and it takes as long as the rest.
     *
     * @param query with a limit
     */
    static List<Document> plain(MongoTemplate template, String collection, Query query) {
        List<Document> found = template.execute(collection, documents -> {
            List<Document> read = new ArrayList<>();
            documents
                    .find(query.getQueryObject())
                    .projection(query.getFieldsObject())
                    .sort(query.getSortObject())
                    .limit(query.getLimit())
                    .batchSize(query.getLimit())
                    .into(read);
            return read;
        });
        return found == null ? List.of() : found;
    }

    static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        return one == null || (other != null && other.isBefore(one)) ? other : one;
    }

    static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
        return one == null || (other != null && other.isAfter(one)) ? other : one;
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

    static @Nullable Long numberOrNull(Document document, String field) {
        return document.get(field) instanceof Number number ? number.longValue() : null;
    }

    static List<Digest> digests(Document document, String field) {
        List<Digest> digests = new ArrayList<>();
        for (String text : document.getList(field, String.class, List.of())) {
            digests.add(Digest.parse(text));
        }
        return digests;
    }
}
