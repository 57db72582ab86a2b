package io.basewatch.reportapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files a deployment is made of name each other: docker-compose.yml, the poms' image settings, the services' own settings, Prometheus, Grafana. */
class DeploymentTest {

    private static final Path ROOT = Path.of(System.getProperty("basewatch.root"));

    private final Map<String, Object> compose = yaml(ROOT.resolve("docker-compose.yml"));
    private final Map<String, Map<String, Object>> services = services();
    private final Set<String> ours = services.keySet().stream()
            .filter(name -> image(name).startsWith("basewatch/"))
            .collect(Collectors.toCollection(TreeSet::new));

    @Test
    void runsTheThreeServicesFromTheImagesThatThePomsMake() {
        assertThat(ours).containsExactly("layer-analyzer", "registry-watcher", "report-api");
        String version = xml("pom.xml", "version");
        assertThat(read("pom.xml")).contains("<image>basewatch/${project.artifactId}:${project.version}</image>");
        for (String service : ours) {
            assertThat(image(service)).isEqualTo("basewatch/" + service + ":" + version);
            assertThat(xml(service + "/pom.xml", "image.skip")).isEqualTo("false");
            String main = xml(service + "/pom.xml", "image.main");
            assertThat(ROOT.resolve(service + "/src/main/java/" + main.replace('.', '/') + ".java"))
                    .exists()
                    .content()
                    .contains("public static void main(");
        }
    }

    @Test
    void standsOnGlibcAndIsNotRoot() {
        String pom = read("pom.xml");
        Matcher base = Pattern.compile("<from>.*?<image>([^<]+)</image>", Pattern.DOTALL)
                .matcher(pom);
        assertThat(base.find()).isTrue();
        assertThat(base.group(1)).matches("eclipse-temurin:17-jre-[a-z]+").doesNotContain("alpine");
        assertThat(pom).contains("base.name>docker.io/library/" + base.group(1) + "<");
        assertThat(pom).containsPattern("<user>[1-9]\\d+:[1-9]\\d+</user>");
    }

    @Test
    void agreesOnThePorts() {
        for (String service : ours) {
            String port = xml(service + "/pom.xml", "image.port");
            assertThat(settings(service)).as(service).containsPattern("port: \\$\\{[a-z.-]+:" + port + "}");
            assertThat(services.get(service).get("healthcheck").toString())
                    .as(service)
                    .contains("/dev/tcp/127.0.0.1/" + port + " ")
                    .contains("/actuator/health/readiness");
            assertThat(prometheusTargets()).contains(service + ":" + port);
            for (String published : list(services.get(service).get("ports"))) {
                assertThat(published).as(service).endsWith(":" + port + ":" + port);
            }
        }
        assertThat(prometheusTargets()).hasSize(ours.size());
    }

    @Test
    void setsOnlyWhatTheServicesRead() {
        for (String service : ours) {
            String settings = settings(service);
            Set<String> known = knownKeys(service);
            environment(service).keySet().forEach(variable -> {
                String[] parts = variable.split("_\\d+_", 2);
                assertThat(known).as(service + " " + variable).contains(uniform(parts[0]));
                if (parts.length == 2) {
                    // An entry of a list is described in the settings file by a commented example.
                    assertThat(settings)
                            .as(service + " " + variable)
                            .containsPattern("#\\s*-?\\s*" + parts[1].toLowerCase(Locale.ROOT) + ":");
                }
            });
        }
    }

    @Test
    void agreesOnWhereKafkaMongoAndPrometheusAre() {
        String kafka = environment("kafka").get("KAFKA_ADVERTISED_LISTENERS").replace("PLAINTEXT://", "");
        for (String service : List.of("registry-watcher", "layer-analyzer")) {
            assertThat(environment(service).get("BASEWATCH_KAFKA_BROKERS")).isEqualTo(kafka);
        }
        for (String service : ours) {
            assertThat(environment(service).get("BASEWATCH_MONGODB_URI"))
                    .isEqualTo("mongodb://basewatch:${MONGO_PASSWORD}@mongo:27017/basewatch");
        }
        assertThat(read("deploy/mongo/create-user.js"))
                .contains("user: \"basewatch\"")
                .contains("process.env.BASEWATCH_PASSWORD");
        assertThat(environment("mongo")).containsKey("BASEWATCH_PASSWORD");
        assertThat(read("dashboards/grafana/provisioning/datasources/prometheus.yml"))
                .contains("url: http://prometheus:9090\n");
        assertThat(services).containsKeys("kafka", "mongo", "prometheus", "grafana");
    }

    @Test
    void mountsOnlyWhatIsThere() {
        Set<String> declared = map(compose.get("volumes")).keySet();
        services.forEach((name, service) -> {
            for (String volume : list(service.get("volumes"))) {
                String source = volume.split(":")[0];
                if (source.startsWith("./")) {
                    assertThat(ROOT.resolve(source.substring(2))).as(name).exists();
                    assertThat(volume).as(name).endsWith(":ro");
                } else {
                    assertThat(declared).as(name).contains(source);
                }
            }
        });
    }

    @Test
    void findsDashboardsRulesAndTheHomeDashboardWhereTheyAreMounted() {
        Map<String, String> grafana = mounts("grafana");
        Map<String, Object> provider = maps(yaml(ROOT.resolve(
                                "dashboards/grafana/provisioning/dashboards/basewatch.yml"))
                        .get("providers"))
                .get(0);
        String path = String.valueOf(map(provider.get("options")).get("path"));
        assertThat(grafana).containsEntry(path, "./dashboards/grafana/dashboards");
        assertThat(grafana).containsEntry("/etc/grafana/provisioning", "./dashboards/grafana/provisioning");
        String home = environment("grafana").get("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH");
        assertThat(home).startsWith(path);
        assertThat(ROOT.resolve("dashboards/grafana/dashboards" + home.substring(path.length())))
                .exists();

        assertThat(mounts("prometheus")).containsEntry("/etc/prometheus", "./dashboards/prometheus");
        assertThat(String.valueOf(services.get("prometheus").get("command")))
                .contains("--config.file=/etc/prometheus/prometheus.yml");
        assertThat(list(prometheus().get("rule_files"))).containsExactly("rules/*.yml");
        assertThat(ROOT.resolve("dashboards/prometheus/rules/basewatch.yml")).exists();
        for (Map<String, Object> job : maps(prometheus().get("scrape_configs"))) {
            assertThat(job).containsEntry("metrics_path", "/actuator/prometheus");
            assertThat(String.valueOf(job.get("job_name"))).startsWith("basewatch-");
        }
    }

    @Test
    void namesOneDataSourceInEveryPanel() {
        Object uid = maps(yaml(ROOT.resolve("dashboards/grafana/provisioning/datasources/prometheus.yml"))
                        .get("datasources"))
                .get(0)
                .get("uid");
        Map<String, Object> dashboard = yaml(ROOT.resolve("dashboards/grafana/dashboards/fleet-overview.json"));
        assertThat(dashboard).containsEntry("uid", "basewatch-fleet");
        List<Map<String, Object>> panels = maps(dashboard.get("panels"));
        assertThat(panels).extracting(panel -> panel.get("id")).doesNotHaveDuplicates();
        panels.stream().filter(panel -> !"row".equals(panel.get("type"))).forEach(panel -> {
            assertThat(map(panel.get("datasource"))).as("" + panel.get("title")).containsEntry("uid", uid);
            maps(panel.get("targets"))
                    .forEach(target -> assertThat(map(target.get("datasource")))
                            .as("" + panel.get("title"))
                            .containsEntry("uid", uid));
        });
    }

    @Test
    void refusesToStartWithAPasswordMissing() {
        String text = read("docker-compose.yml");
        for (String password : List.of("MONGO_ROOT_PASSWORD", "MONGO_PASSWORD", "GRAFANA_PASSWORD")) {
            assertThat(text).contains("${" + password + ":?");
        }
        services.keySet()
                .forEach(service -> environment(service).forEach((key, value) -> {
                    if (key.contains("PASSWORD")) {
                        assertThat(value).as(service + " " + key).matches("\\$\\{[A-Z_]+(:\\?[^}]+|:-)}");
                    }
                }));
        read(".env.example")
                .lines()
                .filter(line -> line.contains("PASSWORD="))
                .forEach(line -> assertThat(line).endsWith("="));
    }

    @Test
    void explainsEveryVariable() {
        Set<String> used = new TreeSet<>();
        Matcher matcher = Pattern.compile("\\$\\{([A-Z_]+)").matcher(read("docker-compose.yml"));
        while (matcher.find()) {
            used.add(matcher.group(1));
        }
        Set<String> explained = new TreeSet<>();
        Matcher line = Pattern.compile("(?m)^#?([A-Z_]+)=").matcher(read(".env.example"));
        while (line.find()) {
            explained.add(line.group(1));
        }
        assertThat(used).isEqualTo(explained).isNotEmpty();
    }

    @Test
    void waitsForWhatIsHealthyComesBackAndIsPinned() {
        services.forEach((name, service) -> {
            assertThat(service).as(name).containsKeys("healthcheck", "restart");
            assertThat(image(name)).as(name).matches("[a-z/-]+:v?\\d[\\w.-]*");
            map(service.get("depends_on")).forEach((other, condition) -> {
                assertThat(services).as(name).containsKey(other);
                assertThat(map(condition)).as(name).containsEntry("condition", "service_healthy");
            });
        });
        assertThat(map(services.get("registry-watcher").get("depends_on"))).containsKeys("kafka", "mongo");
        assertThat(map(services.get("layer-analyzer").get("depends_on"))).containsKeys("kafka", "mongo");
        assertThat(map(services.get("report-api").get("depends_on"))).containsKeys("mongo");
    }

    // --- reading

    private static String read(String file) {
        try {
            return Files.readString(ROOT.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> yaml(Path file) {
        return map(new Yaml(new SafeConstructor(new LoaderOptions()))
                .load(read(ROOT.relativize(file).toString())));
    }

    /** The first element of that name. */
    private static String xml(String file, String element) {
        String text = file.equals("pom.xml") ? read(file) : read(file).replaceAll("(?s)<parent>.*?</parent>", "");
        Matcher matcher =
                Pattern.compile("<" + Pattern.quote(element) + ">([^<]*)<").matcher(text);
        assertThat(matcher.find()).as(file + " has <" + element + ">").isTrue();
        return matcher.group(1);
    }

    private Map<String, Map<String, Object>> services() {
        Map<String, Map<String, Object>> all = new LinkedHashMap<>();
        map(compose.get("services")).forEach((name, service) -> all.put(name, map(service)));
        return all;
    }

    private String image(String service) {
        return String.valueOf(services.get(service).get("image"));
    }

    private Map<String, String> environment(String service) {
        Map<String, String> environment = new LinkedHashMap<>();
        map(services.get(service).get("environment")).forEach((key, value) -> environment.put(key, "" + value));
        return environment;
    }

    private Map<String, String> mounts(String service) {
        return list(services.get(service).get("volumes")).stream()
                .map(volume -> volume.split(":"))
                .collect(Collectors.toMap(parts -> parts[1], parts -> parts[0]));
    }

    private static Map<String, Object> prometheus() {
        return yaml(ROOT.resolve("dashboards/prometheus/prometheus.yml"));
    }

    private static List<String> prometheusTargets() {
        return maps(prometheus().get("scrape_configs")).stream()
                .flatMap(job -> maps(job.get("static_configs")).stream())
                .flatMap(config -> list(config.get("targets")).stream())
                .toList();
    }

    /** All settings files of a service, one behind the other. */
    private static String settings(String service) {
        return settingsFiles(service).stream()
                .map(file -> read(ROOT.relativize(file).toString()))
                .collect(Collectors.joining("\n"));
    }

    /** Its own, and what they import of the libraries. */
    private static List<Path> settingsFiles(String service) {
        try (Stream<Path> files = Files.list(ROOT.resolve(service + "/src/main/resources"))) {
            List<Path> own = files.filter(file -> file.toString().endsWith(".yml"))
                    .sorted()
                    .toList();
            boolean talksToKafka = own.stream()
                    .anyMatch(
                            file -> read(ROOT.relativize(file).toString()).contains("import: classpath:event-log.yml"));
            return talksToKafka
                    ? Stream.concat(
                                    own.stream(),
                                    Stream.of(ROOT.resolve("lib/event-log/src/main/resources/event-log.yml")))
                            .toList()
                    : own;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keys that are set, and those that a value asks for with a default. */
    private static Set<String> knownKeys(String service) {
        Set<String> keys = new TreeSet<>();
        settingsFiles(service).forEach(file -> flatten("", yaml(file), keys));
        Matcher placeholder = Pattern.compile("\\$\\{([a-z.-]+)").matcher(settings(service));
        while (placeholder.find()) {
            keys.add(uniform(placeholder.group(1)));
        }
        return keys;
    }

    private static void flatten(String prefix, Object node, Set<String> keys) {
        if (node instanceof Map<?, ?> map) {
            map.forEach((key, value) -> flatten(prefix + key + ".", value, keys));
        } else {
            keys.add(uniform(prefix));
        }
    }

    /** As Spring compares an environment variable with a key: letters and digits only. */
    private static String uniform(String key) {
        return key.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object node) {
        return node == null ? Map.of() : (Map<String, Object>) node;
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> maps(Object node) {
        return (List<Map<String, Object>>) node;
    }

    private static List<String> list(Object node) {
        List<String> values = new ArrayList<>();
        if (node instanceof List<?> list) {
            list.forEach(value -> values.add(String.valueOf(value)));
        }
        return values;
    }
}
