package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.settings.SettingsCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The chart and the manifests that are rendered from it. What needs {@code helm} is skipped where it is neither on the PATH nor where {@code HELM} says. */
class KubernetesTest {

    private static final Path ROOT = Path.of(System.getProperty("basewatch.root", ".."));
    private static final Path CHART = ROOT.resolve("deploy/helm/basewatch");
    private static final Path MANIFESTS = ROOT.resolve("deploy/kubernetes/basewatch.yaml");
    private static final Path RULES = ROOT.resolve("dashboards/prometheus/rules/basewatch.yml");
    private static final List<String> SERVICES = List.of("registry-watcher", "layer-analyzer", "report-api");

    /** A helm that was built from its sources takes the cluster for an old one. */
    private static final String CLUSTER = "1.31.0";

    // --- without helm

    @Test
    void everyPodRunsWithAsLittleAsItNeeds() throws Exception {
        List<JsonNode> deployments = ofKind(manifests(), "Deployment");
        assertThat(deployments).hasSize(SERVICES.size());
        for (JsonNode deployment : deployments) {
            JsonNode pod = deployment.at("/spec/template/spec");
            assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
            assertThat(pod.at("/securityContext/runAsUser").asInt()).isEqualTo(10001);
            assertThat(pod.at("/securityContext/seccompProfile/type").asString())
                    .isEqualTo("RuntimeDefault");
            assertThat(pod.at("/automountServiceAccountToken").asBoolean()).isFalse();
            assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
            JsonNode container = pod.at("/containers/0");
            assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean())
                    .isTrue();
            assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true))
                    .isFalse();
            assertThat(container.at("/securityContext/capabilities/drop/0").asString())
                    .isEqualTo("ALL");
            assertThat(container.at("/resources/requests/memory").asString()).isNotEmpty();
            assertThat(container.at("/resources/limits/memory").asString()).isNotEmpty();
            for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
                assertThat(container.path(probe).at("/httpGet/path").asString()).startsWith("/actuator/health/");
            }
        }
    }

    @Test
    void noSecretIsWrittenIntoAManifestAndEveryVariableIsASetting() throws Exception {
        Set<String> variables = new TreeSet<>();
        for (JsonNode deployment : ofKind(manifests(), "Deployment")) {
            for (JsonNode variable : deployment.at("/spec/template/spec/containers/0/env")) {
                String name = variable.path("name").asString();
                variables.add(name);
                if (name.matches(".*(URI|TOKEN|PASSWORD|SECRET).*")) {
                    assertThat(variable.at("/valueFrom/secretKeyRef/name").asString())
                            .as(name)
                            .isNotEmpty();
                }
            }
        }
        assertThat(variables).contains("BASEWATCH_MONGODB_URI", "BASEWATCH_KAFKA_BROKERS");
        assertThat(SettingsCheck.variables(variables)).isEmpty();
        assertThat(ofKind(manifests(), "Secret")).isEmpty();
    }

    @Test
    void everyServiceHasAServiceABudgetAndAPolicyOfItsOwn() throws Exception {
        for (String kind : List.of("Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy")) {
            assertThat(ofKind(manifests(), kind))
                    .as(kind)
                    .extracting(each -> each.at("/metadata/labels")
                            .path("app.kubernetes.io/component")
                            .asString())
                    .containsExactlyInAnyOrderElementsOf(SERVICES);
        }
    }

    @Test
    void theSettingsInTheManifestsCanBeUsed(@TempDir Path folder) throws Exception {
        assertUsable(folder, manifests());
    }

    @Test
    void theSchemaOfTheValuesHasEachOfThemAndNoOthers() throws Exception {
        JsonNode schema = JsonMapper.shared().readTree(Files.readString(CHART.resolve("values.schema.json")));
        assertSameNames(
                "", documents(Files.readString(CHART.resolve("values.yaml"))).get(0), schema);
    }

    @Test
    void theRulesOfTheChartAreThoseOfTheDashboards() throws Exception {
        assertThat(CHART.resolve("files/rules.yml")).hasSameTextualContentAs(RULES);
    }

    private static void assertSameNames(String path, JsonNode value, JsonNode schema) {
        if (!schema.path("additionalProperties").isBoolean()) {
            return;
        }
        Set<String> names = new TreeSet<>(value.propertyNames());
        Set<String> known = new TreeSet<>(schema.path("properties").propertyNames());
        known.remove("global");
        // May be left out: then it is as Kubernetes has it.
        if (path.endsWith("resources")) {
            known.retainAll(names);
        }
        assertThat(names).as("values%s", path).isEqualTo(known);
        names.forEach(name -> assertSameNames(
                path + "." + name, value.path(name), schema.path("properties").path(name)));
    }

    // --- with helm

    @Test
    void theManifestsAreWhatTheChartMakesOfItsDefaults() throws Exception {
        String rendered =
                helm("template", "basewatch", CHART.toString(), "--kube-version", CLUSTER, "--namespace", "basewatch");

        assertThat(byName(manifests())).isEqualTo(byName(documents(rendered)));
    }

    @Test
    void theChartHasNothingThatHelmComplainsAbout() throws Exception {
        assertThat(helm("lint", "--strict", CHART.toString())).contains("0 chart(s) failed");
    }

    @Test
    void everythingThatCanBeTurnedOnIsMade(@TempDir Path folder) throws Exception {
        String rendered = helm(
                "template",
                "prod",
                CHART.toString(),
                "--kube-version",
                CLUSTER,
                "--set",
                "keda.enabled=true,serviceMonitor.enabled=true,prometheusRule.enabled=true"
                        + ",reportApi.ingress.enabled=true,reportApi.ingress.host=basewatch.example.com"
                        + ",reportApi.ingress.tlsSecret=tls,files.secrets={registry-credentials},files.configMaps={ca}"
                        + ",config.registries[0].url=https://registry.example.com"
                        + ",config.registries[0].docker-config=/run/secrets/registry-credentials/.dockerconfigjson"
                        + ",keda.authentication=kafka,image.pullSecrets={pull},networkPolicies.apiFrom[0].podSelector.matchLabels.a=b");
        List<JsonNode> all = documents(rendered);

        assertUsable(folder, all);
        assertThat(ofKind(all, "ServiceMonitor")).hasSize(SERVICES.size());
        assertThat(ofKind(all, "Ingress").get(0).at("/spec/rules/0/host").asString())
                .isEqualTo("basewatch.example.com");
        assertThat(ofKind(all, "ConfigMap").get(0).at("/data/basewatch.yaml").asString())
                .contains("basewatch.example.com");
        assertThat(ofKind(all, "PrometheusRule").get(0).path("spec"))
                .isEqualTo(documents(Files.readString(RULES)).get(0));
        JsonNode scaled = ofKind(all, "ScaledObject").get(0);
        assertThat(scaled.at("/spec/triggers")).hasSize(2);
        JsonNode analyzer = ofKind(all, "Deployment").stream()
                .filter(each -> each.at("/metadata/name").asString().endsWith("layer-analyzer"))
                .findFirst()
                .orElseThrow();
        assertThat(analyzer.at("/metadata/name")).isEqualTo(scaled.at("/spec/scaleTargetRef/name"));
        assertThat(analyzer.at("/spec").has("replicas")).isFalse();
        assertThat(analyzer.at("/spec/template/spec/containers/0/volumeMounts").toString())
                .contains("/run/secrets/registry-credentials", "/run/secrets/ca");
    }

    @Test
    void aMisspeltValueIsRefused() throws Exception {
        assertThat(run(
                        "template",
                        "basewatch",
                        CHART.toString(),
                        "--kube-version",
                        CLUSTER,
                        "--set",
                        "watcher.replica=2"))
                .contains("replica");
    }

    private static void assertUsable(Path folder, List<JsonNode> all) throws IOException {
        String settings =
                ofKind(all, "ConfigMap").get(0).at("/data/basewatch.yaml").asString();
        Path file = Files.writeString(folder.resolve("basewatch.yaml"), settings);
        assertThat(settings).contains("registries");
        assertThat(SettingsTrial.problems(file)).isEmpty();
    }

    private static Map<String, JsonNode> byName(List<JsonNode> all) {
        return all.stream()
                .collect(Collectors.toMap(
                        each -> each.path("kind").asString() + " "
                                + each.at("/metadata/name").asString(),
                        Function.identity()));
    }

    private static List<JsonNode> manifests() throws IOException {
        return documents(Files.readString(MANIFESTS));
    }

    private static List<JsonNode> documents(String yaml) {
        Yaml parser = new Yaml(new SafeConstructor(new LoaderOptions()));
        return StreamSupport.stream(parser.loadAll(yaml).spliterator(), false)
                .filter(Map.class::isInstance)
                .map(each -> (JsonNode) JsonMapper.shared().valueToTree(each))
                .toList();
    }

    private static List<JsonNode> ofKind(List<JsonNode> all, String kind) {
        return all.stream()
                .filter(each -> each.path("kind").asString("").equals(kind))
                .toList();
    }

    private static String helm(String... arguments) throws Exception {
        String said = run(arguments);
        assertThat(said).doesNotStartWith("failed: ");
        return said;
    }

    /** What it says; with {@code failed:} in front when it fails. */
    private static String run(String... arguments) throws Exception {
        String helm = Stream.concat(
                        Stream.ofNullable(System.getenv("HELM")).map(Path::of),
                        Stream.of(String.valueOf(System.getenv("PATH")).split(":"))
                                .map(folder -> Path.of(folder, "helm")))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse(null);
        assumeTrue(helm != null, "helm is neither on the PATH nor where HELM says");
        List<String> command = new ArrayList<>(List.of(helm));
        command.addAll(List.of(arguments));
        Path errors = Files.createTempFile("helm", ".err");
        try {
            Process process =
                    new ProcessBuilder(command).redirectError(errors.toFile()).start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
            return process.exitValue() == 0
                    ? out
                    : "failed: " + out + Files.readAllLines(errors).stream().collect(Collectors.joining("\n"));
        } finally {
            Files.delete(errors);
        }
    }
}
