package io.basewatch.benchmarks;

import com.mongodb.ConnectionString;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.InsertManyOptions;
import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageAnalysis.Layer;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.ImageArchive;
import io.basewatch.fleetstore.LayerFactsStore;
import io.basewatch.fleetstore.LayerFactsStore.Claim;
import io.basewatch.fleetstore.LayerFactsStore.Part;
import io.basewatch.fleetstore.TagLedger;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.bson.Document;
import org.bson.types.Binary;
import org.jspecify.annotations.Nullable;

/**
 * Fills a store with a fleet of any size, the same for the same seed: images on a tree of bases eight deep, repositories of very different sizes, tags that
 * pile up on some images. What a document looks like is not known here: one of each kind is written by the store's own doors, and all others are copies of
 * it with names, numbers and analysis of their own.
 */
final class SampleFleet {

    private static final PrintStream OUT = System.out;

    /** Newer than any analyzer's: nothing of it is stale. */
    private static final String VERSION = "1000000.2026-11-01+sample";

    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Platform ARM64 = Platform.parse("linux/arm64");
    private static final int BATCH = 1000;
    private static final int DEEPEST = 8;
    private static final int FACTS = 1200;

    /** Of all facts of a layer in the sample: newer than any analyzer's too. */
    private static final int GENERATION = 1_000_000;

    private static final String KIND = "sample";

    /** Hosts with how many of ten repositories they have. */
    private static final List<String> REGISTRIES = List.of(
            "registry.example.com:5000",
            "registry.example.com:5000",
            "registry.example.com:5000",
            "registry.example.com:5000",
            "registry.example.com:5000",
            "registry.example.com:5000",
            "harbor.example.com",
            "harbor.example.com",
            "harbor.example.com",
            "ghcr.example.com");

    private record Release(
            int weight,
            @Nullable String distro,
            @Nullable String version,
            @Nullable String codename,
            @Nullable String variant,
            Libc.Family libc) {}

    private record Node(List<Layer> layers, Release release) {}

    private final MongoDatabase database;
    private final FleetStore store;
    private final SplittableRandom random;
    private final List<Release> releases = releases();
    private final List<Node> bases = new ArrayList<>();
    private final List<Layer> tops = new ArrayList<>();

    private SampleFleet(MongoDatabase database, FleetStore store, long seed) {
        this.database = database;
        this.store = store;
        this.random = new SplittableRandom(seed);
    }

    /**
     * @param target a file for the embedded store, or {@code mongodb://…}
     * @param seed of everything that is chosen
     */
    static void fill(String target, int images, int tags, int repositories, long seed) throws Exception {
        long start = System.nanoTime();
        if (StoreSizes.isAddress(target)) {
            StoreSizes.reach(target);
            fillAt(target, images, tags, repositories, seed);
        } else {
            Path file = Path.of(target);
            if (Files.exists(file) && Files.size(file) > 0) {
                throw new IllegalArgumentException(file + " is there already: name a new file");
            }
            try (EmbeddedStore engine = EmbeddedStore.start(file)) {
                fillAt(engine.connectionString(), images, tags, repositories, seed);
            }
            OUT.printf(Locale.ROOT, "%s: %d MB%n", file, Files.size(file) >> 20);
        }
        OUT.printf(Locale.ROOT, "filled in %.0f s%n", seconds(start));
    }

    private static void fillAt(String uri, int images, int tags, int repositories, long seed) {
        ConnectionString address = new ConnectionString(uri);
        String name = address.getDatabase() == null ? "basewatch" : address.getDatabase();
        try (MongoClient client = MongoClients.create(address);
                FleetStore store = FleetStore.connect(uri)) {
            MongoDatabase database = client.getDatabase(name).withWriteConcern(WriteConcern.W1);
            if (database.getCollection("images").find().first() != null) {
                throw new IllegalArgumentException("the store has images already: name an empty database");
            }
            SampleFleet fleet = new SampleFleet(database, store, seed);
            fleet.layers(images / 10, images * 4 / 10);
            fleet.images(images, tags, repositories);
            // What each repository has is counted by whoever opens the store next, as after an upgrade.
            database.getCollection("repository_summaries").deleteMany(new Document());
            database.getCollection("schema")
                    .updateOne(new Document(), new Document("$set", new Document("version", 2)));
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static List<Release> releases() {
        List<Release> releases = new ArrayList<>();
        for (int minor = 12; minor <= 23; minor++) {
            for (int patch = 0; patch < 8; patch += 2) {
                releases.add(new Release(minor, "alpine", "3." + minor + "." + patch, null, null, Libc.Family.MUSL));
            }
        }
        String[] debian = {"jessie", "stretch", "buster", "bullseye", "bookworm", "trixie"};
        for (int n = 0; n < debian.length; n++) {
            for (int point = 1; point <= 12; point += 3) {
                String version = (8 + n) + "." + point;
                releases.add(new Release(12 * n, "debian", version, debian[n], null, Libc.Family.GLIBC));
                releases.add(new Release(2 * n, "debian", version, debian[n], "distroless", Libc.Family.GLIBC));
            }
        }
        releases.add(new Release(5, "debian", null, "forky", "sid", Libc.Family.GLIBC));
        for (int year = 14; year <= 24; year += 2) {
            releases.add(new Release(4 * (year - 12), "ubuntu", year + ".04", "lts" + year, null, Libc.Family.GLIBC));
        }
        for (String distro : List.of("rhel", "rocky", "almalinux", "centos", "ol")) {
            for (String version : List.of("7", "8.6", "8.10", "9.2", "9.4", "9.5")) {
                releases.add(new Release(4, distro, version, null, null, Libc.Family.GLIBC));
            }
        }
        releases.add(new Release(12, "amzn", "2", null, null, Libc.Family.GLIBC));
        releases.add(new Release(12, "amzn", "2023", null, null, Libc.Family.GLIBC));
        releases.add(new Release(15, "wolfi", "20230201", null, null, Libc.Family.GLIBC));
        releases.add(new Release(3, "openwrt", "23.05", null, null, Libc.Family.MUSL));
        releases.add(new Release(2, "openwrt", "15.05", null, null, Libc.Family.UCLIBC));
        releases.add(new Release(25, null, null, null, null, Libc.Family.STATIC));
        releases.add(new Release(5, null, null, null, null, Libc.Family.NONE));
        releases.add(new Release(5, null, null, null, null, Libc.Family.UNKNOWN));
        return releases;
    }

    private Release release() {
        int at = random.nextInt(releases.stream().mapToInt(Release::weight).sum());
        for (Release each : releases) {
            at -= each.weight();
            if (at < 0) {
                return each;
            }
        }
        throw new IllegalStateException("weights do not add up");
    }

    private Digest digest() {
        byte[] hash = new byte[32];
        random.nextBytes(hash);
        return Digest.ofSha256(hash);
    }

    /** The digests of a thing's kind in ascending order, which an engine takes in several times faster than any other. */
    private Digest digest(int n, int of) {
        long begin = (((long) n << 32) + random.nextLong(1L << 32)) / of;
        return Digest.parse(String.format("sha256:%08x", begin) + digest().hex().substring(8));
    }

    private Layer layer(long most) {
        long bytes = 1000 + random.nextLong(most);
        return new Layer(digest(), digest(), "application/vnd.oci.image.layer.v1.tar+gzip", bytes, bytes * 3);
    }

    /** A tree of bases, each on one that was there before, at most eight deep; beside it the layers that images put on top. */
    private void layers(int inBases, int onTop) {
        long start = System.nanoTime();
        while (bases.size() < Math.max(inBases, 1)) {
            boolean isRoot = bases.size() < Math.max(1, Math.min(releases.size() * 3, inBases / 8));
            Node parent = isRoot ? null : bases.get(random.nextInt(bases.size()));
            if (parent != null && parent.layers().size() == DEEPEST) {
                continue;
            }
            List<Layer> chain = new ArrayList<>(parent == null ? List.of() : parent.layers());
            chain.add(layer(parent == null ? 60_000_000 : 20_000_000));
            bases.add(new Node(chain, parent == null ? release() : parent.release()));
        }
        while (tops.size() < Math.max(onTop, 1)) {
            tops.add(layer(30_000_000));
        }
        Document sample = sampleOfFacts();
        Batches layers = new Batches("layers");
        bases.forEach(base ->
                layers.add(facts(sample, base.layers().get(base.layers().size() - 1))));
        tops.forEach(top -> layers.add(facts(sample, top)));
        layers.flush();
        database.getCollection("layer_claims").deleteMany(new Document());
        OUT.printf(Locale.ROOT, "%d layers, %.0f s%n", bases.size() + tops.size(), seconds(start));
    }

    private Document sampleOfFacts() {
        LayerFactsStore facts = store.layerFacts();
        Digest layer = digest();
        Claim claim = facts.claim(layer, "sample", Duration.ofMinutes(1)).orElseThrow();
        facts.save(claim, layer, layer, GENERATION, List.of(new Part(KIND, 1, new byte[FACTS])));
        return taken("layers");
    }

    /** The only document there is, which then no longer is there. */
    private Document taken(String collection) {
        MongoCollection<Document> documents = database.getCollection(collection);
        Document only = documents.find().first();
        if (only == null || documents.countDocuments() != 1) {
            throw new IllegalStateException(collection + " should have one document");
        }
        documents.deleteMany(new Document());
        only.remove("uncounted");
        return only;
    }

    private Document facts(Document sample, Layer layer) {
        byte[] bytes = new byte[FACTS];
        random.nextBytes(bytes);
        Document part = new Document(sample.get("parts", Document.class).get(KIND, Document.class));
        return new Document(sample)
                .append("_id", String.valueOf(layer.diffId()))
                .append("compressed", List.of(layer.digest().toString()))
                .append("parts", new Document(KIND, part.append("data", new Binary(bytes))));
    }

    /** What the store's own doors write of one image, and of a tag that is there and one that is gone. */
    private record Samples(Document image, Document analysis) {}

    private record Tag(Repository repository, String name, Digest image, boolean isGone) {
        String id() {
            return repository + ":" + name;
        }
    }

    private void images(int images, int tags, int repositories) {
        long start = System.nanoTime();
        ImageArchive archive = store.imageArchive();
        Repository somewhere = new Repository(REGISTRIES.get(0), "sample");
        Digest some = digest();
        archive.apply(new ImagePushed(somewhere, "there", some, some, AMD64, 1, NOW));
        Document pending = taken("images");
        Document thereTag = taken("tags");
        archive.apply(new TagRemoved(somewhere, "gone", some, 1, NOW));
        Document goneTag = taken("tags");
        TagLedger doors = store.tagLedger();
        doors.remember(somewhere, Map.of("there", new TagLedger.SeenTag(some, 1, 1)), Map.of());
        Document toldThere = taken("watch_tags");
        doors.remember(somewhere, Map.of(), Map.of("gone", 1L));
        Document toldGone = taken("watch_tags");
        Map<String, Samples> samples = new HashMap<>();

        Batches lines = new Batches("images");
        Batches analyses = new Batches("analyses");
        List<Tag> all = new ArrayList<>();
        int left = tags;
        int made = 0;
        for (int n = 0; n < images; n++) {
            Digest digest = digest(n, images);
            Repository repository = repository(repositories);
            Repository other = random.nextInt(20) == 0 ? repository(repositories) : repository;
            int share = n == images - 1 ? left : tagsOf(left, images - n);
            left -= share;
            for (int tag = 0; tag < share; tag++) {
                Repository in = tag % 2 == 0 ? repository : other;
                String name = (tag == 0 ? "v" : "build-") + Long.toString(random.nextLong() >>> 24, 36) + made++;
                all.add(new Tag(in, name, digest, false));
                if (made % 50 == 0) {
                    all.add(new Tag(in, name + "-gone", digest, true));
                }
            }
            List<Document> places = new ArrayList<>();
            places.add(place(repository));
            if (share > 1 && !other.equals(repository)) {
                places.add(place(other));
            }
            int kind = random.nextInt(1000);
            if (kind < 20) {
                lines.add(new Document(pending).append("_id", digest.toString()).append("in", places));
                continue;
            }
            ImageAnalysis analysis = analysis(digest, kind);
            Samples sample = samples.computeIfAbsent(key(analysis), key -> sample(archive, analysis));
            Document line = new Document(sample.image())
                    .append("_id", digest.toString())
                    .append("in", places)
                    .append("bytes", analysis.compressedBytes())
                    .append("created", Date.from(analysis.created() == null ? NOW : analysis.created()))
                    .append("analyzedAt", Date.from(analysis.analyzedAt()))
                    .append("decidedAt", Date.from(analysis.analyzedAt()));
            if (analysis.uncompressedBytes() != null) {
                line.append("uncompressedBytes", analysis.uncompressedBytes());
            }
            lines.add(line);
            analyses.add(new Document(sample.analysis())
                    .append("_id", digest.toString())
                    .append("decidedAt", Date.from(analysis.analyzedAt()))
                    .append("json", ModelJson.write(analysis)));
        }
        lines.flush();
        analyses.flush();
        OUT.printf(Locale.ROOT, "%d images, %.0f s%n", images, seconds(start));
        long tagsStart = System.nanoTime();
        Batches tagLines = new Batches("tags");
        Batches ledger = new Batches("watch_tags");
        all.sort(Comparator.comparing(Tag::id));
        for (Tag tag : all) {
            Document line = named(tag.isGone() ? goneTag : thereTag, tag)
                    .append("digest", tag.image().toString());
            if (!tag.isGone()) {
                line.append("images", List.of(tag.image().toString()))
                        .append("led", List.of(tag.image().toString()));
            }
            tagLines.add(line);
            Document told = named(tag.isGone() ? toldGone : toldThere, tag);
            ledger.add(tag.isGone() ? told : told.append("digest", tag.image().toString()));
        }
        tagLines.flush();
        ledger.flush();
        OUT.printf(Locale.ROOT, "%d tags, %.0f s%n", made, seconds(tagsStart));
    }

    /** A few images have very many tags, most have some. */
    private int tagsOf(int left, int images) {
        double mean = (double) left / images;
        double share = random.nextInt(2000) == 0 ? mean * 200 : -mean * Math.log(1 - random.nextDouble());
        return Math.max(1, Math.min(left - images + 1, (int) Math.round(share)));
    }

    /** The first ones have far more than the last ones. */
    private static Repository numbered(int n) {
        return new Repository(REGISTRIES.get(n % REGISTRIES.size()), "team-" + n % 97 + "/app-" + n);
    }

    private Repository repository(int repositories) {
        double place = random.nextDouble();
        return numbered((int) (repositories * place * place));
    }

    private static Document place(Repository repository) {
        return new Document("r", repository.toString()).append("g", repository.registry());
    }

    private static Document named(Document sample, Tag tag) {
        return new Document(sample)
                .append("_id", tag.id())
                .append("registry", tag.repository().registry())
                .append("repository", tag.repository().toString())
                .append("tag", tag.name());
    }

    /** Analyses whose lines have the same fields. */
    private static String key(ImageAnalysis analysis) {
        Distro distro = analysis.fingerprint().distro();
        return analysis.status() + " " + (distro == null ? "" : distro.label()) + " "
                + analysis.fingerprint().systemLibc().family() + " " + analysis.platform()
                + (analysis.uncompressedBytes() == null);
    }

    private Samples sample(ImageArchive archive, ImageAnalysis analysis) {
        MongoCollection<Document> lines = database.getCollection("images");
        MongoCollection<Document> analyses = database.getCollection("analyses");
        archive.save(analysis);
        Document it = new Document("_id", analysis.digest().toString());
        Samples samples = new Samples(lines.find(it).first(), analyses.find(it).first());
        lines.deleteOne(it);
        samples.image().remove("uncounted");
        // Made of each image's own analysis by whoever opens the store next.
        samples.image().remove("lineage");
        analyses.deleteOne(it);
        return samples;
    }

    private ImageAnalysis analysis(Digest digest, int kind) {
        Node base = bases.get(random.nextInt(bases.size()));
        List<Layer> layers = new ArrayList<>(base.layers());
        layers.add(tops.get(random.nextInt(tops.size())));
        Platform platform = random.nextInt(10) == 0 ? ARM64 : AMD64;
        Instant created = NOW.minus(Duration.ofHours(random.nextInt(24 * 2000)));
        Instant analyzedAt = NOW.minus(Duration.ofMinutes(random.nextInt(60 * 24 * 30)));
        if (kind < 35) {
            Reason missing = new Reason(Reason.Code.BLOB_MISSING, "layer 1 of 1 is not in the registry");
            return new ImageAnalysis(
                    digest,
                    platform,
                    AnalysisStatus.UNSCANNABLE,
                    List.of(missing),
                    Fingerprint.unknown(),
                    List.of(),
                    created,
                    VERSION,
                    analyzedAt);
        }
        boolean isPartial = kind < 65;
        return new ImageAnalysis(
                digest,
                platform,
                isPartial ? AnalysisStatus.PARTIAL : AnalysisStatus.COMPLETE,
                isPartial ? List.of(new Reason(Reason.Code.SIZE_MISMATCH, "the last layer is cut short")) : List.of(),
                fingerprint(base.release(), layers.get(0).diffId()),
                layers,
                created,
                VERSION,
                analyzedAt);
    }

    private Fingerprint fingerprint(Release release, @Nullable Digest layer) {
        Evidence evidence = new Evidence(
                "etc/os-release", layer, "ID=" + release.distro() + " VERSION_ID=" + release.version(), "os-release/1");
        Distro distro = release.distro() == null
                ? null
                : new Distro(
                        release.distro(),
                        release.version(),
                        release.codename(),
                        release.distro() + " " + release.version(),
                        release.variant(),
                        List.of(),
                        List.of(evidence));
        Libc libc = new Libc(release.libc(), "1.0", Libc.Linkage.DYNAMIC, null, null, List.of(evidence));
        List<LanguageRuntime> runtimes = random.nextInt(3) == 0
                ? List.of()
                : List.of(new LanguageRuntime(
                        "python", "3.11." + random.nextInt(9), Map.of("vendor", "upstream"), List.of(evidence)));
        return new Fingerprint(
                distro,
                List.of(libc),
                List.of(new PackageDatabase("dpkg", 20 + random.nextInt(200), List.of(evidence))),
                runtimes,
                List.of());
    }

    /** Documents that are inserted by the thousand. */
    private final class Batches {
        private final MongoCollection<Document> collection;
        private final List<Document> waiting = new ArrayList<>();

        Batches(String collection) {
            this.collection = database.getCollection(collection);
        }

        void add(Document document) {
            waiting.add(document);
            if (waiting.size() == BATCH) {
                flush();
            }
        }

        void flush() {
            if (!waiting.isEmpty()) {
                collection.insertMany(waiting, new InsertManyOptions().ordered(false));
                waiting.clear();
            }
        }
    }
}
