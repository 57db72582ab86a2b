package io.basewatch.layeranalyzer;

import io.basewatch.fleetstore.embedded.EmbeddedStore;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/** On a broker and a store in this process. */
class LayerAnalyzerTest extends LayerAnalyzerContract {

    private static EmbeddedKafkaKraftBroker kafka;

    @TempDir
    Path folder;

    private EmbeddedStore store;

    @BeforeAll
    static void startKafka() {
        kafka = new EmbeddedKafkaKraftBroker(1, 1);
        kafka.brokerProperty("auto.create.topics.enable", "false");
        kafka.brokerProperty("group.initial.rebalance.delay.ms", "0");
        kafka.afterPropertiesSet();
    }

    @AfterAll
    static void stopKafka() {
        kafka.destroy();
    }

    @BeforeEach
    void startStore() {
        store = EmbeddedStore.start(folder.resolve("store.db"));
    }

    @AfterEach
    void stopStore() {
        store.close();
    }

    @Override
    String brokers() {
        return kafka.getBrokersAsString();
    }

    @Override
    String mongo() {
        return store.connectionString();
    }
}
