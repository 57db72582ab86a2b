package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.basewatch.embeddedstore.EmbeddedStore;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/** On a broker and a store in this process. */
class RegistryWatcherTest extends RegistryWatcherContract {

    private static EmbeddedKafkaKraftBroker kafka;

    @TempDir
    Path folder;

    private EmbeddedStore store;

    @BeforeAll
    static void startKafka() {
        kafka = new EmbeddedKafkaKraftBroker(1, 1);
        kafka.brokerProperty("auto.create.topics.enable", "false");
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

    @Test
    void isNotReadyWithoutItsStoreAndSaysSoSoon() throws Exception {
        startWatcher();
        await().atMost(PATIENCE).until(() -> get("/actuator/health/readiness").contains("UP"));
        store.close();
        assertAnswersSoon("/actuator/health/readiness", "DOWN");
        store = EmbeddedStore.start(
                folder.resolve("store.db"), URI.create(store.connectionString()).getPort());
        await().atMost(PATIENCE).until(() -> get("/actuator/health/readiness").contains("UP"));
    }

    @Test
    void isNotReadyWithoutItsBrokerAndSaysSoSoonThoughItHangs() throws Exception {
        // Takes connections and says nothing.
        try (ServerSocket hung = new ServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + hung.getLocalPort();
            // The second, since the broker of these tests writes it into the system's properties.
            startWatcher("--basewatch.kafka.brokers=" + address, "--spring.kafka.bootstrap-servers=" + address);
            assertAnswersSoon("/actuator/health/readiness", "DOWN");
            assertAnswersSoon("/actuator/health", "watcherKafka");
            assertThat(get("/actuator/health/liveness")).contains("UP");
        }
    }

    /** In less than three seconds by one of several answers: the first one pays for much that is only done once, a busy machine makes others late. */
    private void assertAnswersSoon(String path, String text) {
        await().atMost(PATIENCE).until(() -> {
            long start = System.nanoTime();
            assertThat(get(path)).contains(text);
            return Duration.ofNanos(System.nanoTime() - start).compareTo(Duration.ofSeconds(3)) < 0;
        });
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
