package io.basewatch.benchmarks;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.bson.Document;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.DataType;
import org.h2.mvstore.type.StringDataType;

/** How large each collection of a store is, and each of its indexes. */
final class StoreSizes {

    private static final PrintStream OUT = System.out;
    private static final int SECONDS_TO_REACH = 5;
    private static final String DOCUMENTS = "documents";

    /**
     * @param index empty for the collection's documents
     * @param entries negative where the store does not tell
     */
    private record Size(String collection, String index, long entries, long bytes) {}

    private StoreSizes() {}

    /**
     * @param target file of an embedded store that nobody has open, or {@code mongodb://…}
     */
    static void print(String target) throws Exception {
        if (isAddress(target)) {
            print(target, ofMongo(target), "bytes on disk, as MongoDB compresses them");
        } else {
            Path file = Path.of(target);
            if (!Files.exists(file)) {
                throw new IllegalArgumentException(file + " is not there: name the file of an embedded store");
            }
            print(
                    target + " of " + (Files.size(file) >> 20) + " MB",
                    ofFile(file),
                    "bytes of keys and documents, before pages and compaction");
        }
    }

    static boolean isAddress(String target) {
        return target.startsWith("mongodb:") || target.startsWith("mongodb+srv:");
    }

    /**
     * Asks a MongoDB whether it is there.
     *
     * @throws IllegalArgumentException saying in a sentence that it is not
     */
    static void reach(String address) {
        try (MongoClient client = connect(address)) {
            client.getDatabase("admin").runCommand(new Document("ping", 1));
        } catch (MongoException e) {
            throw new IllegalArgumentException(
                    "no MongoDB answers at " + hosts(address) + " within " + SECONDS_TO_REACH
                            + " s: start one there, or name another address",
                    e);
        }
    }

    /** Without user and password. */
    private static String hosts(String address) {
        return String.join(",", new ConnectionString(address).getHosts());
    }

    private static MongoClient connect(String address) {
        return MongoClients.create(MongoClientSettings.builder()
                .applyConnectionString(new ConnectionString(address))
                .applyToClusterSettings(cluster -> cluster.serverSelectionTimeout(SECONDS_TO_REACH, TimeUnit.SECONDS))
                .build());
    }

    private static List<Size> ofMongo(String address) {
        reach(address);
        String database = new ConnectionString(address).getDatabase();
        List<Size> sizes = new ArrayList<>();
        try (MongoClient client = connect(address)) {
            MongoDatabase store = client.getDatabase(database == null ? "basewatch" : database);
            for (String collection : store.listCollectionNames()) {
                Document stats = store.getCollection(collection)
                        .aggregate(List.of(new Document("$collStats", new Document("storageStats", new Document()))))
                        .first();
                Document storage = stats == null ? new Document() : stats.get("storageStats", new Document());
                sizes.add(new Size(collection, "", number(storage, "count"), number(storage, "storageSize")));
                Document indexes = storage.get("indexSizes", new Document());
                indexes.keySet().forEach(index -> sizes.add(new Size(collection, index, -1, number(indexes, index))));
            }
        }
        return sizes;
    }

    private static long number(Document document, String field) {
        return document.get(field) instanceof Number number ? number.longValue() : 0;
    }

    private static List<Size> ofFile(Path file) {
        List<Size> sizes = new ArrayList<>();
        try (MVStore store =
                new MVStore.Builder().fileName(file.toString()).readOnly().open()) {
            for (String name : store.getMapNames()) {
                String[] parts = name.split("/", 4);
                if (parts.length < 3) {
                    continue;
                }
                boolean isDocuments = parts[0].equals(DOCUMENTS);
                long entries = 0;
                long bytes = 0;
                MVMap<String, ?> map = isDocuments
                        ? store.openMap(name, of(ByteArrayDataType.INSTANCE))
                        : store.openMap(name, of(StringDataType.INSTANCE));
                for (var cursor = map.cursor(null); cursor.hasNext(); ) {
                    bytes += bytes(cursor.next());
                    bytes += bytes(cursor.getValue());
                    entries++;
                }
                sizes.add(new Size(parts[2], isDocuments ? "" : parts[3], entries, bytes));
            }
        }
        return sizes;
    }

    private static <V> MVMap.Builder<String, V> of(DataType<V> values) {
        return new MVMap.Builder<String, V>().keyType(StringDataType.INSTANCE).valueType(values);
    }

    private static long bytes(Object value) {
        return value instanceof byte[] bytes
                ? bytes.length
                : String.valueOf(value).getBytes(StandardCharsets.UTF_8).length;
    }

    private static void print(String what, List<Size> sizes, String unit) {
        OUT.println(what);
        OUT.println();
        OUT.println("| collection | index | entries | MB (" + unit + ") |");
        OUT.println("|---|---|---|---|");
        sizes.stream()
                .sorted(Comparator.comparing(Size::collection).thenComparing(Size::index))
                .forEach(size -> OUT.printf(
                        Locale.ROOT,
                        "| %s | %s | %s | %.1f |%n",
                        size.collection(),
                        size.index(),
                        size.entries() < 0 ? "" : String.format(Locale.ROOT, "%,d", size.entries()),
                        size.bytes() / 1e6));
        OUT.printf(
                Locale.ROOT, "%ndocuments %.1f MB, indexes %.1f MB%n", sum(sizes, false) / 1e6, sum(sizes, true) / 1e6);
    }

    private static long sum(List<Size> sizes, boolean indexes) {
        return sizes.stream()
                .filter(size -> indexes != size.index().isEmpty())
                .mapToLong(Size::bytes)
                .sum();
    }
}
