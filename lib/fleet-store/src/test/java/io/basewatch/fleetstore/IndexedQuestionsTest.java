package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.Libc;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever the fleet's lists are filtered by, an index has it: told from the commands that are sent and the indexes that are there. */
class IndexedQuestionsTest {

    /** True of nearly everything that is there, so that looking at each document costs nothing more. */
    private static final Set<String> MOSTLY_TRUE = Set.of("_id", FleetDatabase.LED_TO, "removed");

    @TempDir
    Path folder;

    private final List<BsonDocument> finds = new ArrayList<>();
    private EmbeddedStore engine;
    private FleetStore store;

    @BeforeEach
    void open() {
        engine = EmbeddedStore.start(folder.resolve("store"));
        CommandListener listener = new CommandListener() {
            @Override
            public void commandStarted(CommandStartedEvent event) {
                if (event.getCommandName().equals("find")) {
                    finds.add(event.getCommand().clone());
                }
            }
        };
        store = FleetStore.connect(
                engine.connectionString(), Clock.systemUTC(), settings -> settings.addCommandListener(listener));
        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "latest", Fleet.digest(1), 1));
        finds.clear();
    }

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    @Test
    void everyCombinationOfFiltersOfImagesHasAnIndexWithAllOfThem() {
        for (int n = 0; n < 128; n++) {
            ImageFilter filter = new ImageFilter(
                    (n & 1) == 0 ? null : Fleet.SHOP.registry(),
                    (n & 2) == 0 ? null : Fleet.SHOP,
                    (n & 4) == 0 ? null : (n & 64) == 0 ? "debian" : FleetSummary.UNKNOWN,
                    (n & 8) == 0 ? null : "debian 12",
                    (n & 16) == 0 ? null : Libc.Family.GLIBC,
                    (n & 32) == 0 ? null : ImageFilter.State.PENDING);
            store.queries().images(filter, null, 10);
        }
        assertThat(asked(FleetDatabase.IMAGES)).hasSize(128).allSatisfy(this::isIndexed);
    }

    @Test
    void theTagsOfAPagesImagesAreFoundByAnIndex() {
        store.queries().images(ImageFilter.all(), null, 10);
        store.queries().image(Fleet.digest(1));
        assertThat(asked(FleetDatabase.TAGS)).hasSize(2).allSatisfy(this::isIndexed);
    }

    @Test
    void tagsAndRepositoriesAreFoundByAnIndex() {
        store.queries().tags(TagFilter.all(), null, 10);
        store.queries().tags(new TagFilter(Fleet.SHOP.registry(), null), null, 10);
        store.queries().tags(new TagFilter(null, Fleet.SHOP), null, 10);
        store.queries().tags(new TagFilter(null, null, Fleet.digest(1)), null, 10);
        assertThat(asked(FleetDatabase.TAGS)).hasSize(4).allSatisfy(this::isIndexed);
        store.queries().repositories(null, null, 10);
        store.queries().repositories(Fleet.SHOP.registry(), null, 10);
        assertThat(asked(RepositorySummaries.COLLECTION))
                .filteredOn(find -> find.getDocument("filter").containsKey(RepositorySummaries.LIVE))
                .hasSize(2)
                .allSatisfy(this::isIndexed);
    }

    private List<BsonDocument> asked(String collection) {
        return finds.stream()
                .filter(find -> find.getString("find").getValue().equals(collection))
                .toList();
    }

    private void isIndexed(BsonDocument find) {
        String collection = find.getString("find").getValue();
        BsonDocument filter = find.getDocument("filter");
        Set<String> conditions = new TreeSet<>(filter.keySet());
        conditions.removeAll(MOSTLY_TRUE);
        // What one repository or one image has is looked at in its own entries.
        if (conditions.contains("in.r")) {
            conditions.retainAll(Set.of("in.r"));
        }
        assertThat(conditions)
                .allSatisfy(field -> assertThat(isEquality(filter.get(field)))
                        .as("%s in %s", field, filter)
                        .isTrue());
        assertThat(indexes(collection)).as("an index for %s", filter).contains(conditions);
    }

    private static boolean isEquality(BsonValue condition) {
        return !condition.isDocument() || condition.asDocument().keySet().equals(Set.of("$in"));
    }

    /** The fields of each before {@code _id}, which gives the order of the page. */
    private Set<Set<String>> indexes(String collection) {
        Set<Set<String>> indexes = new HashSet<>();
        for (Document index : store.mongo().getCollection(collection).listIndexes()) {
            List<String> fields =
                    new ArrayList<>(index.get("key", Document.class).keySet());
            if (fields.get(fields.size() - 1).equals("_id")) {
                indexes.add(new TreeSet<>(fields.subList(0, fields.size() - 1)));
            }
        }
        return indexes;
    }
}
