package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.EventTopics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events that were given up are told again, on a real broker. */
class DeadEventsTest {

    private static final int PARTITIONS = 2;

    @Test
    void eachIsToldAgainOnceAsItWas(@TempDir Path data) throws Exception {
        try (EmbeddedKafka kafka = start(data)) {
            bury(kafka, "r.example.com/one=first", "r.example.com/two=second", "r.example.com/one=third");

            assertThat(DeadEvents.replay(kafka.bootstrapServers())).isEqualTo(3);
            assertThat(backfill(kafka))
                    .containsExactlyInAnyOrder(
                            "r.example.com/one=first", "r.example.com/two=second", "r.example.com/one=third");
            assertThat(backfill(kafka).stream().filter(event -> event.startsWith("r.example.com/one")))
                    .as("in the order of their key")
                    .containsExactly("r.example.com/one=first", "r.example.com/one=third");

            assertThat(DeadEvents.replay(kafka.bootstrapServers())).isZero();
            bury(kafka, "r.example.com/two=fourth");
            assertThat(DeadEvents.replay(kafka.bootstrapServers())).isEqualTo(1);
            assertThat(backfill(kafka)).hasSize(4).contains("r.example.com/two=fourth");
        }
    }

    @Test
    void theCommandDoesItInTheFolderOfAServeThatDoesNotRun(@TempDir Path data) throws Exception {
        try (EmbeddedKafka kafka = start(data)) {
            bury(kafka, "r.example.com/one=first");
        }
        String[] replay = {"replay-dead", "--data", data.toString()};
        try (DataDirectory running = DataDirectory.open(data)) {
            CapturedOutput refused = CapturedOutput.of(() -> Basewatch.run(replay));
            assertThat(refused.code()).isEqualTo(Basewatch.FAILED);
            assertThat(refused.err()).contains("is in use by another Basewatch process");
        }
        CapturedOutput told = CapturedOutput.of(() -> Basewatch.run(replay));
        assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.OK);
        assertThat(told.out()).isEqualTo("1 event told again\n");
        assertThat(told.err()).isEmpty();
        assertThat(CapturedOutput.of(() -> Basewatch.run(replay)).out()).isEqualTo("0 events told again\n");
    }

    @Test
    void aFolderWithoutEventsIsWrongUsage(@TempDir Path empty) {
        CapturedOutput told = CapturedOutput.of(() -> Basewatch.run("replay-dead", "--data", empty.toString()));
        assertThat(told.code()).isEqualTo(Basewatch.USAGE);
        assertThat(told.err()).contains("--data " + empty + " has no events");
        assertThat(empty).isEmptyDirectory();
    }

    private static EmbeddedKafka start(Path data) throws Exception {
        EmbeddedKafka kafka = EmbeddedKafka.start(data.resolve("kafka"), EmbeddedKafka.Ports.free());
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(
                            new NewTopic(EventTopics.DEAD, PARTITIONS, (short) 1),
                            new NewTopic(EventTopics.BACKFILL, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
        return kafka;
    }

    private static void bury(EmbeddedKafka kafka, String... events) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all"),
                new StringSerializer(),
                new StringSerializer())) {
            for (String event : events) {
                String[] parts = event.split("=", 2);
                producer.send(new ProducerRecord<>(EventTopics.DEAD, parts[0], parts[1]))
                        .get();
            }
        }
    }

    /** From the beginning, as key=value. */
    private static List<String> backfill(EmbeddedKafka kafka) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new StringDeserializer(),
                new StringDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (int n = 0; n < PARTITIONS; n++) {
                partitions.add(new TopicPartition(EventTopics.BACKFILL, n));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<String> events = new ArrayList<>();
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(record -> events.add(record.key() + "=" + record.value()));
            }
            return events;
        }
    }
}
