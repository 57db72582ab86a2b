package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * What is known of images and of the tags that lead to them: the analyzer's side. Every write may be repeated and may come late: the store
 * ends up in the same state.
 */
public final class ImageArchive {

    private final MongoTemplate mongo;
    private final VersionOrder versions;
    private final Formers formers;
    private final TagHistory history;
    private final Clock clock;

    ImageArchive(MongoTemplate template, Clock clock) {
        this.clock = clock;
        this.mongo = FleetDatabase.durable(template);
        this.versions = new VersionOrder(mongo);
        this.formers = new Formers(mongo);
        this.history = new TagHistory(mongo);
    }

    /**
     * Takes in what happened to a tag. Durable when it returns.
     *
     * <p>The tag's document is the truth and takes the event only if its revision is not older. The images are then brought to what that
     * document says, whichever event it came from; so a repeat after a crash in the middle ends what was begun. If the document was changed
     * by somebody else meanwhile, the images are brought to the new state before this returns.
     *
     * @return false when nothing was done: the tag is not known, and the event is so old that the tag may have been forgotten after it. One
     *     that is there nevertheless is found by {@link LedgerComparison} and told again
     */
    public boolean apply(ImageEvent event) {
        String id = FleetDatabase.tagId(event.repository(), event.tag());
        if (TagHorizon.isBehind(mongo, event.time(), clock)
                && !mongo.exists(new Query(where("_id").is(id)), FleetDatabase.TAGS)) {
            return false;
        }
        takeIn(id, event, history.note(id, event));
        TagState reconciled = null;
        for (TagState state = state(id); !state.leadsLike(reconciled); state = state(id)) {
            reconcile(event, id, state);
            reconciled = state;
        }
        return true;
    }

    private void takeIn(String id, ImageEvent event, @Nullable String change) {
        try {
            mongo.upsert(
                    new Query(where("_id").is(id).and("revision").lt(event.revision())),
                    change == null ? replacement(event) : replacement(event).set(TagHistory.CHANGE, change),
                    FleetDatabase.TAGS);
        } catch (DuplicateKeyException e) {
            // The tag is there and not older, so the upsert met its _id. An index tells its images one by one, in the
            // same revision.
            if (event instanceof ImagePushed pushed) {
                String image = pushed.digest().toString();
                Query same = new Query(where("_id")
                        .is(id)
                        .and("revision")
                        .is(event.revision())
                        .and("removed")
                        .is(false)
                        .and("images")
                        .ne(image));
                mongo.updateFirst(
                        same,
                        RepositorySummaries.mark(new Update())
                                .addToSet("images", image)
                                .addToSet("led", image),
                        FleetDatabase.TAGS);
            }
        }
    }

    private static Update replacement(ImageEvent event) {
        Update update = RepositorySummaries.mark(new Update())
                .set("registry", event.repository().registry())
                .set("repository", event.repository().toString())
                .set("tag", event.tag())
                .set("revision", event.revision())
                .set("changed", FleetDatabase.date(event.time()));
        if (event instanceof ImagePushed pushed) {
            return update.set("digest", pushed.tagDigest().toString())
                    .set("images", List.of(pushed.digest().toString()))
                    .addToSet("led", pushed.digest().toString())
                    .set("removed", false);
        }
        if (event instanceof TagMoved moved) {
            return update.set("digest", moved.to().toString())
                    .set("images", List.of())
                    .set("removed", false);
        }
        TagRemoved removed = (TagRemoved) event;
        return update.set("digest", removed.digest().toString())
                .set("images", List.of())
                .set("removed", true);
    }

    /**
     * @param images that it leads to
     * @param led that it leads to or once led to, as long as their own documents may still say so; grows in the same write as {@code images}
     */
    private record TagState(long revision, List<String> images, List<String> led) {

        boolean leadsLike(@Nullable TagState other) {
            return other != null && revision == other.revision && images.equals(other.images);
        }
    }

    private TagState state(String id) {
        Document tag = Objects.requireNonNull(mongo.findById(id, Document.class, FleetDatabase.TAGS));
        return new TagState(
                FleetDatabase.number(tag, "revision"),
                tag.getList("images", String.class, List.of()),
                tag.getList("led", String.class, List.of()));
    }

    private void reconcile(ImageEvent event, String id, TagState state) {
        for (String image : state.images()) {
            enter(image, event, id);
        }
        for (String image : state.led()) {
            if (!state.images().contains(image)) {
                leave(image, event.repository());
                formers.leave(id, image, state.revision());
            }
        }
    }

    /**
     * Notes the tag's repository on the image, if the tag leads there. Entering and leaving look at the tags between reading the image's number
     * of moves and writing the next one: so whatever others do at the same time, the last one to write has seen the truth. Where the repository is noted already there is nothing to count: an
     * event that is told again is a move and no more.
     */
    private void enter(String image, ImageEvent event, String id) {
        Document place = new Document("r", event.repository().toString())
                .append("g", event.repository().registry());
        Update update = RepositorySummaries.mark(new Update())
                .addToSet("in", place)
                .inc("moves", 1L)
                .setOnInsert("status", FleetDatabase.PENDING);
        Platform platform = platformOf(event, image);
        if (platform != null) {
            update.setOnInsert("platform", platform.toString());
        }
        Query leading = new Query(where("_id").is(id).and("images").is(image));
        Update again = new Update().inc("moves", 1L);
        Document known = known(image);
        while (mongo.exists(leading, FleetDatabase.TAGS)
                && !move(image, known, isIn(known, event.repository()) ? again : update)) {
            known = known(image);
        }
    }

    private static boolean isIn(@Nullable Document image, Repository repository) {
        return image != null
                && image.getList("in", Document.class, List.of()).stream()
                        .anyMatch(place -> repository.toString().equals(place.getString("r")));
    }

    /** Takes the repository from the image unless another of its tags leads there. */
    private void leave(String image, Repository repository) {
        Query leading = leadingTo(image, repository);
        Update update = RepositorySummaries.mark(new Update())
                .pull("in", new Document("r", repository.toString()))
                .inc("moves", 1L)
                .setOnInsert("status", FleetDatabase.PENDING);
        Document known = known(image);
        while (!mongo.exists(leading, FleetDatabase.TAGS) && !move(image, known, update)) {
            known = known(image);
        }
    }

    private @Nullable Document known(String image) {
        Query query = new Query(where("_id").is(image));
        query.fields().include("moves", "in");
        return mongo.findOne(query, Document.class, FleetDatabase.IMAGES);
    }

    /** False when somebody else moved since. An image that is not there yet is made, so that others see the move. */
    private boolean move(String image, @Nullable Document known, Update update) {
        Query unmoved = new Query(where("_id").is(image).and("moves").is(known == null ? null : known.get("moves")));
        if (known != null) {
            return mongo.updateFirst(unmoved, update, FleetDatabase.IMAGES).getMatchedCount() > 0;
        }
        try {
            mongo.upsert(unmoved, update, FleetDatabase.IMAGES);
            return true;
        } catch (DuplicateKeyException e) {
            return false;
        }
    }
    /** By the tags' names, which begin with the repository's: so one index serves, however many tags lead to the image. */
    static Query leadingTo(String image, Repository repository) {
        return new Query(
                where("images").is(image).and("_id").gte(repository + ":").lt(repository + ";"));
    }

    private static @Nullable Platform platformOf(ImageEvent event, String image) {
        return event instanceof ImagePushed pushed && pushed.digest().toString().equals(image)
                ? pushed.platform()
                : null;
    }

    /** The analysis that is kept of this image; empty while it is not analysed. */
    public Optional<ImageAnalysis> find(Digest digest) {
        return find(mongo, digest);
    }

    static Optional<ImageAnalysis> find(MongoTemplate mongo, Digest digest) {
        Document document = mongo.findById(digest.toString(), Document.class, FleetDatabase.ANALYSES);
        return Optional.ofNullable(document).map(found -> ModelJson.read(found.getString("json"), ImageAnalysis.class));
    }

    /**
     * An analysis and what it was made of.
     *
     * @param basis null when not all of that is stored
     */
    public record WithBasis(
            ImageAnalysis analysis, @Nullable DerivationBasis basis) {}

    /** The analysis that is kept of this image, with its basis; empty while it is not analysed. */
    public Optional<WithBasis> findWithBasis(Digest digest) {
        return findWithBasis(mongo, digest);
    }

    static Optional<WithBasis> findWithBasis(MongoTemplate mongo, Digest digest) {
        return Optional.ofNullable(mongo.findById(digest.toString(), Document.class, FleetDatabase.ANALYSES))
                .map(stored -> {
                    String basis = stored.getString("basis");
                    return new WithBasis(
                            ModelJson.read(stored.getString("json"), ImageAnalysis.class),
                            basis == null ? null : ModelJson.read(basis, DerivationBasis.class));
                });
    }

    /**
     * Whether there is nothing to gain from analysing this image with this version: a result of it, or of a newer one, is there, and
     * trying again would not change it. A line that says so while the analysis itself is gone, as when forgetting an image and analysing
     * it crossed, does not count.
     */
    public boolean isAnalyzed(Digest digest, String analyzerVersion) {
        Document image = mongo.findById(digest.toString(), Document.class, FleetDatabase.IMAGES);
        if (image == null) {
            return false;
        }
        Standing standing = Standing.of(image);
        return standing != null
                && standing.isFinalFor(analyzerVersion, versions)
                && mongo.exists(new Query(where("_id").is(digest.toString())), FleetDatabase.ANALYSES);
    }

    /** {@link #save(ImageAnalysis, DerivationBasis)} of an analysis that cannot be made again from what is stored. */
    public void save(ImageAnalysis analysis) {
        save(analysis, null);
    }

    /**
     * Keeps an analysis, unless a better one is there: see {@link Standing} for the order. Durable when it returns. The image need not
     * have been told by an event before.
     *
     * @param basis what it was made of; null when not all of that is stored
     */
    public void save(ImageAnalysis analysis, @Nullable DerivationBasis basis) {
        versions.hear(analysis.analyzerVersion());
        Standing standing = Standing.of(analysis);
        // The analysis first: who sees the image say that it is analysed finds the analysis too.
        write(
                FleetDatabase.ANALYSES,
                analysis.digest(),
                standing,
                List.of(
                        new Field("json", ModelJson.write(analysis)),
                        new Field("basis", basis == null ? null : ModelJson.write(basis))));
        write(FleetDatabase.IMAGES, analysis.digest(), standing, summary(analysis, basis));
    }

    private record Field(String name, @Nullable Object value) {}

    private static List<Field> summary(ImageAnalysis analysis, @Nullable DerivationBasis basis) {
        Distro distro = analysis.fingerprint().distro();
        List<Field> fields = new ArrayList<>();
        fields.add(new Field("status", analysis.status().toString()));
        fields.add(new Field("platform", Objects.toString(analysis.platform(), null)));
        fields.add(new Field("distro", distro == null ? null : distro.id()));
        fields.add(new Field("version", distro == null ? null : distro.version()));
        fields.add(new Field("codename", distro == null ? null : distro.codename()));
        fields.add(new Field("variant", distro == null ? null : distro.variant()));
        fields.add(new Field("release", distro == null ? null : Ground.release(distro.version(), distro.codename())));
        fields.add(
                new Field("libc", analysis.fingerprint().systemLibc().family().toString()));
        fields.add(new Field("bytes", analysis.compressedBytes()));
        fields.add(new Field("uncompressedBytes", analysis.uncompressedBytes()));
        fields.add(new Field("created", FleetDatabase.date(analysis.created())));
        fields.add(new Field("analyzedAt", FleetDatabase.date(analysis.analyzedAt())));
        fields.add(new Field(
                LineageLine.FIELD,
                LineageLine.of(analysis, basis == null ? null : basis.inputs()).write()));
        fields.add(new Field(LineageLine.LABELS, LineageLine.labels(basis == null ? null : basis.inputs())));
        fields.add(new Field(JudgementArchive.JUDGED, null));
        fields.add(new Field(JudgementArchive.CAVEATS, null));
        fields.add(new Field(JudgementArchive.EFFORT, null));
        fields.add(new Field(StaleImages.HEALS, analysis.mayHeal() ? true : null));
        if (!analysis.mayHeal()) {
            fields.add(new Field(StaleImages.LOOKS, null));
            fields.add(new Field(StaleImages.LOOKED_AT, null));
            fields.add(new Field(StaleImages.LOOK_AGAIN_AT, null));
        }
        return fields;
    }

    /** Compare and set: reads what is there, decides, and writes only over what was read. */
    private void write(String collection, Digest digest, Standing standing, List<Field> fields) {
        String id = digest.toString();
        while (true) {
            Document there = mongo.findById(id, Document.class, collection);
            Standing before = there == null ? null : Standing.of(there);
            if (before != null && !standing.replaces(before, versions)) {
                return;
            }
            long turn = there == null ? 0 : FleetDatabase.number(there, "turn");
            Update update = new Update().set("turn", turn + 1);
            if (collection.equals(FleetDatabase.IMAGES)) {
                RepositorySummaries.mark(update);
            }
            standing.write(update);
            for (Field field : fields) {
                if (field.value() == null) {
                    update.unset(field.name());
                } else {
                    update.set(field.name(), field.value());
                }
            }
            Query unchanged = new Query(where("_id").is(id).and("turn").is(there == null || turn == 0 ? null : turn));
            try {
                if (there == null) {
                    mongo.upsert(unchanged, update, collection);
                    return;
                }
                if (mongo.updateFirst(unchanged, update, collection).getMatchedCount() > 0) {
                    return;
                }
            } catch (DuplicateKeyException e) {
                // Somebody else was faster: look again.
            }
        }
    }

    /**
     * Where an analysis stands against another one of the same image. Decided by, in this order:
     *
     * <ol>
     *   <li>What is {@linkplain ImageAnalysis#settled() settled} beats what trying again may change (a registry that was down).
     *   <li>The newer version wins, by {@link VersionOrder}.
     *   <li>Of the same version, the one that came further: complete or skipped, then partial, then unscannable.
     *   <li>The later one, by the time of analysis.
     * </ol>
     */
    record Standing(String version, int rank, boolean isFinal, Instant analyzedAt) {

        private static final int BEST = 3;

        static Standing of(ImageAnalysis analysis) {
            int rank = switch (analysis.status()) {
                case COMPLETE, SKIPPED -> BEST;
                case PARTIAL -> 2;
                case UNSCANNABLE -> 1;
            };
            // MongoDB's dates have milliseconds: what is compared later must have been cut the same way.
            Instant analyzedAt = Instant.ofEpochMilli(analysis.analyzedAt().toEpochMilli());
            return new Standing(analysis.analyzerVersion(), rank, analysis.settled(), analyzedAt);
        }

        static @Nullable Standing of(Document document) {
            String version = document.getString("analyzerVersion");
            Instant decidedAt = FleetDatabase.instant(document, "decidedAt");
            if (version == null || decidedAt == null) {
                return null;
            }
            int rank = (int) FleetDatabase.number(document, "rank");
            // Of failures an older release said otherwise what is final; theirs are looked at again.
            return new Standing(version, rank, rank == BEST || document.getBoolean("settled", false), decidedAt);
        }

        void write(Update update) {
            update.set("analyzerVersion", version)
                    .set("rank", rank)
                    .set("settled", isFinal)
                    .set("decidedAt", FleetDatabase.date(analyzedAt));
        }

        boolean replaces(Standing before, VersionOrder versions) {
            if (isFinal != before.isFinal) {
                return isFinal;
            }
            int byVersion = -versions.compare(before.version, version);
            if (byVersion != 0) {
                return byVersion > 0;
            }
            if (rank != before.rank) {
                return rank > before.rank;
            }
            return !analyzedAt.isBefore(before.analyzedAt);
        }

        boolean isFinalFor(String wanted, VersionOrder versions) {
            return isFinal && versions.compare(version, wanted) >= 0;
        }
    }
}
