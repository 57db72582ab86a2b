package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.RepositoryPage.RepositorySummary;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;

/**
 * What the fleet can be asked. Pages are by key, not by number: a page stays where it is when others change.
 */
public final class FleetQueries {

    /** The longest page; a longer one is cut to it. */
    public static final int MAX_LIMIT = 1000;

    private final MongoTemplate mongo;
    private final MongoTemplate patient;

    FleetQueries(MongoTemplate template) {
        this.mongo = FleetDatabase.durable(template);
        this.patient = FleetDatabase.patient(template);
    }

    /**
     * The whole fleet, counted now: reads every image's line. {@link FleetCounts} does it once for many who want to know.
     *
     * @param clock for the time that the count bears
     */
    public FleetCount count(Clock clock) {
        Instant asOf = clock.instant();
        Map<Ground, Group> byGround = new HashMap<>();
        FleetDatabase.forEach(
                patient,
                FleetDatabase.IMAGES,
                GROUNDS,
                row -> byGround.computeIfAbsent(Ground.of(row), ground -> new Group())
                        .add(row));
        return new FleetCount(asOf, summary(byGround), standsOn(byGround));
    }

    private FleetSummary summary(Map<Ground, Group> byGround) {
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
            first = earlier(first, group.firstAnalyzedAt);
            last = later(last, group.lastAnalyzedAt);
        }
        LongAdder tags = new LongAdder();
        LongAdder repositories = new LongAdder();
        Map<String, Long> registries = new TreeMap<>();
        FleetDatabase.forEach(patient, FleetDatabase.TAGS, tagsByRepository(new Document("removed", false)), row -> {
            tags.add(FleetDatabase.number(row, "tags"));
            repositories.increment();
            registries.merge(Repository.parse(row.getString("_id")).registry(), 1L, Long::sum);
        });
        return new FleetSummary(
                registries.size(),
                repositories.sum(),
                registries,
                tags.sum(),
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

    /** What images are grouped by; null as in {@link StandsOn}. One engine leaves a missing field out of a group's key, another says null. */
    private record Ground(
            @Nullable String distro,
            @Nullable String version,
            @Nullable String codename,
            @Nullable String variant,
            @Nullable String libc,
            @Nullable String status) {

        static final List<String> FIELDS = List.of("distro", "version", "codename", "variant", "libc", "status");

        static Ground of(Document row) {
            Document key = row.get("_id", Document.class);
            return new Ground(
                    key.getString("distro"),
                    key.getString("version"),
                    key.getString("codename"),
                    key.getString("variant"),
                    key.getString("libc"),
                    key.getString("status"));
        }

        @Nullable
        AnalysisStatus analysisStatus() {
            return statusOf(status);
        }

        Libc.Family libcFamily() {
            return libcOf(libc);
        }

        String release() {
            if (distro == null) {
                return FleetSummary.UNKNOWN;
            }
            return distro + (version != null ? " " + version : codename != null ? " (" + codename + ")" : "");
        }
    }

    /** Images of one ground, as they are counted together: a row for each repository. Only as many of those are held as are shown. */
    private static final class Group {
        private final TreeSet<String> repositories = new TreeSet<>();
        private long repositoryCount;
        private long images;
        private long bytes;
        private @Nullable Instant oldest;
        private @Nullable Instant newest;
        private @Nullable Instant firstAnalyzedAt;
        private @Nullable Instant lastAnalyzedAt;

        void add(Document row) {
            repositoryCount++;
            repositories.add(row.get("_id", Document.class).getString("repository"));
            if (repositories.size() > StandsOn.MAX_REPOSITORIES) {
                repositories.pollLast();
            }
            images += FleetDatabase.number(row, "images");
            bytes += FleetDatabase.number(row, "bytes");
            oldest = earlier(oldest, FleetDatabase.instant(row, "oldest"));
            newest = later(newest, FleetDatabase.instant(row, "newest"));
            firstAnalyzedAt = earlier(firstAnalyzedAt, FleetDatabase.instant(row, "firstAnalyzedAt"));
            lastAnalyzedAt = later(lastAnalyzedAt, FleetDatabase.instant(row, "lastAnalyzedAt"));
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

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        return one == null || (other != null && other.isBefore(one)) ? other : one;
    }

    private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
        return one == null || (other != null && other.isAfter(one)) ? other : one;
    }

    /**
     * One reading gives everything: a row for each ground and repository. An image has a line for each repository that it is in, and counts
     * by its first. The key has no array in it: engines do not agree when two arrays are the same.
     */
    private static final List<Document> GROUNDS = List.of(
            new Document("$match", new Document(FleetDatabase.LED_TO, new Document("$exists", true))),
            new Document("$unwind", new Document("path", "$in").append("includeArrayIndex", "line")),
            new Document(
                    "$group",
                    new Document("_id", groundKey().append("repository", "$in.r"))
                            .append("images", new Document("$sum", inFirstLine(1)))
                            .append("bytes", new Document("$sum", inFirstLine("$bytes")))
                            .append("oldest", new Document("$min", "$created"))
                            .append("newest", new Document("$max", "$created"))
                            .append("firstAnalyzedAt", new Document("$min", "$analyzedAt"))
                            .append("lastAnalyzedAt", new Document("$max", "$analyzedAt"))));

    private static Document groundKey() {
        Document key = new Document();
        for (String field : Ground.FIELDS) {
            key.append(field, "$" + field);
        }
        return key;
    }

    private static Document inFirstLine(Object value) {
        return new Document("$cond", List.of(new Document("$eq", List.of("$line", 0)), value, 0));
    }

    private static List<Document> tagsByRepository(Document match) {
        return List.of(
                new Document("$match", match),
                new Document("$group", new Document("_id", "$repository").append("tags", new Document("$sum", 1))));
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

    /**
     * A page of the images that a tag leads to, by digest.
     *
     * @param after {@link ImagePage#next()} of the page before; null for the first
     * @param limit at least 1; at most {@value #MAX_LIMIT} are given
     */
    public ImagePage images(ImageFilter filter, @Nullable String after, int limit) {
        Query query = new Query(where("_id").gt(after == null ? "" : after));
        equal(query, "in.g", filter.registry());
        equal(query, "in.r", filter.repository());
        equal(query, "distro", filter.distro());
        equal(query, "release", filter.release());
        equal(query, "libc", filter.libc());
        equal(
                query,
                "status",
                filter.state() == null ? null : filter.state().name().toLowerCase(Locale.ROOT));
        if (filter.registry() == null && filter.repository() == null) {
            query.addCriteria(where(FleetDatabase.LED_TO).exists(true));
        }
        List<Document> images = new ArrayList<>(page(query, limit, FleetDatabase.IMAGES));
        String next = trim(images, limit) ? images.get(images.size() - 1).getString("_id") : null;
        Map<String, FirstTags> tags =
                firstTags(images.stream().map(image -> image.getString("_id")).toList());
        return new ImagePage(
                images.stream()
                        .map(image -> summary(image, tags.getOrDefault(image.getString("_id"), FirstTags.NONE)))
                        .toList(),
                next);
    }

    private static void equal(Query query, String field, @Nullable Object value) {
        if (value != null) {
            query.addCriteria(where(field).is(value.toString()));
        }
    }

    /** One more than asked for, which tells whether there is a next page. */
    private List<Document> page(Query query, int limit, String collection) {
        return mongo.find(query.with(Sort.by("_id")).limit(bounded(limit) + 1), Document.class, collection);
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
     * @param ids the first ones by name
     * @param count all of them
     */
    private record FirstTags(List<String> ids, long count) {

        static final FirstTags NONE = new FirstTags(List.of(), 0);
    }

    /** The tags of these images, by one question for all of them together unless there are many. */
    private Map<String, FirstTags> firstTags(List<String> images) {
        Map<String, FirstTags> tags = new HashMap<>();
        int most = Math.max(MAX_LIMIT, images.size() * ImageSummary.MAX_TAGS);
        Query leading = new Query(where("images").in(images)).limit(most + 1);
        leading.fields().include("images");
        List<Document> rows = images.isEmpty() ? List.of() : mongo.find(leading, Document.class, FleetDatabase.TAGS);
        if (rows.size() > most) {
            images.forEach(image -> tags.put(image, firstTags(image, ImageSummary.MAX_TAGS)));
            return tags;
        }
        Map<String, TreeSet<String>> found = new HashMap<>();
        for (Document tag : rows) {
            for (String image : tag.getList("images", String.class)) {
                found.computeIfAbsent(image, any -> new TreeSet<>()).add(tag.getString("_id"));
            }
        }
        found.forEach((image, ids) -> tags.put(
                image, new FirstTags(ids.stream().limit(ImageSummary.MAX_TAGS).toList(), ids.size())));
        return tags;
    }

    private FirstTags firstTags(String image, int most) {
        Query leading =
                new Query(where("images").is(image)).with(Sort.by("_id")).limit(most);
        leading.fields().include("_id");
        List<String> ids = mongo.find(leading, Document.class, FleetDatabase.TAGS).stream()
                .map(tag -> tag.getString("_id"))
                .toList();
        long count = ids.size() < most
                ? ids.size()
                : patient.count(new Query(where("images").is(image)), FleetDatabase.TAGS);
        return new FirstTags(ids, count);
    }

    private static ImageSummary summary(Document image, FirstTags tags) {
        return new ImageSummary(
                Digest.parse(image.getString("_id")),
                platform(image),
                statusOf(image.getString("status")),
                image.getString("distro"),
                image.getString("version"),
                image.getString("codename"),
                image.getString("variant"),
                image.getString("libc") == null ? null : libcOf(image.getString("libc")),
                tags.ids().stream().map(FleetDatabase::reference).toList(),
                Math.toIntExact(tags.count()),
                FleetDatabase.instant(image, "created"),
                FleetDatabase.instant(image, "analyzedAt"),
                image.getString("analyzerVersion"),
                image.containsKey("bytes") ? FleetDatabase.number(image, "bytes") : null,
                image.containsKey("uncompressedBytes") ? FleetDatabase.number(image, "uncompressedBytes") : null);
    }

    private static @Nullable Platform platform(Document image) {
        String platform = image.getString("platform");
        return platform == null ? null : Platform.parse(platform);
    }

    private static @Nullable AnalysisStatus statusOf(@Nullable String status) {
        return status == null || status.equals(FleetDatabase.PENDING) ? null : AnalysisStatus.parse(status);
    }

    private static Libc.Family libcOf(@Nullable String libc) {
        return libc == null ? Libc.Family.UNKNOWN : Libc.Family.parse(libc);
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
                tags.ids().stream().map(FleetDatabase::reference).toList(),
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
        List<StoredTag> tags = new ArrayList<>();
        for (Document tag : page(query, limit, FleetDatabase.TAGS)) {
            tags.add(new StoredTag(
                    Repository.parse(tag.getString("repository")),
                    tag.getString("tag"),
                    Digest.parse(tag.getString("digest")),
                    FleetDatabase.digests(tag, "images"),
                    FleetDatabase.number(tag, "revision"),
                    FleetDatabase.instant(tag, "changed")));
        }
        boolean more = trim(tags, limit);
        StoredTag last = tags.isEmpty() ? null : tags.get(tags.size() - 1);
        return new TagPage(tags, more && last != null ? FleetDatabase.tagId(last.repository(), last.tag()) : null);
    }

    /**
     * A page of the repositories with at least one tag, by name.
     *
     * @param registry host[:port]; null for all
     * @param after {@link RepositoryPage#next()} of the page before; null for the first
     * @param limit at least 1; at most {@value #MAX_LIMIT} are given
     */
    public RepositoryPage repositories(@Nullable String registry, @Nullable String after, int limit) {
        Document match = new Document("removed", false);
        if (registry != null) {
            match.append("registry", registry);
        }
        if (after != null) {
            match.append("repository", new Document("$gt", after));
        }
        List<Document> page = new ArrayList<>(tagsByRepository(match));
        page.add(new Document("$sort", new Document("_id", 1)));
        page.add(new Document("$limit", bounded(limit) + 1));
        List<RepositorySummary> repositories = new ArrayList<>();
        FleetDatabase.forEach(patient, FleetDatabase.TAGS, page, row -> {
            Repository repository = Repository.parse(row.getString("_id"));
            repositories.add(new RepositorySummary(repository, FleetDatabase.number(row, "tags"), 0));
        });
        boolean more = trim(repositories, limit);
        repositories.replaceAll(
                each -> new RepositorySummary(each.repository(), each.tags(), imagesIn(each.repository())));
        return new RepositoryPage(
                repositories,
                more ? repositories.get(repositories.size() - 1).repository().toString() : null);
    }

    private long imagesIn(Repository repository) {
        return mongo.count(new Query(where("in.r").is(repository.toString())), FleetDatabase.IMAGES);
    }
}
