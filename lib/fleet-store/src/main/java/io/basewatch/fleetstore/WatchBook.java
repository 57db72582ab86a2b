package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/** What is written down of each watched registry beside its tags, for all watchers and across their restarts: whether it is paused, and as of when it is known. */
public final class WatchBook {

    static final String COLLECTION = "watch_book";

    private static final String PAUSED_AT = "pausedAt";
    private static final String PAUSED_BY = "pausedBy";
    private static final String DRAINS = "drains";
    private static final String KNOWN_AS_OF = "knownAsOf";

    private final MongoTemplate mongo;
    private final Clock clock;

    WatchBook(MongoTemplate mongo, Clock clock) {
        this.mongo = FleetDatabase.durable(mongo);
        this.clock = clock;
    }

    /**
     * Nothing new is begun at a registry until somebody resumes it.
     *
     * @param by for people
     * @param drains whether what was under way then is finished
     */
    public record Pause(Instant since, String by, boolean drains) {}

    /** Durable when it returns. One that is paused already stays so since then, and by whom; what drained does not any more when that is asked for. */
    public void pause(String registry, String by, boolean drains) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Query unpaused = new Query(where("_id").is(registry).and(PAUSED_AT).exists(false));
        Update pause = new Update()
                .set(PAUSED_AT, FleetDatabase.date(now))
                .set(PAUSED_BY, by)
                .set(DRAINS, drains);
        mention(registry);
        boolean first = mongo.updateFirst(unpaused, pause, COLLECTION).getMatchedCount() > 0;
        if (!first && !drains) {
            mongo.updateFirst(new Query(where("_id").is(registry)), new Update().set(DRAINS, false), COLLECTION);
        }
    }

    private void mention(String registry) {
        mongo.upsert(new Query(where("_id").is(registry)), new Update().setOnInsert("mentioned", true), COLLECTION);
    }

    /** Whether it was paused. Durable when it returns. */
    public boolean resume(String registry) {
        Update resume = new Update().unset(PAUSED_AT).unset(PAUSED_BY).unset(DRAINS);
        return mongo.updateFirst(
                                new Query(
                                        where("_id").is(registry).and(PAUSED_AT).exists(true)),
                                resume,
                                COLLECTION)
                        .getMatchedCount()
                > 0;
    }

    public Optional<Pause> paused(String registry) {
        Document line = mongo.findById(registry, Document.class, COLLECTION);
        Instant since = line == null ? null : FleetDatabase.instant(line, PAUSED_AT);
        if (line == null || since == null) {
            return Optional.empty();
        }
        String by = Objects.requireNonNullElse(line.getString(PAUSED_BY), "");
        return Optional.of(new Pause(since, by, line.getBoolean(DRAINS, false)));
    }

    /** What an operator wants done once, by each watcher for the part that it has. */
    public enum Order {
        /** Everything is looked at now. */
        SWEEP,
        /** What was found missing until now is removed. */
        REMOVALS
    }

    /** Durable when it returns. */
    public void order(String registry, Order what) {
        mongo.upsert(
                new Query(where("_id").is(registry)),
                new Update().inc(what.name().toLowerCase(Locale.ROOT), 1L),
                COLLECTION);
    }

    /** How often that was ordered up to now. */
    public long ordered(String registry, Order what) {
        Document line = mongo.findById(registry, Document.class, COLLECTION);
        return line == null ? 0 : FleetDatabase.number(line, what.name().toLowerCase(Locale.ROOT));
    }

    /** Keeps that everything that happened in the registry before this was seen; an earlier moment than the one that is known changes nothing. */
    public void knownAsOf(String registry, Instant moment) {
        mongo.upsert(
                new Query(where("_id").is(registry)), new Update().max(KNOWN_AS_OF, Date.from(moment)), COLLECTION);
    }

    /** Null when that was never so. */
    public @Nullable Instant knownAsOf(String registry) {
        Document line = mongo.findById(registry, Document.class, COLLECTION);
        return line == null ? null : FleetDatabase.instant(line, KNOWN_AS_OF);
    }
}
