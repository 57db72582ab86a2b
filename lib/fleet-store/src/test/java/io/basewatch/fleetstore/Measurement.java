package io.basewatch.fleetstore;

import com.mongodb.client.MongoCollection;
import com.sun.management.OperatingSystemMXBean;
import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bson.Document;

/**
 * Not a test: prints how long the embedded engine takes with a large fleet, for docs/adr/0002. Run its main method with the tests' class path;
 * arguments: the number of images, and of single durable writes.
 */
final class Measurement {

    private Measurement() {}

    public static void main(String[] arguments) throws Exception {
        int images = Integer.parseInt(arguments[0]);
        int writes = Integer.parseInt(arguments[1]);
        Path directory = Files.createTempDirectory("measurement");
        Path file = directory.resolve("store.mv");
        try (EmbeddedStore engine = EmbeddedStore.start(file);
                FleetStore store = FleetStore.connect(engine.connectionString())) {
            time("fill " + images + " images", 1, () -> fill(store, images));
            System.out.printf("file %d MiB%n", engine.fileSize() >> 20);
            FleetQueries queries = store.queries();
            for (int round = 0; round < 2; round++) {
                time("count", 3, () -> queries.count(Clock.systemUTC()));
                FleetCounts counts = new FleetCounts(queries, Clock.systemUTC());
                time("recent count, asked for 100 times", 1, () -> {
                    for (int ask = 0; ask < 100; ask++) {
                        counts.recent();
                    }
                });
                time("images, first page of 100", 20, () -> queries.images(ImageFilter.all(), null, 100));
                time(
                        "images, page of 100 in the middle",
                        20,
                        () -> queries.images(
                                ImageFilter.all(), Fleet.digest(images / 2).toString(), 100));
                time(
                        "images of a distro and release, 100",
                        20,
                        () -> queries.images(new ImageFilter(null, null, "debian", "12", null, null), null, 100));
                time(
                        "images of a repository",
                        20,
                        () -> queries.images(
                                new ImageFilter(
                                        null, new Repository("registry.example.com", "r7"), null, null, null, null),
                                null,
                                100));
                time(
                        "images musl and pending (none)",
                        5,
                        () -> queries.images(
                                new ImageFilter(null, null, null, null, Libc.Family.MUSL, ImageFilter.State.PENDING),
                                null,
                                100));
                time("image by digest", 100, () -> queries.image(Fleet.digest(4711 % images)));
                time(
                        "tags of a repository",
                        20,
                        () -> queries.tags(
                                new TagFilter(null, new Repository("registry.example.com", "r7")), null, 100));
                time("repositories, page of 100", 3, () -> queries.repositories(null, null, 100));
                time(
                        "ledger: repositories of a registry",
                        3,
                        () -> store.tagLedger().repositories("registry.example.com"));
            }
            ImageArchive archive = store.imageArchive();
            int[] n = {0};
            time("apply and save a new image", 200, () -> {
                int image = images + ++n[0];
                archive.apply(Fleet.pushed(Fleet.SHOP, "t" + image, Fleet.digest(image), 1));
                archive.save(Fleet.alpine(Fleet.digest(image)));
            });
            LayerFactsStore facts = store.layerFacts();
            time("claim, save and release a layer of 50 kB facts", 100, () -> {
                int layer = ++n[0];
                LayerFactsStore.Claim claim = facts.claim(Fleet.digest(layer), "me", Duration.ofMinutes(1))
                        .orElseThrow();
                facts.save(
                        claim,
                        Fleet.digest(layer),
                        Fleet.digest(layer),
                        1,
                        List.of(new LayerFactsStore.Part("a", 1, new byte[50_000])));
                facts.release(claim);
            });
        }
        long start = System.nanoTime();
        try (EmbeddedStore engine = EmbeddedStore.start(file)) {
            System.out.printf(
                    "reopen %d ms, file %d MiB%n", (System.nanoTime() - start) / 1_000_000, engine.fileSize() >> 20);
        }
        Path second = directory.resolve("writes.mv");
        try (EmbeddedStore engine = EmbeddedStore.start(second);
                FleetStore store = FleetStore.connect(engine.connectionString())) {
            MongoCollection<Document> things = FleetDatabase.durable(store.mongo())
                    .getDb()
                    .getCollection("things")
                    .withWriteConcern(com.mongodb.WriteConcern.MAJORITY.withJournal(true));
            int[] n = {0};
            long largest = 0;
            start = System.nanoTime();
            for (int each = 0; each < writes; each++) {
                things.insertOne(new Document("_id", "thing" + each).append("text", "x".repeat(500)));
                largest = Math.max(largest, each % 100 == 0 ? engine.fileSize() : 0);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "%d durable inserts: %.0f/s, file at most %d MiB, now %d MiB%n",
                    writes, writes / seconds, largest >> 20, engine.fileSize() >> 20);
            Thread.sleep(15_000);
            System.out.printf("15 s later %d MiB%n", engine.fileSize() >> 20);
        }
        System.out.printf("closed %d MiB%n", Files.size(second) >> 20);
        System.exit(0);
    }

    private static void fill(FleetStore store, int images) {
        List<Document> imageDocuments = new ArrayList<>();
        List<Document> tags = new ArrayList<>();
        List<Document> ledger = new ArrayList<>();
        String[] distros = {"debian", "alpine", "ubuntu", "rhel", "wolfi"};
        for (int n = 0; n < images; n++) {
            Repository repository = new Repository("registry.example.com", "r" + n % 5000);
            String id = FleetDatabase.tagId(repository, "t" + n / 5000);
            String distro = distros[n % 5];
            String digest = Fleet.digest(n).toString();
            imageDocuments.add(new Document("_id", digest)
                    .append("in", List.of(new Document("r", repository.toString()).append("g", repository.registry())))
                    .append("status", n % 50 == 0 ? "partial" : "complete")
                    .append("platform", "linux/amd64")
                    .append("distro", distro)
                    .append("version", Integer.toString(n % 13))
                    .append("release", Integer.toString(n % 13))
                    .append("libc", distro.equals("alpine") ? "musl" : "glibc")
                    .append("bytes", 50_000_000L + n)
                    .append("uncompressedBytes", 150_000_000L + n)
                    .append("created", FleetDatabase.date(Fleet.NOON))
                    .append("analyzedAt", FleetDatabase.date(Fleet.NOON))
                    .append("analyzerVersion", Fleet.V1)
                    .append("rank", 3)
                    .append("settled", true)
                    .append("decidedAt", FleetDatabase.date(Fleet.NOON))
                    .append("turn", 1L));
            Document tag = new Document("_id", id)
                    .append("registry", repository.registry())
                    .append("repository", repository.toString())
                    .append("tag", "t" + n / 5000)
                    .append("digest", digest)
                    .append("revision", 1L)
                    .append("removed", false);
            ledger.add(new Document(tag));
            tags.add(tag.append("images", List.of(digest)).append("changed", FleetDatabase.date(Fleet.NOON)));
            if (imageDocuments.size() == 1000 || n == images - 1) {
                store.mongo().getCollection("images").insertMany(imageDocuments);
                store.mongo().getCollection("tags").insertMany(tags);
                store.mongo().getCollection("watch_tags").insertMany(ledger);
                imageDocuments.clear();
                tags.clear();
                ledger.clear();
            }
        }
        ImageAnalysis analysis = Fleet.alpine(Fleet.digest(4711 % images));
        store.imageArchive().save(analysis);
    }

    /** Both clocks: the wall's says little on a machine that does other things too. */
    private static void time(String what, int times, Runnable work) {
        OperatingSystemMXBean process = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long start = System.nanoTime();
        long cpu = process.getProcessCpuTime();
        for (int n = 0; n < times; n++) {
            work.run();
        }
        System.out.printf(
                "%-50s %9.2f ms, CPU %9.2f ms%n",
                what, (System.nanoTime() - start) / 1e6 / times, (process.getProcessCpuTime() - cpu) / 1e6 / times);
    }
}
