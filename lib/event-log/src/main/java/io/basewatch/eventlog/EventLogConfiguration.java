package io.basewatch.eventlog;

import io.basewatch.fleetmodel.EventTopics;
import io.basewatch.tracing.TracingConfiguration;
import io.basewatch.worker.Worker;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.cloud.stream.config.ProducerMessageHandlerCustomizer;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.integration.kafka.outbound.KafkaProducerMessageHandler;
import org.springframework.kafka.config.TopicBuilder;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.KafkaAdmin.NewTopics;

/**
 * The event log as beans, for a context that has Spring Cloud Stream's Kafka binder and imports {@code classpath:event-log.yml}.
 *
 * <p>A broker that cannot be reached does not keep a service from starting: its health is down until the broker is there, and the topics are made
 * then.
 */
@Configuration(proxyBeanMethods = false)
@Import(TracingConfiguration.class)
public final class EventLogConfiguration {

    /** After an attempt to make the topics that Kafka did not answer. */
    private static final Duration RETRY = Duration.ofSeconds(5);

    /** Kept without end, whatever the brokers' defaults are: an operator decides what becomes of a dead event. */
    private static final Map<String, String> OF_THE_DEAD =
            Map.of("retention.ms", "-1", "retention.bytes", "-1", "cleanup.policy", "delete");

    /** All with the same number of partitions, whichever service comes first: a topic that grows later breaks the order by key. */
    @Bean
    NewTopics eventTopics(
            @Value("${basewatch.kafka.partitions}") int partitions,
            @Value("${basewatch.kafka.replication-factor}") int replicas) {
        return new NewTopics(EventTopics.all().stream()
                .map(topic -> TopicBuilder.name(topic)
                        .partitions(partitions)
                        .replicas(replicas)
                        .configs(topic.equals(EventTopics.DEAD) ? OF_THE_DEAD : Map.of())
                        .build())
                .toArray(NewTopic[]::new));
    }

    /** Makes the topics, and corrects the settings of those that are there, as soon as Kafka can be reached; without anybody waiting for it. */
    @Bean
    Worker eventTopicsSetup(KafkaAdmin admin) {
        return Worker.untilDone("topic-setup", RETRY, admin::initialize);
    }

    @Bean
    BrokerHealth eventLogBrokers(KafkaAdmin admin) {
        return new BrokerHealth(admin.getConfigurationProperties());
    }

    @Bean
    EventLog eventLog(StreamBridge bridge) {
        return new EventLog(bridge);
    }

    /** {@link EventLog} promises that Kafka has acknowledged: of all producers, or one that was forgotten would lose events without a sound. */
    @Bean
    ProducerMessageHandlerCustomizer<KafkaProducerMessageHandler<byte[], byte[]>> eventLogProducers() {
        return (handler, destination) -> handler.setSync(true);
    }
}
