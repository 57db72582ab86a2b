package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * The images a tag leads to whose stored analysis is by an older analyzer, or that have none: what a new version has to do again. Who goes
 * through them takes a {@link Turn} first, so that of many analyzers one does; but nothing goes wrong when two do.
 */
public final class StaleImages {

    private final MongoTemplate mongo;
    private final MongoTemplate patient;
    private final VersionOrder versions;
    private final Leases turns;
    private final Clock clock;

    StaleImages(MongoTemplate template, Clock clock) {
        this.mongo = FleetDatabase.durable(template);
        this.patient = FleetDatabase.patient(template);
        this.versions = new VersionOrder(mongo);
        this.turns = new Leases(mongo, FleetDatabase.TURNS, clock);
        this.clock = clock;
    }

    /**
     * The right to go through the images for one version, until the lease ends.
     *
     * @param token as in {@link LayerFactsStore.Claim}
     */
    public record Turn(String analyzerVersion, long token) {}

    /**
     * One such image.
     *
     * @param analysis the older one; null when there is none at all
     * @param basis null when the analysis cannot be made again from what is stored
     * @param push what the watcher told when a tag came to lead here, in the tag's present revision; null when no tag does any more
     * @param asks how often {@link #asked} was called for the version that is asked about
     * @param askedAt when last; null when never
     */
    public record StaleImage(
            Digest digest,
            @Nullable ImageAnalysis analysis,
            @Nullable DerivationBasis basis,
            @Nullable ImagePushed push,
            int asks,
            @Nullable Instant askedAt) {}

    /**
     * Takes the turn of a version that nobody has.
     *
     * @param owner this process, for people
     * @return empty while another one has it, or rests
     */
    public Optional<Turn> claim(String analyzerVersion, String owner, Duration lease) {
        return turns.claim(analyzerVersion, owner, lease).map(token -> new Turn(analyzerVersion, token));
    }

    /** Keeps the turn for this long from now; false when another one took it since. */
    public boolean renew(Turn turn, Duration lease) {
        return turns.extend(turn.analyzerVersion(), turn.token(), lease);
    }

    /**
     * Ends the turn; nothing happens when another one took it since.
     *
     * @param rest for how long from now nobody needs to take it
     */
    public void release(Turn turn, Duration rest) {
        turns.extend(turn.analyzerVersion(), turn.token(), rest);
    }

    /**
     * Up to so many of them, in the order of their digests. Looks at every image's line after {@code after} until it has found so many.
     *
     * @param analyzerVersion whose results, and those of newer versions, are not stale; takes its place among the versions
     * @param after the last one of the page before; null for the first
     */
    public List<StaleImage> page(String analyzerVersion, @Nullable Digest after, int limit) {
        Query query = new Query(where("_id")
                        .gt(after == null ? "" : after.toString())
                        .and(FleetDatabase.LED_TO)
                        .exists(true)
                        .and("analyzerVersion")
                        .nin(versions.notOlderThan(analyzerVersion)))
                .with(Sort.by("_id"))
                .limit(limit);
        List<StaleImage> page = new ArrayList<>();
        for (Document image : patient.find(query, Document.class, FleetDatabase.IMAGES)) {
            page.add(stale(image, analyzerVersion));
        }
        return page;
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
                push(image),
                asked ? (int) FleetDatabase.number(image, "asks") : 0,
                asked ? FleetDatabase.instant(image, "askedAt") : null);
    }

    private @Nullable ImagePushed push(Document image) {
        String id = image.getString("_id");
        String platform = image.getString("platform");
        Document tag = mongo.findOne(
                new Query(where("images").is(id).and("changed").exists(true)).with(Sort.by("_id")),
                Document.class,
                FleetDatabase.TAGS);
        Instant changed = tag == null ? null : FleetDatabase.instant(tag, "changed");
        return tag == null || changed == null
                ? null
                : new ImagePushed(
                        Repository.parse(tag.getString("repository")),
                        tag.getString("tag"),
                        Digest.parse(tag.getString("digest")),
                        Digest.parse(id),
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
