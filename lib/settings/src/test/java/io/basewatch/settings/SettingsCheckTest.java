package io.basewatch.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;

class SettingsCheckTest {

    @Test
    void aMisspeltNameIsRefusedWithTheNearestOneAndItsLine() throws Exception {
        assertThat(problems("basewatch:", "  registries:", "    - url: https://r.example", "      usrename: me"))
                .containsExactly("basewatch.yaml:4: basewatch.registries[0].usrename is no setting: did you mean"
                        + " basewatch.registries[0].username?");
        assertThat(problems("basewatch:", "  watchr:", "    interval: 5m"))
                .containsExactly(
                        "basewatch.yaml:3: basewatch.watchr.interval is no setting: did you mean basewatch.watcher?");
        assertThat(problems("basewach:", "  watcher: {interval: 5m}"))
                .containsExactly("basewatch.yaml:2: basewach.watcher.interval is no setting: did you mean basewatch?");
    }

    @Test
    void aNameThatIsNearNoneIsToldWhatThereIs() throws Exception {
        assertThat(problems("basewatch:", "  store: {colour: red}"))
                .containsExactly(
                        "basewatch.yaml:2: basewatch.store.colour is no setting: basewatch.store has retention,"
                                + " housekeeping-interval");
    }

    @Test
    void aListThatIsNoneAndAnEntryWithoutItsDashAreToldApart() throws Exception {
        assertThat(problems("basewatch:", "  registries:", "    url: https://r.example"))
                .singleElement()
                .asString()
                .contains("basewatch.registries is a list, each entry begins with '-'");
        assertThat(problems("basewatch:", "  watcher:", "    - interval: 5m"))
                .singleElement()
                .asString()
                .contains("basewatch.watcher is written without '-'");
    }

    @Test
    void everyWrongValueIsToldWithWhatWouldDo() throws Exception {
        assertThat(problems(
                        "basewatch:",
                        "  watcher:",
                        "    interval: 5 minutes",
                        "    parallel-repositories: 65",
                        "    removals: {max-share: many}",
                        "  analyzer: {lazy-reads: maybe, limits: {max-file: 2 bytes}}",
                        "  kafka: {group-protocol: clasic}"))
                .satisfiesExactlyInAnyOrder(
                        each -> assertThat(each)
                                .contains(":3: basewatch.watcher.interval '5 minutes'")
                                .contains("5m"),
                        each -> assertThat(each).contains("parallel-repositories '65' is out of range: give 1 to 64"),
                        each -> assertThat(each).contains("max-share 'many' is no number: give 0 to 1"),
                        each -> assertThat(each).contains("lazy-reads 'maybe' is neither true nor false"),
                        each -> assertThat(each).contains("max-file '2 bytes'").contains("512MB"),
                        each -> assertThat(each)
                                .contains("group-protocol 'clasic' is none of auto, consumer, classic")
                                .contains("did you mean classic?"));
    }

    @Test
    void namesMayBeWrittenAsSpringTakesThem() throws Exception {
        assertThat(problems(
                        "basewatch:",
                        "  registries:",
                        "    - {url: 'https://r.example', requestsPerSecond: 10, immutable_tags: v*, kind: DOCKER_HUB}",
                        "  watcher: {parallelRepositories: 3, webhooks: []}",
                        "  access: {oidc: {roles: {platform-team: operator, 'a.b': reader}}}"))
                .isEmpty();
    }

    @Test
    void aSecretIsNotToldWhateverIsWrongWithIt() throws Exception {
        assertThat(problems(
                        "basewatch:",
                        "  registries: [{url: 'https://me:swordfish@r.example'}]",
                        "  watcher: {webhooks: [{kind: harbor, registry: r.example, secret: swordfish}]}",
                        "  mongodb: {uri: 'mongo://me:swordfish@db'}"))
                .hasSize(3)
                .noneMatch(each -> each.contains("swordfish"));
    }

    @Test
    void whatThisEnvironmentLacksIsNamed() throws Exception {
        assertThat(problems("basewatch:", "  watcher: {name: '${NO_SUCH_VARIABLE_HERE}'}"))
                .singleElement()
                .asString()
                .contains("basewatch.watcher.name names something in ${}");
    }

    @Test
    void aServiceDoesNotStartWithAMisspeltName() {
        try (GenericApplicationContext context = new GenericApplicationContext()) {
            context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource("settings", Map.of("basewatch.watcher.intervall", "5m")));
            context.registerBean(
                    "guard",
                    org.springframework.beans.factory.config.BeanFactoryPostProcessor.class,
                    () -> SettingsConfiguration.settingsGuard(context.getEnvironment()));
            assertThatThrownBy(context::refresh)
                    .isInstanceOf(WrongSettingsException.class)
                    .hasMessage("basewatch.watcher.intervall is no setting: did you mean basewatch.watcher.interval?");
        }
    }

    @Test
    void variablesThatLookLikeSettingsAndAreNoneAreTold() {
        assertThat(SettingsCheck.variables(Set.of(
                        "BASEWATCH_REGISTRIES_0_URL",
                        "BASEWATCH_REGISTRIES_0_REPOSITORIES_INCLUDE_1",
                        "BASEWATCH_WATCHER_PARALLEL_REPOSITORIES",
                        "BASEWATCH_WATCHER_PARALLELREPOSITORIES",
                        "BASEWATCH_ACCESS_OPERATOR_TOKEN",
                        "BASEWATCH_ACCESS_OIDC_ROLES_STAFF",
                        "BASEWATCH_JAVA_OPTS",
                        "BASEWATCH_TOKEN",
                        "BASEWATCH_REPORT_API_SERVICE_HOST",
                        "BASEWATCH_REGISTRIES_0_PASWORD",
                        "PATH")))
                .extracting(Problem::key)
                .containsExactly("BASEWATCH_REGISTRIES_0_PASWORD");
    }

    private static List<String> problems(String... lines) throws IOException {
        Resource file = new ByteArrayResource(String.join("\n", lines).getBytes(StandardCharsets.UTF_8)) {
            @Override
            public String getFilename() {
                return "basewatch.yaml";
            }
        };
        StandardEnvironment environment = new StandardEnvironment();
        EnumerablePropertySource<?> source = (EnumerablePropertySource<?>)
                new YamlPropertySourceLoader().load("file", file).get(0);
        environment.getPropertySources().addFirst(source);
        return SettingsCheck.all(environment, source).stream()
                .map(Problem::toString)
                .toList();
    }
}
