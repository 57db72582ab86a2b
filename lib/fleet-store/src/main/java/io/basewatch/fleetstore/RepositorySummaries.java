package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.bulk.BulkWriteError;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.BulkOperationException;
import org.springframework.data.mongodb.core.BulkOperations;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * What each repository has, kept beside it so that nobody has to count the fleet: how many tags and images, and what the images stand on.
 *
 * <p>A summary is never added to, always counted anew from the repository's own tags and images, so it may be made again at any time and by anybody. Whatever
 * changes a tag or an image in a way that is counted marks the document in that same write ({@link #mark}); the mark is taken off only after the
 * repositories that the document names were counted, and only if nobody marked it again meanwhile. A process may die between any two of these steps: the mark
 * stays, and who comes next counts again. Of two who count the same repository at the same time, the one that began with an older summary begins again.
 *
 * <p>Each round counts some repositories too that nothing points at, all of them in turn: what was changed behind this program's back, be it by hand or by an
 * older version, is right again a while later.
 */
final class RepositorySummaries {

    static final String COLLECTION = "repository_summaries";

    /** Set on a document of which not everything is counted; the one of the two fields that has an index. */
    static final String UNCOUNTED = "uncounted";

    /** How often it was marked: what is counted of a document is the same as long as this is. */
    static final String MARKS = "marks";

    /** Whether the repository has a tag: the summary of one that has none stays, so that who counted it before cannot bring it back. */
    static final String LIVE = "live";

    /** Grows with every round that changed a summary. */
    private static final String ROUND = "round";

    /** Grows before marks are taken off, whether what was counted then said anything new or not. */
    private static final String PASS = "pass";

    /** Grows with {@link #PASS} where {@link #TAGS_IN} was written before: not by older versions of this program. */
    private static final String TOLD = "told";

    /** Grows before anything is counted; its value then is what {@link #TAGS_IN} says. */
    private static final String BEGUN = "begun";

    /** Of a summary: in which count its tags were marked last. */
    static final String TAGS_IN = "tagsIn";

    /** How often a summary was written. */
    private static final String TURN = "turn";

    private static final String ROUNDS = "summary_rounds";
    private static final String ID = "fleet";

    /** How many of its images have which caveats: see {@link CaveatTally}. */
    private static final String CAVEATS = "caveats";

    /** Of an image's line. */
    private static final List<String> COUNTED = Stream.concat(
                    Ground.FIELDS.stream(), Stream.of("in", "bytes", "created", "analyzedAt", JudgementArchive.CAVEATS))
            .toList();

    private static final int PAGE = 500;
    private static final int REVIEWED = 20;

    /** Repositories that are counted and written at once. */
    private static final int AT_ONCE = 50;

    private static final int DUPLICATE_KEY = 11000;

    /** Since so many counts it is told what they have counted. */
    private static final int MOST_COUNTS = 200;

    private final MongoTemplate mongo;
    private final MongoTemplate patient;
    private final ReentrantLock turn = new ReentrantLock();
    private String reviewedTags = "";
    private String reviewedSummaries = "";

    /** Summed up last. */
    private @Nullable Sum sum;

    /**
     * @param round that had ended before
     */
    private record Sum(
            long round, FleetSummary summary, List<StandsOn> standsOn, List<FleetCount.WithCaveat> caveats) {}

    RepositorySummaries(MongoTemplate template) {
        this.mongo = FleetDatabase.durable(template);
        this.patient = FleetDatabase.patient(template);
    }

    /** Makes a write say that what it changes is not counted yet. */
    static Update mark(Update update) {
        return update.set(UNCOUNTED, true).inc(MARKS, 1L);
    }

    /** Counts whatever is marked, and a few repositories besides. What was marked before this began is counted when it returns. */
    void bringUpToDate() {
        turn.lock();
        try {
            catchUp();
            review();
        } finally {
            turn.unlock();
        }
    }

    /** Counts whatever is marked: what was marked before this began is counted when it returns. */
    void catchUp() {
        turn.lock();
        try {
            while (!countMarked(PAGE)) {
                // There is more.
            }
        } finally {
            turn.unlock();
        }
    }

    /**
     * Counts what is marked if that is little and nobody else is about it: for who wants to see the last change, but does not want to wait.
     *
     * @param most of documents
     */
    void glance(int most) {
        if (turn.tryLock()) {
            try {
                countMarked(most);
            } finally {
                turn.unlock();
            }
        }
    }

    /** True when no document was left over. */
    private boolean countMarked(int most) {
        List<Document> images = marked(FleetDatabase.IMAGES, most, "in", MARKS);
        List<Document> tags = marked(FleetDatabase.TAGS, most, "repository", MARKS);
        count(named(images, tags), named(List.of(), tags));
        if (!images.isEmpty() || !tags.isEmpty()) {
            // Before any mark is taken off: who has read the fleet learns that it is another one, or the marks are
            // there still.
            mongo.upsert(
                    new Query(where("_id").is(ID)), new Update().inc(PASS, 1L).inc(TOLD, 1L), ROUNDS);
        }
        unmark(FleetDatabase.IMAGES, images);
        unmark(FleetDatabase.TAGS, tags);
        return images.size() < most && tags.size() < most;
    }

    private List<Document> marked(String collection, int most, String... fields) {
        Query query = new Query(where(UNCOUNTED).is(true)).limit(most);
        query.fields().include(fields);
        return FleetDatabase.plain(mongo, collection, query);
    }

    private void unmark(String collection, List<Document> documents) {
        if (documents.isEmpty()) {
            return;
        }
        BulkOperations writes = mongo.bulkOps(BulkOperations.BulkMode.UNORDERED, collection);
        for (Document each : documents) {
            writes.updateOne(
                    new Query(where("_id").is(each.get("_id")).and(MARKS).is(each.get(MARKS))),
                    new Update().unset(UNCOUNTED));
        }
        writes.execute();
    }

    /**
     * @param retagged those of them whose tags may lead elsewhere than when they were counted last
     */
    private void count(Collection<String> repositories, Set<String> retagged) {
        // After the marks were read: who has read the fleet as of this or later has counted them himself before.
        long begun = retagged.isEmpty() ? 0 : begin();
        boolean changed = false;
        List<String> left = List.copyOf(repositories);
        while (!left.isEmpty()) {
            List<String> some = left.subList(0, Math.min(left.size(), AT_ONCE));
            Counts counts = countOnce(some, retagged, begun);
            changed |= counts.changed();
            List<String> next = new ArrayList<>(counts.beaten());
            next.addAll(left.subList(some.size(), left.size()));
            left = next;
        }
        if (changed) {
            // Before any mark is taken off: who sums up learns of it, or the marks are there still.
            mongo.upsert(new Query(where("_id").is(ID)), new Update().inc(ROUND, 1L), ROUNDS);
        }
    }

    private long begin() {
        Document rounds = mongo.findAndModify(
                new Query(where("_id").is(ID)),
                new Update().inc(BEGUN, 1L),
                FindAndModifyOptions.options().upsert(true).returnNew(true),
                Document.class,
                ROUNDS);
        return FleetDatabase.number(Objects.requireNonNull(rounds), BEGUN);
    }

    /**
     * @param changed whether any summary now says something else
     * @param beaten repositories that somebody else has counted meanwhile, with what may be older
     */
    private record Counts(boolean changed, List<String> beaten) {}

    /** All are written, also those that say nothing new: so that nobody overwrites them with what he counted before. */
    private Counts countOnce(List<String> repositories, Set<String> retagged, long begun) {
        Map<String, Document> before = new HashMap<>();
        mongo.find(new Query(where("_id").in(repositories)), Document.class, COLLECTION)
                .forEach(each -> before.put(each.getString("_id"), each));
        boolean changed = false;
        BulkOperations writes = mongo.bulkOps(BulkOperations.BulkMode.UNORDERED, COLLECTION);
        for (String repository : repositories) {
            Document kept = before.get(repository);
            Object turn = kept == null ? null : kept.get(TURN);
            Document counted = counted(repository);
            Update update = new Update().inc(TURN, 1L);
            counted.forEach(update::set);
            if (retagged.contains(repository)) {
                update.max(TAGS_IN, begun);
            }
            writes.upsert(new Query(where("_id").is(repository).and(TURN).is(turn)), update);
            if (kept != null) {
                kept.remove("_id");
                kept.remove(TURN);
                kept.remove(TAGS_IN);
            }
            changed |= !counted.equals(kept);
        }
        try {
            writes.execute();
            return new Counts(changed, List.of());
        } catch (BulkOperationException e) {
            // One of another turn does not match, and the upsert meets its _id. That is the fence.
            List<String> beaten = new ArrayList<>();
            for (BulkWriteError error : e.getErrors()) {
                if (error.getCode() != DUPLICATE_KEY) {
                    throw e;
                }
                beaten.add(repositories.get(error.getIndex()));
            }
            if (e.getCause() instanceof MongoBulkWriteException written && written.getWriteConcernError() != null) {
                throw e;
            }
            return new Counts(changed, beaten);
        }
    }

    private Document counted(String repository) {
        long tags = patient.count(
                new Query(where("repository").is(repository).and("removed").is(false)), FleetDatabase.TAGS);
        Map<Ground, Row> rows = new LinkedHashMap<>();
        CaveatTally caveats = new CaveatTally();
        long[] images = {0};
        FleetDatabase.forEach(patient, FleetDatabase.IMAGES, where("in.r").is(repository), COUNTED, image -> {
            images[0]++;
            rows.computeIfAbsent(Ground.of(image), ground -> new Row()).add(image, repository);
            caveats.add(image, isFirst(image, repository));
        });
        List<Document> grounds = new ArrayList<>();
        rows.forEach((ground, row) -> grounds.add(row.write(ground.write())));
        return new Document("registry", Repository.parse(repository).registry())
                .append(LIVE, tags > 0)
                .append("tags", tags)
                .append("images", images[0])
                .append("grounds", grounds)
                .append(CAVEATS, caveats.write());
    }

    /** Whether the image is counted here: it may be in others too. */
    private static boolean isFirst(Document image, String repository) {
        List<Document> places = image.getList("in", Document.class, List.of());
        return repository.equals(places.get(0).getString("r"));
    }

    /** Images of one repository that stand on the same. */
    private static final class Row {
        private long lines;
        /** Of the images whose first repository this is: the others are counted there. */
        private long images;

        private long bytes;
        private @Nullable Instant oldest;
        private @Nullable Instant newest;
        private @Nullable Instant firstAnalyzedAt;
        private @Nullable Instant lastAnalyzedAt;

        void add(Document image, String repository) {
            lines++;
            if (isFirst(image, repository)) {
                images++;
                bytes += FleetDatabase.number(image, "bytes");
            }
            Instant created = FleetDatabase.instant(image, "created");
            oldest = FleetDatabase.earlier(oldest, created);
            newest = FleetDatabase.later(newest, created);
            Instant analyzedAt = FleetDatabase.instant(image, "analyzedAt");
            firstAnalyzedAt = FleetDatabase.earlier(firstAnalyzedAt, analyzedAt);
            lastAnalyzedAt = FleetDatabase.later(lastAnalyzedAt, analyzedAt);
        }

        Document write(Document ground) {
            return ground.append("lines", lines)
                    .append("images", images)
                    .append("bytes", bytes)
                    .append("oldest", FleetDatabase.date(oldest))
                    .append("newest", FleetDatabase.date(newest))
                    .append("firstAnalyzedAt", FleetDatabase.date(firstAnalyzedAt))
                    .append("lastAnalyzedAt", FleetDatabase.date(lastAnalyzedAt));
        }
    }

    /** The next repositories that tags name, and the next that have a summary; then from the beginning again. */
    private void review() {
        List<String> named = named(reviewedTags, REVIEWED);
        reviewedTags = named.size() < REVIEWED ? "" : named.get(named.size() - 1);
        List<String> kept = kept(reviewedSummaries, REVIEWED);
        reviewedSummaries = kept.size() < REVIEWED ? "" : kept.get(kept.size() - 1);
        TreeSet<String> both = new TreeSet<>(named);
        both.addAll(kept);
        // Whoever has read them reads them again, as their turn is another one: nobody has said that their tags moved.
        count(both, Set.of());
    }

    /**
     * Counts every repository that a tag names.
     *
     * @param alive called between pieces of the work
     */
    void countAll(Runnable alive) {
        for (List<String> some = named("", PAGE); !some.isEmpty(); some = named(some.get(some.size() - 1), PAGE)) {
            for (int from = 0; from < some.size(); from += AT_ONCE) {
                count(some.subList(from, Math.min(some.size(), from + AT_ONCE)), Set.of());
                alive.run();
            }
        }
    }

    /** From one repository's tags to the next one's, in the order of the tags. */
    private List<String> named(String after, int most) {
        List<String> repositories = new ArrayList<>();
        String last = after;
        while (repositories.size() < most) {
            // A tag is named after its repository, with a colon between; the semicolon is the next character.
            Query query = new Query(where("_id").gt(last.isEmpty() ? "" : last + ";"))
                    .with(Sort.by("_id"))
                    .limit(1);
            query.fields().include("repository");
            Document tag = mongo.findOne(query, Document.class, FleetDatabase.TAGS);
            if (tag == null) {
                break;
            }
            last = tag.getString("repository");
            repositories.add(last);
        }
        return repositories;
    }

    /**
     * How often a repository's summary was written: another number than before says that something may have changed, the same that nothing has.
     *
     * @param tags that it has, as far as was counted
     */
    record Turned(String repository, long turn, long tags) {}

    /** All of them, by repository. */
    void forEachTurn(Consumer<Turned> consumer) {
        FleetDatabase.forEach(
                patient,
                COLLECTION,
                new Criteria(),
                List.of(TURN, "tags"),
                kept -> consumer.accept(new Turned(
                        kept.getString("_id"), FleetDatabase.number(kept, TURN), FleetDatabase.number(kept, "tags"))));
    }

    private List<String> kept(String after, int most) {
        Query query = new Query(where("_id").gt(after)).with(Sort.by("_id")).limit(most);
        query.fields().include("_id");
        List<String> repositories = new ArrayList<>();
        mongo.find(query, Document.class, COLLECTION).forEach(each -> repositories.add(each.getString("_id")));
        return repositories;
    }

    /**
     * The whole fleet: everything that was stored before this was asked.
     *
     * @param clock for the time that the count bears
     */
    FleetCount count(Clock clock) {
        Instant asOf = clock.instant();
        turn.lock();
        try {
            bringUpToDate();
            long round = round();
            Sum known = sum;
            if (known == null || known.round() != round) {
                known = sumUp(round);
                sum = known;
            }
            return new FleetCount(asOf, known.summary(), known.standsOn(), known.caveats());
        } finally {
            turn.unlock();
        }
    }

    private long round() {
        Document rounds = mongo.findById(ID, Document.class, ROUNDS);
        return rounds == null ? 0 : FleetDatabase.number(rounds, ROUND);
    }

    /**
     * What has been counted so far, as of which the fleet is read by who reads the {@linkplain #forEachTurn turns} afterwards. Counts what was marked in between, so that nobody else has begun
     * to count it before: what is counted then has a turn that is read, what is not is counted later than this.
     */
    FleetReading.AsOf settle() {
        FleetReading.AsOf asOf = asOf();
        catchUp();
        return asOf;
    }

    private FleetReading.AsOf asOf() {
        Document rounds = mongo.findById(ID, Document.class, ROUNDS);
        return rounds == null
                ? new FleetReading.AsOf(0, 0, 0)
                : new FleetReading.AsOf(
                        FleetDatabase.number(rounds, BEGUN),
                        FleetDatabase.number(rounds, PASS) - FleetDatabase.number(rounds, TOLD),
                        FleetDatabase.number(rounds, PASS));
    }

    /**
     * Whether no image and no tag has changed since the fleet was read. Each change leaves a mark, and before that is taken off, its repository says that it is another one, and then the passes grow.
     *
     * @param then {@link #settle} from before it was read
     */
    boolean isStill(FleetReading.AsOf then) {
        // In this order: see retaggedSince.
        return marked(FleetDatabase.IMAGES, 1, MARKS).isEmpty()
                && marked(FleetDatabase.TAGS, 1, MARKS).isEmpty()
                && asOf().equals(then);
    }

    /**
     * Repositories of which a tag may lead elsewhere since the fleet was read.
     *
     * @param then {@link #settle} from before it was read
     * @param most of changed tags, and of repositories; where there are more, nobody looks what they are
     * @return null where that cannot be told
     */
    @Nullable
    Set<String> retaggedSince(FleetReading.AsOf then, int most) {
        // In this order: a mark that is gone was taken off after the repository was counted, and after the pass grew.
        List<Document> tags = marked(FleetDatabase.TAGS, most + 1, "repository");
        FleetReading.AsOf now = asOf();
        if (tags.size() > most || now.untold() != then.untold()) {
            return null;
        }
        Set<String> repositories = new HashSet<>();
        FleetReading.AsOf before;
        do {
            if (now.begun() - then.begun() > MOST_COUNTS) {
                return null;
            }
            repositories.addAll(taggedIn(then.begun(), now.begun(), most + 1));
            before = now;
            // Whoever began meanwhile may have written a later count over one of these.
            now = asOf();
        } while (now.begun() != before.begun());
        if (repositories.size() > most) {
            return null;
        }
        tags.forEach(tag -> repositories.add(tag.getString("repository")));
        return repositories;
    }

    /** Repositories of which that is said in a count after the first one of these, up to the last. Each of them is named, as one engine finds by an index only what is equal. */
    private List<String> taggedIn(long after, long last, int most) {
        if (last <= after) {
            return List.of();
        }
        Query query = new Query(where(TAGS_IN)
                        .in(LongStream.rangeClosed(after + 1, last).boxed().toList()))
                .limit(most);
        query.fields().include("_id");
        return FleetDatabase.plain(mongo, COLLECTION, query).stream()
                .map(each -> each.getString("_id"))
                .toList();
    }

    private static Set<String> named(List<Document> images, List<Document> tags) {
        TreeSet<String> repositories = new TreeSet<>();
        for (Document image : images) {
            for (Document place : image.getList("in", Document.class, List.of())) {
                repositories.add(place.getString("r"));
            }
        }
        tags.forEach(tag -> repositories.add(tag.getString("repository")));
        return repositories;
    }

    private Sum sumUp(long round) {
        Map<Ground, Group> byGround = new HashMap<>();
        CaveatTally caveats = new CaveatTally();
        LongAdder tags = new LongAdder();
        Map<String, Long> registries = new TreeMap<>();
        FleetDatabase.forEach(patient, COLLECTION, new Criteria(), List.of(), kept -> {
            String repository = kept.getString("_id");
            tags.add(FleetDatabase.number(kept, "tags"));
            if (kept.getBoolean(LIVE, false)) {
                registries.merge(kept.getString("registry"), 1L, Long::sum);
            }
            for (Document row : kept.getList("grounds", Document.class, List.of())) {
                byGround.computeIfAbsent(Ground.of(row), ground -> new Group()).add(repository, row);
            }
            caveats.addAll(kept.getList(CAVEATS, Document.class, List.of()));
        });
        return new Sum(round, summary(byGround, registries, tags.sum()), standsOn(byGround), caveats.all());
    }

    private static FleetSummary summary(Map<Ground, Group> byGround, Map<String, Long> registries, long tags) {
        long pending = 0;
        long images = 0;
        long bytes = 0;
        Map<AnalysisStatus, Long> byStatus = new TreeMap<>();
        Map<String, Long> byDistro = new TreeMap<>();
        Map<String, Long> byRelease = new TreeMap<>();
        Map<Libc.Family, Long> byLibc = new TreeMap<>();
        Instant first = null;
        Instant last = null;
        for (Map.Entry<Ground, Group> each : byGround.entrySet()) {
            Ground ground = each.getKey();
            Group group = each.getValue();
            images += group.images;
            AnalysisStatus status = ground.analysisStatus();
            if (status == null) {
                pending += group.images;
                continue;
            }
            bytes += group.bytes;
            byStatus.merge(status, group.images, Long::sum);
            byLibc.merge(ground.libcFamily(), group.images, Long::sum);
            byDistro.merge(ground.distro() == null ? FleetSummary.UNKNOWN : ground.distro(), group.images, Long::sum);
            byRelease.merge(ground.release(), group.images, Long::sum);
            first = FleetDatabase.earlier(first, group.firstAnalyzedAt);
            last = FleetDatabase.later(last, group.lastAnalyzedAt);
        }
        return new FleetSummary(
                registries.size(),
                registries.values().stream().mapToLong(Long::longValue).sum(),
                registries,
                tags,
                images,
                pending,
                byStatus,
                byDistro,
                byRelease,
                byLibc,
                bytes,
                first,
                last);
    }

    /** Images of one ground, as they are counted together: a row of each repository. Only as many of those are held as are shown. */
    private static final class Group {
        private final TreeSet<String> repositories = new TreeSet<>();
        private long repositoryCount;
        private long images;
        private long bytes;
        private @Nullable Instant oldest;
        private @Nullable Instant newest;
        private @Nullable Instant firstAnalyzedAt;
        private @Nullable Instant lastAnalyzedAt;

        void add(String repository, Document row) {
            repositoryCount++;
            repositories.add(repository);
            if (repositories.size() > StandsOn.MAX_REPOSITORIES) {
                repositories.pollLast();
            }
            images += FleetDatabase.number(row, "images");
            bytes += FleetDatabase.number(row, "bytes");
            oldest = FleetDatabase.earlier(oldest, FleetDatabase.instant(row, "oldest"));
            newest = FleetDatabase.later(newest, FleetDatabase.instant(row, "newest"));
            firstAnalyzedAt = FleetDatabase.earlier(firstAnalyzedAt, FleetDatabase.instant(row, "firstAnalyzedAt"));
            lastAnalyzedAt = FleetDatabase.later(lastAnalyzedAt, FleetDatabase.instant(row, "lastAnalyzedAt"));
        }

        StandsOn standsOn(Ground ground, AnalysisStatus status) {
            return new StandsOn(
                    ground.distro(),
                    ground.version(),
                    ground.codename(),
                    ground.variant(),
                    ground.libcFamily(),
                    status,
                    images,
                    repositories.stream().map(Repository::parse).toList(),
                    repositoryCount,
                    bytes,
                    oldest,
                    newest);
        }
    }

    private static List<StandsOn> standsOn(Map<Ground, Group> byGround) {
        List<StandsOn> groups = new ArrayList<>();
        byGround.forEach((ground, group) -> {
            AnalysisStatus status = ground.analysisStatus();
            if (status != null) {
                groups.add(group.standsOn(ground, status));
            }
        });
        groups.sort(Comparator.comparingLong(StandsOn::images)
                .reversed()
                .thenComparing(each -> String.valueOf(each.distro()))
                .thenComparing(each -> String.valueOf(each.version()))
                .thenComparing(each -> String.valueOf(each.codename()))
                .thenComparing(each -> String.valueOf(each.variant()))
                .thenComparing(StandsOn::libc)
                .thenComparing(StandsOn::status));
        return List.copyOf(groups);
    }
}
