package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of Prometheus is there: dashboards and alert rules against everything that a running Basewatch really says. */
class DashboardTest {

    @Test
    void everyQueryOfADashboardOrAlertHasItsMetricsAndLabels(@TempDir Path data) throws Exception {
        DashboardQueries queries = DashboardQueries.below(
                Path.of(System.getProperty("basewatch.root")).resolve("dashboards"));
        try (SampleRegistry registry = SampleRegistry.start(data);
                AllInOne running = AllInOne.start(
                        new AllInOne.Settings(data, 0, null, Map.of("basewatch.registries[0].url", registry.url())))) {
            new FirstSweep(running, System.err, false).await();
            Api api = new Api(running.url());
            // The fleet's metrics are as old as their last refreshing.
            Await.until(() -> scrape(api).contains("basewatch_fleet_images{distro=\"ubuntu\""));
            Await.until(() -> scrape(api).contains("basewatch_backlog_entries{phase=\"ended\""));

            assertThat(queries.all()).isNotEmpty();
            assertThat(queries.problems("", scrape(api))).isEmpty();
            assertThat(scrape(api)).doesNotContain("sha256:").doesNotContain("shop/");
        }
    }

    private static String scrape(Api api) {
        return api.get("/actuator/prometheus").body();
    }
}
