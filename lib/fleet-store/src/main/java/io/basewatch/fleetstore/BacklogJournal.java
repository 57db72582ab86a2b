package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * Since when each entry of the backlog stands, when it went, and whether it came back. Who notes what stands now may do it twice, be cut short anywhere, or do it at
 * the same time as another one: the next who notes puts right what is not.
 */
public final class BacklogJournal {

    static final String COLLECTION = "backlog_journal";

    private static final String CLOSED_AT = "closedAt";
    private static final String OPENED_AT = "openedAt";
    private static final String HISTORY = "history";

    /** Earlier times that an entry stood; the oldest are forgotten. */
    private static final int MAX_HISTORY = 20;

    private final MongoTemplate mongo;
    private final MongoTemplate patient;
    private final Clock clock;

    BacklogJournal(MongoTemplate template, Clock clock) {
        this.mongo = FleetDatabase.durable(template);
        this.patient = FleetDatabase.patient(template);
        this.clock = clock;
    }

    /** What stands now. */
    public record Standing(String id, String name, double score, long images) {}

    /**
     * What is known of one entry.
     *
     * @param openedAt when it was seen first, or first again
     * @param closedAt when it was not seen any more; null while it stands
     * @param reopened how often it came back
     * @param score when it was seen last
     * @param images likewise
     */
    public record Line(
            String id,
            String name,
            Instant openedAt,
            @Nullable Instant closedAt,
            long reopened,
            double score,
            long images) {}

    /** Those that stand, by id. */
    public Map<String, Line> open() {
        Map<String, Line> open = new HashMap<>();
        FleetDatabase.forEach(patient, COLLECTION, where(CLOSED_AT).exists(false), List.of(), line -> {
            Line read = line(line);
            open.put(read.id(), read);
        });
        return open;
    }

    /** What is known of an entry; empty when it was never noted. */
    public Optional<Line> find(String id) {
        return Optional.ofNullable(mongo.findById(id, Document.class, COLLECTION))
                .map(BacklogJournal::line);
    }

    /** Those that went, the last one first. */
    public List<Line> closed(int limit) {
        return patient
                .find(
                        new Query(where(CLOSED_AT).exists(true))
                                .with(Sort.by(Sort.Order.desc(CLOSED_AT), Sort.Order.asc("_id")))
                                .limit(limit),
                        Document.class,
                        COLLECTION)
                .stream()
                .map(BacklogJournal::line)
                .toList();
    }

    public long countClosed() {
        return patient.count(new Query(where(CLOSED_AT).exists(true)), COLLECTION);
    }

    /**
     * A time that an entry stood.
     *
     * @param until null while it does
     */
    public record Stood(Instant since, @Nullable Instant until) {}

    /**
     * Of each entry when it stood, in the order of time.
     *
     * @return empty where something of it was forgotten
     */
    public List<List<Stood>> times() {
        List<List<Stood>> all = new ArrayList<>();
        FleetDatabase.forEach(patient, COLLECTION, new Criteria(), List.of(OPENED_AT, CLOSED_AT, HISTORY), line -> {
            List<Document> history = line.getList(HISTORY, Document.class, List.of());
            List<Stood> times = new ArrayList<>();
            // Of one that came back so often, the first times are forgotten.
            if (history.size() < MAX_HISTORY) {
                history.forEach(time -> times.add(stood(time)));
                times.add(stood(line));
            }
            all.add(times);
        });
        return all;
    }

    private static Stood stood(Document time) {
        return new Stood(
                Objects.requireNonNullElse(FleetDatabase.instant(time, OPENED_AT), Instant.EPOCH),
                FleetDatabase.instant(time, CLOSED_AT));
    }

    private static Line line(Document line) {
        return new Line(
                line.getString("_id"),
                Objects.requireNonNullElse(line.getString("name"), ""),
                Objects.requireNonNullElse(FleetDatabase.instant(line, OPENED_AT), Instant.EPOCH),
                FleetDatabase.instant(line, CLOSED_AT),
                FleetDatabase.number(line, "reopened"),
                line.get("score") instanceof Number score ? score.doubleValue() : 0,
                FleetDatabase.number(line, "images"));
    }

    /**
     * Notes what stands, and that nothing else does.
     *
     * @param standing all of it: what is not among these has gone
     */
    public void note(Collection<Standing> standing) {
        Map<String, Document> kept = new HashMap<>();
        FleetDatabase.forEach(
                patient, COLLECTION, new Criteria(), List.of(), line -> kept.put(line.getString("_id"), line));
        for (Standing entry : standing) {
            Document before = kept.remove(entry.id());
            if (before == null) {
                open(entry);
            } else if (before.containsKey(CLOSED_AT)) {
                reopen(entry, before);
            } else if (!says(before, entry)) {
                mongo.updateFirst(byId(entry.id()), latest(new Update(), entry), COLLECTION);
            }
        }
        for (Document gone : kept.values()) {
            if (!gone.containsKey(CLOSED_AT)) {
                mongo.updateFirst(
                        byId(gone.getString("_id")).addCriteria(where(CLOSED_AT).exists(false)),
                        new Update().set(CLOSED_AT, FleetDatabase.date(clock.instant())),
                        COLLECTION);
            }
        }
    }

    /** Notes an entry that came and went before anybody noted. Does nothing where anything is known of it. */
    public void remember(Standing entry, Instant openedAt, Instant closedAt) {
        if (closedAt.isBefore(openedAt)) {
            throw new IllegalArgumentException(entry.id() + " went at " + closedAt + ", before it came at " + openedAt);
        }
        if (find(entry.id()).isEmpty()) {
            Update update = new Update()
                    .setOnInsert("name", entry.name())
                    .setOnInsert("score", entry.score())
                    .setOnInsert("images", entry.images())
                    .setOnInsert(OPENED_AT, FleetDatabase.date(openedAt))
                    .setOnInsert(CLOSED_AT, FleetDatabase.date(closedAt));
            try {
                mongo.upsert(byId(entry.id()), update, COLLECTION);
            } catch (DuplicateKeyException e) {
                // Somebody else noted it.
            }
        }
    }

    private static Query byId(String id) {
        return new Query(where("_id").is(id));
    }

    private static boolean says(Document line, Standing entry) {
        Line read = line(line);
        return read.name().equals(entry.name())
                && Double.compare(read.score(), entry.score()) == 0
                && read.images() == entry.images();
    }

    private static Update latest(Update update, Standing entry) {
        return update.set("name", entry.name()).set("score", entry.score()).set("images", entry.images());
    }

    private void open(Standing entry) {
        try {
            mongo.upsert(
                    byId(entry.id()),
                    latest(new Update(), entry).setOnInsert(OPENED_AT, FleetDatabase.date(clock.instant())),
                    COLLECTION);
        } catch (DuplicateKeyException e) {
            // Somebody else notes the same.
        }
    }

    private void reopen(Standing entry, Document before) {
        List<Document> history = new ArrayList<>(before.getList(HISTORY, Document.class, List.of()));
        history.add(new Document(OPENED_AT, before.get(OPENED_AT)).append(CLOSED_AT, before.get(CLOSED_AT)));
        mongo.updateFirst(
                byId(entry.id()).addCriteria(where(CLOSED_AT).is(before.get(CLOSED_AT))),
                latest(new Update(), entry)
                        .unset(CLOSED_AT)
                        .set(OPENED_AT, FleetDatabase.date(clock.instant()))
                        .set(HISTORY, history.subList(Math.max(0, history.size() - MAX_HISTORY), history.size()))
                        .inc("reopened", 1L),
                COLLECTION);
    }
}
