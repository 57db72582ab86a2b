package io.basewatch.standalone;

import io.basewatch.fleetmodel.EventTopics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Tells events that were given up again, byte by byte as they were, on the topic that is not urgent. Each once: the group's offset moves when Kafka has acknowledged the event
 * in its new place. One that is told twice because this ended in between changes nothing the second time, and one that is given up again is a new dead event.
 */
final class DeadEvents {

    /** Nobody else reads in it; its offsets are how far the dead events were told again. */
    static final String GROUP = "basewatch-replay";

    private static final Duration POLL = Duration.ofMillis(500);
    private static final int TIMEOUT_MILLIS = 20_000;

    private DeadEvents() {}

    /**
     * All that were given up before this is called.
     *
     * @param brokers {@code host:port}, several with commas
     * @return how many were told again
     * @throws IOException when Kafka cannot be reached or does not take them
     */
    static long replay(String brokers) throws IOException, InterruptedException {
        try (KafkaConsumer<byte[], byte[]> dead = new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                brokers,
                                "group.id",
                                GROUP,
                                "enable.auto.commit",
                                false,
                                "auto.offset.reset",
                                "earliest",
                                "allow.auto.create.topics",
                                false,
                                "default.api.timeout.ms",
                                TIMEOUT_MILLIS),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
                KafkaProducer<byte[], byte[]> told = new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                brokers,
                                "acks",
                                "all",
                                "enable.idempotence",
                                true,
                                "max.block.ms",
                                TIMEOUT_MILLIS),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            return replay(dead, told);
        } catch (KafkaException e) {
            throw new IOException("Kafka at " + brokers + " does not answer as it should: " + e.getMessage(), e);
        }
    }

    private static long replay(KafkaConsumer<byte[], byte[]> dead, KafkaProducer<byte[], byte[]> told)
            throws IOException, InterruptedException {
        List<TopicPartition> partitions = new ArrayList<>();
        for (PartitionInfo each : dead.partitionsFor(EventTopics.DEAD)) {
            partitions.add(new TopicPartition(each.topic(), each.partition()));
        }
        dead.assign(partitions);
        // What is given up from now on is left for the next time: it may be what is told again here.
        Map<TopicPartition, Long> ends = dead.endOffsets(partitions);
        long count = 0;
        while (partitions.stream().anyMatch(each -> dead.position(each) < ends.getOrDefault(each, 0L))) {
            count += tellAgain(dead.poll(POLL), ends, dead, told);
        }
        return count;
    }

    private static long tellAgain(
            ConsumerRecords<byte[], byte[]> records,
            Map<TopicPartition, Long> ends,
            KafkaConsumer<byte[], byte[]> dead,
            KafkaProducer<byte[], byte[]> told)
            throws IOException, InterruptedException {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            if (record.offset() < ends.getOrDefault(partition, 0L)) {
                sent.add(told.send(new ProducerRecord<>(EventTopics.BACKFILL, record.key(), record.value())));
                done.put(partition, new OffsetAndMetadata(record.offset() + 1));
            }
        }
        for (Future<RecordMetadata> each : sent) {
            try {
                each.get();
            } catch (ExecutionException e) {
                throw new IOException("Kafka did not take an event: " + e.getCause(), e);
            }
        }
        dead.commitSync(done);
        return sent.size();
    }
}
