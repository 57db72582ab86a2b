package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.bulk.BulkWriteError;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.BulkOperationException;
import org.springframework.data.mongodb.core.BulkOperations;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * What the watcher has told about each tag, and what it is about to tell. An intent is written before the first event of a change leaves, and
 * is crossed out by what Kafka has acknowledged: so whatever breaks in between, the tag is known to be half told, and is told again.
 *
 * <p>Writes are fenced by revision: an older one changes nothing, the same one again changes nothing.
 */
public final class TagLedger {

    private static final int BATCH = 1000;
    private static final int DUPLICATE_KEY = 11000;

    /** What earlier versions, which did not write when a tag was told, put for its digest while nothing was acknowledged. */
    private static final Digest UNTOLD = Digest.ofSha256(new byte[32]);

    /** The registry of a tag that is half told or missing, so that these few are found without the others. Tags that an earlier version left so lack it. */
    static final String UNSETTLED = "unsettled";

    private final MongoTemplate mongo;
    private final MongoTemplate patient;
    private final Clock clock;

    TagLedger(MongoTemplate mongo, Clock clock) {
        this.mongo = FleetDatabase.durable(mongo);
        this.patient = FleetDatabase.patient(mongo);
        this.clock = clock;
    }

    /**
     * A tag as it was told last.
     *
     * @param digest what the tag pointed at: the index, or the image itself
     * @param images that were told with it; {@link #NOTHING_TO_TELL} when that took no event at all; null when that is not known
     * @param selection of the images that it leads to
     * @param referrers to what it leads to; null where nobody asked
     */
    public record SeenTag(
            Digest digest,
            long revision,
            @Nullable Integer images,
            Selection selection,
            @Nullable TagReferrers referrers) {

        /** Of a tag that leads to nothing runnable and never did. */
        public static final int NOTHING_TO_TELL = -1;

        public SeenTag(Digest digest, long revision) {
            this(digest, revision, null);
        }

        public SeenTag(Digest digest, long revision, @Nullable Integer images) {
            this(digest, revision, images, Selection.ALL, null);
        }
    }

    /**
     * Which images of a tag were told.
     *
     * @param platforms that were wanted, always the same text for the same ones; empty for all
     * @param unwatched images for others, which were not told
     */
    public record Selection(String platforms, List<UnwatchedImage> unwatched) {

        public static final Selection ALL = new Selection("", List.of());

        public Selection {
            unwatched = List.copyOf(unwatched);
        }

        /** Whether of one and the same index the same images are told. */
        public boolean leavesOutLike(Selection other) {
            return digests().equals(other.digests());
        }

        private Set<Digest> digests() {
            return unwatched.stream().map(UnwatchedImage::digest).collect(Collectors.toSet());
        }

        private static Selection of(Document tag) {
            String platforms = tag.getString("platforms");
            return platforms == null ? ALL : new Selection(platforms, UnwatchedImage.of(tag));
        }

        private Update put(Update update) {
            if (platforms.isEmpty()) {
                return update.unset("platforms").unset(UnwatchedImage.FIELD);
            }
            return update.set("platforms", platforms)
                    .set(
                            UnwatchedImage.FIELD,
                            unwatched.stream().map(UnwatchedImage::document).toList());
        }
    }

    /**
     * All that is known of a tag.
     *
     * @param revision the highest that a change of it was ever given, told or not
     * @param digest acknowledged last, since the tag is there; null when nothing is
     * @param removed whether it was told to be gone; then nothing is pending
     * @param pending what may have been told since; null when everything was acknowledged
     * @param missingSince when the sweep began that first found it gone, and each one since; null when it was found
     * @param selection of the images that were acknowledged last
     */
    public record Entry(
            long revision,
            @Nullable Digest digest,
            boolean removed,
            @Nullable Pending pending,
            @Nullable Instant missingSince,
            Selection selection) {

        public Entry(
                long revision,
                @Nullable Digest digest,
                boolean removed,
                @Nullable Pending pending,
                @Nullable Instant missingSince) {
            this(revision, digest, removed, pending, missingSince, Selection.ALL);
        }

        /** Whether all that was ever told of it is that it leads there. */
        public boolean isToldToLeadTo(Digest now) {
            return !removed && pending == null && now.equals(digest);
        }

        /** Whether that was told when these platforms were wanted. */
        public boolean isToldFor(String platforms) {
            return selection.platforms().equals(platforms);
        }

        /** What consumers may have heard last that it points at; null when they heard of none, or it is gone. */
        public @Nullable Digest lastHeard() {
            return removed ? null : pending != null ? pending.digest : digest;
        }
    }

    /**
     * A change that was begun and not acknowledged.
     *
     * @param digest what the tag was to point at; of a removal, what it had pointed at
     * @param differs whether it is here only because the store said something else than what was acknowledged
     */
    public record Pending(Digest digest, boolean removal, boolean differs) {}

    /**
     * A change that is about to be told.
     *
     * @param digest what the tag points at now; of a removal, what it pointed at last
     * @param revision of all its events
     */
    public record Intent(Digest digest, boolean removal, long revision) {}

    /** All entries of a repository by tag, in the names' order, those of tags that are gone with them. */
    public Map<String, Entry> entries(Repository repository) {
        Map<String, Entry> entries = new TreeMap<>();
        Query query = new Query(where("repository").is(repository.toString()));
        for (Document tag : mongo.find(query, Document.class, FleetDatabase.WATCH_TAGS)) {
            entries.put(tag.getString("tag"), entry(tag));
        }
        return entries;
    }

    /** The entry of one tag; empty for one that was never heard of. */
    public Optional<Entry> entry(Repository repository, String tag) {
        return Optional.ofNullable(
                        mongo.findById(FleetDatabase.tagId(repository, tag), Document.class, FleetDatabase.WATCH_TAGS))
                .map(TagLedger::entry);
    }

    static Entry entry(Document tag) {
        Document pending = tag.get("pending", Document.class);
        Digest intended = pending == null ? null : digest(pending);
        Digest told = digest(tag);
        return new Entry(
                FleetDatabase.number(tag, "revision"),
                UNTOLD.equals(told) && tag.get("toldAt") == null ? null : told,
                tag.getBoolean("removed", false),
                pending == null || intended == null
                        ? null
                        : new Pending(
                                intended, pending.getBoolean("removal", false), pending.getBoolean("differs", false)),
                FleetDatabase.instant(tag, "missingSince"),
                Selection.of(tag));
    }

    /** Null also for what is none: then the tag is told again, which makes it one. */
    private static @Nullable Digest digest(Document document) {
        String text = document.getString("digest");
        try {
            return text == null ? null : Digest.parse(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The tags that are there as far as was told or is being told, by name, in the names' order. */
    public Map<String, SeenTag> tags(Repository repository) {
        Map<String, SeenTag> tags = new TreeMap<>();
        entries(repository).forEach((tag, entry) -> {
            Digest heard = entry.lastHeard();
            if (heard != null) {
                tags.put(tag, new SeenTag(heard, entry.revision()));
            }
        });
        return tags;
    }

    /** The tags that were told to be gone, with the revision of that: one that comes back counts on from there. */
    public Map<String, Long> removedTags(Repository repository) {
        Map<String, Long> removed = new TreeMap<>();
        entries(repository).forEach((tag, entry) -> {
            if (entry.removed()) {
                removed.put(tag, entry.revision());
            }
        });
        return removed;
    }

    /**
     * Keeps what is about to be told. Durable when it returns; nothing may be told before.
     *
     * @return the tags that may be told with their revisions; of the others, somebody else has told or is telling something newer
     */
    public Set<String> intend(Repository repository, Map<String, Intent> intents) {
        List<FencedUpdate> updates = new ArrayList<>();
        new TreeMap<>(intents)
                .forEach((tag, intent) -> updates.add(new FencedUpdate(
                        tag,
                        where("_id")
                                .is(FleetDatabase.tagId(repository, tag))
                                .and("revision")
                                .lt(intent.revision()),
                        intended(repository, tag, intent))));
        Set<String> granted = new TreeSet<>(intents.keySet());
        granted.removeAll(write(updates));
        return granted;
    }

    private static Update intended(Repository repository, String tag, Intent intent) {
        Update update = named(repository, tag)
                .set("revision", intent.revision())
                .set("removed", false)
                .set(UNSETTLED, repository.registry())
                .set("pending", pending(intent.digest(), intent.removal(), false));
        return intent.removal() ? update : update.unset("removedAt").unset("missingSince");
    }

    static Document pending(Digest digest, boolean removal, boolean differs) {
        Document pending = new Document("digest", digest.toString()).append("removal", removal);
        return differs ? pending.append("differs", true) : pending;
    }

    /**
     * Keeps what was told and acknowledged, and crosses out what was intended. Durable when it returns.
     *
     * @param told tags that are there, by name
     * @param removed tags that are gone, by name, with the revision of their going
     */
    public void remember(Repository repository, Map<String, SeenTag> told, Map<String, Long> removed) {
        List<FencedUpdate> updates = new ArrayList<>();
        Date now = FleetDatabase.date(clock.instant());
        told.forEach((tag, seen) -> {
            Update update = named(repository, tag)
                    .set("revision", seen.revision())
                    .set("digest", seen.digest().toString())
                    .set("removed", false)
                    .set("toldAt", now)
                    .unset("removedAt")
                    .unset(UNSETTLED)
                    .unset("pending")
                    .unset("missingSince");
            seen.selection().put(update);
            TagReferrers referrers = seen.referrers();
            if (referrers == null) {
                update.unset(TagReferrers.FIELD);
            } else {
                update.set(TagReferrers.FIELD, referrers.document());
            }
            updates.add(notNewer(
                    repository,
                    tag,
                    seen.revision(),
                    seen.images() == null ? update.unset("images") : update.set("images", seen.images())));
        });
        removed.forEach((tag, revision) -> updates.add(notNewer(
                repository,
                tag,
                revision,
                named(repository, tag)
                        .set("revision", revision)
                        .set("removed", true)
                        .set("removedAt", now)
                        .set("toldAt", now)
                        .unset("digest")
                        .unset("images")
                        .unset("platforms")
                        .unset(UnwatchedImage.FIELD)
                        .unset(TagReferrers.FIELD)
                        .unset(UNSETTLED)
                        .unset("pending")
                        .unset("missingSince"))));
        write(updates);
    }

    /**
     * Keeps that other platforms are wanted of tags than when they were told, where that makes no difference. What was told otherwise meanwhile stays.
     *
     * @param selections by tag, with the digest and the revision that are told
     */
    public void select(Repository repository, Map<String, SeenTag> selections) {
        BulkOperations bulk = mongo.bulkOps(BulkOperations.BulkMode.UNORDERED, FleetDatabase.WATCH_TAGS);
        selections.forEach((tag, seen) -> bulk.updateOne(
                new Query(where("_id")
                        .is(FleetDatabase.tagId(repository, tag))
                        .and("revision")
                        .is(seen.revision())
                        .and("pending")
                        .exists(false)),
                seen.selection().put(new Update())));
        if (!selections.isEmpty()) {
            bulk.execute();
        }
    }

    private static FencedUpdate notNewer(Repository repository, String tag, long revision, Update update) {
        return new FencedUpdate(
                tag,
                where("_id")
                        .is(FleetDatabase.tagId(repository, tag))
                        .and("revision")
                        .lte(revision),
                update);
    }

    private record FencedUpdate(String tag, Criteria fence, Update update) {}

    private static Update named(Repository repository, String tag) {
        return new Update()
                .set("registry", repository.registry())
                .set("repository", repository.toString())
                .set("tag", tag);
    }

    /** Gives the tags whose fence held. */
    private Set<String> write(List<FencedUpdate> updates) {
        Set<String> fenced = new HashSet<>();
        for (int from = 0; from < updates.size(); from += BATCH) {
            List<FencedUpdate> batch = updates.subList(from, Math.min(updates.size(), from + BATCH));
            BulkOperations bulk = mongo.bulkOps(BulkOperations.BulkMode.UNORDERED, FleetDatabase.WATCH_TAGS);
            batch.forEach(update -> bulk.upsert(new Query(update.fence()), update.update()));
            try {
                bulk.execute();
            } catch (BulkOperationException e) {
                // A newer revision is there: its document does not match, and the upsert meets its _id. That is the
                // fence.
                for (BulkWriteError error : e.getErrors()) {
                    if (error.getCode() != DUPLICATE_KEY) {
                        throw e;
                    }
                    fenced.add(batch.get(error.getIndex()).tag());
                }
                if (e.getCause() instanceof MongoBulkWriteException written && written.getWriteConcernError() != null) {
                    throw e;
                }
            }
        }
        return fenced;
    }

    /**
     * Keeps which tags a sweep did not find; of those that were missing before, since when, unless a clock that was ahead said so. Changes nothing else of them.
     *
     * @param sweep when it began
     */
    public void missing(Repository repository, Collection<String> tags, Instant sweep) {
        mark(
                repository,
                tags,
                where("removed")
                        .is(false)
                        .orOperator(
                                where("missingSince").exists(false),
                                where("missingSince").gt(Clocks.latest(clock))),
                new Update().set("missingSince", FleetDatabase.date(sweep)).set(UNSETTLED, repository.registry()));
    }

    /** Takes back that these tags were missing. */
    public void found(Repository repository, Collection<String> tags) {
        mark(
                repository,
                tags,
                where("missingSince").exists(true).and("pending").exists(false),
                new Update().unset("missingSince").unset(UNSETTLED));
        mark(repository, tags, where("missingSince").exists(true), new Update().unset("missingSince"));
    }

    private void mark(Repository repository, Collection<String> tags, Criteria which, Update mark) {
        List<String> ids = tags.stream()
                .map(tag -> FleetDatabase.tagId(repository, tag))
                .sorted()
                .toList();
        for (int from = 0; from < ids.size(); from += BATCH) {
            Query query = new Query(where("_id").in(ids.subList(from, Math.min(ids.size(), from + BATCH))))
                    .addCriteria(which);
            mongo.updateMulti(query, mark, FleetDatabase.WATCH_TAGS);
        }
    }

    /** Repositories of a registry of which at least one tag is there as far as was told or is being told; sorted, without the registry's name. */
    public List<String> repositories(String registry) {
        String prefix = registry + "/";
        List<String> repositories = new ArrayList<>();
        FleetDatabase.forEach(
                patient,
                FleetDatabase.WATCH_TAGS,
                List.of(
                        new Document("$match", new Document("registry", registry).append("removed", false)),
                        new Document("$group", new Document("_id", "$repository"))),
                row -> repositories.add(row.getString("_id").substring(prefix.length())));
        return repositories.stream().sorted().toList();
    }

    /** Repositories of a registry with a tag of which something is still to be told or to be agreed: one that is half told, or missing. Without the registry's name. */
    public Set<String> unsettled(String registry) {
        return repositories(
                registry,
                where("registry")
                        .is(registry)
                        .orOperator(
                                where("pending").exists(true),
                                where("missingSince").exists(true)));
    }

    /** Of {@link #unsettled}, those that became so by this version of the ledger: found without going through all that was told of the registry. */
    public Set<String> markedUnsettled(String registry) {
        return repositories(registry, where(UNSETTLED).is(registry));
    }

    private Set<String> repositories(String registry, Criteria which) {
        Query query = new Query(which);
        query.fields().include("repository");
        int prefix = registry.length() + 1;
        Set<String> repositories = new TreeSet<>();
        for (Document tag : patient.find(query, Document.class, FleetDatabase.WATCH_TAGS)) {
            repositories.add(tag.getString("repository").substring(prefix));
        }
        return repositories;
    }
}
