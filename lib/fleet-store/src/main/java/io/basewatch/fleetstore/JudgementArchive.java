package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetmodel.ModelJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * What was judged of images, apart from their analyses. An image's line says by which catalogue its present analysis was judged ({@link #JUDGED}), so
 * that what is stale is found by an index; whoever stores another analysis takes that away in the same write. Every write may be repeated and may
 * come late: an older judgement never replaces a newer one.
 */
public final class JudgementArchive {

    /** Field of an image's line: version of the catalogue by which its analysis was judged; not there while it was not. */
    static final String JUDGED = "judged";

    /** Field of an image's line: what its present analysis is asked for by, id, kind and severity of each caveat; there and gone with {@link #JUDGED}. */
    static final String CAVEATS = "caveats";

    /** Field of an image's line: what moving the image would take, as JSON; there and gone with {@link #JUDGED}, and not there where nothing is known of it. */
    static final String EFFORT = "effort";

    private static final String CATALOGUES = "catalogues";

    private final MongoTemplate mongo;
    private final MongoTemplate patient;
    private final VersionOrder analyzers;
    private final VersionOrder catalogues;

    JudgementArchive(MongoTemplate template) {
        this.mongo = FleetDatabase.durable(template);
        this.patient = FleetDatabase.patient(template);
        this.analyzers = new VersionOrder(mongo);
        this.catalogues = new VersionOrder(mongo, CATALOGUES);
    }

    public Optional<Judgement> find(Digest digest) {
        return find(mongo, digest);
    }

    static Optional<Judgement> find(MongoTemplate mongo, Digest digest) {
        return Optional.ofNullable(mongo.findById(digest.toString(), Document.class, FleetDatabase.JUDGEMENTS))
                .map(found -> ModelJson.read(found.getString("json"), Judgement.class));
    }

    /**
     * Keeps a judgement, unless a newer one is there: by the catalogue, then by the analyzer's version, then by the time of the analysis. Durable when
     * it returns. The image counts as judged only if the judged analysis is still the one that is kept.
     */
    public void save(Judgement judgement) {
        catalogues.hear(judgement.catalogueVersion());
        write(judgement);
        mongo.updateFirst(
                new Query(where("_id")
                        .is(judgement.digest().toString())
                        .and("analyzerVersion")
                        .is(judgement.analyzerVersion())
                        .and("decidedAt")
                        .is(FleetDatabase.date(judgement.analyzedAt()))
                        .and(JUDGED)
                        .nin(catalogues.notOlderThan(judgement.catalogueVersion()))),
                line(judgement),
                FleetDatabase.IMAGES);
    }

    private static Update line(Judgement judgement) {
        Update update = RepositorySummaries.mark(new Update())
                .set(JUDGED, judgement.catalogueVersion())
                .set(CAVEATS, keys(judgement));
        return judgement.move() == null ? update.unset(EFFORT) : update.set(EFFORT, ModelJson.write(judgement.move()));
    }

    /** Compare and set: reads what is there, decides, and writes only over what was read. */
    private void write(Judgement judgement) {
        String id = judgement.digest().toString();
        while (true) {
            Document there = mongo.findById(id, Document.class, FleetDatabase.JUDGEMENTS);
            if (there != null && isOlder(judgement, there)) {
                return;
            }
            long turn = there == null ? 0 : FleetDatabase.number(there, "turn");
            Update update = new Update()
                    .set("turn", turn + 1)
                    .set("catalogueVersion", judgement.catalogueVersion())
                    .set("analyzerVersion", judgement.analyzerVersion())
                    .set("analyzedAt", FleetDatabase.date(judgement.analyzedAt()))
                    .set("json", ModelJson.write(judgement));
            Query unchanged = new Query(where("_id").is(id).and("turn").is(turn == 0 ? null : turn));
            try {
                if (there == null) {
                    mongo.upsert(unchanged, update, FleetDatabase.JUDGEMENTS);
                    return;
                }
                if (mongo.updateFirst(unchanged, update, FleetDatabase.JUDGEMENTS)
                                .getMatchedCount()
                        > 0) {
                    return;
                }
            } catch (DuplicateKeyException e) {
                // Somebody else was faster: look again.
            }
        }
    }

    private boolean isOlder(Judgement judgement, Document there) {
        int byCatalogue = catalogues.compare(judgement.catalogueVersion(), there.getString("catalogueVersion"));
        if (byCatalogue != 0) {
            return byCatalogue < 0;
        }
        int byAnalyzer = analyzers.compare(judgement.analyzerVersion(), there.getString("analyzerVersion"));
        if (byAnalyzer != 0) {
            return byAnalyzer < 0;
        }
        Instant before = FleetDatabase.instant(there, "analyzedAt");
        return before != null && judgement.analyzedAt().toEpochMilli() < before.toEpochMilli();
    }

    /** What images are asked for by. Bounded, as the judgement's caveats are. */
    private static List<Document> keys(Judgement judgement) {
        return judgement.caveats().stream()
                .map(caveat -> new Document("id", caveat.id())
                        .append("kind", caveat.kind().toString())
                        .append("severity", caveat.severity().toString()))
                .distinct()
                .toList();
    }

    /**
     * Up to so many images of a range that a tag leads to and whose analysis was not judged by this catalogue or a newer one, in order. Found by an
     * index.
     */
    public List<Digest> stale(String catalogueVersion, DigestRange range, @Nullable Digest after, int limit) {
        return digests(patient, new Query(stale(catalogueVersion, range, after)), limit, FleetDatabase.IMAGES);
    }

    /** How many there are in all ranges. */
    public long countStale(String catalogueVersion) {
        return patient.count(new Query(stale(catalogueVersion, DigestRange.WHOLE, null)), FleetDatabase.IMAGES);
    }

    /** One of those that {@link #stale} gave; empty when it was judged since, or forgotten. */
    public Optional<ImageArchive.WithBasis> unjudged(String catalogueVersion, Digest digest) {
        Query stale = new Query(where("_id").is(digest.toString()).andOperator(unjudged(catalogueVersion)));
        return mongo.exists(stale, FleetDatabase.IMAGES) ? ImageArchive.findWithBasis(mongo, digest) : Optional.empty();
    }

    private Criteria stale(String catalogueVersion, DigestRange range, @Nullable Digest after) {
        return range.ids(after)
                .andOperator(
                        unjudged(catalogueVersion), where(FleetDatabase.LED_TO).exists(true));
    }

    /** By the values that are stale, not by those that are not: so an index finds none at once. */
    private Criteria unjudged(String catalogueVersion) {
        List<@Nullable Object> stale = new ArrayList<>(catalogues.olderThan(catalogueVersion));
        stale.add(null);
        return where(JUDGED).in(stale).and("analyzerVersion").exists(true);
    }

    private static List<Digest> digests(MongoTemplate mongo, Query query, int limit, String collection) {
        query.with(Sort.by("_id")).limit(limit).fields().include("_id");
        return mongo.find(query, Document.class, collection).stream()
                .map(found -> Digest.parse(found.getString("_id")))
                .toList();
    }

    /** Of an image that is forgotten; only the one that was there before. */
    static void remove(MongoTemplate mongo, String image, Document before) {
        mongo.remove(new Query(where("_id").is(image).and("turn").is(before.get("turn"))), FleetDatabase.JUDGEMENTS);
    }
}
