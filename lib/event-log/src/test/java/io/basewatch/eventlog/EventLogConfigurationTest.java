package io.basewatch.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.EventTopics;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.Repository;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.Status;
import org.springframework.cloud.stream.config.ProducerMessageHandlerCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.integration.kafka.outbound.KafkaProducerMessageHandler;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;
import org.springframework.test.util.ReflectionTestUtils;

/** A service that only tells, on a real broker. */
class EventLogConfigurationTest {

    private static EmbeddedKafkaKraftBroker kafka;
    private static ConfigurableApplicationContext service;

    /** The handlers of all producers that were made, by topic, with the settings that their clients got. */
    private static final Map<String, Map<String, Object>> PRODUCERS = new ConcurrentHashMap<>();

    private static final Set<String> SYNC = ConcurrentHashMap.newKeySet();

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(EventLogConfiguration.class)
    static class Service {

        @Bean
        static BeanPostProcessor watchesProducers() {
            return new BeanPostProcessor() {
                @Override
                @SuppressWarnings("unchecked")
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return bean instanceof ProducerMessageHandlerCustomizer<?> customizer
                            ? watched((ProducerMessageHandlerCustomizer<KafkaProducerMessageHandler<byte[], byte[]>>)
                                    customizer)
                            : bean;
                }
            };
        }

        private static ProducerMessageHandlerCustomizer<KafkaProducerMessageHandler<byte[], byte[]>> watched(
                ProducerMessageHandlerCustomizer<KafkaProducerMessageHandler<byte[], byte[]>> own) {
            return (handler, destination) -> {
                own.configure(handler, destination);
                PRODUCERS.put(
                        destination,
                        handler.getKafkaTemplate().getProducerFactory().getConfigurationProperties());
                if (Boolean.TRUE.equals(ReflectionTestUtils.getField(handler, "sync"))) {
                    SYNC.add(destination);
                }
            };
        }
    }

    @BeforeAll
    static void startServiceBesideATopicOfAnEarlierDay() throws Exception {
        kafka = new EmbeddedKafkaKraftBroker(1, 1);
        kafka.afterPropertiesSet();
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(EventTopics.DEAD, 3, (short) 1)
                            .configs(Map.of("retention.ms", "1000", "cleanup.policy", "compact"))))
                    .all()
                    .get();
        }
        service = new SpringApplicationBuilder(Service.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.config.location=classpath:event-log.yml",
                        "--basewatch.kafka.brokers=" + kafka.getBrokersAsString(),
                        "--spring.kafka.bootstrap-servers=" + kafka.getBrokersAsString(),
                        "--spring.cloud.stream.bindings.told.destination=" + EventTopics.LIVE);
    }

    @AfterAll
    static void stop() {
        if (service != null) {
            service.close();
        }
        kafka.destroy();
    }

    private static Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", kafka.getBrokersAsString()));
    }

    @Test
    void allTopicsAreMadeWithTheSameNumberOfPartitions() throws Exception {
        try (Admin admin = admin()) {
            await().atMost(Duration.ofMinutes(5))
                    .until(() -> admin.listTopics().names().get().containsAll(EventTopics.all()));
            for (String topic : List.of(EventTopics.LIVE, EventTopics.BACKFILL, EventTopics.ANALYZED)) {
                assertThat(admin.describeTopics(List.of(topic))
                                .allTopicNames()
                                .get()
                                .get(topic)
                                .partitions())
                        .as(topic)
                        .hasSize(16);
            }
        }
    }

    @Test
    void aDeadTopicThatIsThereAlreadyIsMadeToKeepEverything() throws Exception {
        ConfigResource dead = new ConfigResource(ConfigResource.Type.TOPIC, EventTopics.DEAD);
        try (Admin admin = admin()) {
            await().atMost(Duration.ofMinutes(5)).untilAsserted(() -> {
                var config = admin.describeConfigs(List.of(dead)).all().get().get(dead);
                assertThat(config.get("retention.ms").value()).isEqualTo("-1");
                assertThat(config.get("retention.bytes").value()).isEqualTo("-1");
                assertThat(config.get("cleanup.policy").value()).isEqualTo("delete");
            });
        }
    }

    @Test
    void everyProducerWaitsForTheAcknowledgementOfAllReplicasAndNotForever() {
        service.getBean(EventLog.class)
                .tell(
                        "told",
                        new ImageEvent.TagRemoved(
                                new Repository("r.example.com", "team/app"),
                                "1.0",
                                Digest.parse("sha256:" + "ab".repeat(32)),
                                7,
                                Instant.now()));
        assertThat(SYNC).contains(EventTopics.LIVE);
        assertThat(PRODUCERS.get(EventTopics.LIVE))
                .containsEntry("acks", "all")
                .hasEntrySatisfying(
                        "enable.idempotence", value -> assertThat(value).hasToString("true"))
                .hasEntrySatisfying(
                        "compression.type", value -> assertThat(value).hasToString("lz4"))
                .hasEntrySatisfying(
                        "delivery.timeout.ms", value -> assertThat(value).hasToString("30000"))
                .hasEntrySatisfying(
                        "request.timeout.ms", value -> assertThat(value).hasToString("10000"))
                .hasEntrySatisfying("max.block.ms", value -> assertThat(value).hasToString("30000"));
    }

    @Test
    void itsHealthIsUpWithTheBrokersNodes() {
        var health = service.getBean(BrokerHealth.class).health();
        assertThat(health.getStatus()).isEqualTo(Status.UP);
        assertThat(health.getDetails()).containsEntry("nodes", 1);
    }
}
