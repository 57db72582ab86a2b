package io.basewatch.reportapi;

import static io.basewatch.reportapi.TestFleet.ONE;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetmodel.Support;
import io.basewatch.lifecycle.Lifecycle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

class ReportApiTest {

    @TempDir
    static Path folder;

    private static RunningApi api;

    @BeforeAll
    static void start() {
        api = RunningApi.start(folder);
        new TestFleet(api.archive(), api.judgements()).fill();
        api.metrics().refresh();
        api.readFleet();
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    // --- answers

    @Test
    void tellsTheFleetInAFewNumbers() {
        JsonNode fleet = api.json("/api/v1/fleet");
        assertThat(fleet.get("asOf").asString()).isEqualTo(RunningApi.NOW.toString());

        assertThat(fleet.path("day").asString()).isEqualTo("2026-11-21");
        assertThat(fleet.path("registries").asLong()).isEqualTo(2);
        assertThat(fleet.path("repositories").asLong()).isEqualTo(9);
        assertThat(fleet.path("tags").asLong()).isEqualTo(13);
        assertThat(fleet.path("images").asLong()).isEqualTo(11);
        assertThat(fleet.path("pending").asLong()).isEqualTo(1);
        assertThat(fleet.path("pastSupport").asLong()).isEqualTo(4);
        assertThat(fleet.path("byLibc").path("musl").asLong()).isEqualTo(4);
        assertThat(fleet.path("byDistro").path("alpine").asLong()).isEqualTo(4);
        assertThat(fleet.path("byDistro").path("unknown").asLong()).isEqualTo(1);
        assertThat(fleet.path("byRelease").path("debian 12").asLong()).isEqualTo(1);
        assertThat(fleet.path("byStatus").path("unscannable").asLong()).isEqualTo(1);
        assertThat(fleet.path("bySupportPhase").toString())
                .isEqualTo("{\"unreleased\":1,\"standard\":2,\"lts\":1,\"extended\":1,\"ended\":3,\"unknown\":2}");
    }

    @Test
    void computesEveryPhaseForTheDayThatIsAskedFor() {
        assertThat(api.json("/api/v1/fleet?asOf=2025-05-09")
                        .path("bySupportPhase")
                        .toString())
                .isEqualTo("{\"unreleased\":2,\"standard\":4,\"lts\":1,\"ended\":1,\"unknown\":2}");
        JsonNode later = api.json("/api/v1/fleet?asOf=2050-01-01");
        assertThat(later.path("day").asString()).isEqualTo("2050-01-01");
        assertThat(later.path("pastSupport").asLong()).isEqualTo(7);

        String before = "/api/v1/images?release=3.18.9&asOf=2025-05-09";
        JsonNode support = api.json(before).path("items").get(0).path("support");
        assertThat(support.path("phase").asString()).isEqualTo("standard");
        assertThat(support.path("day").asString()).isEqualTo("2025-05-09");
        assertThat(support.path("released").asString()).isEqualTo("2023-05-09");
        assertThat(api.json(before.replace("05-09", "05-10"))
                        .at("/items/0/support/phase")
                        .asString())
                .isEqualTo("ended");

        String one = "/api/v1/images/" + TestFleet.image(ONE, "team/debian", "bullseye");
        assertThat(api.json(one).at("/support/day").asString()).isEqualTo("2026-11-21");
        assertThat(api.json(one).at("/support/extended/0/name").asString()).isEqualTo("Freexian ELTS (paid)");
        assertThat(api.json(one + "?asOf=2026-08-31").at("/support/phase").asString())
                .isEqualTo("lts");
        assertThat(api.json(one + "?asOf=2026-09-01").at("/support/phase").asString())
                .isEqualTo("extended");

        JsonNode backlog = api.json("/api/v1/backlog?include=past-support&asOf=2024-06-30");
        assertThat(backlog.path("day").asString()).isEqualTo("2024-06-30");
        assertThat(backlog.path("items")).isEmpty();
        assertThat(api.json("/api/v1/images?limit=1&asOf=2024-06-30")
                        .path("next")
                        .asString())
                .contains("asOf=2024-06-30");
    }

    @Test
    void looksAheadToWhatReachesTheEndOfItsSupport() {
        JsonNode horizon = api.json("/api/v1/horizon");
        assertThat(horizon.path("day").asString()).isEqualTo("2026-11-21");
        assertThat(items(horizon, "within", "days")).containsExactly("30", "90", "180", "365");
        assertThat(items(horizon, "within", "images")).containsExactly("0", "0", "0", "1");
        assertThat(horizon.path("past").asLong()).isEqualTo(4);
        assertThat(horizon.path("withoutEnd").asLong()).isEqualTo(3);
        assertThat(horizon.path("pending").asLong()).isEqualTo(1);
        JsonNode alpine = horizon.at("/months/0/entries/0");
        assertThat(horizon.at("/months/0/month").asString()).isEqualTo("2027-11");
        assertThat(alpine.path("product").asString()).isEqualTo("alpine");
        assertThat(alpine.path("cycle").asString()).isEqualTo("3.23");
        assertThat(alpine.path("enters").asString()).isEqualTo("ended");
        assertThat(alpine.path("on").asString()).isEqualTo("2027-11-02");
        assertThat(alpine.at("/standsOn/0/release").asString()).isEqualTo("3.23.0");
        assertThat(alpine.path("repositories").toString()).isEqualTo("[\"two.example/team/alpine-app\"]");

        JsonNode near = api.json("/api/v1/horizon?days=1&asOf=2028-06-30");
        assertThat(near.at("/within/0/toExtended").asLong()).isEqualTo(1);
        assertThat(near.at("/months/0/entries/0/on").asString()).isEqualTo("2028-07-01");
        assertThat(api.json("/api/v1/horizon?days=1&asOf=2028-07-01")
                        .at("/within/0/images")
                        .asLong())
                .isZero();
        assertThat(api.json("/api/v1/horizon?days=3660").path("months")).hasSizeGreaterThan(3);
    }

    @Test
    void tellsWhereTheSupportDatesComeFromAndAllOfOneProduct() {
        JsonNode lifecycle = api.json("/api/v1/lifecycle");
        assertThat(lifecycle.path("generated").asString())
                .isEqualTo(Lifecycle.bundled().generated().toString());
        assertThat(lifecycle.path("digest").asString())
                .isEqualTo(Lifecycle.bundled().digest());
        assertThat(lifecycle.path("source").asString()).isEqualTo("bundled");
        assertThat(lifecycle.path("state").asString()).isEqualTo("bundled");
        assertThat(lifecycle.path("products").toString()).contains("\"alpine\"");

        JsonNode debian = api.json("/api/v1/lifecycle/debian?asOf=2028-07-01");
        assertThat(debian.path("day").asString()).isEqualTo("2028-07-01");
        debian.path("releases").forEach(release -> {
            assertThat(release.path("day").asString()).isEqualTo("2028-07-01");
            assertThat(release.path("source").asString()).isNotBlank();
            assertThat(release.path("datasetDate").asString()).isNotBlank();
            if (release.path("cycle").asString().equals("12")) {
                assertThat(release.path("phase").asString()).isEqualTo("extended");
            }
        });
        assertThat(problem(api.get("/api/v1/lifecycle/dos")).path("type").asString())
                .isEqualTo("urn:basewatch:problem:product-unknown");
    }

    @Test
    void listsEveryImageOnceOverManyPages() {
        List<String> seen = new ArrayList<>();
        int pages = 0;
        String next = "/api/v1/images?limit=3";
        while (next != null) {
            JsonNode page = api.json(next);
            page.path("items").forEach(item -> seen.add(item.path("digest").asString()));
            pages++;
            next = page.path("next").isMissingNode() ? null : page.path("next").asString();
        }

        assertThat(pages).isEqualTo(4);
        assertThat(seen).hasSize(11).doesNotHaveDuplicates().isSorted();
    }

    @Test
    void keepsFiltersInTheNextLinkAndNamesItInTheHeaderToo() {
        HttpResponse<String> response = api.get("/api/v1/images?libc=musl&limit=3&registry=one.example:5000");
        assertThat(items(RunningApi.read(response.body()), "digest")).hasSize(2);

        response = api.get("/api/v1/images?libc=musl&limit=3");
        String next = RunningApi.read(response.body()).path("next").asString();
        assertThat(response.headers().firstValue("Link")).hasValue("<" + next + ">; rel=\"next\"");
        assertThat(next).startsWith("/api/v1/images?").contains("libc=musl");
        assertThat(items(api.json(next), "libc")).containsExactly("musl");
    }

    @ParameterizedTest
    @CsvSource({
        "registry=two.example, 4",
        "repository=one.example:5000/team/debian, 3",
        "distro=alpine, 4",
        "distro=alpine&release=3.18.9, 1",
        "release=forky, 1",
        "libc=glibc, 5",
        "status=pending, 1",
        "status=unscannable, 1",
        "status=complete&libc=musl&registry=two.example, 2",
        "distro=nothing, 0",
        "caveat=elf-glibc-interpreter-missing, 2",
        "caveat=elf-glibc-interpreter-missing&kind=certain, 1",
        "caveat=dns-no-tcp-fallback&severity=critical, 0",
        "kind=certain, 1",
        "kind=risk&severity=low, 1",
        "severity=high&libc=musl&registry=one.example:5000, 2",
        "severity=high&release=3.18.9, 1",
        "caveat=no-such, 0"
    })
    void filtersImages(String filter, int expected) {
        assertThat(api.json("/api/v1/images?" + filter).path("items")).hasSize(expected);
    }

    @Test
    void tellsInAListWhatAnImageStandsOn() {
        JsonNode item = api.json("/api/v1/images?release=3.18.9").path("items").get(0);

        assertThat(item.path("reference").asString()).isEqualTo("one.example:5000/team/alpine-app:1");
        assertThat(item.path("references")).hasSize(3);
        assertThat(item.path("referenceCount").asInt()).isEqualTo(3);
        assertThat(item.path("digest").asString())
                .isEqualTo(TestFleet.image(ONE, "team/alpine-app", "1").toString());
        assertThat(item.path("platform").asString()).isEqualTo("linux/amd64");
        assertThat(item.path("status").asString()).isEqualTo("complete");
        assertThat(item.path("distro").toString()).isEqualTo("{\"id\":\"alpine\",\"version\":\"3.18.9\"}");
        assertThat(item.path("libc").asString()).isEqualTo("musl");
        assertThat(item.path("caveats").toString())
                .isEqualTo("{\"certain\":1,\"risk\":1,\"info\":0,\"worst\":{\"id\":\"elf-glibc-interpreter-missing\","
                        + "\"kind\":\"certain\",\"severity\":\"critical\"}}");
        assertThat(item.path("support").path("phase").asString()).isEqualTo("ended");
        assertThat(item.path("support").path("ltsEnds").asString()).isEqualTo("2025-05-09");
    }

    @Test
    void tellsNothingOfAPendingImageThatIsNotKnown() {
        JsonNode item = api.json("/api/v1/images?status=pending").path("items").get(0);

        assertThat(item.path("platform").asString()).isEqualTo("linux/arm64");
        assertThat(item.has("distro")).isFalse();
        assertThat(item.has("libc")).isFalse();
        assertThat(item.has("support")).isFalse();
    }

    @Test
    void answersAnImageExactlyAsTheGoldenFile() throws IOException {
        String digest = TestFleet.image(ONE, "team/alpine-app", "1").toString();

        assertThat(api.json("/api/v1/images/" + digest).toPrettyString().replace("\r", ""))
                .isEqualTo(RunningApi.read(resource("image-report.json")).toPrettyString());
    }

    @Test
    void answersTheSameReportAsTheCommandLine() {
        String digest = TestFleet.image(ONE, "team/debian", "bookworm").toString();
        JsonNode answer = api.json("/api/v1/images/" + digest);

        var analysis = api.archive().find(Digest.parse(digest)).orElseThrow();
        Judgement judgement = api.judgements().find(Digest.parse(digest)).orElseThrow();
        Support support = Lifecycle.bundled()
                .support(analysis.fingerprint().distro(), LocalDate.ofInstant(RunningApi.NOW, ZoneOffset.UTC));
        JsonNode report = RunningApi.read(
                ModelJson.write(ImageReport.of("one.example:5000/team/debian:bookworm", analysis, judgement, support)));
        report.properties()
                .forEach(field -> assertThat(answer.get(field.getKey()))
                        .as(field.getKey())
                        .isEqualTo(field.getValue()));
        assertThat(List.copyOf(answer.propertyNames()).subList(0, report.size()))
                .isEqualTo(List.copyOf(report.propertyNames()));
    }

    @Test
    void listsTagsAndWhatTheyLeadTo() {
        JsonNode tags = api.json("/api/v1/tags?repository=one.example:5000/team/alpine-app");

        assertThat(items(tags, "reference"))
                .containsExactly(
                        "one.example:5000/team/alpine-app:1",
                        "one.example:5000/team/alpine-app:2",
                        "one.example:5000/team/alpine-app:latest");
        assertThat(tags.path("items").get(0).path("images").get(0).asString())
                .isEqualTo(TestFleet.image(ONE, "team/alpine-app", "1").toString());
        assertThat(allPages("/api/v1/tags?limit=4", "reference")).hasSize(13).doesNotHaveDuplicates();
        assertThat(api.json("/api/v1/tags?registry=two.example").path("items")).hasSize(4);
    }

    @Test
    void anImagesTagsAreListedByThePageToo() {
        String digest = TestFleet.image(ONE, "team/alpine-app", "1").toString();
        JsonNode image = api.json("/api/v1/images/" + digest);
        List<String> listed = new ArrayList<>();
        image.path("tags").forEach(tag -> listed.add(tag.asString()));

        assertThat(image.has("tagCount")).as("more tags than are listed").isFalse();
        assertThat(listed).isNotEmpty().isSorted();
        assertThat(image.path("reference").asString()).isEqualTo(listed.get(0));
        assertThat(allPages("/api/v1/tags?limit=1&image=" + digest, "reference"))
                .isEqualTo(listed);
    }

    @Test
    void listsRepositories() {
        assertThat(allPages("/api/v1/repositories?limit=2", "repository"))
                .hasSize(9)
                .doesNotHaveDuplicates()
                .isSorted();
        JsonNode debian = api.json("/api/v1/repositories?registry=one.example:5000")
                .path("items")
                .get(2);
        assertThat(debian.toString())
                .isEqualTo("{\"repository\":\"one.example:5000/team/debian\",\"registry\":\"one.example:5000\","
                        + "\"name\":\"team/debian\",\"tags\":3,\"images\":3}");
    }

    @Test
    void ranksTheBacklogByItsRule() {
        JsonNode backlog = api.json("/api/v1/backlog");
        assertThat(backlog.get("day").asString()).isEqualTo("2026-11-21");
        List<String> entries = new ArrayList<>();
        backlog.path("items")
                .forEach(entry -> entries.add(entry.path("rank").asInt() + " "
                        + entry.path("score").asDouble() + " "
                        + entry.path("name").asString() + " "
                        + entry.path("standsOn").path("version").asString() + " "
                        + entry.path("images").asInt()));
        // Each stands on no base that is known: one layer of its own (1) and nothing known of what it holds (5) are an
        // effort of 6. alpine 3.18 ended 561 days ago: 8 + 9 * log2(1 + 561 / 90) = 33.69, and 30 for what fails, 6 for
        // a
        // risk.
        assertThat(entries)
                .containsExactly(
                        "1 6.97 one.example:5000/team/alpine-app 3.18.9 1",
                        "2 4.07 one.example:5000/team/alpine-old 3.18.2 1",
                        "3 3.5 one.example:5000/team/java 7 1",
                        "4 1.64 one.example:5000/team/debian 11 1");
        JsonNode first = backlog.path("items").get(0);
        assertThat(first.path("benefit").toString())
                .isEqualTo("{\"total\":69.69,\"ended\":33.69,\"certain\":30.0,\"risk\":6.0}");
        assertThat(first.at("/effort/total").asDouble()).isEqualTo(6.0);
        assertThat(first.path("score").asDouble()).isEqualTo(Math.round(100 * 69.69 / (4 + 6)) / 100.0);
        assertThat(first.path("why").toString()).isEqualTo("[\"past-support\",\"certain\",\"risk\",\"musl\"]");
        assertThat(backlog.path("rule").asString()).contains("points for ended support");
        assertThat(backlog.path("total").asInt()).isEqualTo(4);
        assertThat(backlog.path("pending").asInt()).isEqualTo(1);
        // One is unscannable, and all but three are not judged: none of them may look clean.
        assertThat(backlog.path("unread").asInt()).isEqualTo(7);
    }

    @Test
    void includesInTheBacklogWhatIsAskedFor() {
        assertThat(items(api.json("/api/v1/backlog?include=past-support"), "name"))
                .hasSize(4);
        assertThat(items(api.json("/api/v1/backlog?include=certain"), "name"))
                .containsExactly("one.example:5000/team/alpine-app");
        assertThat(items(api.json("/api/v1/backlog?include=musl"), "name")).hasSize(4);
        // The unscannable image and the release that no dataset knows.
        assertThat(items(api.json("/api/v1/backlog?include=unknown"), "name"))
                .containsExactlyInAnyOrder("two.example/team/broken", "two.example/team/future");
        JsonNode cut = api.json("/api/v1/backlog?limit=1");
        assertThat(cut.path("items")).hasSize(1);
        assertThat(cut.path("total").asInt()).isEqualTo(4);
    }

    // --- errors

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/api/v1/images?libc=muscle | libc | muscle | one of musl, glibc, uclibc, bionic, static, none, unknown",
                "/api/v1/images?libc=MUSL | libc | MUSL | one of musl",
                "/api/v1/images?status=fine | status | fine | one of pending, complete, partial, unscannable, skipped",
                "/api/v1/images?limit=0 | limit | 0 | a number from 1 to 1000",
                "/api/v1/images?limit=1001 | limit | 1001 | a number from 1 to 1000",
                "/api/v1/images?limit=many | limit | many | a number from 1 to 1000",
                "/api/v1/images?after=bm9uc2Vuc2U | after | bm9uc2Vuc2U | from 'next'",
                "/api/v1/images?after=%25%25 | after | %% | from 'next'",
                "/api/v1/images?repository=alpine | repository | alpine | registry and name",
                "/api/v1/images?registry=a/b | registry | a/b | a registry's host",
                "/api/v1/images?distro= | distro | '' | a value",
                "/api/v1/images?distribution=alpine | distribution | alpine | only after, asOf, caveat, distro, kind, libc",
                "/api/v1/images?libc=musl&libc=glibc | libc | musl,glibc | it once",
                "/api/v1/images/sha256:0123 | digest | sha256:0123 | sha256: and 64",
                "/api/v1/images/latest | digest | latest | sha256: and 64",
                "/api/v1/tags?limit=-1 | limit | -1 | a number",
                "/api/v1/tags?image=latest | image | latest | sha256: and 64",
                "/api/v1/repositories?after=x | after | x | from 'next'",
                "/api/v1/fleet?libc=musl | libc | musl | only asOf",
                "/api/v1/caveats/dns-no-tcp-fallback?libc=musl | libc | musl | no parameters here",
                "/api/v1/fleet?asOf=tomorrow | asOf | tomorrow | a day from 1990-01-01 to 2099-12-31",
                "/api/v1/fleet?asOf= | asOf | '' | a day from",
                "/api/v1/images?asOf=2026-02-30 | asOf | 2026-02-30 | a day from",
                "/api/v1/images?asOf=2026-2-3 | asOf | 2026-2-3 | a day from",
                "/api/v1/images?asOf=9999-12-31 | asOf | 9999-12-31 | a day from",
                "/api/v1/images/sha256:0000000000000000000000000000000000000000000000000000000000000000?asOf=0001-01-01 | asOf | 0001-01-01 | a day from",
                "/api/v1/horizon?days=0 | days | 0 | 1 to 12 numbers",
                "/api/v1/horizon?days=30, | days | 30, | 1 to 12 numbers",
                "/api/v1/horizon?days=9999 | days | 9999 | 1 to 12 numbers",
                "/api/v1/horizon?asOf=1 | asOf | 1 | a day from",
                "/api/v1/backlog?asOf=2026-11-21T00:00:00Z | asOf | 2026-11-21T00:00:00Z | a day from",
                "/api/v1/backlog?asOf=2026-11-21&asOf=2026-11-22 | asOf | 2026-11-21,2026-11-22 | it once",
                "/api/v1/backlog?include=everything | include | everything | one of past-support, ending, certain, risk, musl, unknown",
                "/api/v1/what-if?image=latest&on=debian:12-slim | image | latest | sha256: and 64",
                "/api/v1/what-if?image=sha256:0000000000000000000000000000000000000000000000000000000000000000&on=Debian%2012 | on | Debian 12 | the name of a base",
                "/api/v1/what-if?image=sha256:0000000000000000000000000000000000000000000000000000000000000000&on=debian:12-slim&from=x | from | x | sha256: and 64"
            })
    void namesTheBadParameterItsValueAndWhatWouldDo(String path, String parameter, String value, String allowed) {
        HttpResponse<String> response = api.get(path);

        assertThat(response.statusCode()).isEqualTo(400);
        JsonNode problem = problem(response);
        assertThat(problem.path("type").asString()).isEqualTo("urn:basewatch:problem:bad-parameter");
        assertThat(problem.path("parameter").asString()).isEqualTo(parameter);
        assertThat(problem.path("value").asString()).isEqualTo(value);
        assertThat(problem.path("allowed").asString()).contains(allowed);
        assertThat(problem.path("detail").asString()).contains(parameter).contains(allowed);
    }

    @Test
    void refusesACursorOfAnotherList() {
        String next = api.json("/api/v1/tags?limit=1").path("next").asString();
        String cursor = next.substring(next.indexOf("after=") + 6);

        assertThat(api.get("/api/v1/tags?limit=1&after=" + cursor).statusCode()).isEqualTo(200);
        assertThat(api.get("/api/v1/repositories?after=" + cursor).statusCode()).isEqualTo(400);
    }

    @Test
    void tellsAnUnknownImageFromOneThatWaitsForItsAnalysis() {
        HttpResponse<String> unknown = api.get("/api/v1/images/" + TestFleet.digest("never seen"));
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(problem(unknown).path("type").asString()).isEqualTo("urn:basewatch:problem:image-unknown");

        HttpResponse<String> pending = api.get("/api/v1/images/" + TestFleet.PENDING);
        assertThat(pending.statusCode()).isEqualTo(404);
        assertThat(problem(pending).path("type").asString()).isEqualTo("urn:basewatch:problem:image-pending");
        assertThat(problem(pending).path("detail").asString()).contains("one.example:5000/team/pending:1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/nothing", "/api/v2/images", "/nothing", "/error"})
    void tellsThatAPathDoesNotExistAsAProblem(String path) {
        HttpResponse<String> response = api.get(path);

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(problem(response).path("type").asString()).isEqualTo("urn:basewatch:problem:http-404");
    }

    @Test
    void tellsThatAMethodIsNotAllowedAsAProblem() {
        HttpResponse<String> response = api.send("POST", "/api/v1/images", "{}");

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(problem(response).path("status").asInt()).isEqualTo(405);
    }

    @Test
    void tellsWhatTheServerItselfRefusesAsAProblemToo() throws IOException {
        String answer =
                api.raw("GET /api/v1/images?libc=<musl> HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 400");
        assertThat(answer).contains("Content-Type: application/problem+json");
        assertThat(RunningApi.read(answer.substring(answer.indexOf('{'), answer.lastIndexOf('}') + 1))
                        .path("type")
                        .asString())
                .isEqualTo("urn:basewatch:problem:http-400");
        assertThat(answer).doesNotContain("Tomcat");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/images?libc=%zz",
                "/api/v1/images?libc=%",
                "/api/v1/images?libc=%ff%fe",
                "/api/v1/images?%zz=1",
                "/api/v1/images?=&&&",
                "/api/v1/fleet?a=%c3%28",
                "/api/v1/%zz"
            })
    void tellsThatAPathOrQueryCannotBeRead(String path) throws IOException {
        String answer = api.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 400").contains("application/problem+json");
        assertThat(answer).doesNotContain("internal-error").doesNotContain("Exception");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/html", "*/*"})
    void tellsThatHeadersOrAnAddressAreTooLongAsAProblemThatSaysHowLongTheyMayBe(String accept) throws IOException {
        String rest = " HTTP/1.1\r\nHost: localhost\r\nAccept: " + accept + "\r\nConnection: close\r\n";
        String headers = api.raw("GET /api/v1/fleet" + rest + "X-Long: " + "a".repeat(100_000) + "\r\n\r\n");
        String query = api.raw("GET /api/v1/images?libc=" + "a".repeat(100_000) + rest + "\r\n");
        String path = api.raw("GET /" + "a".repeat(100_000) + rest + "\r\n");

        assertThat(headers)
                .startsWith("HTTP/1.1 431")
                .contains("application/problem+json", "The headers are too long", "32768 bytes");
        for (String address : List.of(query, path)) {
            assertThat(address)
                    .startsWith("HTTP/1.1 414")
                    .contains("application/problem+json", "The address is too long", "32768 bytes");
        }
    }

    @Test
    void whateverIsAskedInAWrongWayLeavesNothingInTheLog() throws IOException {
        PrintStream before = System.out;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setOut(new PrintStream(log, true, StandardCharsets.UTF_8));
        try {
            for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "FOO")) {
                for (String path : List.of("/api/v1/images", "/images", "/", "/nothing", "/assets/basewatch.css")) {
                    assertThat(api.send(method, path, "{}").statusCode())
                            .as(method + " " + path)
                            .isBetween(400, 499);
                }
            }
            api.get("/api/v1/images?libc=" + "a".repeat(1000));
            api.raw("GET /api/v1/images?libc=%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            for (String path :
                    List.of("/a/%2e%2e/%2e%2e/b", "/assets/%2e%2e/%2e%2e/b", "/%5c..%5c..%5cb", "/assets/..;/b")) {
                assertThat(api.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                        .as(path)
                        .startsWith("HTTP/1.1 4");
            }
            for (String path : List.of("//", "///", "//evil.example/x", "//api/v1/fleet")) {
                assertThat(api.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                        .as(path)
                        .startsWith("HTTP/1.1 404")
                        .contains("\"instance\":\"" + path.replaceFirst("/+", "/") + "\"");
            }
            api.raw("nothing of this is HTTP\r\n\r\n");
            LoggerFactory.getLogger(ReportApiTest.class).warn("the log is listened to");
        } finally {
            System.setOut(before);
        }

        assertThat(log.toString(StandardCharsets.UTF_8))
                .contains("the log is listened to")
                .hasLineCount(1);
    }

    @Test
    void aRefusalSaysWhatWouldDoAndNothingFromInside() throws IOException {
        assertThat(problem(api.get("/api/v1/nothing")).path("detail").asString())
                .isEqualTo("Nothing answers to this address; /v3/api-docs lists what does.");
        assertThat(api.raw("POST /api/v1/waivers HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
                        + "Connection: close\r\n\r\n{}"))
                .startsWith("HTTP/1.1 415")
                .contains("Nothing says what is sent: give Content-Type: application/json.");
    }

    // --- the HTTP around it

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Content-Type | garbage",
                "Content-Type | ;;;",
                "Content-Type | multipart/form-data",
                "Content-Type | application/json; charset=utf-99",
                "Accept | garbage",
                "Accept | application/json;q=zz, */",
                "Accept-Language | ;;q=zz,*-",
                "Accept-Charset | %%",
                "Accept-Encoding | ;q=",
                "If-None-Match | garbage\",\",,",
                "If-Match | garbage",
                "If-Modified-Since | the day after",
                "Range | bytes=zz",
                "Origin | ::::garbage"
            })
    void answersInSpiteOfAHeaderThatCannotBeMeant(String name, String value) {
        for (String path : List.of("/api/v1/images?limit=1", "/v3/api-docs", "/actuator/health")) {
            assertThat(api.get(path, name, value).statusCode()).as(path).isEqualTo(200);
        }
        assertThat(problem(api.get("/api/v1/images?libc=x", name, value))
                        .path("parameter")
                        .asString())
                .isEqualTo("libc");
    }

    @ParameterizedTest
    @CsvSource({
        "OPTIONS, /api/v1/fleet, 200",
        "OPTIONS, /api/v1/backlog?include=musl&limit=1, 200",
        "OPTIONS, /api/v1/backlog?nothing=1, 200",
        "OPTIONS, /api/v1/images/sha256:00, 200",
        "OPTIONS, /actuator/health, 200",
        "OPTIONS, /api/v1/nothing, 404",
        "OPTIONS, /nothing, 404",
        "TRACE, /api/v1/fleet, 405",
        "PUT, /api/v1/fleet, 405",
        "FOO, /api/v1/fleet, 405"
    })
    void advertisesOnlyMethodsThatExist(String method, String path, int status) throws IOException {
        for (String more : List.of("", "Origin: https://x.example\r\nAccess-Control-Request-Method: DELETE\r\n")) {
            String answer = api.raw(
                    method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "Connection: close\r\n\r\n");

            // A page of another origin may change nothing, whether there is anything to change or not.
            boolean isOthers = !more.isEmpty() && List.of("PUT", "FOO").contains(method);
            assertThat(answer).startsWith("HTTP/1.1 " + (isOthers ? 403 : status));
            answer.lines()
                    .takeWhile(line -> !line.isEmpty())
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("allow:"))
                    .forEach(line -> assertThat(List.of(
                                    line.substring("allow:".length()).strip().split("\\s*,\\s*")))
                            .isSubsetOf("GET", "HEAD", "OPTIONS"));
            if (status != 404 && !isOthers) {
                assertThat(answer).containsIgnoringCase("allow: GET");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/fleet",
                "/api/v1/images",
                "/api/v1/images?libc=musl&limit=1",
                "/api/v1/tags",
                "/api/v1/repositories",
                "/api/v1/backlog",
                "/api/v1/bases"
            })
    void answersNotModifiedToWhoHasTheSameAlready(String path) {
        HttpResponse<String> first = api.get(path);
        String etag = first.headers().firstValue("ETag").orElseThrow();

        HttpResponse<String> again = api.get(path, "If-None-Match", etag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(api.get(path, "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
        assertThat(etag).startsWith("W/");
        assertThat(api.get("/api/v1/lifecycle").headers().firstValue("ETag"))
                .isPresent()
                .isNotEqualTo(Optional.of(etag));
    }

    @Test
    void tellsWhichCaveatsTheFleetHasTheProvenOnesFirst() {
        JsonNode found = api.json("/api/v1/caveats?found=true");
        assertThat(items(found, "id")).containsExactly(TestFleet.GLIBC_PROGRAM, TestFleet.NO_TCP);
        JsonNode first = found.path("items").get(0);
        assertThat(first.path("images").asLong()).isEqualTo(2);
        assertThat(first.path("repositories").asLong()).isEqualTo(2);
        assertThat(first.path("byKind").toString()).isEqualTo("{\"certain\":1,\"risk\":1}");
        assertThat(first.path("title").asString()).contains("loader");
        assertThat(api.get(first.path("page").asString()).statusCode()).isEqualTo(200);
        JsonNode all = api.json("/api/v1/caveats");
        assertThat(all.path("items")).hasSizeGreaterThanOrEqualTo(90);
        assertThat(items(all, "id")).startsWith(TestFleet.GLIBC_PROGRAM, TestFleet.NO_TCP);
    }

    @Test
    void explainsACaveatAndNamesTheFirstOnesThatHaveIt() {
        JsonNode caveat = api.json("/api/v1/caveats/" + TestFleet.GLIBC_PROGRAM);
        assertThat(caveat.path("entry").path("id").asString()).isEqualTo(TestFleet.GLIBC_PROGRAM);
        assertThat(caveat.path("entry").path("action").asString()).isNotBlank();
        assertThat(caveat.path("markdown").asString()).startsWith("# ").contains("## What breaks", "## What to do");
        assertThat(caveat.path("images").asLong()).isEqualTo(2);
        assertThat(items(caveat, "first", "reference"))
                .containsExactlyInAnyOrder("one.example:5000/team/alpine-app:1", "one.example:5000/team/alpine-old:1");
        assertThat(items(api.json(caveat.path("allImages").asString()), "digest"))
                .isEqualTo(items(caveat, "first", "digest"));
    }

    @Test
    void aCaveatThatThereIsNotIsToldAsAProblem() {
        assertThat(problem(api.get("/api/v1/caveats/no-such")).path("type").asString())
                .isEqualTo("urn:basewatch:problem:caveat-unknown");
        assertThat(api.get("/api/v1/caveats/A%20b").statusCode()).isEqualTo(400);
        assertThat(api.get("/api/v1/caveats?found=maybe").statusCode()).isEqualTo(400);
    }

    @Test
    void whatIfKnowsWellKnownBasesAndSaysWhatItCannotTry() {
        assertThat(items(api.json("/api/v1/what-if/bases"), "name"))
                .contains("alpine:3.20.3", "debian:13-slim", "distroless/cc-debian13");
        Digest unread = TestFleet.image(TestFleet.ONE, "team/debian", "bookworm");
        HttpResponse<String> untried = api.get("/api/v1/what-if?on=debian:13-slim&image=" + unread);
        assertThat(untried.statusCode()).isEqualTo(404);
        assertThat(problem(untried).path("type").asString()).isEqualTo("urn:basewatch:problem:image-unread");
        assertThat(problem(untried).path("detail").asString()).contains("'image'", unread.toString());
        HttpResponse<String> nothing = api.get("/api/v1/what-if?on=debian:13-slim");
        assertThat(nothing.statusCode()).isEqualTo(400);
        assertThat(problem(nothing).path("detail").asString()).contains("image");
    }

    @Test
    void sendsNoHeadersForOtherOrigins() {
        HttpResponse<String> response = api.get("/api/v1/fleet", "Origin", "https://evil.example");

        assertThat(response.headers().map().keySet())
                .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control-"));
    }

    @Test
    void describesEveryPathInOpenApi31() {
        JsonNode description = api.json("/v3/api-docs");

        assertThat(description.path("openapi").asString()).startsWith("3.1");
        assertThat(Set.copyOf(description.path("paths").propertyNames()))
                .isEqualTo(Set.of(
                        "/api/v1/fleet",
                        "/api/v1/trends",
                        "/api/v1/changes",
                        "/api/v1/caller",
                        "/api/v1/tokens",
                        "/api/v1/tokens/{name}",
                        "/api/v1/audit",
                        "/api/v1/images",
                        "/api/v1/images/{digest}",
                        "/api/v1/tags",
                        "/api/v1/repositories",
                        "/api/v1/backlog",
                        "/api/v1/horizon",
                        "/api/v1/backlog/closed",
                        "/api/v1/backlog/{id}",
                        "/api/v1/waivers",
                        "/api/v1/waivers/{id}",
                        "/api/v1/lifecycle",
                        "/api/v1/lifecycle/{product}",
                        "/api/v1/bases",
                        "/api/v1/bases/{id}",
                        "/api/v1/bases/{id}/images",
                        "/api/v1/lineage/{digest}",
                        "/api/v1/caveats",
                        "/api/v1/caveats/{id}",
                        "/api/v1/what-if",
                        "/api/v1/what-if/bases"));
        JsonNode image = description
                .path("components")
                .path("schemas")
                .path("ImageAnswer")
                .path("properties");
        assertThat(image.propertyNames()).contains("reference", "digest", "support", "libc", "bytes", "tags");
        assertThat(parameters(description, "/api/v1/images"))
                .containsExactlyInAnyOrder(
                        "registry",
                        "repository",
                        "distro",
                        "release",
                        "libc",
                        "status",
                        "caveat",
                        "kind",
                        "severity",
                        "asOf",
                        "limit",
                        "after");
        JsonNode responses =
                description.path("paths").path("/api/v1/images").path("get").path("responses");
        assertThat(responses.path("200").path("content").propertyNames()).containsExactly("application/json");
        assertThat(responses.path("default").path("content").propertyNames())
                .containsExactly("application/problem+json");
        assertThat(description.path("components").path("schemas").has("Problem"))
                .isTrue();
        assertThat(api.get("/swagger-ui").statusCode()).isEqualTo(302);
        assertThat(api.get("/swagger-ui/index.html").statusCode()).isEqualTo(200);
    }

    @Test
    void showsInOpenApiExamplesThatLookLikeItsAnswers() {
        JsonNode paths = api.json("/v3/api-docs").path("paths");

        for (String path : List.of(
                "/api/v1/fleet",
                "/api/v1/images",
                "/api/v1/tags",
                "/api/v1/repositories",
                "/api/v1/backlog",
                "/api/v1/horizon")) {
            JsonNode example = paths.path(path).at("/get/responses/200/content/application~1json/example");
            JsonNode answer = api.json(path);
            assertThat(example.propertyNames()).as(path).isNotEmpty();
            assertThat(example.propertyNames().stream().filter(name -> !name.equals("next")))
                    .as(path)
                    .isSubsetOf(answer.propertyNames());
            assertThat(example.toString()).doesNotContain("127.0.0.1");
        }
        for (String path : List.of("/api/v1/trends", "/api/v1/changes", "/api/v1/waivers")) {
            assertThat(paths.path(path)
                            .at("/get/responses/200/content/application~1json/example")
                            .isObject())
                    .as(path)
                    .isTrue();
        }
    }

    @Test
    void describesAnAnswerOfSeveralFormsSoThatEachMayHold() {
        JsonNode forms = api.json("/v3/api-docs")
                .at("/paths/~1api~1v1~1backlog/get/responses/200/content/application~1json/schema");

        assertThat(forms.has("anyOf")).as("an empty list is of both forms").isTrue();
    }

    @Test
    void namesInOpenApiTheValuesThatItTakes() {
        JsonNode images =
                api.json("/v3/api-docs").path("paths").path("/api/v1/images").path("get");
        for (String parameter : List.of("libc", "status", "kind", "severity")) {
            JsonNode schema = StreamSupport.stream(images.path("parameters").spliterator(), false)
                    .filter(each -> each.path("name").asString().equals(parameter))
                    .findFirst()
                    .orElseThrow()
                    .path("schema");
            assertThat(schema.path("enum")).isNotEmpty();
            String all = problem(api.get("/api/v1/images?" + parameter + "=x"))
                    .path("allowed")
                    .asString();
            List<String> values = new ArrayList<>();
            schema.path("enum").forEach(value -> values.add(value.asString()));
            assertThat(all).isEqualTo("one of " + String.join(", ", values));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/api/v1/images | registry | one.example:5000 ; [::1]:5000 ; a/b ; '' ; ' ' ; a b ; größe",
                "/api/v1/images | repository | one.example:5000/team/app ; a/b ; alpine ; /b ; a/ ; a/b c ; ''",
                "/api/v1/images | distro | alpine ; a b ; größe ; '' ; ' ' ; \u00a0",
                "/api/v1/images | release | 3.18.9 ; Trusty Tahr ; '' ; ' '",
                "/api/v1/images | libc | musl ; MUSL ; muslx ; ''",
                "/api/v1/images | status | pending ; fine ; ''",
                "/api/v1/images | caveat | dns-no-tcp-fallback ; a.b ; A ; a b ; ''",
                "/api/v1/images | kind | certain ; Certain ; ''",
                "/api/v1/images | severity | critical ; worst ; ''",
                "/api/v1/images | limit | 1 ; 1000 ; 0 ; 1001 ; -1 ; ''",
                "/api/v1/images | after | images:sha256:"
                        + "0000000000000000000000000000000000000000000000000000000000000000 ; images: ; x ; '' ; tags:a/b:1",
                "/api/v1/tags | after | tags:a/b:1 ; tags:a ; tags: ; repositories:a/b ; ''",
                "/api/v1/repositories | after | repositories:a/b ; repositories:a ; x ; ''",
                "/api/v1/bases | registry | one.example:5000 ; a/b ; ''",
                "/api/v1/bases | repository | one.example:5000/team/app ; alpine ; ''",
                "/api/v1/bases | distro | alpine ; a b ; größe ; '' ; ' '",
                "/api/v1/bases | q | alpine:3.18 ; '' ; ' '",
                "/api/v1/bases | limit | 1 ; 1000 ; 0 ; 1001 ; ''",
                "/api/v1/bases | after | bases:5.sha256:"
                        + "0000000000000000000000000000000000000000000000000000000000000000~linux~amd64 ; bases:x ; bases: ; ''",
                "/api/v1/backlog | include | musl ; musl,unknown ; musl, ; ,musl ; xmusl ; ''",
                "/api/v1/backlog | limit | 5 ; 0 ; ''"
            })
    void describesInOpenApiExactlyWhatItTakes(String path, String parameter, String values) {
        JsonNode schema = schema(path, parameter);
        for (String value : values.split(" ; ")) {
            String given = value.equals("''") ? "" : value.equals("' '") ? " " : value;
            boolean taken = api.get(path + "?" + parameter + "=" + URLEncoder.encode(given, StandardCharsets.UTF_8))
                            .statusCode()
                    == 200;
            assertThat(allows(schema, given)).as("%s '%s'", parameter, given).isEqualTo(taken);
        }
        String tooLong = "a".repeat(3000);
        assertThat(allows(schema, tooLong)).isFalse();
        assertThat(api.get(path + "?" + parameter + "=" + tooLong).statusCode()).isEqualTo(400);
    }

    @Test
    void describesInOpenApiWhatADigestIs() {
        JsonNode schema = schema("/api/v1/images/{digest}", "digest");

        for (String digest : List.of("sha256:" + "0".repeat(64), "sha512:" + "f".repeat(128))) {
            assertThat(allows(schema, digest)).isTrue();
            assertThat(api.get("/api/v1/images/" + digest).statusCode()).isEqualTo(404);
        }
        for (String digest : List.of("latest", "sha256:" + "0".repeat(63), "sha256:" + "F".repeat(64))) {
            assertThat(allows(schema, digest)).isFalse();
            assertThat(api.get("/api/v1/images/" + digest).statusCode()).isEqualTo(400);
        }
    }

    @Test
    void describesInOpenApiWhatMayBeNull() {
        JsonNode schemas = api.json("/v3/api-docs").path("components").path("schemas");
        JsonNode broken =
                api.json("/api/v1/images?status=unscannable").path("items").get(0);
        JsonNode image = api.json("/api/v1/images/" + broken.path("digest").asString());

        List<String> nulls = new ArrayList<>();
        image.properties().forEach(field -> {
            if (field.getValue().isNull()) {
                nulls.add(field.getKey());
            }
        });
        assertThat(nulls).contains("distro", "packages");
        for (String field : nulls) {
            assertThat(schemas.path("ImageAnswer")
                            .path("properties")
                            .path(field)
                            .toString())
                    .as(field)
                    .contains("\"null\"");
        }
        assertThat(schemas.path("Bytes").path("properties").path("compressed").toString())
                .contains("\"null\"");
        assertThat(schemas.path("Packages").path("properties").path("manager").toString())
                .doesNotContain("\"null\"");
        JsonNode values = schemas.path("Line").path("properties").path("values");
        assertThat(values.path("type").asString()).isEqualTo("array");
        assertThat(values.path("items").path("type").toString())
                .as("of a day that nobody knows, there is no number")
                .isEqualTo("[\"integer\",\"null\"]");
        assertThat(api.json("/api/v1/trends?series=phase").toString()).contains("null");
    }

    private static JsonNode schema(String path, String parameter) {
        return StreamSupport.stream(
                        api.json("/v3/api-docs")
                                .path("paths")
                                .path(path)
                                .path("get")
                                .path("parameters")
                                .spliterator(),
                        false)
                .filter(each -> each.path("name").asString().equals(parameter))
                .findFirst()
                .orElseThrow()
                .path("schema");
    }

    private static boolean allows(JsonNode schema, String value) {
        if (schema.path("type").asString().equals("integer")) {
            return value.matches("-?(0|[1-9][0-9]{0,8})")
                    && Integer.parseInt(value) >= schema.path("minimum").asInt()
                    && Integer.parseInt(value) <= schema.path("maximum").asInt();
        }
        if (schema.has("enum")) {
            return StreamSupport.stream(schema.path("enum").spliterator(), false)
                    .anyMatch(each -> each.asString().equals(value));
        }
        return value.length() <= schema.path("maxLength").asInt(Integer.MAX_VALUE)
                && Pattern.compile(schema.path("pattern").asString())
                        .matcher(value)
                        .find();
    }

    @Test
    void isAliveAndReady() {
        assertThat(api.get("/actuator/health").statusCode()).isEqualTo(200);
        assertThat(api.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
        assertThat(api.get("/actuator/health/readiness").body()).contains("\"UP\"");
        assertThat(api.get("/actuator/env").statusCode()).isEqualTo(404);
    }

    @Test
    void showsTheFleetToPrometheusInFewSeries() {
        String scrape = api.get("/actuator/prometheus").body();

        assertThat(scrape)
                .contains(sample("alpine", "musl", "ended", "complete", 2))
                .contains(sample("alpine", "musl", "standard", "complete", 1))
                .contains(sample("debian", "glibc", "extended", "complete", 1))
                .contains(sample("unknown", "unknown", "unknown", "unscannable", 1))
                .contains(sample("unknown", "unknown", "unknown", "pending", 1))
                .contains("basewatch_fleet_repositories{registry=\"one.example:5000\"} 5.0")
                .contains("basewatch_fleet_tags 13.0")
                .contains("basewatch_fleet_images_past_support 4.0")
                .contains("basewatch_fleet_caveats{id=\"elf-glibc-interpreter-missing\",kind=\"certain\"} 1.0")
                .contains("basewatch_fleet_caveats{id=\"dns-no-tcp-fallback\",kind=\"risk\"} 2.0")
                .contains("basewatch_fleet_caveats{id=\"any\",kind=\"risk\"} 2.0")
                .contains("basewatch_fleet_caveats{id=\"any\",kind=\"info\"} 0.0")
                .contains("basewatch_fleet_refreshed_timestamp_seconds 1.7952552E9")
                .contains("basewatch_lifecycle_generated_timestamp_seconds")
                .contains("basewatch_fleet_images_ending{days=\"30\",enters=\"ended\"} 0.0")
                .contains("basewatch_fleet_images_ending{days=\"365\",enters=\"ended\"} 1.0")
                .contains("basewatch_lifecycle_checked_timestamp_seconds 0.0")
                .contains("basewatch_lifecycle_refused_total{why=\"canary\"} 0.0")
                .doesNotContain("team/")
                .doesNotContain("sha256");
    }

    private static String sample(String distro, String libc, String phase, String status, int value) {
        return "basewatch_fleet_images{distro=\"%s\",libc=\"%s\",phase=\"%s\",status=\"%s\"} %d.0"
                .formatted(distro, libc, phase, status, value);
    }

    private static JsonNode problem(HttpResponse<String> response) {
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonNode problem = RunningApi.read(response.body());
        assertThat(problem.path("status").asInt()).isEqualTo(response.statusCode());
        assertThat(problem.path("title").asString()).isNotBlank();
        return problem;
    }

    private static List<String> parameters(JsonNode description, String path) {
        List<String> names = new ArrayList<>();
        description
                .path("paths")
                .path(path)
                .path("get")
                .path("parameters")
                .forEach(parameter -> names.add(parameter.path("name").asString()));
        return names;
    }

    private static List<String> items(JsonNode page, String field) {
        return items(page, "items", field);
    }

    private static List<String> items(JsonNode node, String list, String field) {
        List<String> values = new ArrayList<>();
        node.path(list).forEach(item -> values.add(item.path(field).asString()));
        return values;
    }

    private static List<String> allPages(String path, String field) {
        List<String> values = new ArrayList<>();
        String next = path;
        while (next != null) {
            JsonNode page = api.json(next);
            values.addAll(items(page, field));
            next = page.has("next") ? page.path("next").asString() : null;
        }
        return values;
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = ReportApiTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
