package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;

/** What people did to the fleet's data: who, when, what, with which result. Only ever added to. */
public final class AuditLog {

    static final String COLLECTION = "audit";

    /** Of a line's id, as a regular expression. */
    public static final String ID = "[0-9]{17}-[0-9a-f]{16}";

    private static final int MAX_TEXT = 2000;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmssSSS").withZone(ZoneOffset.UTC);

    private final MongoTemplate mongo;
    private final Clock clock;

    AuditLog(MongoTemplate template, Clock clock) {
        this.mongo = FleetDatabase.durable(template);
        this.clock = clock;
    }

    /**
     * One thing that was done, or tried.
     *
     * @param id in the order of time
     * @param who the name of a token or a person
     * @param result {@code done}, {@code refused}, {@code failed}
     */
    public record Line(
            String id,
            Instant at,
            String who,
            String role,
            String action,
            String subject,
            String detail,
            String result) {}

    /** Durable when it returns. Texts longer than 2,000 characters are cut. */
    public void add(String who, String role, String action, String subject, String detail, String result) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        String id = TIME.format(now)
                + "-"
                + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        mongo.insert(
                new Document("_id", id)
                        .append("at", FleetDatabase.date(now))
                        .append("who", cut(who))
                        .append("role", role)
                        .append("action", cut(action))
                        .append("subject", cut(subject))
                        .append("detail", cut(detail))
                        .append("result", cut(result)),
                COLLECTION);
    }

    private static String cut(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
    }

    /**
     * The last ones first.
     *
     * @param before the id of the last line seen; null for the newest
     */
    public List<Line> page(@Nullable String before, int limit) {
        Criteria behind = before == null ? new Criteria() : where("_id").lt(before);
        return mongo
                .find(new Query(behind).with(Sort.by(Sort.Order.desc("_id"))).limit(limit), Document.class, COLLECTION)
                .stream()
                .map(AuditLog::line)
                .toList();
    }

    private static Line line(Document line) {
        return new Line(
                line.getString("_id"),
                Objects.requireNonNullElse(FleetDatabase.instant(line, "at"), Instant.EPOCH),
                text(line, "who"),
                text(line, "role"),
                text(line, "action"),
                text(line, "subject"),
                text(line, "detail"),
                text(line, "result"));
    }

    private static String text(Document line, String field) {
        return Objects.requireNonNullElse(line.getString(field), "");
    }
}
