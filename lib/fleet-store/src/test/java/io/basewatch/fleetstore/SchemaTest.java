package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.IndexOptions;
import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Repository;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.SimpleMongoClientDatabaseFactory;

class SchemaTest {

    @TempDir
    Path folder;

    private EmbeddedStore engine;
    private MongoClient client;
    private MongoDatabase database;

    @BeforeEach
    void start() {
        engine = EmbeddedStore.start(folder.resolve("store"));
        client = MongoClients.create(engine.connectionString());
        database = client.getDatabase("basewatch");
    }

    @AfterEach
    void stop() {
        client.close();
        engine.close();
    }

    private FleetStore connect() {
        return FleetStore.connect(engine.connectionString());
    }

    private int version() {
        Document schema = database.getCollection("schema").find().first();
        return schema == null ? 0 : schema.getInteger("version");
    }

    @Test
    void aNewStoreHasTheProgramsVersion() {
        connect().close();
        assertThat(version()).isEqualTo(5);
    }

    /** As the first version wrote it: all its tags on the image, and nothing on a tag of whom it leads to. */
    private void fillAsBefore(int images) {
        database.getCollection("images").createIndex(new Document("tags.t", 1).append("_id", 1), named("tags.t"));
        database.getCollection("images").createIndex(new Document("tags.r", 1).append("_id", 1), named("tags.r"));
        List<Document> documents = new ArrayList<>();
        List<Document> tags = new ArrayList<>();
        for (int n = 1; n <= images; n++) {
            String image = Fleet.digest(n).toString();
            List<Document> places = new ArrayList<>();
            for (String repository : List.of(Fleet.SHOP.toString(), Fleet.CART.toString())) {
                for (int tag = 0; tag < (n == 1 ? 3 : 1); tag++) {
                    String id = repository + ":i" + n + "t" + tag;
                    places.add(new Document("t", id).append("r", repository).append("g", Fleet.SHOP.registry()));
                    tags.add(new Document("_id", id)
                            .append("registry", Fleet.SHOP.registry())
                            .append("repository", repository)
                            .append("tag", "i" + n + "t" + tag)
                            .append("digest", image)
                            .append("images", List.of(image))
                            .append("revision", 1L)
                            .append("changed", Date.from(Fleet.NOON))
                            .append("removed", false));
                }
            }
            // A tag that was moved away while the process died.
            places.add(new Document("t", Fleet.OTHER + ":gone")
                    .append("r", Fleet.OTHER.toString())
                    .append("g", Fleet.OTHER.registry()));
            documents.add(new Document("_id", image).append("tags", places).append("status", "pending"));
        }
        database.getCollection("images").insertMany(documents);
        database.getCollection("tags").insertMany(tags);
    }

    private static IndexOptions named(String field) {
        return new IndexOptions().name(field);
    }

    private void checkUpgraded(FleetStore store, int images) {
        assertThat(version()).isEqualTo(5);
        FleetSummary summary = store.queries().count(Clock.systemUTC()).summary();
        assertThat(summary.images()).isEqualTo(images);
        assertThat(summary.repositories()).isEqualTo(2);
        assertThat(store.queries()
                        .images(new ImageFilter(null, Fleet.OTHER, null, null, null, null), null, 10)
                        .images())
                .isEmpty();
        assertThat(store.queries().image(Fleet.digest(1)).orElseThrow().tags()).hasSize(6);
        assertThat(database.getCollection("images").countDocuments(new Document("tags", new Document("$exists", true))))
                .isZero();
        // And from there on as ever: the tags move away, and the image leaves.
        for (int tag = 0; tag < 3; tag++) {
            store.imageArchive().apply(Fleet.removed(Fleet.SHOP, "i1t" + tag, Fleet.digest(1), 2));
        }
        assertThat(store.queries()
                        .images(new ImageFilter(null, Fleet.SHOP, null, null, null, null), null, 1)
                        .images()
                        .get(0)
                        .digest())
                .isEqualTo(Fleet.digest(2));
    }

    @Test
    void documentsOfTheFirstVersionAreUpgradedByWhatTheTagsSay() {
        fillAsBefore(1200);
        try (FleetStore store = connect()) {
            checkUpgraded(store, 1200);
        }
        List<String> indexes = new ArrayList<>();
        database.getCollection("images").listIndexes().forEach(index -> indexes.add(index.getString("name")));
        assertThat(indexes).contains("in.r").doesNotContain("tags.t", "tags.r");
    }

    /** As version 2 left it: nothing is kept of repositories. */
    @Test
    void whatRepositoriesHaveIsCountedFromWhatIsThere() {
        try (FleetStore store = connect()) {
            for (int n = 1; n <= 30; n++) {
                Repository repository = new Repository("registry.example.com", "r" + n % 7);
                store.imageArchive().apply(Fleet.pushed(repository, "t" + n, Fleet.digest(n), 1));
                store.imageArchive().save(Fleet.debian(Fleet.digest(n)));
            }
        }
        for (String collection : List.of("images", "tags")) {
            database.getCollection(collection)
                    .updateMany(
                            new Document(), new Document("$unset", new Document("uncounted", "").append("marks", "")));
        }
        database.getCollection("repository_summaries").drop();
        database.getCollection("images").createIndex(new Document("libc", 1).append("_id", 1), named("libc"));
        setVersion(2);
        try (FleetStore store = connect()) {
            assertThat(version()).isEqualTo(5);
            assertThat(store.queries().repositories(null, null, 10).repositories())
                    .hasSize(7)
                    .contains(new RepositoryPage.RepositorySummary(new Repository("registry.example.com", "r1"), 5, 5));
            FleetCount kept = store.queries().count(Clock.systemUTC());
            assertThat(kept).isEqualTo(CountedFleet.of(database, kept.asOf()));
        }
        List<String> indexes = new ArrayList<>();
        database.getCollection("images").listIndexes().forEach(index -> indexes.add(index.getString("name")));
        assertThat(indexes).contains("libc_status").doesNotContain("libc");
    }

    /** As version 3 left it. */
    @Test
    void howImagesWereBuiltIsTakenFromTheirAnalyses() throws Exception {
        Map<Repository, FleetReading.Content> written = new HashMap<>();
        try (FleetStore store = connect()) {
            for (int n = 1; n <= 1200; n++) {
                Repository repository = new Repository("registry.example.com", "r" + n % 7);
                store.imageArchive().apply(Fleet.pushed(repository, "t" + n, Fleet.digest(n), 1));
                store.imageArchive()
                        .save(
                                Fleet.debian(Fleet.digest(n)),
                                new DerivationBasis(
                                        1,
                                        new ImageInputs(
                                                List.of(),
                                                List.of(),
                                                List.of(),
                                                Map.of("org.opencontainers.image.base.name", "debian:" + n % 3)),
                                        List.of()));
            }
            store.reading().readChanges((content, left) -> written.put(content.repository(), content));
        }
        database.getCollection("images")
                .updateMany(
                        new Document(),
                        new Document(
                                "$unset",
                                new Document("lineage", "").append("labels", "").append("uncounted", "")));
        // What cannot be read is nothing, and no reason to stop.
        for (int n = 1; n <= 2; n++) {
            database.getCollection("analyses")
                    .updateOne(
                            new Document("_id", Fleet.digest(n).toString()),
                            new Document("$set", new Document("json", "{")));
        }
        database.getCollection("analyses")
                .deleteOne(new Document("_id", Fleet.digest(3).toString()));
        setVersion(3);
        try (FleetStore store = connect()) {
            assertThat(version()).isEqualTo(5);
            Map<Repository, FleetReading.Content> upgraded = new HashMap<>();
            store.reading().readChanges((content, left) -> upgraded.put(content.repository(), content));
            assertThat(upgraded.get(new Repository("registry.example.com", "r4")))
                    .isEqualTo(written.get(new Repository("registry.example.com", "r4")));
            for (int n = 1; n <= 3; n++) {
                assertThat(upgraded.get(new Repository("registry.example.com", "r" + n))
                                .members()
                                .get(0)
                                .layers())
                        .isEmpty();
            }
        }
    }

    @Test
    void factsOfTheFirstVersionsGoAndWithThemWhatSaysThatImagesCanBeMadeFromThem() {
        database.getCollection("layers")
                .insertOne(new Document("_id", Fleet.digest(1) + "|4").append("factsVersion", "4"));
        database.getCollection("layer_chunks")
                .insertOne(new Document("_id", Fleet.digest(1) + "|4|u|1").append("layer", Fleet.digest(1) + "|4"));
        database.getCollection("analyses")
                .insertOne(new Document("_id", Fleet.digest(2).toString())
                        .append("json", "{}")
                        .append("basis", "{\"factsVersion\":\"4\"}"));
        connect().close();

        assertThat(database.getCollection("layers").countDocuments()).isZero();
        assertThat(database.getCollection("layer_chunks").countDocuments()).isZero();
        assertThat(database.getCollection("analyses").find().first())
                .containsEntry("json", "{}")
                .doesNotContainKey("basis");
    }

    @Test
    void anUpgradeThatWasCutShortIsEndedByTheNextProcess() {
        fillAsBefore(5);
        connect().close();
        database.getCollection("schema").deleteMany(new Document());
        database.getCollection("images")
                .updateOne(
                        new Document("_id", Fleet.digest(3).toString()),
                        new Document("$set", new Document("tags", List.of())).append("$unset", new Document("in", "")));
        try (FleetStore store = connect()) {
            checkUpgraded(store, 5);
        }
    }

    @Test
    void ofManyProcessesOneUpgradesAndTheOthersWaitForIt() throws Exception {
        fillAsBefore(600);
        ExecutorService processes = Executors.newFixedThreadPool(4);
        try {
            List<Future<FleetStore>> stores = new ArrayList<>();
            for (int process = 0; process < 4; process++) {
                stores.add(processes.submit(this::connect));
            }
            for (Future<FleetStore> store : stores) {
                assertThat(store.get()
                                .queries()
                                .count(Clock.systemUTC())
                                .summary()
                                .images())
                        .isEqualTo(600);
                store.get().close();
            }
        } finally {
            processes.shutdownNow();
        }
        assertThat(database.getCollection("rederivations")
                        .find(new Document("_id", "schema"))
                        .first()
                        .get("token"))
                .isEqualTo(1L);
    }

    private void setVersion(int version) {
        database.getCollection("schema")
                .updateOne(new Document("_id", "fleet"), new Document("$set", new Document("version", version)));
    }

    @Test
    void aStoreThatANewerProgramHasUpgradedIsLeftAlone() {
        connect().close();
        setVersion(7);
        assertThatThrownBy(this::connect)
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining("schema version 7, this Basewatch knows 5")
                .hasMessageContaining("start the version that upgraded the store or a newer one");
    }

    @Test
    void aRunningServiceLetsNobodyInWhenANewerProgramUpgradesTheStore() {
        StoreAccess access =
                new StoreAccess(new MongoTemplate(new SimpleMongoClientDatabaseFactory(client, "basewatch")));
        ImageArchive archive = new ImageArchive(access.mongo(), Clock.systemUTC());
        FleetStoreStartup startup = new FleetStoreStartup(access, Clock.systemUTC());
        assertThatThrownBy(() -> archive.find(Fleet.digest(1)))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("not ready");
        startup.start();
        try {
            Awaitility.await()
                    .atMost(StoreUnderTest.PATIENCE)
                    .until(() -> startup.health().getStatus().equals(Status.UP));
            archive.apply(Fleet.pushed(Fleet.SHOP, "1", Fleet.digest(1), 1));
            setVersion(7);
            Awaitility.await()
                    .atMost(StoreUnderTest.PATIENCE)
                    .until(() -> startup.health().getStatus().equals(Status.OUT_OF_SERVICE));
            Health health = startup.health();
            assertThat(String.valueOf(health.getDetails().get("reason"))).contains("schema version 7");
            assertThatThrownBy(() -> archive.apply(Fleet.pushed(Fleet.SHOP, "1", Fleet.digest(2), 2)))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("schema version 7");
            setVersion(4);
            Awaitility.await()
                    .atMost(StoreUnderTest.PATIENCE)
                    .until(() -> startup.health().getStatus().equals(Status.UP));
            archive.apply(Fleet.pushed(Fleet.SHOP, "1", Fleet.digest(2), 2));
        } finally {
            startup.stop();
        }
    }

    @Test
    void anIndexThatIsInTheWayIsNamedWithWhatToDo() {
        database.getCollection("images").createIndex(new Document("status", -1), named("status"));
        assertThatThrownBy(this::connect)
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining("collection images has an index status on {\"status\": -1}")
                .hasMessageContaining("db.images.dropIndex(\"status\")");
        database.getCollection("images").dropIndex("status");

        database.getCollection("tags").createIndex(new Document("registry", 1).append("_id", 1), named("by_hand"));
        assertThatThrownBy(this::connect)
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining("collection tags has an index by_hand")
                .hasMessageContaining("db.tags.dropIndex(\"by_hand\")");
        database.getCollection("tags").dropIndex("by_hand");

        database.getCollection("tags").createIndex(new Document("digest", 1), named("by_digest"));
        connect().close();
    }
}
