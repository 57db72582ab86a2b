package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.ModelJson;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.BulkOperations;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * The version of what the documents look like, kept in the store itself, and the steps from each version to the next. One of all processes
 * takes them; each may be taken again, so that one that was cut short is ended by whoever comes next. A program leaves a store alone that a
 * newer one has changed.
 */
final class Schema {

    private static final Logger log = LoggerFactory.getLogger(Schema.class);

    static final String COLLECTION = "schema";
    static final String ID = "fleet";

    private static final String TURN = "schema";
    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final int PAGE = 500;

    private final MongoTemplate mongo;
    private final Clock clock;
    private final Leases turns;
    private final List<Migration> migrations;

    /** From the version before it in the list to this one. */
    private record Migration(String what, Step step) {}

    private interface Step {
        /**
         * @param alive to be called between pieces of the work; throws when another process has taken over
         */
        void take(Runnable alive);
    }

    Schema(MongoTemplate template, Clock clock) {
        this(template, clock, StoreDatabases.SCAN);
    }

    private Schema(MongoTemplate template, Clock clock, Duration limit) {
        this.mongo = FleetDatabase.limited(template, limit);
        this.clock = clock;
        this.turns = new Leases(mongo, FleetDatabase.TURNS, clock);
        this.migrations = List.of(
                new Migration("an image's tags are found by the tags", this::tagsLeadToImages),
                new Migration("facts of layers are kept by kind", this::factsByKind),
                new Migration("what each repository has is kept", new RepositorySummaries(mongo)::countAll),
                new Migration("an image's line says how it was built", this::linesOfLineage),
                new Migration("an image's line has its labels", this::linesOfLabels));
    }

    /** The same for who waits no longer than this. */
    Schema within(Duration limit) {
        return new Schema(mongo, clock, limit);
    }

    /** What this program knows. A store without any is of version 0. */
    int known() {
        return migrations.size();
    }

    int version() {
        Document document = mongo.findById(ID, Document.class, COLLECTION);
        return document == null ? 0 : (int) FleetDatabase.number(document, "version");
    }

    /**
     * @throws SchemaException when a newer program has changed the store
     */
    void check() {
        int version = version();
        if (version > known()) {
            throw new SchemaException(
                    "the store has schema version " + version + ", this Basewatch knows " + known()
                            + ": start the version that upgraded the store or a newer one, or give this one a store of its own");
        }
    }

    /**
     * Brings documents and indexes to this program's version, unless another process is about it.
     *
     * @param owner this process, for people
     * @return false while another process does it: ask again
     * @throws SchemaException when a newer program has changed the store, or something is in the way
     */
    boolean bringUpToDate(String owner) {
        check();
        if (version() == known()) {
            Indexes.create(mongo);
            return true;
        }
        Optional<Long> turn = turns.claim(TURN, owner, LEASE);
        if (turn.isEmpty()) {
            return false;
        }
        long token = turn.get();
        try {
            Indexes.create(mongo);
            for (int version = version(); version < known(); version++) {
                Migration next = migrations.get(version);
                log.info("store is upgraded version={} what=\"{}\"", version + 1, next.what());
                next.step().take(() -> keep(token));
                keep(token);
                mongo.upsert(new Query(where("_id").is(ID)), new Update().max("version", version + 1), COLLECTION);
            }
        } finally {
            turns.release(TURN, token);
        }
        return true;
    }

    private void keep(long token) {
        if (!turns.extend(TURN, token, LEASE)) {
            throw new StoreUnavailableException("another process has taken over the upgrade of the store", null);
        }
    }

    /**
     * Version 1: an image has its repositories in {@code in} instead of all its tags in {@code tags}, and a tag remembers in {@code led} whose
     * documents name its repository. Both are made from what the tags say now.
     */
    private void tagsLeadToImages(Runnable alive) {
        inPages(FleetDatabase.TAGS, where("led").exists(false).and("images.0").exists(true), alive, (tags, writes) -> {
            for (Document tag : tags) {
                writes.updateOne(
                        new Query(where("_id").is(tag.get("_id"))), new Update().set("led", tag.get("images")));
            }
        });
        inPages(FleetDatabase.IMAGES, where("tags").exists(true), alive, (images, writes) -> {
            Map<String, List<Document>> places =
                    places(images.stream().map(image -> image.getString("_id")).toList());
            for (Document image : images) {
                writes.updateOne(
                        new Query(where("_id").is(image.get("_id"))),
                        new Update()
                                .set("in", places.getOrDefault(image.getString("_id"), List.of()))
                                .unset("tags")
                                .inc("moves", 1L));
            }
        });
    }

    /**
     * Version 2: a layer has one document with parts by kind. Facts of before have not all that the parts need: they go, with what says that an
     * image can be made again from them, and layers are read again when their images are.
     */
    private void factsByKind(Runnable alive) {
        inPages(FleetDatabase.LAYERS, where("factsVersion").exists(true), alive, Schema::remove);
        inPages(FleetDatabase.LAYER_CHUNKS, where("kind").exists(false), alive, Schema::remove);
        inPages(FleetDatabase.ANALYSES, where("basis").exists(true), alive, (analyses, writes) -> {
            for (Document analysis : analyses) {
                writes.updateOne(new Query(where("_id").is(analysis.get("_id"))), new Update().unset("basis"));
            }
        });
    }

    /** Version 4: an image's line has what lineage is made of, from its analysis; nothing is known of one whose analysis is gone or cannot be read. */
    private void linesOfLineage(Runnable alive) {
        fromAnalyses(
                LineageLine.FIELD,
                alive,
                (analysis, inputs) -> analysis == null
                        ? LineageLine.NONE.write()
                        : LineageLine.of(analysis, inputs).write());
    }

    /** Version 5: an image's line has the labels by which somebody may say whose it is, likewise. */
    private void linesOfLabels(Runnable alive) {
        fromAnalyses(LineageLine.LABELS, alive, (analysis, inputs) -> LineageLine.labels(inputs));
    }

    private interface Told {
        /** Both are null where nothing is known. */
        Object of(@Nullable ImageAnalysis analysis, @Nullable ImageInputs inputs);
    }

    /** Gives a field to each analysed image's line that has none yet. */
    private void fromAnalyses(String field, Runnable alive, Told told) {
        Criteria before = where("analyzerVersion").exists(true).and(field).exists(false);
        inPages(FleetDatabase.IMAGES, before, alive, (images, writes) -> {
            List<String> ids =
                    images.stream().map(image -> image.getString("_id")).toList();
            Map<String, Document> analyses = new HashMap<>();
            mongo.find(new Query(where("_id").in(ids)), Document.class, FleetDatabase.ANALYSES)
                    .forEach(analysis -> analyses.put(analysis.getString("_id"), analysis));
            for (String id : ids) {
                Document analysis = analyses.getOrDefault(id, new Document());
                Query unchanged = new Query(where("_id").is(id).and(field).exists(false));
                if (!analysis.isEmpty()) {
                    unchanged.addCriteria(where("analyzerVersion")
                            .is(analysis.get("analyzerVersion"))
                            .and("decidedAt")
                            .is(analysis.get("decidedAt")));
                }
                // Whoever reads lines reads all of them after this: nobody could while the store was of an older
                // version.
                writes.updateOne(unchanged, new Update().set(field, told(analysis, told)));
            }
        });
    }

    private static Object told(Document stored, Told told) {
        String json = stored.getString("json");
        String basis = stored.getString("basis");
        try {
            return told.of(
                    json == null ? null : ModelJson.read(json, ImageAnalysis.class),
                    basis == null
                            ? null
                            : ModelJson.read(basis, DerivationBasis.class).inputs());
        } catch (IllegalArgumentException e) {
            log.warn("an analysis cannot be read, its image has no lineage image={}", stored.get("_id"), e);
            return told.of(null, null);
        }
    }

    private static void remove(List<Document> page, BulkOperations writes) {
        for (Document document : page) {
            writes.remove(new Query(where("_id").is(document.get("_id"))));
        }
    }

    /** The repositories with a tag that leads to one of these images, by image. */
    private Map<String, List<Document>> places(List<String> images) {
        Document these = new Document("$match", new Document("images", new Document("$in", images)));
        Document each = new Document("image", "$images").append("repository", "$repository");
        Map<String, List<Document>> places = new HashMap<>();
        FleetDatabase.forEach(
                mongo,
                FleetDatabase.TAGS,
                List.of(
                        these,
                        new Document("$unwind", "$images"),
                        these,
                        new Document(
                                "$group",
                                new Document("_id", each).append("registry", new Document("$min", "$registry")))),
                row -> {
                    Document key = row.get("_id", Document.class);
                    places.computeIfAbsent(key.getString("image"), image -> new ArrayList<>())
                            .add(new Document("r", key.getString("repository")).append("g", row.getString("registry")));
                });
        return places;
    }

    private interface Page {
        void write(List<Document> page, BulkOperations writes);
    }

    private void inPages(String collection, Criteria matching, Runnable alive, Page work) {
        Object after = "";
        while (after != null) {
            Query query = new Query(new Criteria().andOperator(where("_id").gt(after), matching))
                    .with(Sort.by("_id"))
                    .limit(PAGE);
            query.fields().include("images");
            List<Document> page = mongo.find(query, Document.class, collection);
            if (!page.isEmpty()) {
                BulkOperations writes = mongo.bulkOps(BulkOperations.BulkMode.UNORDERED, collection);
                work.write(page, writes);
                writes.execute();
            }
            alive.run();
            after = page.isEmpty() ? null : page.get(page.size() - 1).get("_id");
        }
    }
}
