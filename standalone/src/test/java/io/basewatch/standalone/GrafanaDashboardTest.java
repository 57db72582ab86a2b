package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The dashboards as Grafana reads them: it takes what is not well formed without a word, and shows nothing. */
class GrafanaDashboardTest {

    private final List<GrafanaDashboard> dashboards = all();

    @Test
    void thereIsADashboardForEachQuestionAndEachIsWellFormed() {
        assertThat(dashboards)
                .extracting(GrafanaDashboard::title)
                .containsExactlyInAnyOrder(
                        "Fleet overview", "musl caveats", "EOL horizon", "Migration backlog", "Pipeline");
        assertThat(dashboards).extracting(GrafanaDashboard::uid).doesNotHaveDuplicates();
        assertThat(dashboards)
                .allSatisfy(dashboard -> assertThat(dashboard.problems()).isEmpty());
    }

    @Test
    void aColourMeansTheSameOnAllDashboards() {
        TreeMap<String, Set<String>> colors = new TreeMap<>();
        dashboards.forEach(dashboard -> dashboard
                .colorsByName()
                .forEach((name, used) ->
                        colors.computeIfAbsent(name, each -> new TreeSet<>()).addAll(used)));

        assertThat(colors).containsKeys("ended", "unscannable", "certain", "musl");
        assertThat(colors).allSatisfy((name, used) -> assertThat(used).as(name).hasSize(1));
        assertThat(new HashSet<>(List.of(colors.get("ended"), colors.get("unscannable"), colors.get("certain"))))
                .containsExactly(Set.of("red"));
    }

    private static List<GrafanaDashboard> all() {
        try {
            return GrafanaDashboard.below(DashboardQueriesTest.projectRoot().resolve("dashboards/grafana/dashboards"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
