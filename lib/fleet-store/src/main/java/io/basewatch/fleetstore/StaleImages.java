package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * The images a tag leads to that have to be looked at again: those whose stored analysis is by an older analyzer, or that have none; and those
 * whose analysis {@linkplain ImageAnalysis#mayHeal() may heal}. Who goes through them takes a {@link Turn} first, so that of many
 * analyzers one does; but nothing goes wrong when two do.
 */
public final class StaleImages {

    /** Fields of an image's line: true while time may heal it; how often it was told again since it was first so, when last, and when next. */
    static final String HEALS = "heals";

    static final String LOOKS = "looks";
    static final String LOOKED_AT = "lookedAt";
    static final String LOOK_AGAIN_AT = "lookAgainAt";

    private static final String DECIDED_AT = "decidedAt";

    /** The work of going through {@link #unread}. */
    public static final String UNREAD = "unread";

    private final MongoTemplate mongo;
    private final MongoTemplate patient;
    private final VersionOrder versions;
    private final Clock clock;

    StaleImages(MongoTemplate template, Clock clock) {
        this.mongo = FleetDatabase.durable(template);
        this.patient = FleetDatabase.patient(template);
        this.versions = new VersionOrder(mongo);
        this.clock = clock;
    }

    /**
     * One such image.
     *
     * @param analysis the older one; null when there is none at all
     * @param basis null when the analysis cannot be made again from what is stored
     * @param push what the watcher told when a tag came to lead here, in the tag's present revision; null when no tag does any more
     * @param asks how often {@link #asked} was called for the version that is asked about
     * @param askedAt when last; null when never, or by a clock that was ahead
     */
    public record StaleImage(
            Digest digest,
            @Nullable ImageAnalysis analysis,
            @Nullable DerivationBasis basis,
            @Nullable ImagePushed push,
            int asks,
            @Nullable Instant askedAt) {}

    /**
     * An image whose analysis time may heal.
     *
     * @param looks how often {@link #lookAgain} was called since it failed first
     * @param lookedAt when last, or when it failed if never; long ago where that was by a clock that was ahead
     * @param lookAgainAt null before the first call
     */
    public record UnreadImage(
            Digest digest,
            int looks,
            Instant lookedAt,
            @Nullable Instant lookAgainAt) {}

    /**
     * Up to so many of them, in the order of their digests. Looks at every image's line after {@code after} until it has found so many.
     *
     * @param analyzerVersion whose results, and those of newer versions, are not stale; takes its place among the versions
     * @param after the last one of the page before; null for the first
     */
    public List<StaleImage> page(String analyzerVersion, @Nullable Digest after, int limit) {
        Query query = new Query(stale(DigestRange.WHOLE, after, notOlderThan(analyzerVersion)))
                .with(Sort.by("_id"))
                .limit(limit);
        List<StaleImage> page = new ArrayList<>();
        for (Document image : patient.find(query, Document.class, FleetDatabase.IMAGES)) {
            page.add(stale(image, analyzerVersion));
        }
        return page;
    }

    /** Of those in this range that have an analysis up to so many, in order; parameters as of {@link #page}. */
    public List<Digest> outdated(String analyzerVersion, DigestRange range, @Nullable Digest after, int limit) {
        Query query = new Query(stale(range, after, older(analyzerVersion)))
                .with(Sort.by("_id"))
                .limit(limit);
        query.fields().include("_id");
        return patient.find(query, Document.class, FleetDatabase.IMAGES).stream()
                .map(image -> Digest.parse(image.getString("_id")))
                .toList();
    }

    /** How many {@link #outdated} images there are. Looks at every image's line. */
    public long countOutdated(String analyzerVersion) {
        return patient.count(new Query(stale(DigestRange.WHOLE, null, older(analyzerVersion))), FleetDatabase.IMAGES);
    }

    /** One of those that {@link #outdated} gave; empty when it is no longer outdated, or no tag leads there any more. */
    public Optional<StaleImage> find(String analyzerVersion, Digest digest) {
        Query query = new Query(where("_id")
                .is(digest.toString())
                .andOperator(where(FleetDatabase.LED_TO).exists(true), older(analyzerVersion)));
        return Optional.ofNullable(mongo.findOne(query, Document.class, FleetDatabase.IMAGES))
                .map(image -> stale(image, analyzerVersion));
    }

    private Criteria notOlderThan(String analyzerVersion) {
        return where("analyzerVersion").nin(versions.notOlderThan(analyzerVersion));
    }

    private Criteria older(String analyzerVersion) {
        return where("analyzerVersion").exists(true).nin(versions.notOlderThan(analyzerVersion));
    }

    private static Criteria stale(DigestRange range, @Nullable Digest after, Criteria version) {
        return range.ids(after).andOperator(where(FleetDatabase.LED_TO).exists(true), version);
    }

    private StaleImage stale(Document image, String analyzerVersion) {
        String id = image.getString("_id");
        Document stored = mongo.findById(id, Document.class, FleetDatabase.ANALYSES);
        String basis = stored == null ? null : stored.getString("basis");
        boolean asked = analyzerVersion.equals(image.getString("askedFor"));
        return new StaleImage(
                Digest.parse(id),
                stored == null ? null : ModelJson.read(stored.getString("json"), ImageAnalysis.class),
                basis == null ? null : ModelJson.read(basis, DerivationBasis.class),
                push(image, new Query(where("images").is(id))),
                asked ? (int) FleetDatabase.number(image, "asks") : 0,
                asked ? believed(FleetDatabase.instant(image, "askedAt")) : null);
    }

    private @Nullable Instant believed(@Nullable Instant written) {
        return Clocks.wasAhead(written, clock) ? null : written;
    }

    /**
     * Up to so many images whose analysis time may heal, in the order of their digests.
     *
     * @param registries by host, to which a tag of theirs must belong
     * @param due only those with no time for the next look, or one that is not after this or was set by a clock that was ahead; null for all
     * @param after as of {@link #page}
     */
    public List<UnreadImage> unread(
            Collection<String> registries, @Nullable Instant due, @Nullable Digest after, int limit) {
        Criteria waiting = where("_id")
                .gt(after == null ? "" : after.toString())
                .and(HEALS)
                .is(true)
                .and("in.g")
                .in(registries);
        Criteria asked = due == null
                ? waiting
                : new Criteria()
                        .andOperator(
                                waiting,
                                new Criteria()
                                        .orOperator(
                                                where(LOOK_AGAIN_AT).exists(false),
                                                where(LOOK_AGAIN_AT).lte(Date.from(due)),
                                                where(LOOKED_AT).gt(Clocks.latest(clock)),
                                                where(LOOKED_AT)
                                                        .exists(false)
                                                        .and(DECIDED_AT)
                                                        .gt(Clocks.latest(clock))));
        List<UnreadImage> page = new ArrayList<>();
        for (Document image : patient.find(
                new Query(asked).with(Sort.by("_id")).limit(limit), Document.class, FleetDatabase.IMAGES)) {
            page.add(unread(image));
        }
        return page;
    }

    private UnreadImage unread(Document image) {
        Instant lookedAt = FleetDatabase.instant(image, LOOKED_AT);
        Instant since = believed(lookedAt != null ? lookedAt : FleetDatabase.instant(image, DECIDED_AT));
        return new UnreadImage(
                Digest.parse(image.getString("_id")),
                (int) FleetDatabase.number(image, LOOKS),
                since == null ? Instant.EPOCH : since,
                FleetDatabase.instant(image, LOOK_AGAIN_AT));
    }

    /** As of {@link StaleImage}, of one of these registries; empty when no tag of theirs leads there any more. */
    public Optional<ImagePushed> push(UnreadImage image, Collection<String> registries) {
        String id = image.digest().toString();
        Document line = mongo.findById(id, Document.class, FleetDatabase.IMAGES);
        if (line == null) {
            return Optional.empty();
        }
        return placesInTurn(line, registries, image.looks()).stream()
                .map(repository -> push(line, ImageArchive.leadingTo(id, repository)))
                .filter(Objects::nonNull)
                .findFirst();
    }

    /** Of an image that is in several repositories each is tried in its turn: what one has lost another may have. */
    private static List<Repository> placesInTurn(Document image, Collection<String> registries, int looks) {
        List<Repository> repositories = new ArrayList<>(image.getList("in", Document.class, List.of()).stream()
                .filter(place -> registries.contains(place.getString("g")))
                .map(place -> place.getString("r"))
                .sorted()
                .map(Repository::parse)
                .toList());
        if (!repositories.isEmpty()) {
            Collections.rotate(repositories, -(looks % repositories.size()));
        }
        return repositories;
    }

    /**
     * Notes that an image was told again now, and when it is due next. Nothing happens when it has healed since.
     *
     * @param at a failure in between does not change it
     */
    public void lookAgain(UnreadImage image, Instant at) {
        mongo.updateFirst(
                waiting(image),
                new Update()
                        .set(LOOK_AGAIN_AT, FleetDatabase.date(at))
                        .set(LOOKED_AT, FleetDatabase.date(clock.instant()))
                        .set(LOOKS, image.looks() + 1),
                FleetDatabase.IMAGES);
    }

    /** Changes when it is due next, and nothing else; not when somebody else told it since. */
    public void reschedule(UnreadImage image, Instant at) {
        mongo.updateFirst(
                waiting(image).addCriteria(where(LOOK_AGAIN_AT).is(FleetDatabase.date(image.lookAgainAt()))),
                new Update().set(LOOK_AGAIN_AT, FleetDatabase.date(at)),
                FleetDatabase.IMAGES);
    }

    private static Query waiting(UnreadImage image) {
        return new Query(where("_id").is(image.digest().toString()).and(HEALS).is(true));
    }

    /**
     * @param leading the tags among which one is looked for, the first by name
     */
    private @Nullable ImagePushed push(Document image, Query leading) {
        String platform = image.getString("platform");
        Document tag = mongo.findOne(
                leading.addCriteria(where("changed").exists(true)).with(Sort.by("_id")),
                Document.class,
                FleetDatabase.TAGS);
        Instant changed = tag == null ? null : FleetDatabase.instant(tag, "changed");
        return tag == null || changed == null
                ? null
                : new ImagePushed(
                        Repository.parse(tag.getString("repository")),
                        tag.getString("tag"),
                        Digest.parse(tag.getString("digest")),
                        Digest.parse(image.getString("_id")),
                        platform == null ? null : Platform.parse(platform),
                        FleetDatabase.number(tag, "revision"),
                        changed);
    }

    /** Notes that an analysis by this version was asked for now, by an event: for who comes by here again before it is done. */
    public void asked(StaleImage image, String analyzerVersion) {
        mongo.updateFirst(
                new Query(where("_id").is(image.digest().toString())),
                new Update()
                        .set("askedFor", analyzerVersion)
                        .set("askedAt", FleetDatabase.date(clock.instant()))
                        .set("asks", image.asks() + 1),
                FleetDatabase.IMAGES);
    }
}
