package io.basewatch.reportapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.embeddedstore.EmbeddedStore;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreUnavailableTest {

    @TempDir
    Path folder;

    @Test
    void tellsEveryAskerToComeBackWhileTheStoreIsAway() {
        EmbeddedStore store = EmbeddedStore.start(folder.resolve("store"));
        store.close();
        try (RunningApi api = RunningApi.start(store)) {
            for (String path : List.of("fleet", "images", "tags", "repositories", "backlog")) {
                HttpResponse<String> response = api.get("/api/v1/" + path);

                assertThat(response.statusCode()).as(path).isEqualTo(503);
                assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
                assertThat(response.headers().firstValue("Retry-After")).hasValue("5");
                assertThat(response.headers().firstValue("ETag")).isEmpty();
                assertThat(RunningApi.read(response.body()).path("type").asString())
                        .isEqualTo("urn:basewatch:problem:store-unavailable");
                assertThat(response.body()).doesNotContain("127.0.0.1").doesNotContain("Exception");
            }
        }
    }

    @Test
    void isAliveButNotReadyAndKeepsTheLastFiguresWhenTheStoreGoesAway() {
        try (RunningApi api = RunningApi.start(folder)) {
            new TestFleet(api.archive(), api.judgements()).fill();
            api.metrics().refresh();
            assertThat(api.get("/actuator/health/readiness").statusCode()).isEqualTo(200);

            api.stopStore();
            api.metrics().refresh();

            assertThat(api.get("/actuator/health/readiness").statusCode()).isEqualTo(503);
            assertThat(api.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
            assertThat(api.get("/actuator/prometheus").body()).contains("basewatch_fleet_tags 13.0");
        }
    }
}
