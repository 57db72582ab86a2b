package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.EventTopics;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
        kafka = TestBroker.start(Map.of());
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

    @Test
    void anEventThatTheStoreDoesNotTakeWaitsForTheStore() {
        Digest digest = TestImages.push(registry, "team/app", "1", TestImages.noise("patient"));
        startAnalyzer("--basewatch.analyzer.retries.longest-pause=500ms");
        int port = URI.create(mongo()).getPort();
        store.close();
        send(EventTopics.LIVE, pushed("team/app", "1", digest, 1));
        await().atMost(SOON).until(this::anAttemptFailed);
        assertThat(readiness()).isEqualTo(503);
        store = EmbeddedStore.start(folder.resolve("store.db"), port);
        awaitAllHandled();
        assertThat(analysis(digest).status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(progress().dead()).isZero();
        await().atMost(SOON).untilAsserted(() -> assertThat(readiness()).isEqualTo(200));
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
