package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.EventTopics;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEventCodec;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.registrytestkit.CorpusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;
import tools.jackson.databind.JsonNode;

/** How often layers of real images leave a real registry, by its own access log. */
class LayersOnceTest {

    private static final Duration SOON = Duration.ofMinutes(15);

    /** So few requests a second that no machine is through with all images before it is seen that one of two has begun. */
    private static final int SLOWLY = 20;

    private final List<ConfigurableApplicationContext> analyzers = new ArrayList<>();
    private EmbeddedKafkaKraftBroker kafka;
    private EmbeddedStore store;
    private FleetStore fleet;
    private CorpusRegistry registry;
    private ImagePushed[] pushes;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        registry = CorpusRegistry.serve(folder);
        pushes = pushes(registry.host());
        store = EmbeddedStore.start(folder.resolve("store.db"));
        fleet = FleetStore.connect(store.connectionString());
        // How long a consumer that was killed holds its partitions.
        kafka = TestBroker.start(
                Map.of("group.consumer.session.timeout.ms", "6000", "group.consumer.min.session.timeout.ms", "6000"));
        TestBroker.createTopics(kafka, 8);
    }

    @AfterEach
    void stop() throws Exception {
        analyzers.forEach(ConfigurableApplicationContext::close);
        if (kafka != null) {
            kafka.destroy();
            fleet.close();
            store.close();
        }
        if (registry != null) {
            registry.close();
        }
    }

    /**
     * @param lease within which an analyzer must come to say that it still works on a layer
     * @param perSecond requests at most
     */
    private String[] arguments(int port, String lease, int perSecond) {
        return new String[] {
            "--server.port=" + port,
            "--basewatch.kafka.brokers=" + kafka.getBrokersAsString(),
            "--basewatch.mongodb.uri=" + store.connectionString(),
            "--basewatch.analyzer.lag-interval=500ms",
            "--basewatch.analyzer.lease=" + lease,
            "--basewatch.analyzer.threads=2",
            "--basewatch.analyzer.images=2",
            "--basewatch.kafka.partitions=8",
            "--basewatch.registries[0].url=" + registry.url(),
            "--basewatch.registries[0].requests-per-second=" + perSecond
        };
    }

    private ConfigurableApplicationContext startAnalyzer(String lease, int perSecond) {
        ConfigurableApplicationContext analyzer = new SpringApplicationBuilder(LayerAnalyzer.class)
                .properties(LayerAnalyzer.CONFIG_NAME)
                .run(arguments(0, lease, perSecond));
        analyzers.add(analyzer);
        return analyzer;
    }

    private void tellAll() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.getBrokersAsString()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (ImagePushed push : pushes) {
                byte[] key = push.tag().getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(EventTopics.LIVE, key, ImageEventCodec.encode(push)))
                        .get(5, TimeUnit.MINUTES);
            }
        }
    }

    private List<ImageAnalysis> analyses() {
        return Stream.of(pushes)
                .map(ImagePushed::digest)
                .distinct()
                .flatMap(digest -> fleet.imageArchive().find(digest).stream())
                .toList();
    }

    private void awaitAllAnalyzed() {
        long images = Stream.of(pushes).map(ImagePushed::digest).distinct().count();
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> assertThat(analyses()).hasSize((int) images));
        assertThat(analyses())
                .allSatisfy(analysis -> assertThat(analysis.reasons())
                        .as("%s", analysis.digest())
                        .isEmpty());
    }

    private void awaitIdle(ConfigurableApplicationContext analyzer) {
        long moment = System.nanoTime();
        await().atMost(SOON)
                .until(() -> analyzer.getBean(AnalyzerProgress.class).hasCaughtUp(moment));
    }

    private long pulled() {
        return analyzers.stream()
                .mapToLong(analyzer ->
                        analyzer.getBean(AnalyzerProgress.class).snapshot().bytesPulled())
                .sum();
    }

    /** One for each image, as if each had a tag of its own. */
    private static ImagePushed[] pushes(String host) throws IOException {
        List<ImagePushed> pushes = new ArrayList<>();
        for (JsonNode image : CorpusRegistry.truth("images")) {
            Digest digest = Digest.parse(image.get("digest").asString());
            Repository repository = new Repository(host, image.get("repo").asString());
            pushes.add(new ImagePushed(repository, "t" + pushes.size(), digest, digest, null, 1, Instant.now()));
        }
        return pushes.toArray(ImagePushed[]::new);
    }

    private static void assertEachSentOnceWhole(Map<String, List<Long>> sent) throws IOException {
        Map<String, List<Long>> once = new TreeMap<>();
        CorpusRegistry.layerSizes().forEach((layer, size) -> once.put(layer, List.of(size)));
        assertThat(sent).isEqualTo(once);
    }

    private static long bytesOfAllLayers() throws IOException {
        return CorpusRegistry.layerSizes().values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Until so many consumers of live events have partitions: with more partitions than consumers, each of all analyzers. */
    private void awaitConsumersWithWork(int consumers) throws Exception {
        String group = Urgency.LIVE.group();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.getBrokersAsString()))) {
            await().atMost(SOON)
                    .until(
                            () -> admin.describeConsumerGroups(List.of(group)).all().get().get(group).members().stream()
                                    .filter(member -> member.assignment().topicPartitions().stream()
                                            .anyMatch(partition ->
                                                    partition.topic().equals(EventTopics.LIVE)))
                                    .count(),
                            count -> count == consumers);
        }
    }

    @Test
    void aSweepPullsEachLayerOnceAndASecondOneWithoutResultsNone() throws Exception {
        ConfigurableApplicationContext analyzer = startAnalyzer("5m", 1000);
        tellAll();
        awaitAllAnalyzed();
        awaitIdle(analyzer);
        Map<String, List<Long>> first = registry.layersSent();
        assertEachSentOnceWhole(first);
        assertThat(pulled()).isEqualTo(bytesOfAllLayers());

        try (MongoClient client = MongoClients.create(store.connectionString())) {
            var database = client.getDatabase("basewatch");
            database.getCollection("analyses").deleteMany(new Document());
            database.getCollection("images").deleteMany(new Document());
        }
        tellAll();
        awaitAllAnalyzed();
        awaitIdle(analyzer);
        assertThat(registry.layersSent()).isEqualTo(first);
        assertThat(pulled()).isEqualTo(bytesOfAllLayers());
        System.out.printf(
                "layers once: %d images, %d layers of %d bytes sent, then none%n",
                analyses().size(), first.size(), bytesOfAllLayers());
    }

    @Test
    void twoAnalyzersTogetherPullEachLayerOnce() throws Exception {
        startAnalyzer("5m", 1000);
        startAnalyzer("5m", 1000);
        awaitConsumersWithWork(4);
        tellAll();
        awaitAllAnalyzed();
        assertEachSentOnceWhole(registry.layersSent());
        assertThat(pulled()).isEqualTo(bytesOfAllLayers());
        assertThat(analyzers)
                .allSatisfy(analyzer -> assertThat(analyzer.getBean(AnalyzerProgress.class)
                                .snapshot()
                                .layersRead())
                        .isPositive());
    }

    @Test
    void whenOneOfTwoIsKilledNoMoreIsPulledAgainThanItHadInHand() throws Exception {
        startAnalyzer("10s", SLOWLY);
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                LayerAnalyzer.class.getName()));
        command.addAll(List.of(arguments(port, "10s", SLOWLY)));
        Process killed = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        long before;
        try {
            awaitConsumersWithWork(4);
            tellAll();
            await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(() -> layersRead(port) >= 5);
        } finally {
            killed.destroyForcibly();
            killed.waitFor();
            before = timesSent(registry.layersSent());
        }
        assertThat(analyses().size())
                .as("images that were left to the other one")
                .isLessThan(pushes.length);

        awaitAllAnalyzed();
        Map<String, List<Long>> sent = registry.layersSent();
        assertThat(sent.keySet()).isEqualTo(CorpusRegistry.layerSizes().keySet());
        long again = timesSent(sent) - sent.size();
        assertThat(again).isLessThanOrEqualTo(2);
        System.out.printf(
                "after a kill: %d of %d layers were sent before it, %d were sent again%n", before, sent.size(), again);
    }

    private static long timesSent(Map<String, List<Long>> sent) {
        return sent.values().stream().mapToLong(List::size).sum();
    }

    private static long layersRead(int port) {
        try {
            String scrape = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/prometheus"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            Matcher read = Pattern.compile("basewatch_analyzer_layers_total\\{outcome=\"read\"} (\\d+)")
                    .matcher(scrape);
            return read.find() ? Long.parseLong(read.group(1)) : 0;
        } catch (Exception notYet) {
            return 0;
        }
    }
}
