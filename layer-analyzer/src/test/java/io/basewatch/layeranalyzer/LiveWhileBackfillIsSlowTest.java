package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.EventTopics;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEventCodec;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.layeranalyzer.TestImages.TestLayer;
import io.basewatch.registrytestkit.LocalRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/** Several analyzers of one group, of which some have layers in hand that take as long as the test wants. */
class LiveWhileBackfillIsSlowTest {

    /** Only what hangs needs as long: what is slow here would go on until the test lets it. */
    private static final Duration LONG = Duration.ofMinutes(5);

    private final List<ConfigurableApplicationContext> analyzers = new ArrayList<>();
    private final Set<Digest> begun = ConcurrentHashMap.newKeySet();
    private final Set<Digest> slow = ConcurrentHashMap.newKeySet();
    private final CountDownLatch go = new CountDownLatch(1);
    private EmbeddedKafkaKraftBroker kafka;
    private EmbeddedStore store;
    private FleetStore fleet;
    private LocalRegistry registry;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        registry = LocalRegistry.start();
        // As a layer of many gigabytes does: it is asked for, and does not end.
        registry.faults().intercept(request -> {
            for (Digest layer : slow) {
                if (request.path().contains("/blobs/" + layer)) {
                    begun.add(layer);
                    awaitGo();
                }
            }
            return Optional.empty();
        });
        store = EmbeddedStore.start(folder.resolve("store.db"));
        fleet = FleetStore.connect(store.connectionString());
        kafka = TestBroker.start(Map.of());
        TestBroker.createTopics(kafka, 8);
    }

    private void awaitGo() {
        try {
            go.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void stop() {
        go.countDown();
        analyzers.forEach(ConfigurableApplicationContext::close);
        kafka.destroy();
        fleet.close();
        store.close();
        registry.close();
    }

    private ConfigurableApplicationContext startAnalyzer(String... more) {
        return startAnalyzer(2, more);
    }

    private ConfigurableApplicationContext startAnalyzer(int images, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--basewatch.kafka.brokers=" + kafka.getBrokersAsString(),
                "--basewatch.kafka.partitions=8",
                "--basewatch.mongodb.uri=" + store.connectionString(),
                "--basewatch.analyzer.lag-interval=500ms",
                "--basewatch.analyzer.threads=1",
                "--basewatch.analyzer.images=" + images,
                "--basewatch.registries[0].url=" + registry.url(),
                "--basewatch.registries[0].request-timeout=3h",
                "--basewatch.registries[0].requests-per-second=1000"));
        arguments.addAll(List.of(more));
        ConfigurableApplicationContext analyzer = new SpringApplicationBuilder(LayerAnalyzer.class)
                .properties(LayerAnalyzer.CONFIG_NAME)
                .run(arguments.toArray(String[]::new));
        analyzers.add(analyzer);
        return analyzer;
    }

    /** To the partition that a test wants it in. */
    private Digest push(String topic, int partition, String name, TestLayer... layers) {
        Digest digest = TestImages.push(registry, "team/" + name, "1", layers);
        ImagePushed event = new ImagePushed(
                new Repository(registry.host(), "team/" + name), "1", digest, digest, null, 1, Instant.now());
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.getBrokersAsString()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            byte[] key = ImageEventCodec.key(event).getBytes(StandardCharsets.UTF_8);
            producer.send(new ProducerRecord<>(topic, partition, key, ImageEventCodec.encode(event)))
                    .get(5, TimeUnit.MINUTES);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return digest;
    }

    private void pushSlowly(int partition) {
        TestLayer layer = TestImages.noise("slow" + partition);
        slow.add(layer.digest());
        push(EventTopics.BACKFILL, partition, "slow" + partition, layer);
    }

    private boolean isComplete(Digest image) {
        return fleet.imageArchive()
                .find(image)
                .map(ImageAnalysis::status)
                .filter(AnalysisStatus.COMPLETE::equals)
                .isPresent();
    }

    private Duration untilComplete(Digest image) {
        long start = System.nanoTime();
        await().atMost(LONG).pollInterval(Duration.ofMillis(100)).until(() -> isComplete(image));
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private void awaitGroups(int members) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.getBrokersAsString()))) {
            for (Urgency urgency : Urgency.values()) {
                await().atMost(LONG)
                        .until(() -> admin
                                        .describeConsumerGroups(List.of(urgency.group()))
                                        .all()
                                        .get()
                                        .get(urgency.group())
                                        .members()
                                        .stream()
                                        .filter(member -> !member.assignment()
                                                .topicPartitions()
                                                .isEmpty())
                                        .count()
                                == members);
            }
        }
    }

    @Test
    void aPushedImageIsDoneWhileEveryAnalyzerHasSlowBackfillInHand() throws Exception {
        startAnalyzer();
        startAnalyzer();
        awaitGroups(4);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.getBrokersAsString()))) {
            assertThat(admin.describeConsumerGroups(List.of(Urgency.LIVE.group()))
                            .all()
                            .get()
                            .get(Urgency.LIVE.group())
                            .type())
                    .isEqualTo(GroupType.CONSUMER);
        }
        // More than there are places for layers of backfill, and than consumers.
        for (int partition = 0; partition < 8; partition++) {
            pushSlowly(partition);
        }
        await().atMost(LONG).until(() -> begun.size() == 2);
        List<Duration> took = new ArrayList<>();
        for (int partition = 0; partition < 8; partition++) {
            Digest live = push(EventTopics.LIVE, partition, "live" + partition, TestImages.noise("live" + partition));
            took.add(untilComplete(live));
        }
        System.out.println("live images with slow backfill in hand took " + took);

        assertThat(begun).as("layers of backfill, one for each analyzer").hasSize(2);
    }

    @Test
    void anAnalyzerThatJoinsGetsWorkWhileAllOthersHaveSlowImagesInHand() throws Exception {
        startAnalyzer();
        startAnalyzer();
        awaitGroups(4);
        pushSlowly(0);
        pushSlowly(4);
        await().atMost(LONG).until(() -> !begun.isEmpty());
        long start = System.nanoTime();
        ConfigurableApplicationContext third = startAnalyzer();
        Duration started = Duration.ofNanos(System.nanoTime() - start);
        AnalyzerProgress progress = third.getBean(AnalyzerProgress.class);
        int pushed = 0;
        long until = System.nanoTime() + LONG.toNanos();
        while (progress.snapshot().images() == 0 && System.nanoTime() < until) {
            String topic = pushed % 2 == 0 ? EventTopics.LIVE : EventTopics.BACKFILL;
            push(topic, (pushed / 2) % 8, "more" + pushed, TestImages.noise("more" + pushed));
            pushed++;
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start).minus(started);
        System.out.println("an analyzer that joined had its first image done after " + took);
        assertThat(progress.snapshot().images()).isPositive();
        assertThat(go.getCount()).isEqualTo(1);
    }

    @Test
    void withTheClassicProtocolToo() throws Exception {
        startAnalyzer("--basewatch.kafka.group-protocol=classic");
        startAnalyzer("--basewatch.kafka.group-protocol=classic");
        awaitGroups(4);
        pushSlowly(0);
        pushSlowly(4);
        await().atMost(LONG).until(() -> !begun.isEmpty());
        Digest live = push(EventTopics.LIVE, 3, "live", TestImages.noise("live"));
        System.out.println("by the classic protocol a live image took " + untilComplete(live));
    }

    /** Two of ten consumers have no partition, and say nothing about how much waits. */
    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void consumersThatAreLeftWithoutPartitionsHoldNoBackfillUp(String protocol) {
        startAnalyzer(10, "--basewatch.kafka.group-protocol=" + protocol, "--basewatch.analyzer.live-patience=1h");
        untilComplete(push(EventTopics.BACKFILL, 3, "backfill", TestImages.noise("backfill")));
    }
}
