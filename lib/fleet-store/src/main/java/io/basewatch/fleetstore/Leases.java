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
 *
 * <p>An end that was set by a clock that was ahead is not believed. Whoever set it and is still at work finds out as with any claim that another one took over.
 */
final class Leases {

    /** By the clock of who claimed, when the end was set last. */
    private static final String SET_AT = "setAt";

    /** An end whose setting was not noted, as older versions do not, is not believed when it lies further ahead; to do a piece of work once too often does no harm. */
    private static final Duration LONGEST_UNNOTED = Duration.ofDays(1);

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
                new Query(where("_id")
                        .is(id)
                        .orOperator(
                                where("until").lte(Date.from(now)),
                                where(SET_AT).gt(Clocks.latest(clock)),
                                where(SET_AT).exists(false).and("until").gt(Date.from(now.plus(LONGEST_UNNOTED))))),
                new Update()
                        .set("owner", owner)
                        .set("until", Date.from(now.plus(lease)))
                        .set(SET_AT, Date.from(now))
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
        Instant now = clock.instant();
        Query query = new Query(where("_id")
                .in(ids)
                .and("until")
                .gt(Date.from(now))
                .orOperator(
                        where(SET_AT).lte(Clocks.latest(clock)),
                        where(SET_AT).exists(false).and("until").lte(Date.from(now.plus(LONGEST_UNNOTED)))));
        query.fields().include("_id");
        Set<String> held = new HashSet<>();
        for (Document claim : mongo.find(query, Document.class, collection)) {
            held.add(claim.getString("_id"));
        }
        return held;
    }

    /** Makes the lease end this long from now; false when another one holds it since. */
    boolean extend(String id, long token, Duration lease) {
        Instant now = clock.instant();
        return setEnd(id, token, now, now.plus(lease));
    }

    /** Lets go; nothing happens when another one holds it since. Leaves to be seen when that was. */
    void release(String id, long token) {
        Instant now = clock.instant();
        // So far in the past that it is over by anybody's clock.
        setEnd(id, token, now, now.minus(Clocks.APART));
    }

    boolean isLatest(String id, long token) {
        return mongo.exists(latest(id, token), collection);
    }

    private boolean setEnd(String id, long token, Instant now, Instant until) {
        Update end = new Update().set("until", Date.from(until)).set(SET_AT, Date.from(now));
        return mongo.updateFirst(latest(id, token), end, collection).getMatchedCount() > 0;
    }

    private static Query latest(String id, long token) {
        return new Query(where("_id").is(id).and("token").is(token));
    }
}
