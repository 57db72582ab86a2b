package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import java.util.ArrayList;
import java.util.List;
import org.bson.Document;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * The one order of all analyzer versions that ever wrote to this store, the oldest first; see docs/adr/0004. A version gets its place when
 * it is first heard of: at the end, unless its text says that it is older than one that is there, which it then precedes. Places never
 * change with respect to each other, so whoever compares two versions, whenever, gets the same answer. Thread-safe.
 */
final class VersionOrder {

    private static final String ANALYZERS = "analyzers";

    private final MongoTemplate mongo;
    private final String id;
    private volatile List<String> known = List.of();

    /**
     * @param mongo whose writes are durable
     */
    VersionOrder(MongoTemplate mongo) {
        this(mongo, ANALYZERS);
    }

    /**
     * Of another kind of versions, whose texts are like those of analyzers.
     *
     * @param id of the list
     */
    VersionOrder(MongoTemplate mongo, String id) {
        this.mongo = mongo;
        this.id = id;
    }

    /** Negative when the one is older; 0 only when both are the same. */
    int compare(String one, String other) {
        if (one.equals(other)) {
            return 0;
        }
        List<String> order = orderWith(one, other);
        return Integer.compare(order.indexOf(one), order.indexOf(other));
    }

    /** Gives a version its place, if it has none. */
    void hear(String version) {
        orderWith(version);
    }

    /** This version and all newer ones. */
    List<String> notOlderThan(String version) {
        // Read anew: another process may have brought a newer one.
        known = read();
        List<String> order = orderWith(version);
        return List.copyOf(order.subList(order.indexOf(version), order.size()));
    }

    /** All versions that are older than this one. */
    List<String> olderThan(String version) {
        known = read();
        List<String> order = orderWith(version);
        return List.copyOf(order.subList(0, order.indexOf(version)));
    }

    private List<String> orderWith(String... versions) {
        List<String> wanted = List.of(versions);
        List<String> order = known;
        if (!order.containsAll(wanted)) {
            wanted.forEach(this::add);
            order = read();
            known = order;
        }
        return order;
    }

    private List<String> read() {
        Document document = mongo.findById(id, Document.class, FleetDatabase.VERSIONS);
        return document == null ? List.of() : List.copyOf(document.getList("order", String.class, List.of()));
    }

    /** Compare and set, as somebody else may add one too. */
    private void add(String version) {
        while (true) {
            List<String> before = read();
            if (before.contains(version)) {
                return;
            }
            List<String> after = new ArrayList<>(before);
            after.add(placeFor(version, before), version);
            Query unchanged =
                    new Query(where("_id").is(id).and("count").is(before.isEmpty() ? null : (Object) before.size()));
            Update update = new Update().set("order", after).set("count", after.size());
            try {
                if (before.isEmpty()) {
                    mongo.upsert(unchanged, update, FleetDatabase.VERSIONS);
                    return;
                }
                if (mongo.updateFirst(unchanged, update, FleetDatabase.VERSIONS).getMatchedCount() > 0) {
                    return;
                }
            } catch (DuplicateKeyException e) {
                // Somebody else was faster: look again.
            }
        }
    }

    private static int placeFor(String version, List<String> order) {
        AnalyzerVersion added = AnalyzerVersion.parse(version);
        for (int place = 0; place < order.size(); place++) {
            if (added.isSurelyOlderThan(AnalyzerVersion.parse(order.get(place)))) {
                return place;
            }
        }
        return order.size();
    }
}
