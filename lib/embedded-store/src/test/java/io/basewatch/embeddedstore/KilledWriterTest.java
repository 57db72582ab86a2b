package io.basewatch.embeddedstore;

import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Sorts.ascending;
import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged is there after the process was killed in the middle of writing. */
class KilledWriterTest {

    private static final int WRITERS = 3;

    @TempDir
    Path directory;

    @Test
    void everyAcknowledgedWriteSurvivesKillMinusNine() throws Exception {
        Path file = directory.resolve("store.mv");
        Map<String, Integer> acknowledged = new HashMap<>();
        for (int round = 0; round < 3; round++) {
            for (String line : writeUntilKilled(file, round, 120 + 150 * round)) {
                String[] parts = line.split(" ");
                acknowledged.put(parts[0], Integer.parseInt(parts[1]));
            }
            assertThat(acknowledged).hasSizeGreaterThan(30 * (round + 1));
            try (EmbeddedStore store = EmbeddedStore.start(file);
                    MongoClient client = MongoClients.create(store.connectionString())) {
                assertThat(store.isConsistent())
                        .as("indexes are those of the documents")
                        .isTrue();
                MongoCollection<Document> written =
                        client.getDatabase("basewatch").getCollection("written");
                acknowledged.forEach((id, version) -> {
                    Document found = written.find(eq("_id", id)).first();
                    assertThat(found).as("acknowledged %s", id).isNotNull();
                    assertThat(found.getInteger("version"))
                            .as("version of %s", id)
                            .isGreaterThanOrEqualTo(version);
                    assertThat(written.countDocuments(new Document("parity", found.get("parity")).append("_id", id)))
                            .isEqualTo(1);
                });
            }
        }
    }

    private List<String> writeUntilKilled(Path file, int round, int lines) throws Exception {
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        file.toString(),
                        Integer.toString(round))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> acknowledged = new ArrayList<>();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = out.readLine()) != null) {
                // A line that the kill cut short was acknowledged too, but what it says is lost.
                if (line.endsWith(" ok")) {
                    acknowledged.add(line);
                }
                if (acknowledged.size() == lines) {
                    // Of the handle, because the process' own would close the stream we still read.
                    writer.toHandle().destroyForcibly();
                }
            }
        } finally {
            writer.destroyForcibly();
        }
        assertThat(writer.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return acknowledged;
    }

    /** Several threads that insert, update and delete, and say so after each acknowledgement; one more that writes without asking for it. */
    static final class Writer {

        public static void main(String[] arguments) {
            int round = Integer.parseInt(arguments[1]);
            EmbeddedStore store = EmbeddedStore.start(Path.of(arguments[0]));
            MongoClient client = MongoClients.create(store.connectionString());
            MongoCollection<Document> written = client.getDatabase("basewatch").getCollection("written");
            written.createIndex(ascending("parity", "_id"));
            written.createIndex(ascending("words"));
            MongoCollection<Document> durable = written.withWriteConcern(WriteConcern.MAJORITY.withJournal(true));
            for (int n = 0; n < WRITERS; n++) {
                String name = "r" + round + "w" + n;
                new Thread(() -> write(durable, name)).start();
            }
            new Thread(() -> {
                        for (int n = 0; ; n++) {
                            written.insertOne(document("idle" + round + "n" + n, 0));
                        }
                    })
                    .start();
        }

        private static Document document(String id, int version) {
            return new Document("_id", id)
                    .append("version", version)
                    .append("parity", version % 2 == 0 ? "even" : "odd")
                    .append("words", List.of("common", id, "v" + version % 7))
                    .append("text", "x".repeat(500));
        }

        private static void write(MongoCollection<Document> durable, String name) {
            for (int n = 0; ; n++) {
                String id = name + "n" + n;
                durable.insertOne(document(id, 1));
                say(id + " 1 ok");
                Document next = document(id, 2);
                next.remove("_id");
                durable.updateOne(eq("_id", id), new Document("$set", next));
                say(id + " 2 ok");
                if (n % 5 == 0) {
                    durable.insertOne(document(name + "gone" + n, 1));
                    durable.deleteOne(eq("_id", name + "gone" + n));
                }
            }
        }

        private static synchronized void say(String line) {
            System.out.println(line);
            System.out.flush();
        }
    }
}
