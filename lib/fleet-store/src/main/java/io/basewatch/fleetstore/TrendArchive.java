package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.bson.Document;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * The fleet in few numbers, one document for each day (UTC), kept for good. Made again during its day it is replaced, so the last one stays; what is made up afterwards never replaces
 * what was counted on the day itself.
 */
public final class TrendArchive {

    static final String COLLECTION = "trends";

    /** Of one series on one day; more are refused. */
    public static final int MAX_LINES = 64;

    /** Of a line; more are cut. */
    public static final int MAX_NAME = 80;

    private static final int PAGE = 500;

    private static final String MADE_AT = "madeAt";
    private static final String BACKFILLED = "backfilled";
    private static final String SERIES = "s";

    private final MongoTemplate mongo;
    private final MongoTemplate patient;

    TrendArchive(MongoTemplate template) {
        this.mongo = FleetDatabase.durable(template);
        this.patient = FleetDatabase.patient(template);
    }

    /**
     * One day.
     *
     * @param madeAt when it was counted
     * @param backfilled whether that was not on the day itself
     * @param series by name, of each the lines by name; a series that nobody can know of that day is not there
     */
    public record Day(LocalDate day, Instant madeAt, boolean backfilled, Map<String, Map<String, Long>> series) {

        public Day {
            Map<String, Map<String, Long>> copy = new LinkedHashMap<>();
            series.forEach((name, lines) -> {
                if (lines.size() > MAX_LINES) {
                    throw new IllegalArgumentException(
                            "series " + name + " has " + lines.size() + " lines, more than " + MAX_LINES);
                }
                copy.put(name, Collections.unmodifiableMap(new LinkedHashMap<>(lines)));
            });
            series = Collections.unmodifiableMap(copy);
        }
    }

    /** Keeps a day; durable when it returns. Does nothing where a better one is there: counted on the day itself before made up, then the later one. */
    public void keep(Day day) {
        String id = day.day().toString();
        Instant madeAt = day.madeAt().truncatedTo(ChronoUnit.MILLIS);
        while (true) {
            Document there = mongo.findById(id, Document.class, COLLECTION);
            if (there != null && !replaces(day.backfilled(), madeAt, there)) {
                return;
            }
            Query unchanged = new Query(
                    where("_id").is(id).and("turn").is(there == null ? null : FleetDatabase.number(there, "turn")));
            Update update = new Update()
                    .set("turn", there == null ? 1 : FleetDatabase.number(there, "turn") + 1)
                    .set(MADE_AT, FleetDatabase.date(madeAt))
                    .set(SERIES, written(day.series()));
            update = day.backfilled() ? update.set(BACKFILLED, true) : update.unset(BACKFILLED);
            try {
                if (there == null) {
                    mongo.upsert(unchanged, update, COLLECTION);
                    return;
                }
                if (mongo.updateFirst(unchanged, update, COLLECTION).getMatchedCount() > 0) {
                    return;
                }
            } catch (DuplicateKeyException e) {
                // Somebody else was faster: look again.
            }
        }
    }

    private static boolean replaces(boolean isBackfilled, Instant madeAt, Document there) {
        boolean wasBackfilled = there.getBoolean(BACKFILLED, false);
        if (isBackfilled != wasBackfilled) {
            return wasBackfilled;
        }
        Instant before = FleetDatabase.instant(there, MADE_AT);
        return before == null || !before.isAfter(madeAt);
    }

    /** Each series as one text, a line for each of its lines: read whole for years, a list of values takes many times as long. */
    private static Document written(Map<String, Map<String, Long>> series) {
        Document written = new Document();
        series.forEach((name, lines) -> {
            StringBuilder text = new StringBuilder();
            lines.forEach((line, value) ->
                    text.append(value).append(' ').append(cut(line)).append('\n'));
            written.append(name, text.toString());
        });
        return written;
    }

    private static String cut(String name) {
        String plain = name.replaceAll("\\p{Cntrl}", " ");
        return plain.length() <= MAX_NAME ? plain : plain.substring(0, MAX_NAME);
    }

    private static Map<String, Long> read(String text) {
        Map<String, Long> lines = new LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            int end = line.indexOf(' ');
            if (end > 0) {
                lines.merge(line.substring(end + 1), Long.parseLong(line.substring(0, end)), Long::sum);
            }
        }
        return lines;
    }

    /**
     * The days that are kept, in their order.
     *
     * @param to inclusive
     * @param series that are wanted of them
     */
    public List<Day> between(LocalDate from, LocalDate to, Collection<String> series) {
        List<String> fields = new ArrayList<>(List.of(MADE_AT, BACKFILLED));
        series.forEach(name -> fields.add(SERIES + "." + name));
        List<Day> days = new ArrayList<>();
        Criteria wanted = where("_id").gte(from.toString()).lte(to.toString());
        while (true) {
            Query query = new Query(wanted).with(Sort.by("_id")).limit(PAGE);
            query.fields().include(fields.toArray(String[]::new));
            List<Document> page = patient.find(query, Document.class, COLLECTION);
            page.forEach(document -> days.add(day(document)));
            if (page.size() < PAGE) {
                return days;
            }
            wanted = where("_id").gt(page.get(PAGE - 1).getString("_id")).lte(to.toString());
        }
    }

    private static Day day(Document document) {
        Map<String, Map<String, Long>> series = new LinkedHashMap<>();
        Document kept = document.get(SERIES, new Document());
        kept.forEach((name, text) -> series.put(name, read(String.valueOf(text))));
        return new Day(
                LocalDate.parse(document.getString("_id")),
                Objects.requireNonNullElse(FleetDatabase.instant(document, MADE_AT), Instant.EPOCH),
                document.getBoolean(BACKFILLED, false),
                series);
    }

    /** Those of the days from one to another, inclusive, that are kept; sorted. */
    public Set<LocalDate> kept(LocalDate from, LocalDate to) {
        TreeSet<LocalDate> kept = new TreeSet<>();
        between(from, to, List.of()).forEach(day -> kept.add(day.day()));
        return kept;
    }
}
