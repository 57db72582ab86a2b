package io.basewatch.layeranalyzer;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be known of the brokers and done there before the consumers of a topic start. */
final class GroupStart {

    private static final Logger log = LoggerFactory.getLogger(GroupStart.class);

    /** Which read both topics together, in earlier releases. */
    static final String FORMER_GROUP = "basewatch-analyzer";

    private static final long TIMEOUT_SECONDS = 10;

    private final Map<String, Object> connection;

    /**
     * @param connection as Kafka's admin client takes it
     */
    GroupStart(Map<String, Object> connection) {
        this.connection = new HashMap<>(connection);
    }

    /**
     * Lets a group that has read nothing yet begin where the former one is.
     *
     * @return whether the brokers know the group protocol of KIP-848
     * @throws IllegalStateException when Kafka does not answer; to be called again
     */
    boolean prepare(Urgency urgency) {
        try (Admin admin = Admin.create(connection)) {
            try {
                Map<TopicPartition, OffsetAndMetadata> offsets = offsets(admin, urgency.group(), urgency);
                Map<TopicPartition, OffsetAndMetadata> former = offsets(admin, FORMER_GROUP, urgency);
                if (offsets.isEmpty() && !former.isEmpty()) {
                    admin.alterConsumerGroupOffsets(urgency.group(), former)
                            .all()
                            .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
                    log.info("group begins where the former one is group={} former={}", urgency.group(), FORMER_GROUP);
                }
                FeatureMetadata features =
                        admin.describeFeatures().featureMetadata().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
                FinalizedVersionRange groups = features.finalizedFeatures().get("group.version");
                return groups != null && groups.maxVersionLevel() >= 1;
            } finally {
                admin.close(Duration.ofSeconds(1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted before group " + urgency.group() + " was prepared", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("group " + urgency.group() + " could not be prepared: " + e, e);
        }
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(Admin admin, String group, Urgency urgency)
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .forEach((partition, offset) -> {
                    if (offset != null && partition.topic().equals(urgency.topic())) {
                        offsets.put(partition, offset);
                    }
                });
        return offsets;
    }
}
