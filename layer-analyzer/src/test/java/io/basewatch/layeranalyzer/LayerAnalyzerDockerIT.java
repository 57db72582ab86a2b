package io.basewatch.layeranalyzer;

import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.mongodb.MongoDBContainer;

/** On the real engines, where there is Docker. */
@Tag("docker")
class LayerAnalyzerDockerIT extends LayerAnalyzerContract {

    private static KafkaContainer kafka;
    private static MongoDBContainer mongo;

    private final String database = "basewatch-" + UUID.randomUUID();

    @BeforeAll
    static void startEngines() {
        Assumptions.assumeTrue(DockerClientFactory.instance().isDockerAvailable(), "needs Docker, which is not there");
        kafka = new KafkaContainer("apache/kafka:4.2.1").withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false");
        kafka.start();
        mongo = new MongoDBContainer("mongo:8.0");
        mongo.start();
    }

    @AfterAll
    static void stopEngines() {
        if (mongo != null) {
            mongo.stop();
        }
        if (kafka != null) {
            kafka.stop();
        }
    }

    @Override
    String brokers() {
        return kafka.getBootstrapServers();
    }

    @Override
    String mongo() {
        return mongo.getConnectionString() + "/" + database;
    }
}
