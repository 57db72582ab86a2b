package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.ReadConcern;
import com.mongodb.ReadPreference;
import com.mongodb.WriteConcern;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import io.basewatch.embeddedstore.EmbeddedStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.health.contributor.Status;

class StoreDatabasesTest {

    private static final String THE_OPPOSITE = "?readPreference=secondary&readConcernLevel=local&w=0&journal=false"
            + "&socketTimeoutMS=0&timeoutMS=0&connectTimeoutMS=0&serverSelectionTimeoutMS=600000";

    private static final Set<String> WRITES = Set.of("insert", "update", "delete", "findAndModify");

    private static final Set<String> READS = Set.of("find", "aggregate", "count", "distinct");

    @TempDir
    Path folder;

    @Test
    void theConnectionStringDoesNotSayHowDurableOrHowLong() {
        MongoClientSettings.Builder builder = MongoClientSettings.builder()
                .applyConnectionString(new ConnectionString("mongodb://db.example.com/basewatch" + THE_OPPOSITE));
        StoreDatabases.pin(builder);
        MongoClientSettings settings = builder.build();
        assertThat(settings.getReadPreference()).isEqualTo(ReadPreference.primary());
        assertThat(settings.getReadConcern()).isEqualTo(ReadConcern.MAJORITY);
        assertThat(settings.getWriteConcern()).isEqualTo(WriteConcern.MAJORITY.withJournal(true));
        assertThat(settings.getTimeout(TimeUnit.SECONDS)).isEqualTo(15);
        assertThat(settings.getSocketSettings().getConnectTimeout(TimeUnit.SECONDS))
                .isEqualTo(5);
        assertThat(settings.getClusterSettings().getServerSelectionTimeout(TimeUnit.SECONDS))
                .isEqualTo(5);
    }

    @Test
    void everyCommandOfEveryDoorAsksForAMajoritysJournalAndEnds() throws Throwable {
        Map<String, List<BsonDocument>> commands = new ConcurrentHashMap<>();
        CommandListener listener = new CommandListener() {
            @Override
            public void commandStarted(CommandStartedEvent event) {
                commands.computeIfAbsent(event.getCommandName(), name -> new ArrayList<>())
                        .add(event.getCommand().clone());
            }
        };
        try (EmbeddedStore engine = EmbeddedStore.start(folder.resolve("store"));
                FleetStore store = FleetStore.connect(
                        engine.connectionString() + THE_OPPOSITE,
                        Clock.systemUTC(),
                        settings -> settings.addCommandListener(listener))) {
            for (ThrowingCallable door : Doors.of(store).values()) {
                door.call();
            }
        }
        // What is written first is written by an upsert, too, so that it can be fenced.
        assertThat(commands).containsKeys("update", "delete", "findAndModify", "find", "aggregate");
        commands.forEach((name, all) -> all.forEach(command -> {
            if (WRITES.contains(name)) {
                assertThat(command.getDocument("writeConcern", new BsonDocument()))
                        .as("%s", command)
                        .isEqualTo(new BsonDocument("w", new BsonString("majority")).append("j", BsonBoolean.TRUE));
            }
            if (READS.contains(name)) {
                assertThat(command.getDocument("readConcern", new BsonDocument()))
                        .as("%s", command)
                        .isEqualTo(new BsonDocument("level", new BsonString("majority")));
            }
            if (!name.equals("getMore") && !name.equals("killCursors")) {
                assertThat(command.containsKey("maxTimeMS")).as("%s", command).isTrue();
            }
        }));
    }

    @Test
    void aFrozenStoreIsAnOutageWithAnEndAtEveryDoorAndAllGoesOnWhenItThaws() throws Throwable {
        try (EmbeddedStore engine = EmbeddedStore.start(folder.resolve("store"));
                BadLine line = new BadLine(port(engine));
                FleetStore store = FleetStore.connect(line.through(engine.connectionString()) + THE_OPPOSITE)) {
            Map<String, ThrowingCallable> doors = Doors.of(store);
            FleetStoreStartup startup = new FleetStoreStartup(new StoreAccess(store.mongo()), Clock.systemUTC());

            line.freeze();
            // One of several, as a busy machine takes longer for some.
            Awaitility.await().atMost(StoreUnderTest.PATIENCE).until(() -> {
                long asked = System.nanoTime();
                assertThat(startup.health().getStatus()).isEqualTo(Status.DOWN);
                return Duration.ofNanos(System.nanoTime() - asked).compareTo(Duration.ofSeconds(2)) < 0;
            });
            Map<String, Throwable> ends = Doors.endsOf(doors, StoreUnderTest.PATIENCE);
            assertThat(ends).containsOnlyKeys(doors.keySet());
            ends.forEach((door, end) -> assertThat(end).as(door).isInstanceOf(StoreUnavailableException.class));

            line.thaw();
            Awaitility.await()
                    .atMost(StoreUnderTest.PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> store.queries().image(Fleet.digest(1)));
            assertThat(Doors.endsOf(doors, StoreUnderTest.PATIENCE)).isEmpty();
        }
    }

    @Test
    void aLineThatBreaksInTheMiddleOfAnAnswerIsAnOutageAndWhatWasAskedMayBeAskedAgain() throws Throwable {
        try (EmbeddedStore engine = EmbeddedStore.start(folder.resolve("store"));
                BadLine line = new BadLine(port(engine));
                FleetStore store = FleetStore.connect(line.through(engine.connectionString()))) {
            for (int n = 1; n <= 300; n++) {
                store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "t" + n, Fleet.digest(n), 1));
            }
            for (int bytes : new int[] {0, 15, 40, 5000}) {
                line.cutAfter(bytes);
                assertThatThrownBy(() -> {
                            store.queries().images(ImageFilter.all(), null, 300);
                            store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "t1", Fleet.digest(2), 2 + bytes));
                        })
                        .as("cut after %d bytes", bytes)
                        .isInstanceOf(StoreUnavailableException.class);
                line.thaw();
                Awaitility.await()
                        .atMost(StoreUnderTest.PATIENCE)
                        .ignoreExceptions()
                        .untilAsserted(() -> {
                            store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "t1", Fleet.digest(2), 2 + bytes));
                            assertThat(store.queries()
                                            .image(Fleet.digest(2))
                                            .orElseThrow()
                                            .tags())
                                    .hasSize(2);
                        });
            }
        }
    }

    private static int port(EmbeddedStore engine) {
        return Integer.parseInt(engine.connectionString().replaceAll(".*:(\\d+)/.*", "$1"));
    }
}
