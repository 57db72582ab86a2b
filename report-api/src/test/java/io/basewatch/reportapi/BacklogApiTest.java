package io.basewatch.reportapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageAnalysis.Layer;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.MoveFacts;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What to move first, as it is asked over HTTP, of a small fleet with bases. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BacklogApiTest {

    private static final String REGISTRY = "one.example:5000";

    @TempDir
    static Path folder;

    private static RunningApi api;

    @BeforeAll
    static void start() {
        api = RunningApi.start(folder, "--basewatch.backlog.journal-interval=1s");
        image("library/alpine", "3.12.12", Libc.Family.MUSL, "alpine");
        image("shop/api", "3.12.12", Libc.Family.MUSL, "alpine", "api");
        image("shop/worker", "3.12.12", Libc.Family.MUSL, "alpine", "worker");
        image("library/debian", "10", Libc.Family.GLIBC, "debian");
        image("team/files", "10", Libc.Family.GLIBC, "debian", "files");
        image("team/=cmd", "7", Libc.Family.GLIBC, "centos");
        judge(
                "shop/api",
                new MoveFacts(
                        List.of("curl", "gcompat", "s6-overlay"),
                        List.of(),
                        List.of("app"),
                        List.of(),
                        null,
                        List.of("python 3.11.4"),
                        List.of(digest("api")),
                        List.of("app/entrypoint.sh: [["),
                        true,
                        List.of()),
                new Caveat(
                        "python-manylinux-extension-installed",
                        Caveat.Kind.CERTAIN,
                        Caveat.Severity.CRITICAL,
                        "it does not load",
                        List.of(new Evidence("app/x.so", digest("api"), "libc.so.6", "x/1")),
                        1,
                        null));
        awaitEntries(3);
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static Digest digest(String name) {
        return Digest.sha256Of(name.getBytes(StandardCharsets.UTF_8));
    }

    private static Digest image(String repository) {
        return digest("image " + repository);
    }

    private static void image(String repository, String version, Libc.Family libc, String... layers) {
        Platform platform = new Platform("linux", "amd64", null);
        api.archive()
                .apply(new ImagePushed(
                        new Repository(REGISTRY, repository),
                        "1",
                        image(repository),
                        image(repository),
                        platform,
                        1,
                        Instant.parse("2026-11-20T08:00:00Z")));
        String distro = libc == Libc.Family.MUSL ? "alpine" : version.equals("7") ? "centos" : "debian";
        Evidence evidence = new Evidence("etc/os-release", digest(layers[0]), "ID=" + distro, "os-release/1");
        api.archive()
                .save(new ImageAnalysis(
                        image(repository),
                        platform,
                        AnalysisStatus.COMPLETE,
                        List.of(),
                        new Fingerprint(
                                new Distro(distro, version, null, distro, null, List.of(), List.of(evidence)),
                                List.of(new Libc(libc, null, Libc.Linkage.DYNAMIC, null, null, List.of(evidence))),
                                List.of(),
                                List.of(),
                                List.of()),
                        Arrays.stream(layers)
                                .map(layer -> new Layer(
                                        digest("blob " + layer),
                                        digest(layer),
                                        "application/vnd.oci.image.layer.v1.tar+gzip",
                                        1_000,
                                        2_000L))
                                .toList(),
                        Instant.parse("2026-01-01T00:00:00Z"),
                        "facts-1",
                        Instant.parse("2026-11-20T09:00:00Z")));
    }

    private static void judge(String repository, @Nullable MoveFacts move, Caveat... caveats) {
        ImageAnalysis analysis = api.archive().find(image(repository)).orElseThrow();
        api.judgements()
                .save(new Judgement(
                        analysis.digest(),
                        "1[a/1]",
                        analysis.analyzerVersion(),
                        analysis.analyzedAt(),
                        true,
                        List.of(),
                        List.of(caveats),
                        move));
    }

    private static void awaitEntries(int number) {
        await().atMost(RunningApi.PATIENCE).ignoreExceptions().until(() -> {
            HttpResponse<String> answer = api.get("/api/v1/backlog");
            return answer.statusCode() == 200
                    && api.json("/api/v1/backlog").path("total").asInt() == number
                    && api.json("/api/v1/backlog")
                            .path("items")
                            .path(0)
                            .path("openedAt")
                            .isString();
        });
    }

    private static JsonNode first() {
        return api.json("/api/v1/backlog").path("items").get(0);
    }

    @Test
    @Order(1)
    void firstGoesTheBaseOnWhichSomethingFails() {
        JsonNode first = first();
        assertThat(first.path("name").asString()).isEqualTo(REGISTRY + "/library/alpine:1");
        assertThat(first.path("rank").asInt()).isEqualTo(1);
        assertThat(first.path("images").asInt()).isEqualTo(2);
        assertThat(first.path("changeCount").asInt()).isEqualTo(2);
        assertThat(first.path("why").toString()).isEqualTo("[\"past-support\",\"certain\",\"musl\"]");
        assertThat(first.path("targets").toString())
                .contains("\"image\":\"alpine:3.24\"", "\"image\":\"python:3.11-slim-trixie\"");
        assertThat(first.at("/support/phase").asString()).isEqualTo("ended");
        double parts = first.at("/benefit/ended").asDouble()
                + first.at("/benefit/certain").asDouble()
                + first.at("/benefit/risk").asDouble();
        assertThat(first.at("/benefit/total").asDouble()).isEqualTo(parts, within(1e-9));
        double effort = 0;
        for (JsonNode part : first.at("/effort/parts")) {
            effort += part.path("points").asDouble();
        }
        assertThat(first.at("/effort/total").asDouble()).isEqualTo(effort, within(1e-9));
        assertThat(first.path("score").asDouble()).isEqualTo(parts / (4 + effort), within(0.01));
        assertThat(Instant.parse(first.path("openedAt").asString())).isBeforeOrEqualTo(Instant.now());
    }

    @Test
    @Order(1)
    void whatCountsIsOfTheDayThatIsAskedAbout() {
        JsonNode before = api.json("/api/v1/backlog?asOf=2021-01-01&include=past-support");
        assertThat(before.path("day").asString()).isEqualTo("2021-01-01");
        assertThat(before.path("total").asInt()).isZero();
        assertThat(api.json("/api/v1/backlog?include=past-support")
                        .path("total")
                        .asInt())
                .isEqualTo(3);
    }

    @Test
    @Order(1)
    void pagesGoOnWhereTheLastOneEnded() {
        List<String> ids = new ArrayList<>();
        String next = "/api/v1/backlog?limit=1";
        while (next != null) {
            JsonNode page = api.json(next);
            page.path("items").forEach(item -> ids.add(item.path("id").asString()));
            assertThat(page.path("total").asInt()).isEqualTo(3);
            next = page.path("next").asString(null);
        }
        List<String> all = new ArrayList<>();
        api.json("/api/v1/backlog")
                .path("items")
                .forEach(item -> all.add(item.path("id").asString()));
        assertThat(ids).isEqualTo(all).hasSize(3);
    }

    @Test
    @Order(1)
    void aRepositorysOwnEntriesAreFound() {
        JsonNode mine = api.json("/api/v1/backlog?repository=" + REGISTRY + "/team/files");
        assertThat(mine.path("total").asInt()).isEqualTo(1);
        assertThat(mine.at("/items/0/name").asString()).endsWith("library/debian:1");
        assertThat(api.json("/api/v1/backlog?owner=nobody").path("total").asInt())
                .isZero();
    }

    @Test
    @Order(1)
    void thePlanSaysWhichLinesChangeAndWhatNobodyCanDoForYou() {
        JsonNode plan = api.json(first().path("plan").asString());
        JsonNode step = step(plan, "shop/api");
        assertThat(step.at("/dockerfile/before/0").asString()).isEqualTo("FROM " + REGISTRY + "/library/alpine:1");
        assertThat(step.at("/dockerfile/before/1").asString())
                .isEqualTo("RUN apk add --no-cache curl gcompat s6-overlay");
        assertThat(step.at("/dockerfile/after/0").asString()).isEqualTo("FROM python:3.11-slim-trixie");
        assertThat(step.at("/dockerfile/after/1").asString())
                .isEqualTo("RUN apt-get update && apt-get install -y --no-install-recommends curl"
                        + " && rm -rf /var/lib/apt/lists/*");
        assertThat(step.at("/dockerfile/missing").toString()).isEqualTo("[\"s6-overlay\"]");
        assertThat(step.path("byHand").toString())
                .contains("Build again for glibc what lies in app", "app/entrypoint.sh: [[");
        assertThat(step.path("tried").isMissingNode()).isTrue();
        assertThat(step.path("untried").asString()).contains("nothing is kept");
        assertThat(step.path("rebase").isMissingNode()).isTrue();
        assertThat(plan.at("/cost/base").asLong()).isEqualTo(1_000);
        assertThat(plan.at("/cost/freed").asLong()).isEqualTo(1_000);
        assertThat(step(plan, "shop/worker").path("byHand").toString()).contains("not known");
    }

    private static JsonNode step(JsonNode plan, String repository) {
        for (JsonNode step : plan.path("steps")) {
            if (step.path("repository").asString().endsWith(repository)) {
                return step;
            }
        }
        throw new AssertionError(repository + " is not in " + plan);
    }

    @Test
    @Order(1)
    void theHorizonNamesTheBasesThatReachTheirEnd() {
        api.metrics().refresh();
        JsonNode horizon = api.json("/api/v1/horizon?days=1300&asOf=2021-01-01");
        assertThat(horizon.at("/within/0/bases").asInt()).as(horizon.toString()).isEqualTo(2);
        for (JsonNode month : horizon.path("months")) {
            for (JsonNode entry : month.path("entries")) {
                String product = entry.path("product").asString();
                assertThat(entry.path("baseCount").asInt()).as(product).isEqualTo(product.equals("centos") ? 0 : 1);
                if (product.equals("alpine")) {
                    assertThat(entry.at("/bases/0/name").asString()).isEqualTo(REGISTRY + "/library/alpine:1");
                    assertThat(entry.at("/bases/0/images").asInt()).isEqualTo(2);
                }
            }
        }
    }

    @Test
    @Order(1)
    void exportsCannotBecomeFormulasOrMarkup() {
        HttpResponse<String> csv = api.get("/api/v1/backlog?format=csv");
        assertThat(csv.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/csv"));
        assertThat(csv.body().lines()).hasSize(4);
        assertThat(csv.body())
                .contains("rank,score,id,name")
                .doesNotContain("\n=")
                .doesNotContain(",=");
        HttpResponse<String> lines = api.get("/api/v1/backlog?format=ndjson");
        assertThat(lines.body().lines()).hasSize(3).allMatch(line -> line.startsWith("{\"rank\":"));
        HttpResponse<String> markdown = api.get("/api/v1/backlog?format=markdown");
        assertThat(markdown.body()).startsWith("# What to move first").contains("| 1 | ");
    }

    @Test
    @Order(1)
    void whatThereIsNotIsToldAsAProblem() {
        assertThat(api.get("/api/v1/backlog/base-00000000000000000000").statusCode())
                .isEqualTo(404);
        assertThat(api.get("/api/v1/backlog/latest").statusCode()).isEqualTo(400);
        assertThat(api.get("/api/v1/backlog?format=xml").statusCode()).isEqualTo(400);
        assertThat(api.get("/api/v1/backlog?after=backlog:x").statusCode()).isEqualTo(400);
        assertThat(api.get("/api/v1/backlog?include=").statusCode()).isEqualTo(400);
    }

    @Test
    @Order(1)
    void itsNumbersAreMetrics() {
        String scraped = api.get("/actuator/prometheus").body();
        assertThat(scraped)
                .contains("basewatch_backlog_entries{phase=\"ended\"")
                .contains("basewatch_backlog_owner_images{owner=\"nobody\"")
                .contains("basewatch_backlog_closed");
    }

    private static String waiver(String entry, String more) {
        return "{\"entry\":\"" + entry
                + "\",\"reason\":\"switched off in March\",\"author\":\"jo\",\"until\":\"2027-03-31\"" + more + "}";
    }

    private static JsonNode given(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        JsonNode waiver = RunningApi.read(answer.body());
        assertThat(answer.headers().firstValue("Location"))
                .contains("/api/v1/waivers/" + waiver.path("id").asString());
        return waiver;
    }

    @Test
    @Order(2)
    void anEntryCanBeLeftForAWhileAndIsCountedThen() {
        JsonNode entry = api.json("/api/v1/backlog?repository=" + REGISTRY + "/team/files")
                .at("/items/0");
        String id = entry.path("id").asString();
        assertThat(entry.path("causes").toString()).isEqualTo("[\"past-support debian 10\"]");
        JsonNode waiver = given(api.send("POST", "/api/v1/waivers", waiver(id, "")));
        assertThat(waiver.path("causes").toString()).isEqualTo("[\"past-support debian 10\"]");
        JsonNode left = api.json("/api/v1/backlog");
        assertThat(left.path("total").asInt()).isEqualTo(2);
        assertThat(left.path("waived").asInt()).isEqualTo(1);
        assertThat(left.path("items").toString()).doesNotContain(id);
        JsonNode only = api.json("/api/v1/backlog?waived=only");
        assertThat(only.at("/items/0/id").asString()).isEqualTo(id);
        assertThat(only.at("/items/0/waiver/author").asString()).isEqualTo("jo");
        assertThat(api.json("/api/v1/backlog?waived=with").path("total").asInt())
                .isEqualTo(3);
        assertThat(api.json("/api/v1/backlog?asOf=2027-04-01").path("waived").asInt())
                .isZero();
        assertThat(api.json("/api/v1/backlog?asOf=2026-11-20").path("waived").asInt())
                .isZero();
        assertThat(api.get("/api/v1/backlog?format=csv&waived=only").body()).contains(",2027-03-31\r\n");
        assertThat(api.send("POST", "/api/v1/waivers", waiver(id, "")).statusCode())
                .isEqualTo(409);
        String path = "/api/v1/waivers/" + waiver.path("id").asString();
        assertThat(api.send("DELETE", path, "").statusCode()).isEqualTo(400);
        HttpResponse<String> withdrawn = api.send("DELETE", path + "?author=boss&reason=no", "");
        assertThat(RunningApi.read(withdrawn.body()).at("/ended/why").asString())
                .isEqualTo("withdrawn");
        assertThat(api.send("DELETE", path + "?author=boss", "").statusCode()).isEqualTo(409);
        assertThat(api.json("/api/v1/backlog").path("total").asInt()).isEqualTo(3);
        assertThat(api.json("/api/v1/waivers").path("items")).isEmpty();
        JsonNode history = api.json("/api/v1/waivers?state=ended&entry=" + id);
        assertThat(history.at("/items/0/ended/by").asString()).isEqualTo("boss");
        assertThat(history.at("/items/0/reason").asString()).isEqualTo("switched off in March");
    }

    @Test
    @Order(2)
    void aWaiverEndsWhenThereIsSomethingThatItWasNotGivenFor() {
        String id = api.json("/api/v1/backlog?repository=" + REGISTRY + "/team/=cmd")
                .at("/items/0/id")
                .asString();
        JsonNode waiver = given(api.send("POST", "/api/v1/waivers", waiver(id, "")));
        Caveat worse = new Caveat(
                "elf-symbols-missing",
                Caveat.Kind.CERTAIN,
                Caveat.Severity.HIGH,
                "it does not start",
                List.of(new Evidence("app/y", digest("centos"), "libc.so.6", "x/1")),
                1,
                null);
        judge("team/=cmd", null, worse);
        String path = "/api/v1/waivers/" + waiver.path("id").asString();
        await().atMost(RunningApi.PATIENCE)
                .ignoreExceptions()
                .until(() -> api.json(path).path("ended").isObject());
        JsonNode ended = api.json(path).path("ended");
        assertThat(ended.path("why").asString()).isEqualTo("changed");
        assertThat(ended.path("by").isMissingNode()).isTrue();
        assertThat(ended.path("detail").asString()).isEqualTo("it was not given for: certain:high elf-symbols-missing");
        assertThat(api.json("/api/v1/backlog").path("waived").asInt()).isZero();
        HttpResponse<String> stale =
                api.send("POST", "/api/v1/waivers", waiver(id, ",\"causes\":[\"past-support centos 7\"]"));
        assertThat(stale.statusCode()).isEqualTo(409);
        assertThat(stale.body()).contains("entry-changed", "certain:high elf-symbols-missing");
    }

    @Test
    @Order(2)
    void aDecisionThatSaysTooLittleOrTooMuchIsRefusedByItsField() {
        String id = first().path("id").asString();
        String good = waiver(id, "");
        for (String[] each : new String[][] {
            {good.replace("switched off in March", " "), "reason"},
            {good.replace("\"jo\"", "7"), "author"},
            {good.replace("2027-03-31", "2026-11-20"), "until"},
            {good.replace("2027-03-31", "soon"), "until"},
            {good.replace("2027-03-31", "2029-01-01"), "until"},
            {good.replace(id, "alpine"), "entry"},
            {waiver(id, ",\"for\":\"ever\""), "for"},
            {waiver(id, ",\"causes\":\"all\""), "causes"},
            {"[]", "body"},
            {"{", "body"},
            {"", "body"},
            {good + " ".repeat(40_000), "body"}
        }) {
            HttpResponse<String> answer = api.send("POST", "/api/v1/waivers", each[0]);
            assertThat(answer.statusCode()).as(each[0]).isEqualTo(400);
            assertThat(RunningApi.read(answer.body()).path("parameter").asString())
                    .isEqualTo(each[1]);
        }
        assertThat(api.send("POST", "/api/v1/waivers", waiver("base-00000000000000000000", ""))
                        .statusCode())
                .isEqualTo(404);
        assertThat(api.get("/api/v1/waivers?state=some").statusCode()).isEqualTo(400);
        assertThat(api.get("/api/v1/waivers/base-00000000000000000000.1").statusCode())
                .isEqualTo(404);
        assertThat(api.get("/api/v1/waivers/x").statusCode()).isEqualTo(400);
        assertThat(api.json("/api/v1/waivers").path("items")).isEmpty();
    }

    @Test
    @Order(1)
    void entriesAreSortedByWhatIsAskedForAndPagesGoOnInThatOrder() {
        for (String sort : List.of("score", "benefit", "effort", "images", "tags", "repositories")) {
            List<String> ids = new ArrayList<>();
            List<Double> values = new ArrayList<>();
            String next = "/api/v1/backlog?limit=1&sort=" + sort;
            while (next != null) {
                JsonNode page = api.json(next);
                JsonNode item = page.at("/items/0");
                ids.add(item.path("id").asString());
                values.add(
                        switch (sort) {
                            case "benefit" -> item.at("/benefit/total").asDouble();
                            case "effort" -> -item.at("/effort/total").asDouble();
                            default -> item.path(sort).asDouble();
                        });
                next = page.path("next").asString(null);
            }
            assertThat(ids).as(sort).hasSize(3).doesNotHaveDuplicates();
            assertThat(values).as(sort).isSortedAccordingTo(Comparator.reverseOrder());
        }
        assertThat(api.get("/api/v1/backlog?sort=name").statusCode()).isEqualTo(400);
    }

    @Test
    @Order(1)
    void entriesArePutTogetherByOwnerBaseAndRepository() {
        JsonNode byBase = api.json("/api/v1/backlog?group=base");
        assertThat(byBase.path("total").asInt()).isEqualTo(3);
        assertThat(byBase.at("/items/0/name").asString()).isEqualTo(REGISTRY + "/library/alpine");
        assertThat(byBase.at("/items/0/entries").asInt()).isEqualTo(1);
        assertThat(byBase.at("/items/0/images").asInt()).isEqualTo(2);
        assertThat(byBase.at("/items/0/first/0/plan").asString()).startsWith("/api/v1/backlog/base-");
        JsonNode byRepository = api.json("/api/v1/backlog?group=repository");
        List<String> names = new ArrayList<>();
        byRepository.path("items").forEach(item -> names.add(item.path("name").asString()));
        assertThat(names)
                .containsExactlyInAnyOrder(
                        REGISTRY + "/shop/api",
                        REGISTRY + "/shop/worker",
                        REGISTRY + "/team/files",
                        REGISTRY + "/team/=cmd");
        JsonNode byOwner = api.json("/api/v1/backlog?group=owner");
        assertThat(byOwner.path("total").asInt()).isEqualTo(1);
        assertThat(byOwner.at("/items/0/name").isMissingNode()).isTrue();
        assertThat(byOwner.at("/items/0/entries").asInt()).isEqualTo(3);
        assertThat(api.get("/api/v1/backlog?group=owner&format=csv").statusCode())
                .isEqualTo(400);
        assertThat(api.get("/api/v1/backlog?group=tag").statusCode()).isEqualTo(400);
    }

    /** The last one: it changes the fleet. */
    @Test
    @Order(3)
    void anEntryGoesWhenItsImagesAreGone() {
        String id = api.json("/api/v1/backlog?repository=" + REGISTRY + "/team/files")
                .at("/items/0/id")
                .asString();
        for (String repository : List.of("team/files", "library/debian")) {
            api.archive()
                    .apply(new TagRemoved(
                            new Repository(REGISTRY, repository),
                            "1",
                            image(repository),
                            2,
                            Instant.parse("2026-11-21T08:00:00Z")));
        }
        await().atMost(RunningApi.PATIENCE)
                .ignoreExceptions()
                .until(() -> api.json("/api/v1/backlog/closed")
                        .path("items")
                        .toString()
                        .contains(id));
        assertThat(api.get("/api/v1/backlog/" + id).statusCode()).isEqualTo(404);
    }
}
