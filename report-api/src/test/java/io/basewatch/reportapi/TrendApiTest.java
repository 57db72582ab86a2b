package io.basewatch.reportapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.TrendArchive;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class TrendApiTest {

    @TempDir
    static Path folder;

    static RunningApi api;

    @BeforeAll
    static void start() {
        api = RunningApi.start(folder);
        new TestFleet(api.archive(), api.judgements()).fill();
        Repository moving = Repository.parse("one.example:5000/team/moving");
        Instant then = Instant.parse("2026-11-10T08:00:00Z");
        Platform platform = new Platform("linux", "amd64", null);
        Digest one = TestFleet.digest("m1");
        Digest two = TestFleet.digest("m2");
        api.archive().apply(new ImagePushed(moving, "1", one, one, platform, 1, then));
        api.archive().apply(new ImagePushed(moving, "1", two, two, platform, 2, then.plusSeconds(86_400)));
        api.archive().apply(new TagMoved(moving, "1", one, two, 2, then.plusSeconds(86_400)));
        api.archive().apply(new TagRemoved(moving, "1", two, 3, then.plusSeconds(2 * 86_400)));
        api.readFleet();
        TrendArchive trends = api.part(TrendArchive.class);
        keep(trends, "2025-12-30", true, Map.of("alpine 3.18", 4L, "=HYPERLINK(\"http://x\")", 2L));
        keep(trends, "2026-01-01", false, Map.of("alpine 3.18", 5L, "unknown", 1L));
        keep(trends, "2026-01-05", false, Map.of("debian 12", 7L, "other", 3L));
    }

    private static void keep(TrendArchive trends, String day, boolean backfilled, Map<String, Long> lines) {
        LocalDate of = LocalDate.parse(day);
        trends.keep(new TrendArchive.Day(
                of,
                of.atTime(23, 0).toInstant(ZoneOffset.UTC),
                backfilled,
                Map.of("distro", new LinkedHashMap<>(lines))));
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static List<String> values(JsonNode trend, String name) {
        List<String> values = new ArrayList<>();
        for (JsonNode line : trend.path("lines")) {
            if (line.path("name").asString().equals(name)) {
                line.path("values").forEach(value -> values.add(value.toString()));
            }
        }
        return values;
    }

    @Test
    void aSeriesHasAValueForEachDayAndNullWhereNobodyKnows() {
        JsonNode trend = api.json("/api/v1/trends?series=distro&from=2025-12-30&to=2026-01-05");
        assertThat(trend.path("unit").asString()).isEqualTo("images");
        assertThat(trend.path("days")).hasSize(7);
        assertThat(trend.path("backfilled").toString()).isEqualTo("[\"2025-12-30\"]");
        // On the last day it may be among the others.
        assertThat(values(trend, "alpine 3.18")).containsExactly("4", "null", "5", "null", "null", "null", "null");
        assertThat(values(trend, "debian 12")).containsExactly("0", "null", "0", "null", "null", "null", "7");
        assertThat(values(trend, "unknown")).containsExactly("0", "null", "1", "null", "null", "null", "0");
    }

    @Test
    void aWeekAndAMonthAreTheirLastDayThatIsKnown() {
        JsonNode weeks = api.json("/api/v1/trends?series=distro&from=2025-12-29&to=2026-01-11&resolution=week");
        assertThat(weeks.path("days").toString()).isEqualTo("[\"2025-12-29\",\"2026-01-05\"]");
        assertThat(values(weeks, "alpine 3.18")).containsExactly("5", "null");
        assertThat(weeks.path("backfilled")).isEmpty();
        JsonNode months = api.json("/api/v1/trends?series=distro&from=2025-12-29&to=2026-02-11&resolution=month");
        assertThat(months.path("days").toString()).isEqualTo("[\"2025-12-01\",\"2026-01-01\",\"2026-02-01\"]");
        assertThat(values(months, "debian 12")).containsExactly("0", "7", "null");
    }

    @Test
    void todayIsCountedBySomeServiceWithoutBeingAsked() {
        JsonNode trend = api.json("/api/v1/trends");
        assertThat(trend.path("series").asString()).isEqualTo("phase");
        assertThat(trend.path("days")).hasSize(90);
        assertThat(trend.path("to").asString()).isEqualTo("2026-11-21");
    }

    @Test
    void aTableHasALineForEachDayAndNoFormula() {
        for (HttpResponse<String> table : List.of(
                api.get("/api/v1/trends?series=distro&from=2025-12-30&to=2026-01-01&format=csv"),
                api.get("/api/v1/trends?series=distro&from=2025-12-30&to=2026-01-01", "Accept", "text/csv"))) {
            assertThat(table.headers().firstValue("Content-Type")).contains("text/csv;charset=utf-8");
            assertThat(table.body().split("\r\n"))
                    .containsExactly(
                            "day,backfilled,alpine 3.18,\"'=HYPERLINK(\"\"http://x\"\")\",unknown",
                            "2025-12-30,true,4,2,0",
                            "2025-12-31,false,,,",
                            "2026-01-01,false,5,0,1");
        }
        assertThat(api.get("/api/v1/trends?format=json", "Accept", "application/json")
                        .body())
                .startsWith("{");
    }

    @Test
    void whatCannotBeMeantIsRefusedByName() {
        for (String wrong : List.of(
                "/api/v1/trends?series=distros",
                "/api/v1/trends?series=phase&group=distro",
                "/api/v1/trends?from=2026-02-30",
                "/api/v1/trends?from=2026-02-03&to=2026-02-02",
                "/api/v1/trends?from=2001-02-03",
                "/api/v1/trends?resolution=year",
                "/api/v1/changes?what=",
                "/api/v1/changes?what=came,left",
                "/api/v1/changes?limit=0",
                "/api/v1/changes?after=changes:x")) {
            HttpResponse<String> answer = api.get(wrong, "Accept", "text/csv");
            assertThat(answer.statusCode()).as(wrong).isEqualTo(400);
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(answer.body()).contains("bad-parameter");
        }
    }

    @Test
    void changesAreToldInTheOrderOfTimeAndInPages() {
        JsonNode all = api.json("/api/v1/changes?from=2026-11-09&to=2026-11-19");
        assertThat(all.path("items")).hasSize(3);
        assertThat(all.path("items").findValuesAsString("what")).containsExactly("came", "moved", "went");
        JsonNode moved = all.path("items").path(1);
        assertThat(moved.path("reference").asString()).isEqualTo("one.example:5000/team/moving:1");
        assertThat(moved.path("from").asString())
                .isEqualTo(TestFleet.digest("m1").toString());
        assertThat(moved.path("to").asString()).isEqualTo(TestFleet.digest("m2").toString());
        assertThat(all.path("knownSince").asString()).isEqualTo("2026-11-10T08:00:00Z");

        // Alpine 3.18's support ended on 2025-05-09, Debian 11's and CentOS' on other days.
        String path = "/api/v1/changes?from=2024-01-01&limit=4";
        List<String> pages = new ArrayList<>();
        while (path != null) {
            JsonNode page = api.json(path);
            page.path("items").forEach(item -> pages.add(item.toString()));
            path = page.path("next").asStringOpt().orElse(null);
        }
        List<String> whole = new ArrayList<>();
        api.json("/api/v1/changes?from=2024-01-01&limit=1000")
                .path("items")
                .forEach(item -> whole.add(item.toString()));
        assertThat(pages).isEqualTo(whole).doesNotHaveDuplicates();
        assertThat(whole).filteredOn(item -> item.contains("\"ended\"")).isNotEmpty();
        JsonNode ended = api.json("/api/v1/changes?from=2025-05-01&to=2025-05-31&what=ended");
        assertThat(ended.path("items").findValuesAsString("standsOn")).containsOnly("alpine 3.18");
        assertThat(ended.path("items").path(0).path("at").asString()).isEqualTo("2025-05-10T00:00:00Z");
        assertThat(api.json("/api/v1/changes?from=2025-05-10&to=2025-05-10&what=ended")
                        .path("items"))
                .hasSize(2);
        assertThat(api.json("/api/v1/changes?from=2025-05-11&to=2025-05-12&what=ended")
                        .path("items"))
                .isEmpty();
    }
}
