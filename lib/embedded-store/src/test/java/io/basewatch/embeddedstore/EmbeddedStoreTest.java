package io.basewatch.embeddedstore;

import static com.mongodb.client.model.Aggregates.match;
import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.gt;
import static com.mongodb.client.model.Filters.gte;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.lt;
import static com.mongodb.client.model.Filters.lte;
import static com.mongodb.client.model.Filters.or;
import static com.mongodb.client.model.Filters.regex;
import static com.mongodb.client.model.Projections.include;
import static com.mongodb.client.model.Sorts.ascending;
import static com.mongodb.client.model.Sorts.descending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoException;
import com.mongodb.MongoWriteException;
import com.mongodb.ReadConcern;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.UpdateOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded engine's indexes give what a look at every document would give. */
class EmbeddedStoreTest {

    @TempDir
    Path directory;

    private EmbeddedStore store;
    private MongoClient client;
    private MongoCollection<Document> things;

    @BeforeEach
    void open() {
        store = EmbeddedStore.start(directory.resolve("store.mv"));
        client = MongoClients.create(store.connectionString());
        things = client.getDatabase("basewatch").getCollection("things");
    }

    @AfterEach
    void close() {
        client.close();
        store.close();
    }

    private void reopen() {
        close();
        open();
    }

    private List<Object> ids(Bson filter) {
        List<Object> ids = new ArrayList<>();
        things.find(filter)
                .sort(ascending("_id"))
                .projection(include("_id"))
                .forEach(found -> ids.add(found.get("_id")));
        return ids;
    }

    private static Document thing(Object id, Object color, Object size) {
        return new Document("_id", id).append("color", color).append("size", size);
    }

    private void assertConsistent() {
        assertThat(store.isConsistent()).isTrue();
    }

    @Test
    void findsByEqualityAndIn() {
        things.createIndex(ascending("color"));
        things.insertMany(List.of(thing(1, "red", 1), thing(2, "blue", 2), thing(3, "red", 3), thing(4, "re", 4)));

        assertThat(ids(eq("color", "red"))).containsExactly(1, 3);
        assertThat(ids(eq("color", "green"))).isEmpty();
        assertThat(ids(in("color", "red", "blue"))).containsExactly(1, 2, 3);
        assertThat(ids(and(eq("color", "red"), gt("size", 1)))).containsExactly(3);
        assertThat(things.countDocuments(eq("color", "red"))).isEqualTo(2);
        assertConsistent();
    }

    @Test
    void documentsThatAreFoundByTheirIdMeetEveryOtherConditionToo() {
        for (int id = 1; id <= 6; id++) {
            things.insertOne(new Document("_id", id).append("color", id % 2 == 0 ? "red" : "blue"));
        }
        assertThat(ids(in("_id", 4, 1, 4L, 99, 2.0))).containsExactlyInAnyOrder(1, 2, 4);
        assertThat(ids(and(in("_id", 1, 2, 4), eq("color", "red")))).containsExactlyInAnyOrder(2, 4);
        assertThat(ids(Document.parse("{_id: {$in: [1, 2, 4], $gt: 1}, color: 'red'}")))
                .containsExactlyInAnyOrder(2, 4);
        assertThat(ids(Document.parse("{_id: {$in: [1, 2, 4], $gt: 2}}"))).containsExactly(4);
        assertThat(ids(Document.parse("{_id: {$in: [1, 2, 4]}, $and: [{_id: {$lt: 3}}]}")))
                .containsExactlyInAnyOrder(1, 2);
        assertThat(ids(Document.parse("{_id: {$in: [1, 2, 4]}, $or: [{color: 'blue'}, {_id: 4}]}")))
                .containsExactlyInAnyOrder(1, 4);
        assertThat(ids(Document.parse("{_id: {$eq: 3}, color: 'red'}"))).isEmpty();
        assertThat(ids(Document.parse("{_id: 3, color: 'blue'}"))).containsExactly(3);
        assertThat(ids(Document.parse("{_id: {$in: []}}"))).isEmpty();
    }

    @Test
    void anIndexServesARangeOfIdsBehindItsFields() {
        things.createIndex(ascending("color"));
        for (int n = 0; n < 300; n++) {
            things.insertOne(thing(String.format("%03d", n), n % 3 == 0 ? List.of("red", "blue") : "blue", n));
        }
        assertThat(ids(and(eq("color", "red"), gt("_id", "290")))).containsExactly("291", "294", "297");
        assertThat(ids(and(eq("color", "red"), gte("_id", "003"), lt("_id", "009"))))
                .containsExactly("003", "006");
        assertThat(ids(and(eq("color", "red"), gte("_id", "003"), lte("_id", "009"))))
                .containsExactly("003", "006", "009");
        assertThat(ids(and(eq("color", "red"), gt("_id", "297")))).isEmpty();
        assertThat(ids(and(eq("color", "red"), lt("_id", "000")))).isEmpty();
        assertThat(ids(and(in("color", "red", "green"), gt("_id", "293")))).containsExactly("294", "297");
    }

    /** An alternative says nothing by which documents are found: each is held against it. */
    @Test
    void aRangeOfIdsOfWhateverTypeGivesWhatALookAtAllOfThemGives() {
        long seed = Long.getLong("basewatch.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int n = 0; n < 80; n++) {
            Object id = randomId(random);
            things.replaceOne(eq("_id", id), new Document("color", "blue"), new ReplaceOptions().upsert(true));
        }
        for (int n = 0; n < 300; n++) {
            List<Bson> ranges = new ArrayList<>();
            for (int each = random.nextInt(3); each >= 0; each--) {
                Document range = new Document();
                for (String operator : List.of("$gt", "$gte", "$lt", "$lte")) {
                    if (random.nextInt(2) == 0) {
                        range.append(operator, randomId(random));
                    }
                }
                ranges.add(new Document("_id", range));
            }
            Bson asked = ranges.size() == 1 ? ranges.get(0) : and(ranges);
            List<Object> found = ids(asked);
            assertThat(found).as("%s (seed %s)", asked, seed).isEqualTo(ids(or(and(ranges))));
            assertThat(things.countDocuments(asked))
                    .as("%s (seed %s)", asked, seed)
                    .isEqualTo(found.size());
            List<Object> last = new ArrayList<>();
            things.find(asked).sort(descending("_id")).limit(3).forEach(each -> last.add(0, each.get("_id")));
            assertThat(last)
                    .as("the last ones of %s (seed %s)", asked, seed)
                    .isEqualTo(found.subList(Math.max(0, found.size() - 3), found.size()));
        }
    }

    private static Object randomId(Random random) {
        int number = random.nextInt(20) - 5;
        return switch (random.nextInt(6)) {
            case 0 -> number;
            case 1 -> (long) number;
            case 2 -> number / 2.0;
            case 3 -> new Date(number);
            case 4 -> number % 2 == 0;
            default -> "abc".repeat(4).substring(0, random.nextInt(12)) + (char) (random.nextInt(3) * 0x1fff + 'a');
        };
    }

    @Test
    void outsideTheEndsOfARangeOfIdsNoDocumentIsRead() {
        for (int n = 0; n < 30; n++) {
            things.insertOne(thing(String.format("%03d", n), "blue", n));
        }
        close();
        try (StoreFile file = new StoreFile(directory.resolve("store.mv"))) {
            for (String id : List.of("009", "020")) {
                file.documents("documents/basewatch/things").put(KeyEncoding.ofId(id), new byte[] {1});
            }
        }
        open();
        assertThat(ids(and(gte("_id", "010"), lt("_id", "012")))).containsExactly("010", "011");
        assertThat(things.countDocuments(and(gt("_id", "010"), lte("_id", "019"))))
                .isEqualTo(9);
        assertThat(things.find().sort(descending("_id")).limit(9)).hasSize(9);
        assertThatThrownBy(() -> ids(lt("_id", "010"))).isInstanceOf(MongoException.class);
        assertThatThrownBy(() -> ids(gt("_id", "019"))).isInstanceOf(MongoException.class);
    }

    @Test
    void pagesOfSeveralValuesComeInTheOrderOfTheIdAndEachOnce() {
        things.createIndex(ascending("color", "size", "_id"));
        for (int n = 0; n < 300; n++) {
            things.insertOne(thing(
                    String.format("%03d", n),
                    n % 3 == 0 ? List.of("red", "blue") : n % 3 == 1 ? "blue" : "green",
                    n % 5));
        }
        Bson some = and(in("color", "red", "blue", "red", "none"), in("size", 0, 1, 2, 3, 4));
        List<String> paged = new ArrayList<>();
        String after = "";
        List<Document> page;
        do {
            page = things.find(and(some, gt("_id", after)))
                    .sort(ascending("_id"))
                    .limit(7)
                    .into(new ArrayList<>());
            for (Document found : page) {
                after = found.getString("_id");
                paged.add(after);
            }
        } while (!page.isEmpty());
        assertThat(paged).hasSize(200).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void anAggregationsRowsAreFetchedBatchByBatch() {
        List<Document> many = new ArrayList<>();
        for (int n = 0; n < 2500; n++) {
            many.add(thing(n, "color" + n, n));
        }
        things.insertMany(many);
        List<Document> pipeline = List.of(
                new Document("$match", new Document("size", new Document("$gte", 100))),
                new Document("$group", new Document("_id", "$color")));
        assertThat(things.aggregate(pipeline).batchSize(100).into(new ArrayList<>()))
                .hasSize(2400)
                .doesNotHaveDuplicates();
        assertThat(things.aggregate(pipeline).batchSize(2400).into(new ArrayList<>()))
                .hasSize(2400);
        assertThat(things.aggregate(pipeline).into(new ArrayList<>())).hasSize(2400);
    }

    @Test
    void aFileThatIsGoneIsToldByTheCodeOfAServerThatShutsDown() {
        things.insertOne(thing(1, "red", 1));
        store.closeFile();
        assertThatThrownBy(() -> things.find().first())
                .isInstanceOfSatisfying(
                        MongoException.class, e -> assertThat(e.getCode()).isEqualTo(91));
        assertThatThrownBy(() -> things.withWriteConcern(WriteConcern.JOURNALED).insertOne(thing(2, "red", 1)))
                .isInstanceOfSatisfying(
                        MongoException.class, e -> assertThat(e.getCode()).isEqualTo(91));
    }

    @Test
    void aCompoundIndexServesItsFirstFieldsAndAll() {
        things.createIndex(ascending("color", "size", "_id"));
        things.insertMany(List.of(thing(1, "red", 1), thing(2, "red", 2), thing(3, "blue", 1), thing(4, "red", 1)));

        assertThat(ids(eq("color", "red"))).containsExactly(1, 2, 4);
        assertThat(ids(and(eq("color", "red"), eq("size", 1)))).containsExactly(1, 4);
        assertThat(ids(eq("size", 1))).containsExactly(1, 3, 4);
        assertConsistent();
    }

    @Test
    void anArrayIsFoundByEachOfItsElements() {
        things.createIndex(ascending("tags.name"));
        things.insertOne(new Document("_id", 1)
                .append(
                        "tags",
                        List.of(new Document("name", "a"), new Document("name", "b"), new Document("name", "a"))));
        things.insertOne(new Document("_id", 2).append("tags", List.of()));
        things.insertOne(new Document("_id", 3).append("tags", new Document("name", "b")));
        things.insertOne(new Document("_id", 4));

        assertThat(ids(eq("tags.name", "a"))).containsExactly(1);
        assertThat(ids(eq("tags.name", "b"))).containsExactly(1, 3);
        assertThat(ids(in("tags.name", "a", "b"))).containsExactly(1, 3);

        things.updateOne(eq("_id", 1), new Document("$pull", new Document("tags", new Document("name", "a"))));
        assertThat(ids(eq("tags.name", "a"))).isEmpty();
        assertThat(ids(eq("tags.name", "b"))).containsExactly(1, 3);
        assertConsistent();
    }

    @Test
    void nullAndMissingAreFoundAlike() {
        things.createIndex(ascending("color"));
        things.insertOne(thing(1, null, 1));
        things.insertOne(new Document("_id", 2));
        things.insertOne(thing(3, "red", 1));

        assertThat(ids(eq("color", null))).containsExactly(1, 2);
        assertThat(ids(in("color", Arrays.asList(null, "red")))).containsExactly(1, 2, 3);
        assertThat(ids(new Document("color", new Document("$exists", false)))).containsExactly(2);
        assertThat(ids(new Document("color", new Document("$ne", "red")))).containsExactly(1, 2);
        assertConsistent();
    }

    @Test
    void numbersOfAnyWidthAreEqual() {
        things.createIndex(ascending("size"));
        things.insertMany(List.of(
                thing(1, "a", 5),
                thing(2, "a", 5L),
                thing(3, "a", 5.0),
                thing(4, "a", 5.5),
                thing(5, "a", "5"),
                thing(6, "a", (1L << 53) + 1),
                thing(7, "a", 1L << 53),
                thing(8, "a", -0.0)));

        assertThat(ids(eq("size", 5))).containsExactly(1, 2, 3);
        assertThat(ids(eq("size", 5.0))).containsExactly(1, 2, 3);
        assertThat(ids(eq("size", (1L << 53) + 1))).containsExactly(6);
        assertThat(ids(eq("size", 0))).containsExactly(8);
        assertConsistent();
    }

    @Test
    void otherValuesAreFoundToo() {
        things.createIndex(ascending("size"));
        Date now = new Date();
        things.insertMany(List.of(
                thing(1, "a", now),
                thing(2, "a", true),
                thing(3, "a", new Document("x", 1)),
                thing(4, "a", "with\0nothing"),
                thing(5, "a", "with"),
                thing(6, "a", new org.bson.types.Decimal128(7))));

        assertThat(ids(eq("size", now))).containsExactly(1);
        assertThat(ids(eq("size", true))).containsExactly(2);
        assertThat(ids(eq("size", new Document("x", 1)))).containsExactly(3);
        assertThat(ids(eq("size", "with\0nothing"))).containsExactly(4);
        assertThat(ids(eq("size", "with"))).containsExactly(5);
        assertThat(ids(eq("size", new org.bson.types.Decimal128(7)))).containsExactly(6);
        assertThat(ids(eq("size", 7))).as("a decimal equals an int").containsExactly(6);
        assertThat(ids(regex("size", "^with"))).containsExactly(4, 5);
        things.deleteMany(new Document());
        assertConsistent();
    }

    @Test
    void anUpdateMovesKeysAndADeleteTakesThemAway() {
        things.createIndex(ascending("color"));
        things.insertMany(List.of(thing(1, "red", 1), thing(2, "red", 2)));
        things.updateOne(eq("_id", 1), new Document("$set", new Document("color", "blue")));
        assertThat(ids(eq("color", "red"))).containsExactly(2);
        assertThat(ids(eq("color", "blue"))).containsExactly(1);

        things.replaceOne(eq("_id", 2), new Document("size", 9));
        assertThat(ids(eq("color", "red"))).isEmpty();
        things.deleteOne(eq("color", "blue"));
        assertThat(ids(eq("color", "blue"))).isEmpty();
        assertThat(things.countDocuments()).isEqualTo(1);
        assertConsistent();
    }

    @Test
    void anIndexOfDocumentsThatAreThereAlreadyIsFilled() {
        things.insertMany(List.of(thing(1, "red", 1), thing(2, "blue", 2)));
        things.createIndex(ascending("color"));
        things.createIndex(ascending("color"));
        assertThat(ids(eq("color", "red"))).containsExactly(1);
        assertConsistent();
    }

    @Test
    void everythingIsThereAfterReopening() {
        things.createIndex(ascending("color"));
        things.createIndex(ascending("size"), new IndexOptions().unique(true));
        things.insertMany(List.of(thing(1, "red", 1), thing(2, "blue", 2)));
        reopen();

        assertThat(ids(eq("color", "red"))).containsExactly(1);
        assertThatThrownBy(() -> things.insertOne(thing(3, "red", 1))).isInstanceOf(MongoWriteException.class);
        things.insertOne(thing(3, "red", 3));
        assertThat(ids(eq("color", "red"))).containsExactly(1, 3);
        List<String> names = new ArrayList<>();
        things.listIndexes().forEach(index -> names.add(index.getString("name")));
        assertThat(names).containsExactlyInAnyOrder("_id_", "color_1", "size_1");
        assertConsistent();
    }

    /** Nobody asked for these writes to be durable: they stand for the durable one of somebody else that is not acknowledged yet. */
    @Test
    void whatAReadOfTheMajorityToldIsThereAfterTheProcessWasKilled() {
        Map<String, Consumer<MongoCollection<Document>>> reads = Map.of(
                "find", collection -> collection.find(eq("color", "red")).first(),
                "aggregate", MongoCollection::countDocuments,
                "aggregate by an index",
                        collection -> collection
                                .aggregate(List.of(match(eq("color", "red"))))
                                .first(),
                "count", MongoCollection::estimatedDocumentCount,
                "distinct",
                        collection -> collection.distinct("color", String.class).first());
        things.createIndex(ascending("color"));
        reads.forEach((name, read) -> {
            things.insertOne(thing(name, "red", 1));
            read.accept(things.withReadConcern(ReadConcern.MAJORITY));
            store.die();
            client.close();
            open();
            assertThat(ids(eq("_id", name))).as(name).containsExactly(name);
            assertConsistent();
        });
    }

    @Test
    void aUniqueIndexRefusesWhatIsThereAndServesQueriesWithMoreConditions() {
        things.createIndex(ascending("color", "size"), new IndexOptions().unique(true));
        things.insertMany(List.of(thing(1, "red", 1), thing(2, "red", 2)));

        assertThatThrownBy(() -> things.insertOne(thing(3, "red", 1)))
                .isInstanceOfSatisfying(
                        MongoWriteException.class, e -> assertThat(e.getCode()).isEqualTo(11000));
        assertThatThrownBy(() -> things.updateOne(eq("_id", 2), new Document("$set", new Document("size", 1))))
                .isInstanceOf(MongoWriteException.class);
        assertThatThrownBy(() -> things.insertOne(thing(1, "green", 7))).isInstanceOf(MongoWriteException.class);
        things.updateOne(eq("_id", 2), new Document("$set", new Document("other", 1)));
        assertThat(ids(and(eq("color", "red"), eq("size", 2), eq("other", 1)))).containsExactly(2);
        assertConsistent();
    }

    @Test
    void anUpsertWithAFenceMeetsTheIdOfWhatIsNewer() {
        things.insertOne(thing("a", "red", 5));
        assertThatThrownBy(() -> things.updateOne(
                        and(eq("_id", "a"), new Document("size", new Document("$lt", 5))),
                        new Document("$set", new Document("size", 4)),
                        new UpdateOptions().upsert(true)))
                .isInstanceOfSatisfying(
                        MongoWriteException.class, e -> assertThat(e.getCode()).isEqualTo(11000));
        assertThat(things.find().first().get("size")).isEqualTo(5);
    }

    @Test
    void pagesComeInTheOrderOfTheIdWithAndWithoutAnIndex() {
        things.createIndex(ascending("color", "_id"));
        for (int n = 99; n >= 0; n--) {
            things.insertOne(thing(String.format("%03d", n), n % 3 == 0 ? "red" : "blue", n));
        }
        for (Bson filter : List.of(new Document(), eq("color", "red"))) {
            List<Object> paged = new ArrayList<>();
            String after = "";
            List<Document> page;
            do {
                page = things.find(and(filter, gt("_id", after)))
                        .sort(ascending("_id"))
                        .limit(7)
                        .into(new ArrayList<>());
                for (Document found : page) {
                    after = found.getString("_id");
                    paged.add(after);
                }
            } while (!page.isEmpty());
            assertThat(paged).isEqualTo(ids(filter)).isSorted();
        }
        assertThat(things.find().sort(descending("size")).first().get("size")).isEqualTo(99);
        assertThat(things.find(eq("color", "red"))
                        .sort(descending("_id"))
                        .first()
                        .get("_id"))
                .isEqualTo("099");
    }

    @Test
    void aDroppedIndexAndADroppedCollectionLeaveNothingBehind() {
        things.createIndex(ascending("color"));
        things.insertOne(thing(1, "red", 1));
        things.dropIndex("color_1");
        assertThat(ids(eq("color", "red"))).containsExactly(1);
        things.createIndex(ascending("color"));
        assertThat(ids(eq("color", "red"))).containsExactly(1);
        things.drop();
        assertThat(ids(eq("color", "red"))).isEmpty();
        things.createIndex(ascending("color"));
        things.insertOne(thing(2, "red", 1));
        assertThat(ids(eq("color", "red"))).containsExactly(2);
        assertConsistent();
    }

    /** Every query gives the same with indexes as without: two collections, one indexed, get the same random commands. */
    @Test
    void randomCommandsGiveTheSameWithAndWithoutIndexes() {
        MongoCollection<Document> plain = client.getDatabase("basewatch").getCollection("plain");
        things.createIndex(ascending("a", "_id"));
        things.createIndex(ascending("b", "c"));
        things.createIndex(ascending("d.e"));
        things.createIndex(ascending("t", "_id"));
        things.createIndex(ascending("a", "t", "_id"));
        things.createIndex(ascending("t", "b"));
        Random random = new Random(20261101);
        for (int n = 0; n < 1500; n++) {
            Object id = random.nextInt(60);
            Document fields = randomFields(random);
            for (MongoCollection<Document> each : List.of(things, plain)) {
                switch (n % 5) {
                    case 0, 1 ->
                        each.replaceOne(
                                eq("_id", id), fields, new com.mongodb.client.model.ReplaceOptions().upsert(true));
                    case 2 -> each.updateMany(eq("a", fields.get("a")), new Document("$set", new Document("b", n % 4)));
                    case 3 -> each.updateOne(eq("_id", id), new Document("$unset", new Document("a", 1)));
                    default -> each.deleteOne(eq("_id", id));
                }
            }
            Document query = randomQuery(random);
            assertThat(things.find(query).sort(ascending("_id")).into(new ArrayList<>()))
                    .as("%s", query)
                    .isEqualTo(plain.find(query).sort(ascending("_id")).into(new ArrayList<>()));
            int limit = 1 + random.nextInt(5);
            Bson behind = and(query, gt("_id", random.nextInt(60)));
            assertThat(things.find(behind).sort(ascending("_id")).limit(limit).into(new ArrayList<>()))
                    .as("%s, page of %s", behind, limit)
                    .isEqualTo(plain.find(behind)
                            .sort(ascending("_id"))
                            .limit(limit)
                            .into(new ArrayList<>()));
            Bson timed = randomTimes(query, random);
            for (Bson order : List.of(ascending("t", "_id"), ascending("_id"), descending("t", "_id"))) {
                assertThat(things.find(timed).sort(order).limit(limit).into(new ArrayList<>()))
                        .as("%s by %s, page of %s", timed, order, limit)
                        .isEqualTo(plain.find(timed).sort(order).limit(limit).into(new ArrayList<>()));
            }
            if (n % 50 == 0) {
                for (MongoCollection<Document> each : List.of(things, plain)) {
                    each.deleteMany(timed);
                }
            }
        }
        assertThat(things.find().sort(ascending("_id")).into(new ArrayList<>()))
                .isEqualTo(plain.find().sort(ascending("_id")).into(new ArrayList<>()));
        assertConsistent();
        reopen();
        assertConsistent();
    }

    @Test
    void someFieldsAreGivenOfTheDocumentsOfWhichAllAreGivenAndInTheirOrder() {
        long seed = Long.getLong("basewatch.seed", System.nanoTime());
        Random random = new Random(seed);
        things.createIndex(ascending("a", "_id"));
        things.createIndex(ascending("t", "b"));
        for (int id = 0; id < 120; id++) {
            // What is ordered by has one type: the engine's order of several is none, of which its sort sometimes
            // complains.
            things.insertOne(randomFields(random)
                    .append("_id", id)
                    .append("s", "s" + random.nextInt(20))
                    .append("o", new Document("n", random.nextInt(9))));
        }
        for (int n = 0; n < 800; n++) {
            Document query = randomQuery(random);
            if (random.nextInt(3) == 0) {
                query.append(
                        random.nextBoolean() ? "$or" : "$nor",
                        List.of(
                                randomQuery(random).append("b", 1),
                                new Document("d", new Document("$elemMatch", new Document("e", 1)))));
            }
            if (random.nextInt(3) == 0) {
                query.append("_id", new Document("$in", List.of(1, 2, 3, 50, 51, 52, 100)));
            }
            Document order = List.of(
                            new Document("_id", 1), new Document("s", -1), new Document("o.n", 1).append("s", -1))
                    .get(random.nextInt(3));
            Document projection = new Document();
            for (String name : List.of("a", "b", "c", "d", "t", "s", "o")) {
                if (random.nextBoolean()) {
                    projection.append(name, random.nextBoolean() ? (Object) 1 : true);
                }
            }
            if (random.nextInt(3) == 0) {
                projection.append("_id", 0);
            }
            boolean isOfGiven = projection.values().stream().anyMatch(value -> !value.equals(0));
            List<Document> expected = new ArrayList<>();
            for (Document all : things.find(query).sort(order)) {
                Document some = new Document();
                all.forEach((name, value) -> {
                    boolean isGiven = projection.isEmpty()
                            || (name.equals("_id")
                                    ? !projection.containsKey("_id")
                                    : !isOfGiven || projection.containsKey(name));
                    if (isGiven) {
                        some.append(name, value);
                    }
                });
                expected.add(some);
            }
            assertThat(things.find(query).sort(order).projection(projection).into(new ArrayList<>()))
                    .as("seed %s, %s of %s by %s", seed, projection, query, order)
                    .isEqualTo(expected);
        }
    }

    /** The query, and ranges of dates said in one place or in several, that may contradict each other. */
    private static Bson randomTimes(Document query, Random random) {
        List<Bson> all = new ArrayList<>();
        all.add(query);
        for (int n = random.nextInt(3); n >= 0; n--) {
            Document range = new Document();
            for (String operator : List.of("$gt", "$gte", "$lt", "$lte")) {
                if (random.nextInt(3) == 0) {
                    range.append(operator, random.nextInt(9) == 0 ? 1 : new Date(random.nextInt(20) - 10));
                }
            }
            if (!range.isEmpty()) {
                all.add(new Document("t", range));
            }
        }
        if (random.nextInt(3) == 0) {
            all.add(gt("_id", random.nextInt(60)));
        }
        return all.size() == 2 && query.isEmpty() ? all.get(1) : and(all);
    }

    @Test
    void anIndexServesARangeOfDatesInTheirOrder() {
        things.createIndex(ascending("at", "_id"));
        for (int n = 0; n < 300; n++) {
            things.insertOne(new Document("_id", String.format("%03d", (n * 7) % 300)).append("at", new Date(n / 3)));
        }
        things.insertOne(new Document("_id", "none"));
        List<String> paged = new ArrayList<>();
        Document last = new Document("at", new Date(10)).append("_id", "");
        List<Document> page;
        do {
            page = things.find(and(eq("at", last.get("at")), gt("_id", last.getString("_id"))))
                    .sort(ascending("at", "_id"))
                    .limit(7)
                    .into(new ArrayList<>());
            page.addAll(things.find(and(gt("at", last.get("at")), lt("at", new Date(20))))
                    .sort(ascending("at", "_id"))
                    .limit(7)
                    .into(new ArrayList<>()));
            for (Document found : page) {
                last = found;
                paged.add(String.format("%02d ", found.getDate("at").getTime()) + found.getString("_id"));
            }
        } while (!page.isEmpty());
        assertThat(paged).hasSize(30).isSorted().doesNotHaveDuplicates();
        assertThat(things.find(gte("at", new Date(0)))
                        .sort(ascending("at", "_id"))
                        .first())
                .containsEntry("at", new Date(0));
        assertThat(things.deleteMany(lt("at", new Date(50))).getDeletedCount()).isEqualTo(150);
        assertConsistent();
    }

    @Test
    void anArrayOfDatesIsRefusedWhereAnIndexWouldHaveThem() {
        things.createIndex(ascending("at", "_id"));
        Document two = new Document("_id", 1).append("at", List.of(new Date(1), new Date(9)));
        assertThatThrownBy(() -> things.insertOne(two))
                .isInstanceOf(MongoException.class)
                .hasMessageContaining("takes no array of dates");
        things.insertOne(new Document("_id", 1).append("at", List.of(new Date(1), new Date(1))));
        assertThatThrownBy(() -> things.updateOne(eq("_id", 1), new Document("$push", new Document("at", new Date(9)))))
                .isInstanceOf(MongoException.class);
        assertThat(ids(gte("at", new Date(1)))).containsExactly(1);
        assertThat(ids(gt("at", new Date(1)))).isEmpty();
        assertConsistent();
    }

    private static Object randomValue(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> null;
            case 1 -> random.nextInt(3);
            case 2 -> (double) random.nextInt(3);
            case 3 -> (long) random.nextInt(3);
            case 4 -> random.nextBoolean();
            default -> "v" + random.nextInt(4);
        };
    }

    private static Document randomFields(Random random) {
        Document fields = new Document();
        for (String name : List.of("a", "b", "c")) {
            if (random.nextInt(4) > 0) {
                fields.append(name, randomValue(random));
            }
        }
        if (random.nextInt(6) > 0) {
            fields.append("t", random.nextInt(8) == 0 ? randomValue(random) : new Date(random.nextInt(20) - 10));
        }
        if (random.nextInt(3) > 0) {
            List<Document> elements = new ArrayList<>();
            for (int n = random.nextInt(4); n > 0; n--) {
                elements.add(random.nextInt(5) == 0 ? new Document("f", 1) : new Document("e", randomValue(random)));
            }
            fields.append("d", random.nextInt(6) == 0 ? "plain" : elements);
        } else if (random.nextInt(4) == 0) {
            fields.append("a", List.of("v1", "v2", "v1"));
        }
        return fields;
    }

    private static Document randomQuery(Random random) {
        Document query = new Document();
        for (String name : List.of("a", "b", "c", "d.e")) {
            if (random.nextInt(3) == 0) {
                Object value = randomValue(random);
                query.append(
                        name,
                        random.nextInt(4) == 0
                                ? new Document("$in", Arrays.asList(value, randomValue(random)))
                                : value);
            }
        }
        return query;
    }

    @Test
    void listensOnLoopbackOnly() {
        assertThat(store.connectionString()).startsWith("mongodb://127.0.0.1:");
    }

    @Test
    void aFileThatIsInUseOrNoStoreIsNamed() throws Exception {
        Path inUse = directory.resolve("store.mv");
        assertThatThrownBy(() -> EmbeddedStore.start(inUse))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(inUse.toString())
                .hasMessageContaining("in use by another process");
        Path text = directory.resolve("text");
        Files.writeString(text, "this is no store ".repeat(1000));
        assertThatThrownBy(() -> EmbeddedStore.start(text))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(text + " cannot be opened, it is damaged or no store");
    }
}
