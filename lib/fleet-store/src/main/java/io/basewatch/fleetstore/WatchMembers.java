package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import java.util.Map;
import java.util.TreeMap;
import org.bson.Document;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * The processes that watch under one name, each with how often it was heard of. By no clock: who looks twice, some time apart by its own clock, sees who was heard of in between.
 */
public final class WatchMembers {

    static final String COLLECTION = "watch_members";

    private final MongoTemplate mongo;

    WatchMembers(MongoTemplate mongo) {
        this.mongo = FleetDatabase.durable(mongo);
    }

    /**
     * Is heard of once more.
     *
     * @param watcher the name that all of them have
     * @param member the process, which no other is called
     */
    public void beat(String watcher, String member) {
        mongo.upsert(
                new Query(where("_id").is(id(watcher, member))),
                new Update().set("watcher", watcher).set("member", member).inc("beats", 1L),
                COLLECTION);
    }

    /** All that were heard of and have not left, by name, with how often they were. */
    public Map<String, Long> beats(String watcher) {
        Map<String, Long> beats = new TreeMap<>();
        for (Document line : mongo.find(new Query(where("watcher").is(watcher)), Document.class, COLLECTION)) {
            beats.put(line.getString("member"), FleetDatabase.number(line, "beats"));
        }
        return beats;
    }

    /** Has ended, as it says itself or as another one noticed; if it was heard of since, it has not. */
    public void leave(String watcher, String member, long beats) {
        mongo.remove(new Query(where("_id").is(id(watcher, member)).and("beats").lte(beats)), COLLECTION);
    }

    private static String id(String watcher, String member) {
        return watcher + "/" + member;
    }
}
