package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetstore.TagLedger.SeenTag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Date;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * Compares what the fleet says of a registry's tags with what the watcher has told of them. What differs is marked in the ledger as half told, so
 * that the next sweep tells it again as the registry then says: there is only one way of telling. Reads both sides in the order of their ids,
 * a page at a time.
 */
public final class LedgerComparison {

    private static final int PAGE = 500;

    /** Renewed with each page. */
    private static final Duration LEASE = Duration.ofMinutes(5);

    private final MongoTemplate mongo;
    private final Leases turns;
    private final Clock clock;

    LedgerComparison(MongoTemplate mongo, Clock clock) {
        this.mongo = FleetDatabase.durable(mongo);
        this.turns = new Leases(this.mongo, FleetDatabase.TURNS, clock);
        this.clock = clock;
    }

    /** In what a tag differs. */
    public enum Difference {
        /** It was told to be there, and the store knows nothing of it. */
        UNKNOWN,
        /** It was told to be there, and the store says it is gone. */
        GONE,
        /** The store says it is there; it was never told, or told to be gone. */
        GHOST,
        /** It points elsewhere. */
        DIGEST,
        /** The store has another revision. */
        REVISION,
        /** It leads to other images than were told, or to one that the store lacks. */
        IMAGES
    }

    /**
     * How a comparison went.
     *
     * @param compared tags that either side knows
     * @param waiting tags that are being told, or were so shortly before that the store need not have heard
     * @param differences marked to be told again
     */
    public record Result(long compared, long waiting, Map<Difference, Long> differences) {

        public Result {
            differences = Map.copyOf(differences);
        }
    }

    /** When a registry was last compared to the end, by anybody; empty when never, and when nobody knows as the clock that said so was ahead. */
    public Optional<Instant> lastCompared(String registry) {
        return Optional.ofNullable(mongo.findById(turn(registry), Document.class, FleetDatabase.TURNS))
                .map(turn -> FleetDatabase.instant(turn, "comparedAt"))
                .filter(compared -> !Clocks.wasAhead(compared, clock));
    }

    /** Lets the time to the first comparison begin, where there was none. */
    public void begin(String registry) {
        Query never =
                new Query(where("_id").is(turn(registry)).and("comparedAt").exists(false));
        Date now = FleetDatabase.date(clock.instant());
        Update begun = new Update()
                .set("comparedAt", now)
                .setOnInsert("until", Date.from(Instant.EPOCH))
                .setOnInsert("token", 0L);
        try {
            mongo.upsert(never, begun, FleetDatabase.TURNS);
        } catch (DuplicateKeyException e) {
            // Compared before.
        }
    }

    /**
     * Compares all tags of a registry.
     *
     * @param owner for people
     * @param grace how long ago something was told at least before the store must have it
     * @param found hears of each difference: the tag's full name and what differs
     * @return empty when another process compares this registry now
     * @throws InterruptedException when the thread was; what was found is marked
     */
    public Optional<Result> compare(String registry, String owner, Duration grace, BiConsumer<String, Difference> found)
            throws InterruptedException {
        Optional<Long> token = turns.claim(turn(registry), owner, LEASE);
        if (token.isEmpty()) {
            return Optional.empty();
        }
        try {
            Run run = new Run(registry, token.get(), clock.instant().minus(grace), found);
            run.all();
            mongo.updateFirst(
                    new Query(where("_id").is(turn(registry))),
                    new Update().set("comparedAt", FleetDatabase.date(clock.instant())),
                    FleetDatabase.TURNS);
            return Optional.of(new Result(run.compared, run.waiting, run.differences));
        } finally {
            turns.release(turn(registry), token.get());
        }
    }

    private static String turn(String registry) {
        return "comparison " + registry;
    }

    private final class Run {

        final String registry;
        final long token;
        final Instant settled;
        final BiConsumer<String, Difference> found;
        final Map<Difference, Long> differences = new EnumMap<>(Difference.class);
        long compared;
        long waiting;

        Run(String registry, long token, Instant settled, BiConsumer<String, Difference> found) {
            this.registry = registry;
            this.token = token;
            this.settled = settled;
            this.found = found;
        }

        /** The two sides are merged by id. */
        void all() throws InterruptedException {
            Side told = new Side(registry, FleetDatabase.WATCH_TAGS);
            Side stored = new Side(registry, FleetDatabase.TAGS);
            List<Pair> pairs = new ArrayList<>();
            for (Optional<String> id = first(told, stored); id.isPresent(); id = first(told, stored)) {
                pairs.add(new Pair(id.get(), told.take(id.get()), stored.take(id.get())));
                if (pairs.size() == PAGE) {
                    look(pairs);
                    pairs.clear();
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                    turns.extend(turn(registry), token, LEASE);
                }
            }
            look(pairs);
        }

        private Optional<String> first(Side one, Side other) {
            String a = one.next();
            String b = other.next();
            return Optional.ofNullable(a == null || (b != null && b.compareTo(a) < 0) ? b : a);
        }

        private void look(List<Pair> pairs) {
            Set<String> lacking = lackingImages(pairs);
            for (Pair pair : pairs) {
                compared++;
                if (isWaiting(pair.told())) {
                    waiting++;
                    continue;
                }
                difference(pair, lacking).ifPresent(difference -> {
                    if (mark(pair)) {
                        differences.merge(difference, 1L, Long::sum);
                        found.accept(pair.id(), difference);
                    }
                });
            }
        }

        private boolean isWaiting(@Nullable Document told) {
            if (told == null) {
                return false;
            }
            Instant toldAt = FleetDatabase.instant(told, "toldAt");
            return told.get("pending") != null
                    || (toldAt != null && toldAt.isAfter(settled) && !Clocks.wasAhead(toldAt, clock));
        }

        private Set<String> lackingImages(List<Pair> pairs) {
            List<String> images = pairs.stream()
                    .flatMap(pair -> pair.images().stream())
                    .distinct()
                    .toList();
            Set<String> lacking = new HashSet<>(images);
            for (int from = 0; from < images.size(); from += PAGE) {
                Query query = new Query(where("_id").in(images.subList(from, Math.min(images.size(), from + PAGE))));
                query.fields().include("_id");
                mongo.find(query, Document.class, FleetDatabase.IMAGES)
                        .forEach(image -> lacking.remove(image.getString("_id")));
            }
            return lacking;
        }

        /**
         * Marks it only if its entry is still as it was read: whoever told it anew meanwhile has told it again already. The revision is raised to
         * the store's, or else the store would not take what is told next.
         */
        private boolean mark(Pair pair) {
            Document told = pair.told();
            Document stored = pair.stored();
            String digest = digestToMark(told, stored);
            if (digest == null) {
                return false;
            }
            long revision = Math.max(
                    told == null ? 0 : FleetDatabase.number(told, "revision"),
                    stored == null ? 0 : FleetDatabase.number(stored, "revision"));
            Update update = new Update()
                    .set("revision", revision)
                    .set("removed", false)
                    .unset("removedAt")
                    .set(TagLedger.UNSETTLED, registry)
                    .set("pending", TagLedger.pending(Digest.parse(digest), false, true));
            if (told != null) {
                Criteria asRead = where("_id")
                        .is(pair.id())
                        .and("revision")
                        .is(told.get("revision"))
                        .and("pending")
                        .exists(false);
                return mongo.updateFirst(new Query(asRead), update, FleetDatabase.WATCH_TAGS)
                                .getMatchedCount()
                        > 0;
            }
            Document known = Objects.requireNonNull(stored);
            for (String field : List.of("registry", "repository", "tag")) {
                update.set(field, known.get(field));
            }
            Criteria notThere = where("_id").is(pair.id()).and("revision").exists(false);
            try {
                mongo.upsert(new Query(notThere), update, FleetDatabase.WATCH_TAGS);
                return true;
            } catch (DuplicateKeyException e) {
                return false;
            }
        }
    }

    /** What consumers say it points at, as far as they do. */
    private static @Nullable String digestToMark(@Nullable Document told, @Nullable Document stored) {
        String digest = stored == null || isRemoved(stored) ? null : stored.getString("digest");
        return digest != null || told == null ? digest : told.getString("digest");
    }

    private static Optional<Difference> difference(Pair pair, Set<String> lacking) {
        Document told = pair.told();
        Document stored = pair.stored();
        boolean toldThere = told != null && !isRemoved(told);
        boolean storedThere = stored != null && !isRemoved(stored);
        if (told == null || !toldThere) {
            return storedThere ? Optional.of(Difference.GHOST) : Optional.empty();
        }
        boolean silent = Objects.equals(told.get("images"), SeenTag.NOTHING_TO_TELL);
        if (stored == null || !storedThere) {
            Difference missing = stored == null ? Difference.UNKNOWN : Difference.GONE;
            return silent ? Optional.empty() : Optional.of(missing);
        }
        if (!Objects.equals(told.getString("digest"), stored.getString("digest"))) {
            return Optional.of(Difference.DIGEST);
        }
        if (!silent && FleetDatabase.number(told, "revision") != FleetDatabase.number(stored, "revision")) {
            return Optional.of(Difference.REVISION);
        }
        List<String> images = pair.images();
        boolean others = !silent && told.get("images") instanceof Number number && number.longValue() != images.size();
        return others || images.stream().anyMatch(lacking::contains)
                ? Optional.of(Difference.IMAGES)
                : Optional.empty();
    }

    private static boolean isRemoved(Document tag) {
        return tag.getBoolean("removed", false);
    }

    /** What both sides say of one tag; at least one says something. */
    private record Pair(
            String id, @Nullable Document told, @Nullable Document stored) {

        List<String> images() {
            return stored == null || isRemoved(stored) ? List.of() : stored.getList("images", String.class, List.of());
        }
    }

    /** One collection's documents of the registry, in the order of their ids. */
    private final class Side {
        private final String registry;
        private final String collection;
        private final Deque<Document> page = new ArrayDeque<>();
        private String after = "";
        private boolean ended;

        Side(String registry, String collection) {
            this.registry = registry;
            this.collection = collection;
        }

        /** The id of the next document; null after the last. */
        @Nullable
        String next() {
            if (page.isEmpty() && !ended) {
                Query query = new Query(
                                where("registry").is(registry).and("_id").gt(after))
                        .with(Sort.by("_id"))
                        .limit(PAGE);
                page.addAll(mongo.find(query, Document.class, collection));
                ended = page.size() < PAGE;
                if (!page.isEmpty()) {
                    after = page.getLast().getString("_id");
                }
            }
            return page.isEmpty() ? null : page.getFirst().getString("_id");
        }

        /** The next document, if it has this id. */
        @Nullable
        Document take(String id) {
            return id.equals(next()) ? page.removeFirst() : null;
        }
    }
}
