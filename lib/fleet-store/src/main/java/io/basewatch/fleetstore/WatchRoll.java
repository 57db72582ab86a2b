package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import org.bson.Document;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * Which watcher watches which registries, and when it said so last. Watchers of one name have the same registries, those of other names their
 * own: so a registry that nobody of a name mentions any more was taken out of its configuration.
 */
public final class WatchRoll {

    private final MongoTemplate mongo;
    private final Clock clock;

    WatchRoll(MongoTemplate mongo, Clock clock) {
        this.mongo = FleetDatabase.durable(mongo);
        this.clock = clock;
    }

    /**
     * A registry under a watcher's name.
     *
     * @param lastMentioned by anyone of that name
     */
    public record Watched(String registry, Instant lastMentioned) {}

    /** Says that a watcher of this name watches these registries now. */
    public void mention(String watcher, Collection<String> registries) {
        Date now = FleetDatabase.date(clock.instant());
        for (String registry : registries) {
            mongo.upsert(
                    new Query(where("_id").is(id(watcher, registry))),
                    new Update()
                            .set("watcher", watcher)
                            .set("registry", registry)
                            .set("mentionedAt", now),
                    FleetDatabase.WATCHED);
        }
    }

    /**
     * All registries that watchers of this name have mentioned and nobody has forgotten, by name. Who mentioned one by a clock that was ahead is taken to have done so now: it may do so still,
     * and when it does not, the registry is silent from now on.
     */
    public List<Watched> of(String watcher) {
        List<Watched> watched = new ArrayList<>();
        for (Document line : mongo.find(
                new Query(where("watcher").is(watcher)).with(Sort.by("_id")), Document.class, FleetDatabase.WATCHED)) {
            Instant mentioned = FleetDatabase.instant(line, "mentionedAt");
            if (Clocks.wasAhead(mentioned, clock)) {
                Instant now = clock.instant();
                mongo.updateFirst(
                        new Query(where("_id")
                                .is(line.get("_id"))
                                .and("mentionedAt")
                                .is(line.get("mentionedAt"))),
                        new Update().set("mentionedAt", FleetDatabase.date(now)),
                        FleetDatabase.WATCHED);
                mentioned = now;
            }
            watched.add(new Watched(line.getString("registry"), mentioned == null ? Instant.EPOCH : mentioned));
        }
        return watched;
    }

    /**
     * Whether somebody may still watch this registry: another name has it, or one of this name mentioned it shortly before.
     *
     * @param silence after which one of this name is taken to be gone
     */
    public boolean isWatchedBesides(String watcher, String registry, Duration silence) {
        Date since = Date.from(clock.instant().minus(silence));
        return mongo.exists(
                new Query(where("registry")
                        .is(registry)
                        .orOperator(
                                where("watcher").ne(watcher),
                                where("mentionedAt").gt(since))),
                FleetDatabase.WATCHED);
    }

    /** Takes the registry from this name, unless one of it has mentioned the registry meanwhile. */
    public void forget(String watcher, String registry, Duration silence) {
        Date since = Date.from(clock.instant().minus(silence));
        mongo.remove(
                new Query(where("_id")
                        .is(id(watcher, registry))
                        .and("mentionedAt")
                        .lte(since)),
                FleetDatabase.WATCHED);
    }

    private static String id(String watcher, String registry) {
        // No registry has a slash.
        return registry + "/" + watcher;
    }
}
