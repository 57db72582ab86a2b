package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.RepositoryPage.RepositorySummary;
import io.basewatch.lineage.FleetImage;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.Member;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;

/**
 * What the fleet can be asked. Pages are by key, not by number: a page stays where it is when others change.
 */
public final class FleetQueries {

    /** The longest page; a longer one is cut to it. */
    public static final int MAX_LIMIT = 1000;

    /** Images whose tags are asked for by one question: one engine compares each tag with all of them. */
    private static final int TOGETHER = 50;

    /** So many changes are taken in by who asks for a page of repositories; more are left to the next count. */
    private static final int GLANCE = 20;

    /** In so many a name is looked for that was given without its registry. */
    private static final int MOST_REGISTRIES = 20;

    /** So many changed tags, and repositories with such, are told from the others of a page; where more have changed, all tags of a page are read. */
    private static final int MOST_CHANGES = 1_000;

    /** Of an image's document: what a line of a list shows that who has read the fleet does not know, where the image lies, and of which revision that is. */
    private static final List<String> KNOWN_LINE = List.of("analyzedAt", "bytes", "in", RepositorySummaries.MARKS);

    private static final List<String> WHOLE_LINE = List.of(
            "platform",
            "status",
            "distro",
            "version",
            "codename",
            "variant",
            "libc",
            "created",
            "analyzedAt",
            "bytes",
            JudgementArchive.CAVEATS);

    private static final List<String> LIBCS =
            Arrays.stream(Libc.Family.values()).map(Libc.Family::toString).toList();
    private static final List<String> SEVERITIES = Arrays.stream(Caveat.Severity.values())
            .map(Caveat.Severity::toString)
            .toList();
    private static final List<String> STATES =
            Arrays.stream(ImageFilter.State.values()).map(FleetQueries::written).toList();

    /** Of an image: looking through so many is sooner done than a set is made. */
    private static final int FEW_PLACES = 8;

    private final MongoTemplate mongo;
    private final MongoTemplate patient;
    private final RepositorySummaries summaries;

    FleetQueries(MongoTemplate template) {
        this.mongo = FleetDatabase.durable(template);
        this.patient = FleetDatabase.patient(template);
        this.summaries = new RepositorySummaries(template);
    }

    /**
     * The whole fleet, from what is kept of each repository; what was stored before this was asked is counted.
     *
     * @param clock for the time that the count bears
     */
    public FleetCount count(Clock clock) {
        return summaries.count(clock);
    }

    /**
     * A page of the images that a tag leads to, by digest.
     *
     * @param after {@link ImagePage#next()} of the page before; null for the first
     * @param limit at least 1; at most {@value #MAX_LIMIT} are given
     */
    public ImagePage images(ImageFilter filter, @Nullable String after, int limit) {
        return images(filter, after, limit, null);
    }

    /**
     * What somebody has read of the fleet by {@link FleetReading}, and has in memory.
     *
     * @param asOf read before the tree is asked
     */
    public record Known(FleetTree tree, FleetReading.AsOf asOf) {}

    /**
     * The same page as without what is known: all of it from memory while nothing in the store has changed since that was read. Else of that is taken only what is so in the store, too, which saves
     * reading all tags that lead to a page's images, and most of their lines.
     *
     * @param known null where nothing is
     */
    public ImagePage images(ImageFilter filter, @Nullable String after, int limit, @Nullable Known known) {
        ImagePage still = known == null ? null : stillPage(filter, after, limit, known);
        return still == null ? storedPage(filter, after, limit, known) : still;
    }

    /** From memory alone; null where the fleet may have changed since it was read. */
    private @Nullable ImagePage stillPage(ImageFilter filter, @Nullable String after, int limit, Known known) {
        if (!summaries.isStill(known.asOf())) {
            return null;
        }
        List<FleetTree.Line> lines = new ArrayList<>(known.tree()
                .lines(
                        filter.repository(),
                        after == null ? null : Digest.parse(after),
                        bounded(limit) + 1,
                        ImageSummary.MAX_TAGS,
                        filter::isMetBy));
        if (!lines.stream().allMatch(line -> line.kept().isCounted())) {
            return null;
        }
        String next = trim(lines, limit) ? lines.get(lines.size() - 1).digest().toString() : null;
        return new ImagePage(lines.stream().map(FleetQueries::summary).toList(), next);
    }

    private ImagePage storedPage(ImageFilter filter, @Nullable String after, int limit, @Nullable Known known) {
        Query query = new Query(where("_id").gt(after == null ? "" : after));
        equal(query, "in.g", filter.registry());
        equal(query, "in.r", filter.repository());
        // Images whose files do not say have no such field; they are counted under this word, which an os-release may
        // say, too.
        if (FleetSummary.UNKNOWN.equals(filter.distro())) {
            query.addCriteria(where("distro").in(null, FleetSummary.UNKNOWN));
        } else {
            equal(query, "distro", filter.distro());
        }
        equal(query, "release", filter.release());
        boolean isOfDistro = filter.distro() != null || filter.release() != null;
        oneOf(query, "libc", filter.libc() == null ? null : filter.libc().toString(), LIBCS, isOfDistro);
        oneOf(
                query,
                "status",
                filter.state() == null ? null : written(filter.state()),
                STATES,
                isOfDistro || filter.libc() != null);
        if (filter.caveat() != null) {
            query.addCriteria(where(JudgementArchive.CAVEATS).elemMatch(criteria(filter.caveat())));
        }
        if (filter.registry() == null && filter.repository() == null) {
            query.addCriteria(where(FleetDatabase.LED_TO).exists(true));
        }
        query.fields().include((known == null ? WHOLE_LINE : KNOWN_LINE).toArray(String[]::new));
        List<Document> images = new ArrayList<>(page(query, limit, FleetDatabase.IMAGES));
        String next = trim(images, limit) ? images.get(images.size() - 1).getString("_id") : null;
        return new ImagePage(known == null ? summaries(images) : summaries(images, known), next);
    }

    /** Of whole lines. */
    private List<ImageSummary> summaries(List<Document> images) {
        Map<String, FirstTags> tags =
                firstTags(images.stream().map(image -> image.getString("_id")).toList());
        return images.stream()
                .map(image -> summary(image, tags.getOrDefault(image.getString("_id"), FirstTags.NONE)))
                .toList();
    }

    /**
     * An image of a page.
     *
     * @param line with the tags that lead to it now; null where those have to be read
     */
    private record Row(Document image, FleetTree.@Nullable Line line) {

        String id() {
            return image.getString("_id");
        }

        /** Whether the tree was told of it as it is now. */
        boolean isKnown() {
            return line != null
                    && line.kept().isCounted()
                    && line.kept().revision() == FleetDatabase.number(image, RepositorySummaries.MARKS);
        }
    }

    /** Of short lines: where the tree was told of another revision they are read whole. */
    private List<ImageSummary> summaries(List<Document> images, Known known) {
        List<Row> rows = rows(images, known);
        Map<String, FirstTags> tags = firstTags(
                rows.stream().filter(row -> row.line() == null).map(Row::id).toList());
        Map<String, Document> whole = wholeLines(
                rows.stream().filter(row -> !row.isKnown()).map(Row::id).toList());
        List<ImageSummary> summaries = new ArrayList<>(rows.size());
        for (Row row : rows) {
            FleetTree.Line line = row.line();
            FirstTags first = line == null ? tags.getOrDefault(row.id(), FirstTags.NONE) : FirstTags.of(line);
            Document read = whole.get(row.id());
            if (read != null) {
                summaries.add(summary(read, first));
            } else if (line != null && row.isKnown()) {
                summaries.add(summary(line, first, row.image()));
            }
            // Else it is gone since the page was read.
        }
        return summaries;
    }

    private Map<String, Document> wholeLines(List<String> images) {
        Map<String, Document> lines = new HashMap<>();
        if (!images.isEmpty()) {
            Query query = new Query(where("_id").in(images));
            query.fields().include(WHOLE_LINE.toArray(String[]::new));
            FleetDatabase.plain(mongo, FleetDatabase.IMAGES, query)
                    .forEach(image -> lines.put(image.getString("_id"), image));
        }
        return lines;
    }

    private List<Row> rows(List<Document> images, Known known) {
        Set<String> retagged = summaries.retaggedSince(known.asOf(), MOST_CHANGES);
        List<Row> rows = new ArrayList<>(images.size());
        for (Document image : images) {
            Digest digest = Digest.parse(image.getString("_id"));
            rows.add(new Row(
                    image,
                    retagged == null
                            ? null
                            : known.tree()
                                    .line(digest, ImageSummary.MAX_TAGS)
                                    .filter(line -> isWhereItWas(image, line.places(), retagged))
                                    .orElse(null)));
        }
        return rows;
    }

    /**
     * Whether an image lies where the tree has it, and none of these repositories has a tag that may lead elsewhere since. That an image is analysed or judged changes nothing of its tags, though
     * it makes its repositories be counted.
     */
    private static boolean isWhereItWas(Document image, List<FleetImage.Place> places, Set<String> retagged) {
        List<Document> lies = image.getList("in", Document.class, List.of());
        if (lies.size() != places.size()) {
            return false;
        }
        Set<String> known = places.size() > FEW_PLACES
                ? places.stream().map(place -> place.repository().toString()).collect(Collectors.toSet())
                : null;
        for (Document place : lies) {
            String repository = place.getString("r");
            if (retagged.contains(repository)
                    || !(known == null ? isIn(places, repository) : known.contains(repository))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isIn(List<FleetImage.Place> places, String repository) {
        for (FleetImage.Place place : places) {
            if (place.repository().isWritten(repository)) {
                return true;
            }
        }
        return false;
    }

    /** Places are not in the order of their tags' names. */
    private static List<ImageReference> byName(List<ImageReference> references) {
        Map<String, ImageReference> sorted = new TreeMap<>();
        references.forEach(reference -> sorted.put(reference.toString(), reference));
        return sorted.values().stream().limit(ImageSummary.MAX_TAGS).toList();
    }

    private static Criteria criteria(ImageFilter.OfCaveat caveat) {
        Criteria criteria = new Criteria();
        if (caveat.id() != null) {
            criteria = criteria.and("id").is(caveat.id());
        }
        if (caveat.kind() != null) {
            criteria = criteria.and("kind").is(caveat.kind().toString());
        }
        if (caveat.severity() != null) {
            return criteria.and("severity").is(caveat.severity().toString());
        }
        // An index begins with the kind and then the severity, see oneOf.
        return caveat.id() == null ? criteria.and("severity").in(SEVERITIES) : criteria;
    }

    private static String written(ImageFilter.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    /**
     * @param all values that there are: asking for each of them asks for nothing, but names all fields of an index, which then gives its entries in order
     * @param isNamed whether the index is one with this field
     */
    private static void oneOf(Query query, String field, @Nullable String value, List<String> all, boolean isNamed) {
        if (value != null) {
            equal(query, field, value);
        } else if (isNamed) {
            query.addCriteria(where(field).in(all));
        }
    }

    private static void equal(Query query, String field, @Nullable Object value) {
        if (value != null) {
            query.addCriteria(where(field).is(value.toString()));
        }
    }

    /** One more than asked for, which tells whether there is a next page. */
    private List<Document> page(Query query, int limit, String collection) {
        return FleetDatabase.plain(mongo, collection, query.with(Sort.by("_id")).limit(bounded(limit) + 1));
    }

    private static boolean trim(List<?> items, int limit) {
        if (items.size() <= bounded(limit)) {
            return false;
        }
        items.remove(items.size() - 1);
        return true;
    }

    private static int bounded(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit " + limit + " is less than 1");
        }
        return Math.min(limit, MAX_LIMIT);
    }

    /**
     * @param references the first ones by name
     * @param count all of them
     */
    private record FirstTags(List<ImageReference> references, long count) {

        static FirstTags of(Collection<String> ids, int most, long count) {
            return new FirstTags(
                    ids.stream().limit(most).map(FleetDatabase::reference).toList(), count);
        }

        static FirstTags of(FleetTree.Line line) {
            List<ImageReference> first = new ArrayList<>();
            for (FleetImage.Place place : line.places()) {
                place.tags().forEach(tag -> first.add(new ImageReference(place.repository(), tag, null)));
            }
            return new FirstTags(line.places().size() > 1 ? byName(first) : first, line.tagCount());
        }

        static final FirstTags NONE = new FirstTags(List.of(), 0);
    }

    private Map<String, FirstTags> firstTags(List<String> images) {
        Map<String, FirstTags> tags = new HashMap<>();
        for (int from = 0; from < images.size(); from += TOGETHER) {
            tags.putAll(firstTagsTogether(images.subList(from, Math.min(images.size(), from + TOGETHER))));
        }
        return tags;
    }

    /** The tags of these images, by one question for all of them together unless there are many. */
    private Map<String, FirstTags> firstTagsTogether(List<String> images) {
        Map<String, FirstTags> tags = new HashMap<>();
        int most = Math.max(MAX_LIMIT, images.size() * ImageSummary.MAX_TAGS);
        Query leading = new Query(where("images").in(images)).limit(most + 1);
        leading.fields().include("images");
        List<Document> rows = images.isEmpty() ? List.of() : FleetDatabase.plain(mongo, FleetDatabase.TAGS, leading);
        if (rows.size() > most) {
            images.forEach(image -> tags.put(image, firstTags(image, ImageSummary.MAX_TAGS)));
            return tags;
        }
        Map<String, TreeSet<String>> found = new HashMap<>();
        images.forEach(image -> found.put(image, new TreeSet<>()));
        for (Document tag : rows) {
            for (String image : tag.getList("images", String.class)) {
                // Of the other platforms of an index not all tags were asked for.
                if (found.containsKey(image)) {
                    found.get(image).add(tag.getString("_id"));
                }
            }
        }
        found.forEach((image, ids) -> tags.put(image, FirstTags.of(ids, ImageSummary.MAX_TAGS, ids.size())));
        return tags;
    }

    private FirstTags firstTags(String image, int most) {
        Query leading =
                new Query(where("images").is(image)).with(Sort.by("_id")).limit(most);
        leading.fields().include("_id");
        List<String> ids = FleetDatabase.plain(mongo, FleetDatabase.TAGS, leading).stream()
                .map(tag -> tag.getString("_id"))
                .toList();
        long count = ids.size() < most
                ? ids.size()
                : patient.count(new Query(where("images").is(image)), FleetDatabase.TAGS);
        return FirstTags.of(ids, most, count);
    }

    private static ImageSummary summary(Document image, FirstTags tags) {
        AnalysisStatus status = Ground.status(image.getString("status"));
        // What is left of an analysis that was forgotten says nothing.
        Document known = status == null ? new Document() : image;
        return new ImageSummary(
                Digest.parse(image.getString("_id")),
                platform(image),
                status,
                known.getString("distro"),
                known.getString("version"),
                known.getString("codename"),
                known.getString("variant"),
                status == null ? null : Ground.libc(known.getString("libc")),
                tags.references(),
                Math.toIntExact(tags.count()),
                FleetDatabase.instant(known, "created"),
                FleetDatabase.instant(known, "analyzedAt"),
                FleetDatabase.numberOrNull(known, "bytes"),
                FleetReading.caveats(known));
    }

    /** @param image of the revision that the line is of */
    private static ImageSummary summary(FleetTree.Line line, FirstTags tags, Document image) {
        return summary(
                line, tags, FleetDatabase.instant(image, "analyzedAt"), FleetDatabase.numberOrNull(image, "bytes"));
    }

    private static ImageSummary summary(FleetTree.Line line) {
        return summary(
                line, FirstTags.of(line), line.kept().analyzedAt(), line.kept().compressedBytes());
    }

    private static ImageSummary summary(
            FleetTree.Line line, FirstTags tags, @Nullable Instant analyzedAt, @Nullable Long bytes) {
        boolean isAnalyzed = line.status() != null;
        Member.Ground ground = line.ground();
        return new ImageSummary(
                line.digest(),
                line.platform(),
                line.status(),
                ground == null ? null : ground.distro(),
                ground == null ? null : ground.version(),
                ground == null ? null : ground.codename(),
                ground == null ? null : ground.variant(),
                isAnalyzed ? line.libc() : null,
                tags.references(),
                Math.toIntExact(tags.count()),
                line.created(),
                isAnalyzed ? analyzedAt : null,
                isAnalyzed ? bytes : null,
                line.caveats());
    }

    private static @Nullable Platform platform(Document image) {
        String platform = image.getString("platform");
        return platform == null ? null : Platform.parse(platform);
    }

    /** All that is kept of one image, whether a tag leads to it or not; empty when it was never told. */
    public Optional<StoredImage> image(Digest digest) {
        Document image = mongo.findById(digest.toString(), Document.class, FleetDatabase.IMAGES);
        if (image == null) {
            return Optional.empty();
        }
        FirstTags tags = firstTags(digest.toString(), StoredImage.MAX_TAGS);
        return Optional.of(new StoredImage(
                digest,
                platform(image),
                ImageArchive.find(mongo, digest).orElse(null),
                JudgementArchive.find(mongo, digest).orElse(null),
                tags.references(),
                tags.count()));
    }

    /**
     * A page of the tags that are there, by name.
     *
     * @param after {@link TagPage#next()} of the page before; null for the first
     * @param limit at least 1; at most {@value #MAX_LIMIT} are given
     */
    public TagPage tags(TagFilter filter, @Nullable String after, int limit) {
        Query query = new Query(
                where("_id").gt(after == null ? "" : after).and("removed").is(false));
        equal(query, "registry", filter.registry());
        equal(query, "repository", filter.repository());
        equal(query, "images", filter.image());
        List<StoredTag> tags = tags(page(query, limit, FleetDatabase.TAGS));
        boolean more = trim(tags, limit);
        StoredTag last = tags.isEmpty() ? null : tags.get(tags.size() - 1);
        return new TagPage(tags, more && last != null ? FleetDatabase.tagId(last.repository(), last.tag()) : null);
    }

    /**
     * What is known of whether its publisher ends an image, of it or of an index that has it.
     *
     * @param ends the day from which on it has ended, the earliest where several tags' referrers say so; null where none does, and where no registry was asked
     * @param unread a tag that leads to it of which a registry was asked and did not tell all; null where there is none
     */
    public record PublisherSays(
            @Nullable LocalDate ends, @Nullable StoredTag unread) {}

    /** By the tags that lead to it; of very many only the first {@value #MAX_LIMIT} by name are looked at. */
    public PublisherSays publisherSays(Digest image) {
        List<StoredTag> tags =
                tags(new TagFilter(null, null, image), null, MAX_LIMIT).tags();
        return new PublisherSays(
                tags.stream()
                        .flatMap(tag -> tag.publisherEnds(image).stream())
                        .min(Comparator.naturalOrder())
                        .orElse(null),
                tags.stream()
                        .filter(tag ->
                                tag.referrers() != null && !tag.referrers().complete())
                        .findFirst()
                        .orElse(null));
    }

    /** The name of a tag that leads to an image which is not looked at by choice; empty where no tag does. */
    public Optional<String> unwatched(Digest image) {
        Query leading = new Query(where(UnwatchedImage.DIGEST).is(image.toString()));
        return Optional.ofNullable(mongo.findOne(leading, Document.class, FleetDatabase.WATCH_TAGS))
                .map(tag -> tag.getString("repository") + ":" + tag.getString("tag"));
    }

    /** With what the ledger knows beside the fleet: what nobody was told of. */
    private List<StoredTag> tags(Iterable<Document> found) {
        Map<String, Document> tags = new LinkedHashMap<>();
        found.forEach(tag -> tags.put(tag.getString("_id"), tag));
        Query some = new Query(where("_id")
                .in(tags.keySet())
                .orOperator(
                        where(UnwatchedImage.FIELD).exists(true),
                        where(TagReferrers.FIELD).exists(true)));
        Map<String, Document> told = new HashMap<>();
        if (!tags.isEmpty()) {
            mongo.find(some, Document.class, FleetDatabase.WATCH_TAGS)
                    .forEach(tag -> told.put(tag.getString("_id"), tag));
        }
        List<StoredTag> all = new ArrayList<>();
        tags.forEach((id, tag) -> {
            Document beside = told.get(id);
            // What is being told just now is not there yet.
            boolean same = beside != null && tag.getString("digest").equals(beside.getString("digest"));
            all.add(tag(tag, beside != null && same ? beside : new Document()));
        });
        return all;
    }

    private static StoredTag tag(Document tag, Document beside) {
        return new StoredTag(
                Repository.parse(tag.getString("repository")),
                tag.getString("tag"),
                Digest.parse(tag.getString("digest")),
                FleetDatabase.digests(tag, "images"),
                FleetDatabase.number(tag, "revision"),
                FleetDatabase.instant(tag, "changed"),
                UnwatchedImage.of(beside),
                TagReferrers.of(beside));
    }

    /**
     * What a person may mean who has typed so much: tags whose reference begins so, with the registry or without it, and images that a tag leads to whose digest does, with the
     * algorithm or without it. Asked of the index alone; of very many registries only the first are looked into.
     *
     * @param text not empty
     * @param registries in which a name is looked for that was given without one
     * @param limit of each; at least 1
     */
    public Found beginningWith(String text, Collection<String> registries, int limit) {
        List<StoredTag> tags = new ArrayList<>(tagsFrom(text, limit));
        for (String registry : registries.stream().limit(MOST_REGISTRIES).toList()) {
            if (tags.size() <= limit && !text.startsWith(registry + "/")) {
                tags.addAll(tagsFrom(registry + "/" + text, limit));
            }
        }
        List<Document> images = new ArrayList<>();
        String digest = text.toLowerCase(Locale.ROOT);
        if (digest.matches("[0-9a-f]{4,64}")) {
            images.addAll(imagesFrom("sha256:" + digest, limit));
        } else if (digest.matches("sha(256|512):[0-9a-f]{1,128}")) {
            images.addAll(imagesFrom(digest, limit));
        }
        boolean isCut = tags.size() > bounded(limit) || images.size() > bounded(limit);
        tags.subList(Math.min(tags.size(), bounded(limit)), tags.size()).clear();
        trim(images, limit);
        return new Found(tags, summaries(images), isCut);
    }

    private List<StoredTag> tagsFrom(String beginning, int limit) {
        Query query = new Query(between(beginning).and("removed").is(false));
        return tags(page(query, limit, FleetDatabase.TAGS));
    }

    private List<Document> imagesFrom(String beginning, int limit) {
        return page(new Query(between(beginning).and(FleetDatabase.LED_TO).exists(true)), limit, FleetDatabase.IMAGES);
    }

    private static Criteria between(String beginning) {
        return where("_id").gte(beginning).lt(beginning + '\uffff');
    }

    /**
     * A page of the repositories with at least one tag, by name. Their numbers are those that are kept: a few changes are in them at once, many when the fleet
     * is counted next.
     *
     * @param registry host[:port]; null for all
     * @param after {@link RepositoryPage#next()} of the page before; null for the first
     * @param limit at least 1; at most {@value #MAX_LIMIT} are given
     */
    public RepositoryPage repositories(@Nullable String registry, @Nullable String after, int limit) {
        summaries.glance(GLANCE);
        Query query = new Query(where("_id")
                .gt(after == null ? "" : after)
                .and(RepositorySummaries.LIVE)
                .is(true));
        equal(query, "registry", registry);
        query.fields().include("tags", "images");
        List<RepositorySummary> repositories = new ArrayList<>();
        for (Document kept : page(query, limit, RepositorySummaries.COLLECTION)) {
            repositories.add(new RepositorySummary(
                    Repository.parse(kept.getString("_id")),
                    FleetDatabase.number(kept, "tags"),
                    FleetDatabase.number(kept, "images")));
        }
        boolean more = trim(repositories, limit);
        return new RepositoryPage(
                repositories,
                more ? repositories.get(repositories.size() - 1).repository().toString() : null);
    }
}
