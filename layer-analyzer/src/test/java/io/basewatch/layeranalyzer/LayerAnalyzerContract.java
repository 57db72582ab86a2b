package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.AnalyzedImage;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.EventTopics;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.ImageEventCodec;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.StaleImages;
import io.basewatch.fleetstore.StoredImage;
import io.basewatch.layeranalyzer.TestImages.TestLayer;
import io.basewatch.registrytestkit.LocalRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The analyzer as it runs, with its own configuration files, against real engines. Where they come from is a subclass's choice. */
abstract class LayerAnalyzerContract {

    static final Duration SOON = Duration.ofMinutes(5);

    LocalRegistry registry;
    private ConfigurableApplicationContext analyzer;
    private Admin kafka;
    private KafkaProducer<byte[], byte[]> producer;
    private @Nullable FleetStore fleet;

    abstract String brokers();

    /** Of an empty database. */
    abstract String mongo();

    @BeforeEach
    void start() throws Exception {
        registry = LocalRegistry.start();
        Map<String, Object> properties = Map.of("bootstrap.servers", brokers());
        kafka = Admin.create(properties);
        producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        Set<String> there = kafka.listTopics().names().get(5, TimeUnit.MINUTES);
        kafka.createTopics(EventTopics.all().stream()
                        .filter(topic -> !there.contains(topic))
                        .map(topic -> new NewTopic(topic, 4, (short) 1))
                        .toList())
                .all()
                .get(5, TimeUnit.MINUTES);
    }

    @AfterEach
    void stop() {
        stopAnalyzer();
        registry.close();
        kafka.close();
        producer.close();
        if (fleet != null) {
            fleet.close();
            fleet = null;
        }
    }

    /** Beside the analyzer, opened when first asked for. */
    private FleetStore fleet() {
        if (fleet == null) {
            fleet = FleetStore.connect(mongo());
        }
        return fleet;
    }

    void startAnalyzer(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--basewatch.kafka.brokers=" + brokers(),
                "--basewatch.mongodb.uri=" + mongo(),
                "--basewatch.analyzer.retries.attempts=2",
                "--basewatch.analyzer.retries.first-pause=200ms",
                "--basewatch.analyzer.lag-interval=500ms",
                "--basewatch.registries[0].url=" + registry.url(),
                "--basewatch.registries[0].requests-per-second=1000"));
        for (String each : more) {
            arguments.removeIf(argument ->
                    argument.substring(0, argument.indexOf('=')).equals(each.substring(0, each.indexOf('='))));
            arguments.add(each);
        }
        analyzer = new SpringApplicationBuilder(LayerAnalyzer.class)
                .properties(LayerAnalyzer.CONFIG_NAME)
                .run(arguments.toArray(String[]::new));
    }

    private void stopAnalyzer() {
        if (analyzer != null) {
            analyzer.close();
            analyzer = null;
        }
    }

    ImagePushed pushed(String repository, String tag, Digest digest, long revision) {
        return new ImagePushed(
                new Repository(registry.host(), repository), tag, digest, digest, null, revision, Instant.now());
    }

    void send(String topic, ImageEvent... events) {
        for (ImageEvent event : events) {
            send(topic, ImageEventCodec.key(event).getBytes(StandardCharsets.UTF_8), ImageEventCodec.encode(event));
        }
    }

    private void send(String topic, byte[] key, byte[] value) {
        try {
            producer.send(new ProducerRecord<>(topic, key, value)).get(5, TimeUnit.MINUTES);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** All records of a topic from its beginning. */
    private List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", brokers()), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }

    private long announcements(Digest digest) {
        return records(EventTopics.ANALYZED).stream()
                .filter(record -> new String(record.key(), StandardCharsets.UTF_8).equals(digest.toString()))
                .count();
    }

    /** Events of all tests so far that the group has not acknowledged. */
    private long lag() {
        try {
            long lag = 0;
            for (Urgency urgency : Urgency.values()) {
                Map<TopicPartition, OffsetAndMetadata> committed = kafka.listConsumerGroupOffsets(urgency.group())
                        .partitionsToOffsetAndMetadata()
                        .get(5, TimeUnit.MINUTES);
                for (var end : ends(urgency.topic()).entrySet()) {
                    OffsetAndMetadata done = committed.get(end.getKey());
                    lag += Math.max(0, end.getValue() - (done == null ? 0 : done.offset()));
                }
            }
            return lag;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** The offset after the last record of each partition; nothing of a topic is deleted while tests run. */
    private Map<TopicPartition, Long> ends(String topic) throws Exception {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        kafka.describeTopics(List.of(topic))
                .allTopicNames()
                .get(5, TimeUnit.MINUTES)
                .get(topic)
                .partitions()
                .forEach(each -> latest.put(new TopicPartition(topic, each.partition()), OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        kafka.listOffsets(latest)
                .all()
                .get(5, TimeUnit.MINUTES)
                .forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    void awaitAllHandled() {
        await().atMost(SOON).pollInterval(Duration.ofMillis(300)).until(() -> lag() == 0);
    }

    ImageAnalysis analysis(Digest digest) {
        return fleet().imageArchive().find(digest).orElseThrow();
    }

    private List<String> tagsOf(Digest digest) {
        return fleet().queries().image(digest).map(StoredImage::tags).orElse(List.of()).stream()
                .map(Object::toString)
                .toList();
    }

    AnalyzerProgress.Snapshot progress() {
        return analyzer.getBean(AnalyzerProgress.class).snapshot();
    }

    /** Whether a listener has thrown, by Spring Kafka's own timer. */
    boolean anAttemptFailed() {
        return analyzer
                        .getBean(MeterRegistry.class)
                        .find("spring.kafka.listener")
                        .tag("result", "failure")
                        .timers()
                        .stream()
                        .mapToLong(Timer::count)
                        .sum()
                > 0;
    }

    private HttpResponse<String> ask(String path) throws IOException, InterruptedException {
        String port = analyzer.getEnvironment().getProperty("local.server.port");
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private String get(String path) throws IOException, InterruptedException {
        return ask(path).body();
    }

    /** The status that an orchestrator sees. */
    int readiness() {
        try {
            return ask("/actuator/health/readiness").statusCode();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    @Test
    void storesAndAnnouncesWhatAnImageStandsOnOnceHoweverOftenItIsTold() throws Exception {
        TestLayer base = TestImages.alpine("3.20.3");
        TestLayer top = TestImages.noise("first");
        Digest digest = TestImages.push(registry, "team/app", "1", base, top);
        startAnalyzer();
        ImagePushed event = pushed("team/app", "1", digest, 1);
        send(EventTopics.LIVE, event, event);
        awaitAllHandled();
        ImageAnalysis analysis = analysis(digest);
        assertThat(analysis.status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(analysis.fingerprint().distro().id()).isEqualTo("alpine");
        assertThat(tagsOf(digest)).hasSize(1);

        // Another tag of another repository, told by the other topic: nothing is read or announced again.
        long announced = announcements(digest);
        Digest same = TestImages.push(registry, "team/other", "x", base, top);
        assertThat(same).isEqualTo(digest);
        send(EventTopics.BACKFILL, pushed("team/other", "x", digest, 1));
        awaitAllHandled();
        assertThat(tagsOf(digest)).hasSize(2);
        assertThat(announcements(digest)).isEqualTo(announced);
        assertThat(registry.traffic().blobFetches(base.digest())).isEqualTo(1);
        assertThat(registry.traffic().blobFetches(top.digest())).isEqualTo(1);

        ConsumerRecord<byte[], byte[]> line = records(EventTopics.ANALYZED).stream()
                .filter(record -> new String(record.key(), StandardCharsets.UTF_8).equals(digest.toString()))
                .findFirst()
                .orElseThrow();
        AnalyzedImage said = ModelJson.read(line.value(), AnalyzedImage.class);
        assertThat(said.caveats().known()).isEqualTo("whole");
        assertThat(said)
                .usingRecursiveComparison()
                .ignoringFields("caveats", "analyzedAt")
                .isEqualTo(AnalyzedImage.of(analysis, null));
        assertThat(header(line, "ce_type")).isEqualTo("io.basewatch.image.analyzed");
        assertThat(header(line, "ce_subject")).isEqualTo(digest.toString());
        assertThat(header(line, "content-type")).isEqualTo("application/json");
        assertThat(said.distro()).isEqualTo("alpine 3.20.3");
        assertThat(progress().images()).isEqualTo(1);
        assertThat(progress().layersRead()).isEqualTo(2);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(get("/actuator/prometheus"))
                        .contains("basewatch_analyzer_images_total{status=\"complete\"} 1.0")
                        .contains("basewatch_analyzer_failures_total{reason=\"unauthorized\"} 0.0")
                        .contains("basewatch_analyzer_layers_total{outcome=\"read\"} 2.0")
                        .contains("basewatch_analyzer_layer_bytes_total ")
                        .contains("basewatch_analyzer_layer_seconds_count 2")
                        .contains("basewatch_analyzer_image_seconds_count 1")
                        .contains("basewatch_analyzer_event_to_result_seconds_count{urgency=\"")
                        .contains("basewatch_analyzer_lag_events{urgency=\"live\"} 0.0")
                        .contains("basewatch_analyzer_lag_events{urgency=\"backfill\"} 0.0")
                        .contains("basewatch_analyzer_dead_total 0.0"));
    }

    @Test
    void anImageWhoseAnalysisIsGoneIsAnalyzedAgainThoughItsLineSaysItWas() {
        TestLayer base = TestImages.alpine("3.14.1");
        Digest digest = TestImages.push(registry, "team/app", "1", base);
        startAnalyzer();
        send(EventTopics.LIVE, pushed("team/app", "1", digest, 1));
        awaitAllHandled();
        try (MongoClient client = MongoClients.create(mongo())) {
            client.getDatabase("basewatch").getCollection("analyses").deleteOne(new Document("_id", digest.toString()));
        }

        send(EventTopics.LIVE, pushed("team/other", "1", TestImages.push(registry, "team/other", "1", base), 1));
        awaitAllHandled();
        assertThat(analysis(digest).status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(registry.traffic().blobFetches(base.digest())).isEqualTo(1);
    }

    @Test
    void aTagThatMovesOrGoesLeavesItsImageAndALateEventChangesNothing() {
        Digest before = TestImages.push(registry, "team/app", "1", TestImages.alpine("3.18.1"));
        Digest after = TestImages.push(registry, "team/app", "1", TestImages.alpine("3.19.1"));
        startAnalyzer();
        Repository repository = new Repository(registry.host(), "team/app");
        send(
                EventTopics.LIVE,
                pushed("team/app", "1", before, 10),
                pushed("team/app", "1", after, 11),
                new TagMoved(repository, "1", before, after, 11, Instant.now()),
                pushed("team/app", "1", before, 10));
        awaitAllHandled();
        assertThat(tagsOf(before)).isEmpty();
        assertThat(tagsOf(after)).hasSize(1);
        send(EventTopics.LIVE, new TagRemoved(repository, "1", after, 12, Instant.now()));
        awaitAllHandled();
        assertThat(tagsOf(after)).isEmpty();
        assertThat(analysis(after).status()).isEqualTo(AnalysisStatus.COMPLETE);
    }

    @Test
    void whatIsNoEventGoesToTheDeadTopicAndHoldsNothingUp() {
        Digest digest = TestImages.push(registry, "team/app", "1", TestImages.alpine("3.17.1"));
        byte[] poison = ("not an event of " + registry.host()).getBytes(StandardCharsets.UTF_8);
        ImagePushed event = pushed("team/app", "1", digest, 1);
        byte[] key = ImageEventCodec.key(event).getBytes(StandardCharsets.UTF_8);
        startAnalyzer();
        send(EventTopics.LIVE, key, poison);
        send(EventTopics.LIVE, key, null);
        send(EventTopics.LIVE, event);
        awaitAllHandled();
        assertThat(analysis(digest).status()).isEqualTo(AnalysisStatus.COMPLETE);
        List<ConsumerRecord<byte[], byte[]>> dead = records(EventTopics.DEAD).stream()
                .filter(record -> new String(record.key(), StandardCharsets.UTF_8).startsWith(registry.host()))
                .toList();
        assertThat(dead).hasSize(2);
        assertThat(dead.get(0).value()).isEqualTo(poison);
        assertThat(header(dead.get(0), FailedEvents.REASON)).isEqualTo("unsupported-format");
        assertThat(header(dead.get(0), FailedEvents.PROBLEM)).contains("not JSON");
        assertThat(header(dead.get(0), FailedEvents.TOPIC)).isEqualTo(EventTopics.LIVE);
        assertThat(progress().dead()).isEqualTo(2);
    }

    @Test
    void aRegistryThatFailsForAMomentLosesNothing() {
        TestLayer layer = TestImages.noise("momentary");
        Digest digest = TestImages.push(registry, "team/app", "1", TestImages.alpine("3.16.1"), layer);
        // More often than one attempt asks.
        registry.faults().refuse("/blobs/" + layer.digest(), 5, 503);
        startAnalyzer();
        send(EventTopics.LIVE, pushed("team/app", "1", digest, 1));
        awaitAllHandled();
        assertThat(analysis(digest).status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(progress().dead()).isZero();
    }

    @Test
    void aRegistryThatIsDownLeavesTheImageUnscannableToBeLookedAtAgain() {
        Digest digest = TestImages.digest(new byte[] {1, 2, 3});
        Digest good = TestImages.push(registry, "team/app", "1", TestImages.alpine("3.15.1"));
        startAnalyzer(
                "--basewatch.registries[1].url=http://127.0.0.1:1", "--basewatch.registries[1].connect-timeout=1s");
        Repository down = new Repository("127.0.0.1:1", "team/down");
        ImagePushed event =
                new ImagePushed(down, registry.host().replace(':', '-'), digest, digest, null, 1, Instant.now());
        send(EventTopics.BACKFILL, event);
        send(EventTopics.LIVE, pushed("team/app", "1", good, 1));
        awaitAllHandled();
        ImageAnalysis analysis = analysis(digest);
        assertThat(analysis.status()).isEqualTo(AnalysisStatus.UNSCANNABLE);
        assertThat(analysis.reasons()).extracting(Reason::code).containsExactly(Reason.Code.REGISTRY_UNAVAILABLE);
        assertThat(analysis(good).status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(records(EventTopics.DEAD))
                .filteredOn(record -> new String(record.value(), StandardCharsets.UTF_8).contains(event.tag()))
                .isEmpty();
        assertThat(fleet().staleImages().unread(List.of("127.0.0.1:1"), null, null, 10))
                .extracting(StaleImages.UnreadImage::digest)
                .containsExactly(digest);
    }

    @Test
    void whatTimeHealsIsCompleteInTheEndWithoutAnybodyDoingAnything() {
        TestLayer late = TestImages.noise("late");
        TestLayer damaged = TestImages.noise("damaged");
        TestLayer refused = TestImages.noise("refused");
        Digest blobMissing = TestImages.push(registry, "team/app", "1", TestImages.alpine("3.15.2"), late);
        registry.removeBlob(late.digest());
        Digest mismatch = TestImages.push(registry, "team/app", "2", TestImages.alpine("3.15.3"), damaged);
        registry.corruptBlob(damaged.digest(), new byte[damaged.stored().length]);
        Digest unauthorized = TestImages.push(registry, "team/app", "3", refused);
        registry.faults().refuse("/blobs/" + refused.digest(), 3, 403);
        Digest gone = TestImages.digest(TestImages.alpine("3.15.4").toString().getBytes(StandardCharsets.UTF_8));
        startAnalyzer(
                "--basewatch.analyzer.look-again.first-pause=500ms",
                "--basewatch.analyzer.look-again.longest-pause=2s");
        send(
                EventTopics.LIVE,
                pushed("team/app", "1", blobMissing, 1),
                pushed("team/app", "2", mismatch, 1),
                pushed("team/app", "3", unauthorized, 1),
                pushed("team/app", "4", gone, 1));
        await().atMost(SOON).until(() -> lookedAgain() >= 8);
        assertThat(List.of(analysis(blobMissing), analysis(mismatch)))
                .extracting(ImageAnalysis::status)
                .containsOnly(AnalysisStatus.PARTIAL);
        assertThat(analysis(gone).reasons()).extracting(Reason::code).containsExactly(Reason.Code.MANIFEST_MISSING);

        registry.pushBlob(late.stored());
        registry.corruptBlob(damaged.digest(), damaged.stored());
        for (Digest image : List.of(blobMissing, mismatch, unauthorized)) {
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(analysis(image).status()).isEqualTo(AnalysisStatus.COMPLETE));
        }
        send(
                EventTopics.LIVE,
                new TagRemoved(new Repository(registry.host(), "team/app"), "4", gone, 2, Instant.now()));
        awaitAllHandled();
        assertThat(fleet().staleImages().unread(List.of(registry.host()), null, null, 10))
                .as("nobody looks for what no tag leads to")
                .isEmpty();
        assertThat(progress().dead()).isZero();
    }

    @Test
    void anImageThatIsToldAgainIsReadThoughItFailedForALongTime() {
        TestLayer layer = TestImages.alpine("3.15.5");
        Digest digest = TestImages.push(registry, "team/app", "1", layer);
        registry.faults().refuse("/manifests/" + digest, 1, 404);
        startAnalyzer("--basewatch.analyzer.look-again.first-pause=6h");
        send(EventTopics.LIVE, pushed("team/app", "1", digest, 1));
        awaitAllHandled();
        assertThat(analysis(digest).status()).isEqualTo(AnalysisStatus.UNSCANNABLE);
        send(EventTopics.LIVE, pushed("team/app", "1", digest, 2));
        awaitAllHandled();
        assertThat(analysis(digest).status()).isEqualTo(AnalysisStatus.COMPLETE);
    }

    @Test
    void imagesOfARegistryThatWorksAgainAreLookedAtSoon() {
        Digest failed = TestImages.push(registry, "team/app", "1", TestImages.alpine("3.15.6"));
        Digest other = TestImages.push(registry, "team/app", "2", TestImages.alpine("3.15.7"));
        registry.faults().refuse("/manifests/" + failed, 50, 503);
        startAnalyzer(
                "--basewatch.analyzer.look-again.first-pause=30s", "--basewatch.registries[0].request-timeout=1s");
        send(EventTopics.LIVE, pushed("team/app", "1", failed, 1));
        awaitAllHandled();
        // As if it had failed often.
        StaleImages stale = fleet().staleImages();
        stale.lookAgain(
                stale.unread(List.of(registry.host()), null, null, 1).get(0),
                Instant.now().plus(Duration.ofDays(1)));
        registry.faults().clear();
        send(EventTopics.LIVE, pushed("team/app", "2", other, 1));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(analysis(failed).status()).isEqualTo(AnalysisStatus.COMPLETE));
    }

    @Test
    void imagesOfARegistryThatIsConfiguredLaterAreReadThen() {
        Digest digest = TestImages.push(registry, "team/app", "1", TestImages.alpine("3.15.8"));
        startAnalyzer("--basewatch.registries[0].url=http://127.0.0.1:1");
        send(EventTopics.LIVE, pushed("team/app", "1", digest, 1));
        awaitAllHandled();
        assertThat(analysis(digest).reasons().get(0).message()).contains("not one of basewatch.registries");
        stopAnalyzer();
        startAnalyzer("--basewatch.analyzer.look-again.first-pause=1s");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(analysis(digest).status()).isEqualTo(AnalysisStatus.COMPLETE));
    }

    private double lookedAgain() {
        return analyzer.getBean(MeterRegistry.class)
                .get("basewatch.analyzer.second.looks")
                .counter()
                .count();
    }

    @Test
    void isReadyWhenStoreKafkaAndItsConsumersAre() throws Exception {
        startAnalyzer();
        await().atMost(SOON).untilAsserted(() -> assertThat(readiness()).isEqualTo(200));
        assertThat(get("/actuator/health"))
                .contains("analyzerKafka")
                .contains("analyzerConsumers")
                .doesNotContain("binders");
        assertThat(get("/actuator/prometheus")).contains("basewatch_analyzer_consumers_hung 0.0");
    }

    @Test
    void theDeadTopicIsKeptWithoutEndAlsoWhenItWasMadeOtherwise() throws Exception {
        startAnalyzer();
        ConfigResource dead = new ConfigResource(ConfigResource.Type.TOPIC, EventTopics.DEAD);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(kafka.describeConfigs(List.of(dead))
                                .all()
                                .get(5, TimeUnit.MINUTES)
                                .get(dead)
                                .get("retention.ms")
                                .value())
                        .isEqualTo("-1"));
    }

    @Test
    void aNewGroupBeginsWhereTheFormerOneWas() throws Exception {
        Digest handled = TestImages.push(registry, "team/app", "1", TestImages.alpine("3.15.9"));
        Digest waiting = TestImages.push(registry, "team/app", "2", TestImages.alpine("3.14.9"));
        send(EventTopics.LIVE, pushed("team/app", "1", handled, 1));
        kafka.deleteConsumerGroups(List.of(Urgency.LIVE.group(), Urgency.BACKFILL.group(), GroupStart.FORMER_GROUP))
                .all()
                .toCompletionStage()
                .exceptionally(notThere -> null)
                .toCompletableFuture()
                .get(5, TimeUnit.MINUTES);
        Map<TopicPartition, OffsetAndMetadata> ends = new HashMap<>();
        for (Urgency urgency : Urgency.values()) {
            records(urgency.topic())
                    .forEach(record -> ends.merge(
                            new TopicPartition(record.topic(), record.partition()),
                            new OffsetAndMetadata(record.offset() + 1),
                            (one, other) -> one.offset() > other.offset() ? one : other));
        }
        kafka.alterConsumerGroupOffsets(GroupStart.FORMER_GROUP, ends).all().get(5, TimeUnit.MINUTES);
        send(EventTopics.LIVE, pushed("team/app", "2", waiting, 1));
        startAnalyzer();
        awaitAllHandled();
        assertThat(analysis(waiting).status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(fleet().imageArchive().find(handled))
                .as("it was read before")
                .isEmpty();
    }

    @Test
    void liveEventsAreServedBeforeBackfillThatWasThereFirst() {
        List<Digest> backfill = new ArrayList<>();
        List<Digest> live = new ArrayList<>();
        for (int n = 0; n < 12; n++) {
            backfill.add(TestImages.push(registry, "team/b" + n, "1", TestImages.noise("backfill" + n)));
            send(EventTopics.BACKFILL, pushed("team/b" + n, "1", backfill.get(n), 1));
        }
        for (int n = 0; n < 12; n++) {
            live.add(TestImages.push(registry, "team/l" + n, "1", TestImages.noise("live" + n)));
            send(EventTopics.LIVE, pushed("team/l" + n, "1", live.get(n), 1));
        }
        registry.faults().latency(Duration.ofMillis(20));
        // On a machine that is slow enough, backfill's patience would end first.
        startAnalyzer("--basewatch.analyzer.live-patience=1h");
        awaitAllHandled();
        Instant lastLive = live.stream()
                .map(this::analysis)
                .map(ImageAnalysis::analyzedAt)
                .max(Instant::compareTo)
                .orElseThrow();
        Instant firstBackfill = backfill.stream()
                .map(this::analysis)
                .map(ImageAnalysis::analyzedAt)
                .min(Instant::compareTo)
                .orElseThrow();
        assertThat(firstBackfill).isAfter(lastLive);
    }

    @Test
    void eventsThatAnAnalyzerDidNotEndAreEndedByTheNext() {
        Digest first = TestImages.push(registry, "team/app", "1", TestImages.noise("slow1"));
        startAnalyzer();
        stopAnalyzer();
        // Less than the brokers would wait for who did not leave.
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(members())
                        .as("of the group whose analyzer has ended")
                        .isEmpty());
        send(EventTopics.LIVE, pushed("team/app", "1", first, 1));
        startAnalyzer();
        awaitAllHandled();
        assertThat(analysis(first).status()).isEqualTo(AnalysisStatus.COMPLETE);
    }

    private List<MemberDescription> members() throws Exception {
        List<String> groups =
                Arrays.stream(Urgency.values()).map(Urgency::group).toList();
        return kafka.describeConsumerGroups(groups).all().get().values().stream()
                .flatMap(group -> group.members().stream())
                .toList();
    }

    /** As an analyzer of an older version would have left them. */
    private void makeOld(Digest... images) {
        try (MongoClient client = MongoClients.create(mongo())) {
            var database = client.getDatabase("basewatch");
            for (Digest image : images) {
                Document id = new Document("_id", image.toString());
                String json =
                        database.getCollection("analyses").find(id).first().getString("json");
                for (String collection : List.of("images", "analyses")) {
                    database.getCollection(collection)
                            .updateOne(id, new Document("$set", new Document("analyzerVersion", "0[old/1]")));
                }
                database.getCollection("analyses")
                        .updateOne(
                                id,
                                new Document(
                                        "$set",
                                        new Document("json", json.replace(Fingerprinter.version(), "0[old/1]"))));
            }
        }
    }

    private void awaitVersion(Digest digest) {
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(300))
                .untilAsserted(
                        () -> assertThat(analysis(digest).analyzerVersion()).isEqualTo(Fingerprinter.version()));
    }

    private double rederived(String outcome) {
        return analyzer.getBean(MeterRegistry.class)
                .get("basewatch.analyzer.rederived")
                .tag("stage", "fingerprint")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    @Test
    void resultsOfAnOlderAnalyzerAreDerivedAgainFromTheStoreAlone() {
        Digest one = TestImages.push(registry, "team/app", "1", TestImages.alpine("3.14.1"), TestImages.noise("old1"));
        Digest two = TestImages.push(registry, "team/app", "2", TestImages.alpine("3.13.1"));
        startAnalyzer("--basewatch.analyzer.rederive-interval=1s");
        send(EventTopics.LIVE, pushed("team/app", "1", one, 1), pushed("team/app", "2", two, 1));
        awaitAllHandled();
        stopAnalyzer();
        makeOld(one, two);
        registry.traffic().clear();
        // Another process of this version was killed while it was at it.
        await().atMost(SOON)
                .until(() -> fleet().turns()
                        .of(Fingerprinter.version(), Duration.ofSeconds(2))
                        .take()
                        .isPresent());

        startAnalyzer("--basewatch.analyzer.rederive-interval=1s");
        awaitVersion(one);
        awaitVersion(two);

        assertThat(analysis(one).status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(analysis(one).fingerprint().distro().version()).isEqualTo("3.14.1");
        assertThat(analysis(one).layers()).hasSize(2);
        assertThat(registry.traffic().requests()).isEmpty();
        assertThat(announcements(one)).isEqualTo(2);
        assertThat(rederived("derived")).isEqualTo(2);
        assertThat(rederived("requeued")).isZero();
    }

    @Test
    void ofAnOlderResultWithoutFactsOnlyTheMissingLayerIsPulledAgain() {
        TestLayer base = TestImages.alpine("3.12.1");
        TestLayer top = TestImages.noise("old2");
        Digest digest = TestImages.push(registry, "team/app", "1", base, top);
        startAnalyzer("--basewatch.analyzer.rederive-interval=1s");
        send(EventTopics.LIVE, pushed("team/app", "1", digest, 5));
        awaitAllHandled();
        stopAnalyzer();
        makeOld(digest);
        try (MongoClient client = MongoClients.create(mongo())) {
            client.getDatabase("basewatch")
                    .getCollection("layers")
                    .deleteOne(new Document("_id", top.diffId().toString()));
        }
        registry.traffic().clear();
        int before = records(EventTopics.BACKFILL).size();

        startAnalyzer("--basewatch.analyzer.rederive-interval=1s");
        awaitVersion(digest);
        awaitAllHandled();

        assertThat(analysis(digest).status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(registry.traffic().blobFetches(base.digest())).isZero();
        assertThat(registry.traffic().blobFetches(top.digest())).isEqualTo(1);
        List<ConsumerRecord<byte[], byte[]>> told = records(EventTopics.BACKFILL);
        assertThat(told).hasSize(before + 1);
        assertThat(tagsOf(digest)).hasSize(1);
        assertThat(rederived("requeued")).isEqualTo(1);
    }

    @Test
    void anImageWhoseEventWasLostIsToldAgain() {
        Digest digest = TestImages.push(registry, "team/app", "1", TestImages.alpine("3.11.1"));
        Digest recent = TestImages.push(registry, "team/app", "2", TestImages.alpine("3.10.1"));
        ImagePushed lost = new ImagePushed(
                new Repository(registry.host(), "team/app"),
                "1",
                digest,
                digest,
                null,
                3,
                Instant.now().minus(Duration.ofHours(1)));
        fleet().imageArchive().apply(lost);
        fleet().imageArchive().apply(pushed("team/app", "2", recent, 3));
        Digest ahead = TestImages.push(registry, "team/app", "3", TestImages.alpine("3.9.1"));
        Instant inYears = Instant.now().plus(Duration.ofDays(4 * 365));
        fleet().imageArchive().apply(new ImagePushed(lost.repository(), "3", ahead, ahead, null, 3, inYears));
        startAnalyzer("--basewatch.analyzer.rederive-interval=1s");
        await().atMost(SOON).until(() -> rederived("requeued") == 2);
        awaitAllHandled();
        awaitVersion(digest);
        // Told by a clock that was ahead: nobody waits until then.
        awaitVersion(ahead);
        assertThat(fleet().imageArchive().find(recent))
                .as("its event may be on its way")
                .isEmpty();
    }
}
