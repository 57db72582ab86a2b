package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.bson.Document;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * Rights to a piece of work that end by themselves, one document each. A token grows with each claim of the same work, so that a later
 * claim makes an earlier one worthless. By the clocks of those who claim, which must agree better than their leases are long.
 */
final class Leases {

    /** So far in the past that it is over by anybody's clock. */
    private static final Duration CLOCKS_APART = Duration.ofHours(1);

    private final MongoTemplate mongo;
    private final String collection;
    private final Clock clock;

    /**
     * @param mongo whose writes are durable
     */
    Leases(MongoTemplate mongo, String collection, Clock clock) {
        this.mongo = mongo;
        this.collection = collection;
        this.clock = clock;
    }

    /**
     * The token; empty while another claim holds.
     *
     * @param owner for people
     */
    Optional<Long> claim(String id, String owner, Duration lease) {
        Instant now = clock.instant();
        firstMention(id);
        Document claimed = mongo.findAndModify(
                new Query(where("_id").is(id).and("until").lte(Date.from(now))),
                new Update()
                        .set("owner", owner)
                        .set("until", Date.from(now.plus(lease)))
                        .inc("token", 1L),
                FindAndModifyOptions.options().returnNew(true),
                Document.class,
                collection);
        return Optional.ofNullable(claimed).map(claim -> FleetDatabase.number(claim, "token"));
    }

    /** A claim that nobody holds, for work that was never claimed: so that claiming is always the same one step. */
    private void firstMention(String id) {
        try {
            mongo.upsert(
                    new Query(where("_id").is(id)),
                    new Update().setOnInsert("until", Date.from(Instant.EPOCH)).setOnInsert("token", 0L),
                    collection);
        } catch (DuplicateKeyException e) {
            // Another one mentioned it first.
        }
    }

    /** Those of these that nobody may claim now. */
    Set<String> held(Collection<String> ids) {
        Query query = new Query(where("_id").in(ids).and("until").gt(Date.from(clock.instant())));
        query.fields().include("_id");
        Set<String> held = new HashSet<>();
        for (Document claim : mongo.find(query, Document.class, collection)) {
            held.add(claim.getString("_id"));
        }
        return held;
    }

    /** Makes the lease end this long from now; false when another one holds it since. */
    boolean extend(String id, long token, Duration lease) {
        return setEnd(id, token, clock.instant().plus(lease));
    }

    /** Lets go; nothing happens when another one holds it since. Leaves to be seen when that was. */
    void release(String id, long token) {
        setEnd(id, token, clock.instant().minus(CLOCKS_APART));
    }

    boolean isLatest(String id, long token) {
        return mongo.exists(latest(id, token), collection);
    }

    private boolean setEnd(String id, long token, Instant until) {
        return mongo.updateFirst(latest(id, token), new Update().set("until", Date.from(until)), collection)
                        .getMatchedCount()
                > 0;
    }

    private static Query latest(String id, long token) {
        return new Query(where("_id").is(id).and("token").is(token));
    }
}
