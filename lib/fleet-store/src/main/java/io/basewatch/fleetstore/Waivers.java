package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
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
 * Decisions of people to leave an entry of the backlog as it is for a while: by whom, why, until when and because of what. One is never changed, only ended, once, and never deleted:
 * all of them together are their own history. An entry has one that is in force at most.
 */
public final class Waivers {

    static final String COLLECTION = "waivers";

    private static final String ENDED = "ended";
    private static final String ENTRY = "entry";

    /** Of one entry; whoever needs more decides the same thing each day. */
    private static final int MAX_OF_ONE = 10_000;

    private final MongoTemplate mongo;
    private final MongoTemplate patient;

    Waivers(MongoTemplate template) {
        this.mongo = FleetDatabase.durable(template);
        this.patient = FleetDatabase.patient(template);
    }

    /** Why one is in force no longer. */
    public enum End {
        /** Its last day is over. */
        EXPIRED,
        /** Somebody took it back. */
        WITHDRAWN,
        /** There is something that it was not given for. */
        CHANGED,
        /** What it was given for is no more; should that come back, it is new. */
        GONE;

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param by null where nobody did it: time or the fleet
     * @param detail for people
     */
    public record Ended(Instant at, End why, @Nullable String by, String detail) {}

    /**
     * What somebody decides.
     *
     * @param entry of the backlog
     * @param name of the entry, as it was then
     * @param causes all that it was given for
     * @param until the last day of it
     */
    public record Decision(
            String entry, String name, List<String> causes, String reason, String author, LocalDate until) {
        public Decision {
            causes = List.copyOf(causes);
        }
    }

    /**
     * @param id the entry's, a dot, and its number from 1
     * @param ended null while it is in force
     */
    public record Waiver(
            String id,
            Decision decision,
            Instant givenAt,
            @Nullable Ended ended) {}

    /**
     * The store has it when this returns.
     *
     * @param at when it was decided, to the millisecond
     * @return empty when one is in force for that entry already
     */
    public Optional<Waiver> give(Decision decision, Instant at) {
        for (int tries = 0; tries < 10; tries++) {
            Document last = mongo.findOne(
                    new Query(where(ENTRY).is(decision.entry()))
                            .with(Sort.by(Sort.Order.desc("number")))
                            .limit(1),
                    Document.class,
                    COLLECTION);
            if (last != null && !last.containsKey(ENDED)) {
                return Optional.empty();
            }
            long number = last == null ? 1 : FleetDatabase.number(last, "number") + 1;
            if (number > MAX_OF_ONE) {
                throw new IllegalStateException(decision.entry() + " was waived " + MAX_OF_ONE + " times");
            }
            Waiver waiver =
                    new Waiver(decision.entry() + "." + number, decision, at.truncatedTo(ChronoUnit.MILLIS), null);
            if (insert(waiver, number)) {
                return Optional.of(waiver);
            }
        }
        return Optional.empty();
    }

    private boolean insert(Waiver waiver, long number) {
        Decision decision = waiver.decision();
        try {
            mongo.insert(
                    new Document("_id", waiver.id())
                            .append(ENTRY, decision.entry())
                            .append("number", number)
                            .append("name", decision.name())
                            .append("causes", decision.causes())
                            .append("reason", decision.reason())
                            .append("author", decision.author())
                            .append("until", decision.until().toString())
                            .append("givenAt", Date.from(waiver.givenAt())),
                    COLLECTION);
            return true;
        } catch (DuplicateKeyException e) {
            return false;
        }
    }

    public Optional<Waiver> find(String id) {
        return Optional.ofNullable(mongo.findById(id, Document.class, COLLECTION))
                .map(Waivers::waiver);
    }

    /** All that are in force. */
    public List<Waiver> inForce() {
        List<Waiver> found = new ArrayList<>();
        FleetDatabase.forEach(
                patient, COLLECTION, where(ENDED).exists(false), List.of(), each -> found.add(waiver(each)));
        return found;
    }

    /**
     * Some of them in the order of their ids.
     *
     * @param ended null for both kinds
     * @param entry null for those of any
     * @param after the last id of the page before; null for the beginning
     */
    public List<Waiver> page(@Nullable Boolean ended, @Nullable String entry, @Nullable String after, int limit) {
        Criteria asked = after == null ? new Criteria() : where("_id").gt(after);
        if (ended != null) {
            asked = asked.and(ENDED).exists(ended);
        }
        if (entry != null) {
            asked = asked.and(ENTRY).is(entry);
        }
        return mongo.find(new Query(asked).with(Sort.by("_id")).limit(limit), Document.class, COLLECTION).stream()
                .map(Waivers::waiver)
                .toList();
    }

    /**
     * Ends one that is in force.
     *
     * @return as it is now; empty when there is none with this id that is in force
     */
    public Optional<Waiver> end(String id, Ended ended) {
        Document written = new Document("at", Date.from(ended.at()))
                .append("why", ended.why().toString());
        if (ended.by() != null) {
            written.append("by", ended.by());
        }
        boolean isDone = mongo.updateFirst(
                                new Query(where("_id").is(id).and(ENDED).exists(false)),
                                new Update().set(ENDED, written.append("detail", ended.detail())),
                                COLLECTION)
                        .getModifiedCount()
                > 0;
        return isDone ? find(id) : Optional.empty();
    }

    private static Waiver waiver(Document document) {
        return new Waiver(
                document.getString("_id"),
                new Decision(
                        text(document, ENTRY),
                        text(document, "name"),
                        document.getList("causes", String.class, List.of()),
                        text(document, "reason"),
                        text(document, "author"),
                        LocalDate.parse(document.getString("until"))),
                Objects.requireNonNullElse(FleetDatabase.instant(document, "givenAt"), Instant.EPOCH),
                ended(document.get(ENDED, Document.class)));
    }

    private static @Nullable Ended ended(@Nullable Document ended) {
        return ended == null
                ? null
                : new Ended(
                        Objects.requireNonNullElse(FleetDatabase.instant(ended, "at"), Instant.EPOCH),
                        Arrays.stream(End.values())
                                .filter(each -> each.toString().equals(ended.getString("why")))
                                .findFirst()
                                .orElse(End.WITHDRAWN),
                        ended.getString("by"),
                        text(ended, "detail"));
    }

    private static String text(Document document, String field) {
        return Objects.requireNonNullElse(document.getString(field), "");
    }
}
