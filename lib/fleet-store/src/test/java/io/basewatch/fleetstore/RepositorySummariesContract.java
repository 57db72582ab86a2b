package io.basewatch.fleetstore;

import static io.basewatch.fleetstore.Fleet.CART;
import static io.basewatch.fleetstore.Fleet.OTHER;
import static io.basewatch.fleetstore.Fleet.SHOP;
import static io.basewatch.fleetstore.Fleet.digest;
import static io.basewatch.fleetstore.Fleet.pushed;
import static io.basewatch.fleetstore.Fleet.removed;
import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.MongoTemplate;

/** What is kept of repositories is what counting them gives. */
abstract class RepositorySummariesContract extends StoreUnderTest {

    private static final List<Repository> REPOSITORIES =
            List.of(SHOP, CART, OTHER, new Repository(SHOP.registry(), "team/shop-two"));

    /** A process that is no more: no error of the store, nothing that anybody handles. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** Kills the thread that sends a command when it has sent enough of them. */
    private static final class Fate implements CommandListener {
        private volatile int left = Integer.MAX_VALUE;

        @Override
        public void commandStarted(CommandStartedEvent event) {
            left = left - 1;
            if (left < 0) {
                throw new Killed();
            }
        }
    }

    private String uri;
    private FleetStore store;
    private MongoDatabase database;
    private final Random random = new Random(20261126);
    private final Map<String, Long> revisions = new HashMap<>();

    @BeforeEach
    void openStore() {
        uri = anyConnectionString();
        store = FleetStore.connect(uri, clock);
        database = store.mongo().getDb();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private void assertKeptAsCounted(FleetQueries queries) {
        FleetCount kept = queries.count(clock);
        assertThat(kept).isEqualTo(CountedFleet.of(database, kept.asOf()));
        assertThat(queries.repositories(null, null, 100).repositories()).isEqualTo(CountedFleet.repositories(database));
    }

    private ImageEvent anyEvent() {
        Repository repository = REPOSITORIES.get(random.nextInt(REPOSITORIES.size()));
        String tag = "t" + random.nextInt(3);
        long revision = revisions.merge(repository + tag, 1L, Long::sum);
        int image = 1 + random.nextInt(6);
        return switch (random.nextInt(4)) {
            case 0 -> removed(repository, tag, digest(image), revision);
            case 1 -> Fleet.moved(repository, tag, digest(image), digest(1 + random.nextInt(6)), revision);
            default -> pushed(repository, tag, digest(image), revision);
        };
    }

    private ImageAnalysis anyAnalysis() {
        int image = 1 + random.nextInt(6);
        String version = random.nextBoolean() ? Fleet.V1 : Fleet.V2;
        return switch (random.nextInt(3)) {
            case 0 -> Fleet.failed(digest(image), Reason.Code.LAYER_CORRUPT, version, Fleet.NOON);
            case 1 ->
                Fleet.complete(
                        digest(image),
                        Fleet.distro("alpine", "3." + random.nextInt(3), null),
                        Libc.Family.MUSL,
                        version,
                        Fleet.NOON.plusSeconds(random.nextInt(60)));
            default -> Fleet.debian(digest(image));
        };
    }

    @Test
    void whateverHappensTheyAreAsCounted() {
        FleetQueries queries = store.queries();
        for (int n = 0; n < 300; n++) {
            if (random.nextInt(3) == 0) {
                store.imageArchive().save(anyAnalysis());
            } else {
                store.imageArchive().apply(anyEvent());
            }
            if (random.nextInt(4) == 0) {
                assertKeptAsCounted(random.nextBoolean() ? queries : store.queries());
            }
        }
        assertKeptAsCounted(queries);
    }

    @Test
    void aProcessThatIsKilledBetweenAnyTwoCommandsLeavesNothingWrongForGood() {
        Fate fate = new Fate();
        MongoClient doomed = client(fate);
        int killed = 0;
        for (int n = 0; n < 250; n++) {
            ImageEvent event = anyEvent();
            ImageAnalysis analysis = anyAnalysis();
            int what = random.nextInt(3);
            try {
                fate.left = random.nextInt(14);
                act(new MongoTemplate(doomed, database.getName()), what, event, analysis);
            } catch (Killed e) {
                killed++;
                doomed.close();
                doomed = client(fate);
                // What was in hand comes again.
                if (random.nextBoolean()) {
                    store.queries().count(clock);
                }
                act(store.mongo(), what, event, analysis);
            }
            if (n % 10 == 0) {
                assertKeptAsCounted(store.queries());
            }
        }
        doomed.close();
        assertThat(killed).isGreaterThan(50);
        assertKeptAsCounted(store.queries());
        for (String collection : List.of("images", "tags")) {
            assertThat(database.getCollection(collection).countDocuments(new Document("uncounted", true)))
                    .as("marks in %s", collection)
                    .isZero();
        }
    }

    private MongoClient client(Fate fate) {
        fate.left = Integer.MAX_VALUE;
        return MongoClients.create(MongoClientSettings.builder()
                .applyConnectionString(new ConnectionString(uri))
                .addCommandListener(fate)
                .build());
    }

    private void act(MongoTemplate on, int what, ImageEvent event, ImageAnalysis analysis) {
        switch (what) {
            case 0 -> new ImageArchive(on, clock).apply(event);
            case 1 -> new ImageArchive(on, clock).save(analysis);
            default -> {
                new ImageArchive(on, clock).apply(event);
                new FleetQueries(on).count(clock);
            }
        }
    }

    @Test
    void whatIsToldAgainMakesNobodyCountAgain() {
        Digest index = digest(9);
        List<ImageEvent> events = List.of(
                pushed(SHOP, "1", digest(1), 1),
                pushed(SHOP, "2", digest(1), 1),
                Fleet.pushed(CART, "1", index, digest(2), Fleet.AMD64, 1),
                Fleet.pushed(CART, "1", index, digest(3), Fleet.ARM64, 1));
        FleetQueries queries = store.queries();
        events.forEach(store.imageArchive()::apply);
        assertKeptAsCounted(queries);
        events.forEach(store.imageArchive()::apply);
        for (String collection : List.of("tags", "images")) {
            assertThat(database.getCollection(collection).countDocuments(new Document("uncounted", true)))
                    .as("marks in %s", collection)
                    .isZero();
        }
        store.imageArchive().apply(pushed(SHOP, "1", digest(2), 2));
        assertThat(database.getCollection("tags").countDocuments(new Document("uncounted", true)))
                .isEqualTo(1);
        assertThat(database.getCollection("images").countDocuments(new Document("uncounted", true)))
                .isEqualTo(1);
        assertKeptAsCounted(queries);
    }

    @Test
    void severalThatCountWhileOthersWriteAgreeInTheEnd() throws Exception {
        List<ImageEvent> events = new ArrayList<>();
        List<ImageAnalysis> analyses = new ArrayList<>();
        for (int n = 0; n < 200; n++) {
            events.add(anyEvent());
            analyses.add(anyAnalysis());
        }
        AtomicBoolean isOver = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> counting = new ArrayList<>();
            for (int each = 0; each < 2; each++) {
                counting.add(threads.submit(() -> {
                    FleetQueries queries = store.queries();
                    while (!isOver.get()) {
                        queries.count(Clock.systemUTC());
                    }
                }));
            }
            Future<?> pushing = threads.submit(() -> events.forEach(store.imageArchive()::apply));
            Future<?> analyzing = threads.submit(() -> analyses.forEach(store.imageArchive()::save));
            pushing.get();
            analyzing.get();
            isOver.set(true);
            for (Future<?> each : counting) {
                each.get();
            }
        } finally {
            isOver.set(true);
            threads.shutdownNow();
        }
        assertKeptAsCounted(store.queries());
    }

    @Test
    void whatWasChangedBehindTheirBackIsRightAgainAfterAWhile() {
        for (int n = 1; n <= 60; n++) {
            store.imageArchive().apply(pushed(new Repository("registry.example.com", "r" + n), "1", digest(n), 1));
        }
        FleetQueries queries = store.queries();
        assertKeptAsCounted(queries);
        database.getCollection("tags").deleteOne(new Document("_id", "registry.example.com/r50:1"));
        database.getCollection("repository_summaries").deleteOne(new Document("_id", "registry.example.com/r40"));
        database.getCollection("tags")
                .insertOne(new Document("_id", "registry.example.com/zoo:1")
                        .append("registry", "registry.example.com")
                        .append("repository", "registry.example.com/zoo")
                        .append("tag", "1")
                        .append("digest", digest(1).toString())
                        .append("images", List.of())
                        .append("revision", 1L)
                        .append("removed", false));
        for (int round = 0; round < 5; round++) {
            queries.count(clock);
        }
        assertKeptAsCounted(queries);
    }

    @Test
    void aRepositoryWhoseTagsAreGoneIsNotListedAndComesBack() {
        store.imageArchive().apply(pushed(SHOP, "1", digest(1), 1));
        store.imageArchive().apply(pushed(CART, "1", digest(1), 1));
        assertThat(store.queries().repositories(SHOP.registry(), null, 10).repositories())
                .hasSize(2);
        store.imageArchive().apply(removed(SHOP, "1", digest(1), 2));
        assertThat(store.queries().repositories(SHOP.registry(), null, 10).repositories())
                .extracting(RepositoryPage.RepositorySummary::repository)
                .containsExactly(CART);
        assertKeptAsCounted(store.queries());
        clock.pass(Duration.ofDays(1));
        store.imageArchive().apply(pushed(SHOP, "1", digest(2), 3));
        assertKeptAsCounted(store.queries());
        assertThat(store.queries().count(clock).summary().repositories()).isEqualTo(2);
    }

    @Test
    void aPageDoesNotWaitForManyChangesAndTheNextCountHasThem() {
        for (int n = 1; n <= 100; n++) {
            store.imageArchive().apply(pushed(new Repository("registry.example.com", "r" + n), "1", digest(n), 1));
        }
        FleetQueries queries = store.queries();
        assertThat(queries.repositories(null, null, 1000).repositories()).hasSizeBetween(1, 99);
        queries.count(clock);
        assertThat(queries.repositories(null, null, 1000).repositories()).hasSize(100);
    }
}
