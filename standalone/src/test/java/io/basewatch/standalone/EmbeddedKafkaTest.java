package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
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
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {

    @Test
    void keepsItsTopicsAndRecordsAcrossARestart(@TempDir Path data) throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(data.resolve("kafka"), EmbeddedKafka.Ports.free())) {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
                admin.createTopics(List.of(new NewTopic("t", 2, (short) 1)))
                        .all()
                        .get();
            }
            try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all"),
                    new StringSerializer(),
                    new StringSerializer())) {
                producer.send(new ProducerRecord<>("t", "key", "before the restart"))
                        .get();
            }
        }
        try (EmbeddedKafka kafka = EmbeddedKafka.start(data.resolve("kafka"), EmbeddedKafka.Ports.free())) {
            assertThat(records(kafka)).containsExactly("before the restart");
        }
    }

    @Test
    void listensOnLoopbackOnly() {
        assertThat(EmbeddedKafka.Ports.free().bootstrapServers()).startsWith("127.0.0.1:");
    }

    @Test
    void namesTheFileWhenItsDirectoryIsNotAKafkaLog(@TempDir Path data) throws IOException {
        Files.writeString(data.resolve("meta.properties"), "version=1\n");
        assertThatThrownBy(() -> EmbeddedKafka.start(data, EmbeddedKafka.Ports.free()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("meta.properties has no 'cluster.id'");
    }

    private static List<String> records(EmbeddedKafka kafka) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "group.id", "g", "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.subscribe(List.of("t"));
            List<String> values = new ArrayList<>();
            for (int i = 0; i < 1500 && values.isEmpty(); i++) {
                consumer.poll(Duration.ofMillis(200)).forEach(r -> values.add(r.value()));
            }
            return values;
        }
    }
}
