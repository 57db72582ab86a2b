package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.EventTopics;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/** A broker in this process, on which consumers join as soon as in the product's own. */
final class TestBroker {

    private TestBroker() {}

    /**
     * @param more of its properties
     */
    static EmbeddedKafkaKraftBroker start(Map<String, String> more) {
        EmbeddedKafkaKraftBroker kafka = new EmbeddedKafkaKraftBroker(1, 1);
        kafka.brokerProperty("auto.create.topics.enable", "false");
        kafka.brokerProperty("offsets.topic.num.partitions", "4");
        kafka.brokerProperty("group.initial.rebalance.delay.ms", "0");
        kafka.brokerProperty("group.consumer.heartbeat.interval.ms", "300");
        kafka.brokerProperty("group.consumer.min.heartbeat.interval.ms", "300");
        more.forEach(kafka::brokerProperty);
        kafka.afterPropertiesSet();
        return kafka;
    }

    static void createTopics(EmbeddedKafkaKraftBroker kafka, int partitions) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.getBrokersAsString()))) {
            admin.createTopics(EventTopics.all().stream()
                            .map(topic -> new NewTopic(topic, partitions, (short) 1))
                            .toList())
                    .all()
                    .get(5, TimeUnit.MINUTES);
        }
    }
}
