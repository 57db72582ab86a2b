package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.standalone.DashboardQueries.Query;
import io.basewatch.tracing.Collector;
import io.basewatch.tracing.Collector.Told;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What is asked of Prometheus is there: dashboards and alert rules against everything that a running Basewatch really says, and against what Prometheus itself makes of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DashboardTest {

    private static final Path DASHBOARDS =
            Path.of(System.getProperty("basewatch.root")).resolve("dashboards");

    private Collector collector;
    private SampleRegistry registry;
    private AllInOne running;
    private Api api;

    @BeforeAll
    void sweepTheSampleFleet(@TempDir Path data) throws Exception {
        registry = SampleRegistry.start(data);
        collector = new Collector();
        running = AllInOne.start(new AllInOne.Settings(
                data,
                0,
                null,
                Map.of(
                        "basewatch.registries[0].url",
                        registry.url(),
                        "basewatch.tracing.endpoint",
                        collector.endpoint())));
        new FirstSweep(running, System.err, false).await();
        api = new Api(running.url());
        // The fleet's metrics are as old as their last refreshing.
        Await.until(() -> scrape(api).contains("basewatch_fleet_images{distro=\"ubuntu\""));
        Await.until(() -> scrape(api).contains("basewatch_backlog_entries{phase=\"ended\""));
    }

    @AfterAll
    void stop() {
        running.close();
        registry.close();
        collector.close();
    }

    @Test
    void everyQueryOfADashboardOrAlertHasItsMetricsAndLabels() {
        DashboardQueries queries = DashboardQueries.below(DASHBOARDS);

        assertThat(queries.all()).isNotEmpty();
        assertThat(queries.problems("", scrape(api))).isEmpty();
        assertThat(scrape(api)).doesNotContain("sha256:").doesNotContain("shop/");
    }

    @Test
    void noPanelIsEmptyInPrometheusOnASmallFleetThatIsWell(@TempDir Path scratch) throws Exception {
        assumeTrue(
                PrometheusProcess.isInstalled(),
                "there is no prometheus here: install Debian's package prometheus, or name it in PROMETHEUS");
        List<Query> all = DashboardQueries.below(DASHBOARDS.resolve("grafana")).all().stream()
                .filter(query -> !query.expression().startsWith("label_values("))
                .toList();
        assertThat(all).hasSizeGreaterThan(50);
        Set<Query> empty = new HashSet<>(all);
        try (PrometheusProcess prometheus = PrometheusProcess.scraping(URI.create(running.url()), scratch)) {
            // So many that rates have something to say; where a machine was too slow for some, later ones come.
            Await.until(() -> prometheus.values("sum_over_time(up[5m]) >= 3") > 0);
            Awaitility.await().atMost(Duration.ofMinutes(5)).untilAsserted(() -> {
                empty.removeIf(query -> prometheus.values(PrometheusProcess.substituted(query.expression())) > 0);
                assertThat(empty).extracting(Query::where).isEmpty();
            });
        }
    }

    @Test
    void theWatchersRegistriesAreToldAndSweptByTheApiAndThatIsInTheAuditLog() throws Exception {
        String path = "/api/v1/registries/"
                + api.json("/api/v1/registries").at("/items/0/registry").asString();
        assertThat(api.json(path).path("promisedSeconds").asInt()).isPositive();
        assertThat(api.json(path).path("problems")).isEmpty();
        HttpResponse<String> swept = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(running.url() + path + "/sweep"))
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(swept.statusCode()).isEqualTo(202);
        for (String what : List.of("sweep", "look", "pause", "drain", "resume")) {
            assertThat(api.json("/v3/api-docs")
                            .path("paths")
                            .path("/api/v1/registries/{registry}/" + what)
                            .at("/post/responses")
                            .propertyNames())
                    .as(what)
                    .contains("202")
                    .doesNotContain("200");
        }
        JsonNode asked = api.json("/v3/api-docs").at("/paths/~1api~1v1~1registries~1{registry}~1look/post/requestBody");
        assertThat(asked.path("required").asBoolean()).isTrue();
        String schema = asked.at("/content/application~1json/schema/$ref").asString();
        assertThat(api.json("/v3/api-docs")
                        .at(schema.substring(1))
                        .path("required")
                        .toString())
                .as("a repository that is not named is refused")
                .isEqualTo("[\"repository\"]");
        // It is noted in the background.
        Await.until(() -> {
            String audit = api.json("/api/v1/audit").toString();
            return audit.contains("\"who\":\"local\"") && audit.contains("POST " + path + "/sweep");
        });
    }

    @Test
    void theWayFromATagToItsResultIsOneTraceThatGoesThroughKafka() {
        Await.until(() -> collector.told().stream().anyMatch(told -> told.name().equals("result.tell")));
        Told last = collector.told().stream()
                .filter(told -> told.name().equals("result.tell"))
                .findFirst()
                .orElseThrow();
        Await.until(() -> collector.told().stream()
                        .filter(last::isOfTheSameTrace)
                        .anyMatch(told -> told.name().equals("tag.change"))
                && collector.told().stream()
                        .filter(last::isOfTheSameTrace)
                        .anyMatch(told -> told.name().equals("event.handle")));
        Map<String, Set<String>> above = new TreeMap<>();
        List<Told> trace =
                collector.told().stream().filter(last::isOfTheSameTrace).toList();
        for (Told told : trace) {
            above.computeIfAbsent(told.name(), name -> new TreeSet<>())
                    .add(collector.above(told).map(Told::name).orElse(""));
        }
        assertThat(above)
                .containsEntry("tag.change", Set.of(""))
                .containsEntry("tag.look", Set.of("tag.change"))
                .containsEntry("event.tell", Set.of("tag.change"))
                .containsEntry("event.handle", Set.of("event.tell"))
                .containsEntry("image.read", Set.of("event.handle"))
                .containsEntry("image.judge", Set.of("image.read"))
                .containsEntry("result.store", Set.of("event.handle"))
                .containsEntry("result.tell", Set.of("event.handle"));
        assertThat(collector.told())
                .filteredOn(told -> told.name().equals("layer.read"))
                .isNotEmpty()
                .allSatisfy(told ->
                        assertThat(collector.above(told)).map(Told::name).contains("image.read"));
        assertThat(trace)
                .filteredOn(told -> told.name().equals("event.handle"))
                .allSatisfy(told -> assertThat(told.attributes())
                        .containsEntry(
                                "basewatch.registry", URI.create(registry.url()).getAuthority())
                        .containsKeys("basewatch.repository", "basewatch.tag", "basewatch.urgency"));
        assertThat(trace)
                .noneMatch(Told::failed)
                .allMatch(told -> told.service().equals("basewatch"));
    }

    @Test
    void everyLinkOfADashboardLeadsToAPageOrAnAnswer() throws Exception {
        Set<String> paths = new HashSet<>();
        for (GrafanaDashboard dashboard : GrafanaDashboard.below(DASHBOARDS.resolve("grafana/dashboards"))) {
            paths.addAll(dashboard.pathsOfBasewatch());
        }

        assertThat(paths).contains("/", "/backlog", "/caveats").hasSizeGreaterThan(10);
        for (String path : paths) {
            // As Grafana fills them in, of series that are there.
            String asked = path.replace("${__field.labels.distro}", "alpine")
                    .replace("${__field.labels.libc}", "musl")
                    .replace("${__field.labels.status}", "complete")
                    .replace("${__field.labels.kind}", "risk")
                    .replace("${__field.labels.days}", "90")
                    .replace("${__field.labels.registry}", "r.example.com");
            assertThat(asked).doesNotContain("${");
            assertThat(api.get(asked).statusCode()).as(asked).isEqualTo(200);
        }
    }

    private static String scrape(Api api) {
        return api.get("/actuator/prometheus").body();
    }
}
