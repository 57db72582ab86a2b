package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.registrytestkit.LocalRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One run on a good registry and three that fail, each in its way: people are told which and why, and nothing of the good one is missing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailuresTest {

    private static final String WRONG_PASSWORD = "not-the-password-93b1";

    private Path data;
    private LocalRegistry good;
    private LocalRegistry refusing;
    private LocalRegistry truncating;
    private String down;
    private TestImage truncated;
    private AllInOne running;
    private Api api;

    @BeforeAll
    void sweepAll(@TempDir Path folder) throws Exception {
        data = folder;
        good = LocalRegistry.start();
        TestImage.ofSampleFleet("shop/web", "2.4").pushTo(good, "shop/web", "2.4");
        TestImage.ofSampleFleet("payments/api", "7.0").pushTo(good, "payments/api", "7.0");
        refusing = LocalRegistry.builder().basicAuth("fleet", "the-password").start();
        TestImage.ofSampleFleet("shop/web", "2.4").pushTo(refusing, "hidden/web", "2.4");
        truncating = LocalRegistry.start();
        // A layer that no other registry has: facts of a layer that was read elsewhere are as good.
        truncated = new TestImage(List.of(
                        Map.of("etc/os-release", "ID=centos\nVERSION_ID=7\n".getBytes(StandardCharsets.UTF_8)),
                        Map.of("opt/truncated", "whoever reads this has read it all".getBytes(StandardCharsets.UTF_8))))
                .pushTo(truncating, "platform/legacy", "final");
        truncated.truncateTopLayerIn(truncating);
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            down = "127.0.0.1:" + free.getLocalPort();
        }
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("basewatch.registries[0].url", "http://" + down);
        settings.put("basewatch.registries[1].url", refusing.url().toString());
        settings.put("basewatch.registries[1].username", "fleet");
        settings.put("basewatch.registries[1].password", WRONG_PASSWORD);
        settings.put("basewatch.registries[2].url", truncating.url().toString());
        settings.put("basewatch.registries[3].url", good.url().toString());
        running = AllInOne.start(new AllInOne.Settings(data, 0, null, settings));
        new FirstSweep(running, System.err, false).await();
        api = new Api(running.url());
    }

    @AfterAll
    void stop() {
        if (running != null) {
            running.close();
        }
        for (LocalRegistry registry : new LocalRegistry[] {good, refusing, truncating}) {
            if (registry != null) {
                registry.close();
            }
        }
    }

    @Test
    void allImagesOfTheGoodRegistryAreThere() {
        JsonNode items = api.json("/api/v1/images?registry=" + good.host()).get("items");
        assertThat(items).hasSize(2);
        assertThat(items).allMatch(item -> item.get("status").asString().equals("complete"));
        assertThat(items)
                .extracting(item -> item.at("/distro/id").asString())
                .containsExactlyInAnyOrder("alpine", "debian");
    }

    @Test
    void aRegistryThatIsDownIsToldLoggedAndCounted() throws Exception {
        assertThat(log())
                .anySatisfy(line -> assertThat(line)
                        .contains(" WARN ")
                        .contains("registry=" + down)
                        .contains("reason=registry-unavailable")
                        .contains("problem="));
        assertThat(metric("basewatch_watcher_failures_total", "reason=\"registry-unavailable\"", registry(down)))
                .isPositive();
        assertThat(metric("basewatch_watcher_last_sweep_timestamp_seconds", registry(down)))
                .as("never swept to the end")
                .isZero();
        assertThat(health(down)).isEqualTo("failed");
    }

    @Test
    void aRegistryThatRefusesThePasswordIsToldLoggedAndCounted() throws Exception {
        assertThat(log())
                .anySatisfy(line -> assertThat(line)
                        .contains(" WARN ")
                        .contains("registry=" + refusing.host())
                        .contains("reason=unauthorized")
                        .contains("in the registry's settings"));
        assertThat(metric("basewatch_watcher_failures_total", "reason=\"unauthorized\"", registry(refusing.host())))
                .isPositive();
        assertThat(health(refusing.host())).isEqualTo("failed");
        assertThat(api.json("/api/v1/images?registry=" + refusing.host()).get("items"))
                .isEmpty();
    }

    @Test
    void aLayerThatEndsEarlyLeavesItsImagePartial() throws Exception {
        JsonNode image = api.json("/api/v1/images/" + truncated.digest());
        assertThat(image.get("status").asString()).isEqualTo("partial");
        assertThat(image.get("reasons").toString())
                .contains("the top layer was not read to its end")
                .contains(truncated.topLayer().toString());
        String code = image.at("/reasons/0/code").asString();
        assertThat(log())
                .anySatisfy(line -> assertThat(line)
                        .contains("digest=" + truncated.digest())
                        .contains("status=partial")
                        .contains("reasons=[" + code + "]"));
        assertThat(metric("basewatch_analyzer_images_total", "status=\"partial\""))
                .isEqualTo(1);
        assertThat(metric("basewatch_analyzer_failures_total", "reason=\"" + code + "\""))
                .isEqualTo(1);
        assertThat(metric("basewatch_analyzer_layers_total", "outcome=\"failed\""))
                .isPositive();
        assertThat(health(truncating.host())).isEqualTo("complete");
    }

    @Test
    void aFleetWithRegistriesThatFailIsDegradedAndStillAnswers() {
        JsonNode health = health();
        assertThat(health.at("/components/watcher/status").asString()).isEqualTo("DEGRADED");
        JsonNode fleet = api.json("/api/v1/fleet");
        assertThat(fleet.toString()).contains("\"complete\":2").contains("\"partial\":1");
    }

    @Test
    void noPasswordIsInAnyLineOrAnswer() throws Exception {
        assertThat(log()).isNotEmpty().noneMatch(line -> line.contains(WRONG_PASSWORD));
        assertThat(api.get("/actuator/prometheus").body()).doesNotContain(WRONG_PASSWORD);
        assertThat(api.get("/actuator/health").body()).doesNotContain(WRONG_PASSWORD);
    }

    /** What the operator finds in the folder of the data. */
    private List<String> log() throws IOException {
        return Files.readAllLines(data.resolve("basewatch.log"));
    }

    private String health(String registry) {
        return health().at("/components/watcher/details/registries")
                .get(registry)
                .asString();
    }

    /** Answered with 200 or, when something is down, with 503: both have the details. */
    private JsonNode health() {
        return JsonMapper.shared().readTree(api.get("/actuator/health").body());
    }

    private static String registry(String host) {
        return "registry=\"" + host + "\"";
    }

    private double metric(String name, String... labels) {
        Matcher sample = Pattern.compile("^" + name + "\\{(.*)} (\\S+)$", Pattern.MULTILINE)
                .matcher(api.get("/actuator/prometheus").body());
        while (sample.find()) {
            String has = sample.group(1);
            if (List.of(labels).stream().allMatch(has::contains)) {
                return Double.parseDouble(sample.group(2));
            }
        }
        throw new AssertionError("no sample of " + name + " with " + String.join(", ", labels));
    }
}
