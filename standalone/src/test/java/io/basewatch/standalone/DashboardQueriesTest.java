package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.standalone.DashboardQueries.Need;
import io.basewatch.standalone.DashboardQueries.Query;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DashboardQueriesTest {

    private static final String SCRAPE = """
            # HELP basewatch_x_images of the fleet
            # TYPE basewatch_x_images gauge
            basewatch_x_images{distro="alpine",libc="musl",note="a } \\" b"} 3.0
            basewatch_x_images{distro="debian",libc="glibc",note=""} 4.0 1700000000
            basewatch_x_tags 7.0
            basewatch_x_failures_total{reason="timeout"} 0.0
            """;

    @Test
    void readsMetricAndMatchedLabels() {
        assertThat(DashboardQueries.needs("x{a=\"b c(\", d=~'e|f'} > 3"))
                .containsExactly(new Need("x", Set.of("a", "d")));
    }

    @Test
    void readsGroupingBeforeAndBehindTheArgument() {
        assertThat(DashboardQueries.needs(
                        "sum by (a, b) (rate(x[5m])) / sum(rate(y{c!=\"\"}[$__rate_interval])) by (d)"))
                .containsExactly(new Need("x", Set.of("a", "b")), new Need("y", Set.of("c", "d")));
    }

    @Test
    void readsJoinsOffsetsAndArithmetic() {
        assertThat(DashboardQueries.needs("x > on (a) group_left (z) 1.1 * (y offset 1d) + 5e3 or vector(0)"))
                .containsExactly(new Need("x", Set.of("a")), new Need("y", Set.of("a")));
    }

    @Test
    void readsGrafanasLabelValues() {
        assertThat(DashboardQueries.needs("label_values(x{b=\"c\"}, a)")).containsExactly(new Need("x", Set.of("a")));
    }

    @Test
    void findsNothingWrongWithAQueryOfWhatExists() {
        DashboardQueries queries = DashboardQueries.of(
                new Query("p", "sum by (distro) (basewatch_x_images{note!=\"\"})", Set.of("distro")),
                new Query("p", "basewatch_x_images{job=\"j\"}", Set.of("libc", "instance")),
                new Query("p", "up == 0", Set.of("job")),
                new Query("p", "rate(basewatch_x_failures_total{reason=\"x\"}[5m]) or vector(0)", Set.of()));

        assertThat(queries.problems("", SCRAPE)).isEmpty();
    }

    @Test
    void tellsMetricsAndLabelsThatDoNotExist() {
        assertThat(problems("sum(basewatch_x_image)"))
                .singleElement()
                .asString()
                .contains("'basewatch_x_image'");
        assertThat(problems("basewatch_x_tags{registry=\"a\"}"))
                .singleElement()
                .asString()
                .contains("no label 'registry'");
        assertThat(problems("sum by (phase) (basewatch_x_images)"))
                .singleElement()
                .asString()
                .contains("no label 'phase'");
        assertThat(problems("1 + 2")).singleElement().asString().contains("no metric");
    }

    @Test
    void tellsALegendWhoseLabelTheQueryDrops() {
        Query query = new Query("p", "sum by (distro) (basewatch_x_images)", Set.of("libc"));

        assertThat(DashboardQueries.of(query).problems("", SCRAPE))
                .containsExactly("p: shows label 'libc', which its query does not keep");
    }

    @Test
    void knowsWhatRulesRecordAndWhichLabelsThatHas() {
        Query recording = new Query("rules › basewatch:x:sum", "sum by (distro) (basewatch_x_images)", Set.of());

        assertThat(DashboardQueries.of(recording, new Query("p", "basewatch:x:sum > 1", Set.of("distro")))
                        .problems("", SCRAPE))
                .isEmpty();
        assertThat(DashboardQueries.of(
                                recording,
                                new Query("p", "sum by (libc) (basewatch:x:sum)", Set.of()),
                                new Query("p", "basewatch:y:sum", Set.of()))
                        .problems("", SCRAPE))
                .hasSize(2);
    }

    @Test
    void leavesMetricsOfOthersAlone() {
        assertThat(DashboardQueries.of(new Query("p", "other_metric", Set.of("a")))
                        .problems("basewatch_x", SCRAPE))
                .isEmpty();
    }

    @Test
    void readsEveryPanelRuleAndVariableOfTheProject() {
        DashboardQueries queries = DashboardQueries.below(projectRoot().resolve("dashboards"));

        assertThat(queries.all()).hasSizeGreaterThan(35);
        assertThat(queries.all()).extracting(Query::where).anyMatch(where -> where.contains("› BasewatchEventsDead"));
        assertThat(queries.all()).extracting(Query::where).anyMatch(where -> where.contains("› Images by C library"));
        assertThat(queries.all()).extracting(Query::expression).anyMatch(each -> each.startsWith("label_values("));
        List<String> recorded = queries.all().stream()
                .flatMap(query -> query.recorded().stream())
                .toList();
        assertThat(recorded).isNotEmpty();
        assertThat(queries.metrics())
                .allMatch(
                        metric -> metric.startsWith("basewatch_") || metric.equals("up") || recorded.contains(metric));
    }

    private static List<String> problems(String expression) {
        return DashboardQueries.of(new Query("p", expression, Set.of())).problems("", SCRAPE);
    }

    static Path projectRoot() {
        return Path.of(System.getProperty("basewatch.root"));
    }
}
