package io.basewatch.layeranalyzer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks Kafka now and then how many events wait for the analyzers' groups as a whole, wherever they run. */
final class ConsumerLag implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ConsumerLag.class);

    private static final long TIMEOUT_SECONDS = 10;

    private final LazyAdmin admin;
    private final AnalyzerMetrics metrics;

    ConsumerLag(Map<String, Object> connection, AnalyzerMetrics metrics) {
        this.admin = new LazyAdmin(connection);
        this.metrics = metrics;
    }

    /** One look; what cannot be known then is not known until the next one. */
    void look() throws InterruptedException {
        long began = System.nanoTime();
        long waiting = 0;
        try {
            Admin asked = admin.get();
            for (Urgency urgency : Urgency.values()) {
                Map<TopicPartition, OffsetAndMetadata> committed = asked.listConsumerGroupOffsets(urgency.group())
                        .partitionsToOffsetAndMetadata()
                        .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
                long events = lag(asked, urgency.topic(), committed);
                metrics.lag(urgency, (double) events);
                waiting += events;
            }
            metrics.looked(began, waiting);
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            for (Urgency urgency : Urgency.values()) {
                metrics.lag(urgency, Double.NaN);
            }
            log.debug("lag not known", e);
        }
    }

    private static long lag(Admin admin, String topic, Map<TopicPartition, OffsetAndMetadata> committed)
            throws InterruptedException, ExecutionException, TimeoutException {
        TopicDescription description = admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .get(topic);
        Map<TopicPartition, OffsetSpec> first = new HashMap<>();
        Map<TopicPartition, OffsetSpec> last = new HashMap<>();
        for (TopicPartitionInfo partition :
                description == null ? List.<TopicPartitionInfo>of() : description.partitions()) {
            first.put(new TopicPartition(topic, partition.partition()), OffsetSpec.earliest());
            last.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest());
        }
        Map<TopicPartition, ListOffsetsResultInfo> begins = offsets(admin, first);
        long lag = 0;
        for (Map.Entry<TopicPartition, ListOffsetsResultInfo> end :
                offsets(admin, last).entrySet()) {
            OffsetAndMetadata done = committed.get(end.getKey());
            ListOffsetsResultInfo begin = begins.get(end.getKey());
            // A group that has committed nothing yet begins at the earliest event.
            long next = done != null ? done.offset() : begin != null ? begin.offset() : 0;
            lag += Math.max(0, end.getValue().offset() - next);
        }
        return lag;
    }

    private static Map<TopicPartition, ListOffsetsResultInfo> offsets(
            Admin admin, Map<TopicPartition, OffsetSpec> asked)
            throws InterruptedException, ExecutionException, TimeoutException {
        return admin.listOffsets(asked).all().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        admin.close();
    }
}
