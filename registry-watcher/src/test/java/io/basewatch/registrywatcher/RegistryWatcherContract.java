package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.EventTopics;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.ImageEventCodec;
import io.basewatch.fleetstore.AccessTokens;
import io.basewatch.fleetstore.AuditLog;
import io.basewatch.registrytestkit.LocalRegistry;
import io.basewatch.registrywatcher.WatcherProgress.RegistryProgress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;

/** The watcher as it runs, with its own configuration files, against real engines. Where they come from is a subclass's choice. */
abstract class RegistryWatcherContract {

    /** Only what hangs needs as long: a busy machine may stand still for half a minute. */
    static final Duration PATIENCE = Duration.ofMinutes(5);

    private LocalRegistry registry;
    private ConfigurableApplicationContext watcher;

    abstract String brokers();

    /** Of an empty database. */
    abstract String mongo();

    @BeforeEach
    void startRegistry() throws IOException {
        registry = LocalRegistry.start();
    }

    @AfterEach
    void stop() {
        stopWatcher();
        registry.close();
    }

    void startWatcher(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--basewatch.kafka.brokers=" + brokers(),
                "--basewatch.mongodb.uri=" + mongo(),
                "--basewatch.watcher.interval=300ms",
                "--basewatch.registries[0].url=" + registry.url(),
                "--basewatch.registries[0].requests-per-second=1000"));
        for (String argument : more) {
            arguments.removeIf(usual -> usual.startsWith(argument.substring(0, argument.indexOf('=') + 1)));
            arguments.add(argument);
        }
        watcher = new SpringApplicationBuilder(RegistryWatcher.class)
                .properties(RegistryWatcher.CONFIG_NAME)
                .run(arguments.toArray(String[]::new));
    }

    private void stopWatcher() {
        if (watcher != null) {
            watcher.close();
            watcher = null;
        }
    }

    private RegistryProgress progress() {
        return watcher.getBean(WatcherProgress.class).snapshot().stream()
                .filter(one -> one.registry().equals(registry.host()))
                .findFirst()
                .orElseThrow();
    }

    private void awaitFirstSweep() {
        await().atMost(PATIENCE).until(() -> progress().firstSweepDone());
    }

    /** All records of a topic from its beginning that are of this test's registry; each test has its own. */
    private List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", brokers());
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
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
            return records.stream()
                    .filter(record -> new String(record.value(), StandardCharsets.UTF_8).contains(registry.host()))
                    .toList();
        }
    }

    private List<ImageEvent> events(String topic) {
        return records(topic).stream()
                .map(record -> ImageEventCodec.decode(record.value()))
                .toList();
    }

    String get(String path, String... headers) throws Exception {
        String port = watcher.getEnvironment().getProperty("local.server.port");
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient()
                .send(request.build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void tellsTheFirstSweepAsBackfillAndChangesLiveAndEachOnce() {
        Digest a = PushedImages.image(registry, "team/app", "1", "a");
        PushedImages.image(registry, "team/app", "2", "b");
        PushedImages.image(registry, "team/other", "1", "c");
        startWatcher();
        awaitFirstSweep();
        assertThat(events(EventTopics.BACKFILL)).hasSize(3).allMatch(ImagePushed.class::isInstance);
        assertThat(events(EventTopics.LIVE)).isEmpty();

        Digest b = PushedImages.image(registry, "team/app", "1", "b2");
        await().atMost(PATIENCE).until(() -> progress().eventsPublished() == 5);
        assertThat(events(EventTopics.LIVE))
                .satisfiesExactly(
                        pushed -> assertThat(((ImagePushed) pushed).digest()).isEqualTo(b),
                        moved -> assertThat(((TagMoved) moved).from()).isEqualTo(a));

        registry.removeTag("team/other", "1");
        await().atMost(PATIENCE).until(() -> progress().eventsPublished() == 6);
        // Another repository may be in another partition: only the number is sure.
        assertThat(events(EventTopics.LIVE))
                .hasSize(3)
                .filteredOn(TagRemoved.class::isInstance)
                .hasSize(1);

        stopWatcher();
        startWatcher();
        awaitFirstSweep();
        assertThat(progress().eventsPublished()).isZero();
        assertThat(events(EventTopics.BACKFILL)).hasSize(3);
        assertThat(events(EventTopics.LIVE)).hasSize(3);
    }

    private int post(String path, String body, String... headers) throws Exception {
        String port = watcher.getEnvironment().getProperty("local.server.port");
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient()
                .send(request.build(), HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    @Test
    void whatAWebhookOrAnOperatorSaysIsLookedAtLongBeforeTheNextSweep() throws Exception {
        startWatcher(
                "--basewatch.watcher.interval=1h",
                "--basewatch.watcher.webhooks[0].kind=quay",
                "--basewatch.watcher.webhooks[0].registry=" + registry.host(),
                "--basewatch.watcher.webhooks[0].secret=0123456789abcdef");
        awaitFirstSweep();
        PushedImages.image(registry, "team/app", "1", "a");
        String message = "{\"repository\":\"team/app\"}";
        assertThat(post("/webhooks/quay", message)).isEqualTo(401);
        assertThat(post("/webhooks/harbor", message)).isEqualTo(404);
        assertThat(post("/webhooks/quay", message, "Authorization", "Bearer 0123456789abcdef"))
                .isEqualTo(202);
        await().atMost(PATIENCE).until(() -> progress().eventsPublished() == 1);

        PushedImages.image(registry, "team/other", "1", "b");
        assertThat(post("/actuator/registries/" + registry.host(), "{\"repository\":\"team/other\"}"))
                .isEqualTo(200);
        await().atMost(PATIENCE).until(() -> progress().eventsPublished() == 2);
        assertThat(post(
                        "/webhooks/quay",
                        "{\"repository\":\"team/never\"}",
                        "Authorization",
                        "Bearer 0123456789abcdef"))
                .isEqualTo(202);
        await().atMost(PATIENCE).until(() -> get("/actuator/registries").contains("\"repositoriesDue\":0"));
        assertThat(progress().eventsPublished()).isEqualTo(2);
    }

    @Test
    void operatorsPauseARegistryByTheirTokenAndItStaysPausedAcrossARestart() throws Exception {
        PushedImages.image(registry, "team/app", "1", "a");
        startWatcher();
        awaitFirstSweep();
        AccessTokens tokens = watcher.getBean(AccessTokens.class);
        String suffix = registry.host().replaceFirst(".*:", "-");
        String reader = "Bearer "
                + tokens.create("reader" + suffix, "reader", null, "test").orElseThrow();
        String operator = "Bearer "
                + tokens.create("ann" + suffix, "operator", null, "test").orElseThrow();
        String path = "/api/v1/registries/" + registry.host();
        assertThat(get(path)).contains("\"status\":401").doesNotContain("team");
        for (String written : List.of("/%61pi/v1", "/api;x/v1", "//api/v1", "/x/../api/v1", "/%2e/api/v1")) {
            assertThat(post(path.replace("/api/v1", written) + "/pause", ""))
                    .as(written)
                    .isGreaterThanOrEqualTo(400);
        }
        assertThat(post(path + "/pause", "", "Authorization", reader)).isEqualTo(403);
        assertThat(post(path + "/pause", "", "Authorization", "Bearer bw_none")).isEqualTo(401);
        assertThat(post(path + "/pause", "", "Authorization", operator, "Sec-Fetch-Site", "cross-site"))
                .isEqualTo(403);
        assertThat(post("/api/v1/registries/other.example.com/pause", "", "Authorization", operator))
                .isEqualTo(404);
        for (String nothing : List.of("", "{}", "{\"repository\":null}", "{\"repository\":\" \"}", "team/app")) {
            assertThat(post(path + "/look", nothing, "Authorization", operator))
                    .as(nothing)
                    .isEqualTo(400);
        }
        // Between two sweeps that took long it may be older than promised, for a moment.
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(path, "Authorization", reader))
                        .contains("\"fresh\":true")
                        .doesNotContain("\"state\":\"paused\""));
        assertThat(post(path + "/pause", "", "Authorization", operator)).isEqualTo(202);

        stopWatcher();
        startWatcher();
        await().atMost(PATIENCE).until(() -> get(path, "Authorization", reader).contains("\"state\":\"paused\""));
        assertThat(get(path, "Authorization", reader)).contains("\"by\":\"ann" + suffix, "\"fresh\":false");
        assertThat(get("/actuator/prometheus"))
                .contains("basewatch_watcher_paused{registry=\"" + registry.host() + "\"} 1.0");
        assertThat(get("/actuator/health")).contains("\"paused\":[\"" + registry.host() + "\"]");
        assertThat(progress().firstSweepDone()).isFalse();
        assertThat(post(path + "/resume", "", "Authorization", operator)).isEqualTo(202);
        awaitFirstSweep();
        assertThat(watcher.getBean(AuditLog.class).page(null, 20))
                .filteredOn(line -> line.action().contains(registry.host()))
                .extracting(line -> line.who() + " " + line.action().replaceFirst(".*/", "") + " " + line.result())
                .contains(
                        "ann" + suffix + " pause done",
                        "reader" + suffix + " pause refused",
                        "ann" + suffix + " resume done");
    }

    @Test
    void recordsAreCloudEventsKeyedByRepositoryAndTheTopicsHaveTheirPartitions() throws Exception {
        PushedImages.image(registry, "team/app", "1", "a");
        startWatcher();
        awaitFirstSweep();
        assertThat(records(EventTopics.BACKFILL)).singleElement().satisfies(record -> {
            assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo(registry.host() + "/team/app");
            assertThat(new String(record.headers().lastHeader("content-type").value(), StandardCharsets.UTF_8))
                    .isEqualTo("application/cloudevents+json");
        });
        Map<String, Object> connection = new HashMap<>(Map.of("bootstrap.servers", brokers()));
        try (Admin admin = Admin.create(connection)) {
            Map<String, TopicDescription> topics =
                    admin.describeTopics(EventTopics.all()).allTopicNames().get(5, TimeUnit.MINUTES);
            assertThat(topics.values())
                    .hasSize(4)
                    .allSatisfy(topic -> assertThat(topic.partitions()).hasSize(16));
        }
    }

    @Test
    void aRegistryThatIsDownDegradesHealthAndStopsNoOther() throws Exception {
        PushedImages.image(registry, "team/app", "1", "a");
        startWatcher(
                "--basewatch.registries[1].url=http://127.0.0.1:1", "--basewatch.registries[1].connect-timeout=1s");
        awaitFirstSweep();
        assertThat(events(EventTopics.BACKFILL)).hasSize(1);
        await().atMost(PATIENCE)
                .until(() -> watcher.getBean(WatcherHealth.class)
                        .health()
                        .getStatus()
                        .equals(WatcherHealth.DEGRADED));
        assertThat(get("/actuator/health"))
                .contains("DEGRADED")
                .contains("127.0.0.1:1")
                .doesNotContain("DOWN");
        assertThat(get("/actuator/health/liveness")).contains("UP");
        assertThat(get("/actuator/prometheus"))
                .contains("basewatch_watcher_events_total{registry=\"" + registry.host() + "\",type=\"pushed\"} 1.0")
                .contains("basewatch_watcher_failures_total{reason=\"registry-unavailable\",registry=\"127.0.0.1:1\"}")
                .contains("basewatch_watcher_last_sweep_timestamp_seconds{registry=\"" + registry.host() + "\"}")
                .contains("basewatch_watcher_tags_seen{registry=\"" + registry.host() + "\"} 1.0")
                .contains("basewatch_watcher_sweep_seconds_count{registry=\"" + registry.host() + "\"}")
                .contains("basewatch_watcher_skipped_total{reason=\"not-an-image\",registry=\"" + registry.host()
                        + "\"}");
    }

    @Test
    void withoutRegistriesItRunsAndSaysSo() {
        watcher = new SpringApplicationBuilder(RegistryWatcher.class)
                .properties(RegistryWatcher.CONFIG_NAME)
                .run("--server.port=0", "--basewatch.kafka.brokers=" + brokers(), "--basewatch.mongodb.uri=" + mongo());
        assertThat(watcher.getBean(WatcherHealth.class).health().getStatus()).isEqualTo(Status.UP);
        assertThat(watcher.getBean(WatcherProgress.class).snapshot()).isEmpty();
    }

    private HttpResponse<String> post(String path) throws Exception {
        String port = watcher.getEnvironment().getProperty("local.server.port");
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void removalsAreHeldUntilSomebodySaysSo() throws Exception {
        for (int n = 0; n < 5; n++) {
            PushedImages.image(registry, "team/app" + n, "1", "a" + n);
        }
        startWatcher("--basewatch.watcher.interval=1h");
        awaitFirstSweep();
        for (int n = 0; n < 4; n++) {
            registry.removeTag("team/app" + n, "1");
        }
        watcher.getBean(SweepSchedule.class).sweepNow(registry.host());
        await().atMost(PATIENCE).until(() -> progress().removalsHeld() == 4);
        assertThat(get("/actuator/health")).contains("DEGRADED").contains("removalsHeld");
        assertThat(get("/actuator/removals")).contains("\"" + registry.host() + "\":4");
        assertThat(get("/actuator/prometheus"))
                .contains("basewatch_watcher_removals_held{registry=\"" + registry.host() + "\"} 4.0");
        assertThat(post("/actuator/removals/other.example.com"))
                .satisfies(answer -> assertThat(answer.statusCode()).isEqualTo(404))
                .satisfies(answer -> assertThat(answer.body()).contains("not watched", registry.host()));
        assertThat(events(EventTopics.LIVE)).isEmpty();

        assertThat(post("/actuator/removals/" + registry.host()).statusCode()).isEqualTo(200);

        await().atMost(PATIENCE).until(() -> progress().removalsHeld() == 0);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(events(EventTopics.LIVE)).hasSize(4));
    }

    @Test
    void whatTheFleetNeverHeardIsToldAgainOnDemand() throws Exception {
        PushedImages.image(registry, "team/app", "1", "a");
        startWatcher("--basewatch.watcher.interval=1h", "--basewatch.watcher.compare-grace=0s");
        awaitFirstSweep();
        assertThat(events(EventTopics.BACKFILL)).hasSize(1);

        // Nobody consumes here, so nothing of it has come to the fleet.
        assertThat(post("/actuator/comparison").statusCode()).isEqualTo(200);

        await().atMost(PATIENCE).until(() -> progress().eventsPublished() == 2);
        assertThat(events(EventTopics.BACKFILL))
                .hasSize(2)
                .satisfies(events -> assertThat(events.get(1).revision())
                        .isGreaterThan(events.get(0).revision()))
                .satisfies(events -> assertThat(events.get(1).id())
                        .isNotEqualTo(events.get(0).id()));
        assertThat(get("/actuator/comparison")).contains(registry.host()).contains("\"unknown\":1");
        assertThat(get("/actuator/prometheus"))
                .contains("basewatch_watcher_differences_total{kind=\"unknown\",registry=\"" + registry.host()
                        + "\"} 1.0");
    }
}
