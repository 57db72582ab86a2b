package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageReference;
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
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
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

    FleetQueries(MongoTemplate mongo) {
        this.mongo = FleetDatabase.durable(mongo);
    }

    /**
     * The whole fleet, counted now: reads every image's line. {@link FleetCounts} does it once for many who want to know.
     *
     * @param clock for the time that the count bears
     */
    public FleetCount count(Clock clock) {
        Instant asOf = clock.instant();
        // By repository too, so that one reading gives everything; put together again here.
        Map<Ground, Group> byGround = new HashMap<>();
        for (Document row : grounds(groundKey().append("repositories", "$tags.r"))) {
            byGround.computeIfAbsent(Ground.of(row), ground -> new Group()).add(row);
        }
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
        long tags = 0;
        Map<String, Long> registries = new TreeMap<>();
        Map<String, Long> repositories = tagsByRepository(new Document("removed", false));
        for (Map.Entry<String, Long> repository : repositories.entrySet()) {
            tags += repository.getValue();
            registries.merge(Repository.parse(repository.getKey()).registry(), 1L, Long::sum);
        }
        return new FleetSummary(
                registries.size(),
                repositories.size(),
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

    /** Images of one ground, as they are counted together. */
    private static final class Group {
        private final TreeSet<String> repositories = new TreeSet<>();
        private long images;
        private long bytes;
        private @Nullable Instant oldest;
        private @Nullable Instant newest;
        private @Nullable Instant firstAnalyzedAt;
        private @Nullable Instant lastAnalyzedAt;

        void add(Document row) {
            repositories.addAll(row.get("_id", Document.class).getList("repositories", String.class, List.of()));
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
                    repositories.stream()
                            .limit(StandsOn.MAX_REPOSITORIES)
                            .map(Repository::parse)
                            .toList(),
                    repositories.size(),
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

    private static final Document LED_TO = new Document("tags.0", new Document("$exists", true));

    private Iterable<Document> grounds(Document key) {
        Document group = new Document("_id", key)
                .append("images", new Document("$sum", 1))
                .append("bytes", new Document("$sum", "$bytes"))
                .append("oldest", new Document("$min", "$created"))
                .append("newest", new Document("$max", "$created"))
                .append("firstAnalyzedAt", new Document("$min", "$analyzedAt"))
                .append("lastAnalyzedAt", new Document("$max", "$analyzedAt"));
        return aggregate(FleetDatabase.IMAGES, List.of(new Document("$match", LED_TO), new Document("$group", group)));
    }

    private static Document groundKey() {
        Document key = new Document();
        for (String field : Ground.FIELDS) {
            key.append(field, "$" + field);
        }
        return key;
    }

    private List<Document> aggregate(String collection, List<Document> pipeline) {
        // Read to its end inside, so that a store that does not answer is Spring's exception like everywhere else.
        return Objects.requireNonNull(mongo.execute(
                collection, documents -> documents.aggregate(pipeline).into(new ArrayList<>())));
    }

    private Map<String, Long> tagsByRepository(Document match) {
        Map<String, Long> tags = new TreeMap<>();
        Document group = new Document("_id", "$repository").append("tags", new Document("$sum", 1));
        for (Document row :
                aggregate(FleetDatabase.TAGS, List.of(new Document("$match", match), new Document("$group", group)))) {
            tags.put(row.getString("_id"), FleetDatabase.number(row, "tags"));
        }
        return tags;
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
        equal(query, "tags.g", filter.registry());
        equal(query, "tags.r", filter.repository());
        equal(query, "distro", filter.distro());
        equal(query, "release", filter.release());
        equal(query, "libc", filter.libc());
        equal(
                query,
                "status",
                filter.state() == null ? null : filter.state().name().toLowerCase(Locale.ROOT));
        if (filter.registry() == null && filter.repository() == null) {
            query.addCriteria(where("tags.0").exists(true));
        }
        List<ImageSummary> images = new ArrayList<>();
        for (Document image : page(query, limit, FleetDatabase.IMAGES)) {
            images.add(summary(image));
        }
        String next =
                trim(images, limit) ? images.get(images.size() - 1).digest().toString() : null;
        return new ImagePage(images, next);
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

    private static ImageSummary summary(Document image) {
        List<Document> tags = image.getList("tags", Document.class, List.of());
        return new ImageSummary(
                Digest.parse(image.getString("_id")),
                platform(image),
                statusOf(image.getString("status")),
                image.getString("distro"),
                image.getString("version"),
                image.getString("codename"),
                image.getString("variant"),
                image.getString("libc") == null ? null : libcOf(image.getString("libc")),
                tags.stream()
                        .limit(ImageSummary.MAX_TAGS)
                        .map(tag -> FleetDatabase.reference(tag.getString("t")))
                        .toList(),
                tags.size(),
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
        List<ImageReference> tags = image.getList("tags", Document.class, List.of()).stream()
                .map(tag -> tag.getString("t"))
                .sorted()
                .map(FleetDatabase::reference)
                .toList();
        return Optional.of(new StoredImage(
                digest, platform(image), ImageArchive.find(mongo, digest).orElse(null), tags));
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
        List<RepositorySummary> repositories = new ArrayList<>();
        for (Map.Entry<String, Long> entry : tagsByRepository(match).entrySet()) {
            if ((after == null || entry.getKey().compareTo(after) > 0) && repositories.size() <= bounded(limit)) {
                repositories.add(new RepositorySummary(Repository.parse(entry.getKey()), entry.getValue(), 0));
            }
        }
        boolean more = trim(repositories, limit);
        repositories.replaceAll(
                each -> new RepositorySummary(each.repository(), each.tags(), imagesIn(each.repository())));
        return new RepositoryPage(
                repositories,
                more ? repositories.get(repositories.size() - 1).repository().toString() : null);
    }

    private long imagesIn(Repository repository) {
        return mongo.count(new Query(where("tags.r").is(repository.toString())), FleetDatabase.IMAGES);
    }
}
