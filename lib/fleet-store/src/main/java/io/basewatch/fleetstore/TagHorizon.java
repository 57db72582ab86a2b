package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import org.bson.Document;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * Up to when tags that are gone are forgotten, with the revisions that kept older events out. Kept in the store, not reckoned from a clock: so it
 * is exact, whoever asks, and nothing is ever refused where nothing was forgotten.
 */
final class TagHorizon {

    private static final String TAGS = "tags";
    private static final String FORGOTTEN_TO = "forgottenTo";

    private TagHorizon() {}

    /**
     * Whether a tag that is not known may be one that was forgotten after this moment; to the millisecond, as the store keeps time. What was forgotten by a clock that was ahead
     * keeps nothing out: every event would be too old.
     */
    static boolean isBehind(MongoTemplate mongo, Instant moment, Clock clock) {
        Document horizon = mongo.findById(TAGS, Document.class, FleetDatabase.HORIZONS);
        Instant forgottenTo = horizon == null ? null : FleetDatabase.instant(horizon, FORGOTTEN_TO);
        return forgottenTo != null
                && !Clocks.wasAhead(forgottenTo, clock)
                && !moment.truncatedTo(ChronoUnit.MILLIS).isAfter(forgottenTo);
    }

    /** Before anything that happened up to then is forgotten. Durable when it returns. */
    static void raise(MongoTemplate durable, Instant to, Clock clock) {
        durable.updateFirst(
                new Query(where("_id").is(TAGS).and(FORGOTTEN_TO).gt(Clocks.latest(clock))),
                new Update().set(FORGOTTEN_TO, Date.from(to)),
                FleetDatabase.HORIZONS);
        durable.upsert(
                new Query(where("_id").is(TAGS)),
                new Update().max(FORGOTTEN_TO, Date.from(to)),
                FleetDatabase.HORIZONS);
    }
}
