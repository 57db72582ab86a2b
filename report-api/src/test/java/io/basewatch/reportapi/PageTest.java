package io.basewatch.reportapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageAnalysis.Layer;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.TagLedger;
import io.basewatch.fleetstore.TagReferrers;
import io.basewatch.reportapi.page.Watching;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What people see of a small fleet. */
class PageTest {

    private static final String HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

    private static final Platform PLATFORM = new Platform("linux", "amd64", null);

    @TempDir
    static Path folder;

    private static RunningApi api;
    private static Digest hostile;
    private static long told = 1;

    @BeforeAll
    static void start() {
        api = RunningApi.start(folder);
        new TestFleet(api.archive(), api.judgements()).fill();
        hostile = hostileImage();
        api.readFleet();
        api.metrics().refresh();
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static Digest hostileImage() {
        Digest digest = TestFleet.digest("hostile");
        Digest layer = TestFleet.digest("hostile layer");
        api.archive()
                .apply(new ImagePushed(
                        new Repository(TestFleet.TWO, "team/<b>bold</b>&amp"),
                        "1<i>",
                        digest,
                        digest,
                        PLATFORM,
                        1,
                        TestFleet.PUSHED));
        Evidence file = new Evidence("etc/" + HOSTILE, layer, HOSTILE, "os-release/1");
        ImageAnalysis analysis = new ImageAnalysis(
                digest,
                PLATFORM,
                AnalysisStatus.COMPLETE,
                List.of(),
                new Fingerprint(
                        new Distro("alpine", "3.12.1", null, HOSTILE, null, List.of(), List.of(file)),
                        List.of(new Libc(Libc.Family.MUSL, HOSTILE, Libc.Linkage.DYNAMIC, null, null, List.of(file))),
                        List.of(),
                        List.of(),
                        List.of()),
                List.of(new Layer(TestFleet.digest("hostile blob"), layer, HOSTILE, 10, 20L)),
                null,
                "facts-1",
                TestFleet.PUSHED.plusSeconds(60));
        api.archive().save(analysis);
        api.judgements()
                .save(new Judgement(
                        digest,
                        "1[a/1]",
                        "facts-1",
                        analysis.analyzedAt(),
                        true,
                        List.of(),
                        List.of(new Caveat(
                                TestFleet.GLIBC_PROGRAM,
                                Caveat.Kind.CERTAIN,
                                Caveat.Severity.CRITICAL,
                                HOSTILE,
                                List.of(file),
                                1,
                                HOSTILE)),
                        null));
        return digest;
    }

    private static HttpResponse<String> page(String path) {
        return api.get(path, "Accept", "text/html");
    }

    private static String html(String path) {
        HttpResponse<String> response = page(path);
        assertThat(response.statusCode()).as(path + ": " + response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
        return response.body();
    }

    private static String digest(String query) {
        return api.json("/api/v1/images?" + query)
                .path("items")
                .path(0)
                .path("digest")
                .asString();
    }

    private static String firstEntry() {
        return api.json("/api/v1/backlog").path("items").path(0).path("id").asString();
    }

    @Test
    void theOverviewCountsWhatItSaysAndNamesWhatWaits() {
        String html = html("/");

        assertThat(text(html))
                .contains("12 images", "14 tags", "2 registries", "11 of 12 images analysed", "1 waits")
                .contains("support ended", "support unknown", "not analysed yet", "linuxmint")
                .contains("What ends when", "Move first", "lose support in 180 days");
        assertThat(html)
                .as("of a fleet that is not read wholly, a 0 is no good news")
                .doesNotContain("tile fine");
    }

    @Test
    void whatIsCountedOnTheOverviewIsWhatItsLinksLeadTo() {
        String html = html("/");
        JsonNode fleet = api.json("/api/v1/fleet");
        for (String status : List.of("partial", "unscannable")) {
            int counted = fleet.at("/byStatus/" + status).asInt();
            assertThat(api.json("/api/v1/images?status=" + status).path("items"))
                    .hasSize(counted);
            assertThat(html)
                    .containsPattern("href=\"/images\\?status=" + status + "\">" + counted + " (in part|not at all)<");
        }
        assertThat(api.json("/api/v1/images?distro=unknown").path("items"))
                .hasSize(fleet.at("/byDistro/unknown").asInt())
                .isNotEmpty();
        assertThat(html).contains("href=\"/images?distro=unknown\"");
        int entries =
                api.json("/api/v1/backlog?include=past-support").path("total").asInt();
        assertThat(html)
                .contains("href=\"/backlog?include=past-support\">" + entries + (entries == 1 ? " entry" : " entries")
                        + " of the backlog<");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/images",
                "/backlog",
                "/bases",
                "/caveats",
                "/repositories",
                "/search",
                "/search?q=team",
                "/caveats/elf-glibc-interpreter-missing",
                "/repositories/one.example:5000/team/debian",
                "/images?distro=alpine&libc=&status=&registry=",
                "/backlog?include=past-support&include=unknown&owner=",
                "/bases?q=nothing-like-it"
            })
    void everyPageHasOneHeadingLandmarksAndATitleAndStaysWithinItsPolicy(String path) {
        HttpResponse<String> response = page(path);
        String html = html(path);

        assertThat(html).containsOnlyOnce("<h1").containsOnlyOnce("<main").contains("<title>", "<nav", "lang=\"en\"");
        assertThat(html)
                .doesNotContain(" th:")
                .doesNotContain(" style=")
                .doesNotContain("<style")
                .doesNotContain("onclick");
        assertThat(Pattern.compile("<script(?![^>]* src=)").matcher(html).find())
                .isFalse();
        assertThat(Pattern.compile("(src|href)=\"(https?:)?//")
                        .matcher(withoutProse(html))
                        .find())
                .isFalse();
        assertThat(response.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(response.headers().firstValue("Referrer-Policy")).isPresent();
    }

    /** References of a caveat lead elsewhere; nothing is loaded from there. */
    private static String withoutProse(String html) {
        return html.replaceAll("(?s)<article class=\"prose\">.*?</article>", "");
    }

    @Test
    void aListOfImagesTellsTheirStateAndWhatWasNotReadIsNotShownAsClean() {
        String pending = html("/images?status=pending");
        String broken = html("/images?status=unscannable");

        assertThat(pending)
                .contains("not analysed yet", "team/pending", "not judged yet")
                .doesNotContain("none found");
        assertThat(broken).contains("could not be read", "support unknown").doesNotContain("none found");
    }

    @Test
    void anImageIsShownWithItsCaveatsItsFilesAndItsLayers() {
        String html = html("/images/" + digest("repository=one.example:5000/team/alpine-app"));

        assertThat(html)
                .contains("one.example:5000/team/alpine-app:1", "read wholly", "support ended")
                .contains("elf-glibc-interpreter-missing", "dns-no-tcp-fallback", "certain")
                .contains("apk, 15 packages", "etc/os-release", "3.4 MB", "7.7 MB");
        assertThat(html.indexOf("elf-glibc-interpreter-missing")).isLessThan(html.indexOf("dns-no-tcp-fallback"));
    }

    @Test
    void whatAPublisherSaysOfAnImageStandsBesideItsRelease() {
        Digest image = Digest.parse(digest("repository=one.example:5000/team/alpine-app"));
        JsonNode tag = api.json("/api/v1/tags?image=" + image).path("items").path(0);
        assertThat(html("/images/" + image)).doesNotContain("publisher");

        for (String subject : List.of(tag.path("digest").asString(), image.toString())) {
            tell(tag, new TagReferrers.Referrer(Digest.parse(subject), hostile, "x", LocalDate.of(2024, 2, 13)));
            assertThat(text(html("/images/" + image)))
                    .contains("ended by its publisher since 2024-02-13", "support ended");
            assertThat(api.json("/api/v1/images/" + image)
                            .at("/support/publisherEnds")
                            .asString())
                    .isEqualTo("2024-02-13");
        }
        tell(tag, new TagReferrers.Referrer(image, hostile, "x", LocalDate.of(2124, 2, 13)));
        assertThat(text(html("/images/" + image))).contains("its publisher ends it on 2124-02-13");
        tell(tag, new TagReferrers.Referrer(hostile, image, "x", LocalDate.of(2024, 2, 13)));
        assertThat(html("/images/" + image)).as("of another image").doesNotContain("publisher");

        tell(tag, new TagReferrers(TestFleet.PUSHED, false, List.of()));
        assertThat(api.json("/api/v1/images/" + image)
                        .at("/support/publisherUnknown")
                        .asString())
                .as("not all was told")
                .startsWith("the registry did not tell all that refers to one.example:5000/team/alpine-app:");
        assertThat(html("/images/" + image)).contains("Its publisher says", "it may have ended this image");
        tell(tag, new TagReferrers(TestFleet.PUSHED, true, List.of()));
        assertThat(html("/images/" + image)).doesNotContain("publisher");
    }

    private static void tell(JsonNode tag, TagReferrers.Referrer referrer) {
        tell(tag, new TagReferrers(TestFleet.PUSHED, true, List.of(referrer)));
    }

    private static void tell(JsonNode tag, TagReferrers referrers) {
        api.part(TagLedger.class)
                .remember(
                        Repository.parse(tag.path("repository").asString()),
                        Map.of(
                                tag.path("tag").asString(),
                                new TagLedger.SeenTag(
                                        Digest.parse(tag.path("digest").asString()),
                                        ++told,
                                        1,
                                        TagLedger.Selection.ALL,
                                        referrers)),
                        Map.of());
    }

    @Test
    void anImageThatIsNotReadOrNotJudgedSaysSoFirst() {
        String broken = html("/images/" + digest("status=unscannable"));
        String unjudged = html("/images/" + digest("distro=linuxmint"));
        String pending = html("/images/" + digest("status=pending"));

        assertThat(broken)
                .contains("Not all of this image was read.", "is not in the registry: push it again")
                .doesNotContain("no caveat");
        assertThat(unjudged).contains("Not judged yet.").doesNotContain("no caveat");
        assertThat(pending).contains("Not analysed yet.", "team/pending").doesNotContain("no caveat");
    }

    @Test
    void whatImagesSayOfThemselvesIsTextAndNothingElse() {
        String image = html("/images/" + hostile);
        String list = html("/images?distro=alpine&release=3.12.1");
        String repositories = html("/repositories?registry=two.example");
        String search = html("/search?q=%3Cscript%3Ealert(1)%3C/script%3E%22%27");

        for (String html : List.of(image, list, repositories, search, html("/"), html("/backlog"))) {
            assertThat(html)
                    .doesNotContain("<script>alert")
                    .doesNotContain("<img")
                    .doesNotContain("<b>bold");
        }
        assertThat(image).contains("&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;b&gt;bold&lt;/b&gt;");
    }

    @Test
    void aRepositoryWithAHostileNameHasAPageThatItsLinkLeadsTo() {
        Matcher link = Pattern.compile("href=\"(/repositories/[^\"]*bold[^\"]*)\"")
                .matcher(html("/repositories?registry=two.example"));
        assertThat(link.find()).isTrue();

        assertThat(html(link.group(1).replace("&amp;", "&"))).contains("team/&lt;b&gt;bold");
    }

    @Test
    void theBacklogLeadsToAPlanThatTellsWhatToChange() {
        String entry = firstEntry();

        assertThat(html("/backlog")).contains("/backlog/" + entry, "past support", "Not all is known:");
        assertThat(html("/backlog/" + entry))
                .contains("Where to", "Dockerfiles to change", "+ FROM", "Effort")
                .contains("What it weighs, unpacked", "Of these its base", "On the target");
    }

    @Test
    void aCaveatIsShownWithItsTextAndWhoHasIt() {
        String html = html("/caveats/elf-glibc-interpreter-missing");

        assertThat(html)
                .contains(
                        "<h2>What to do</h2>",
                        "Who has it",
                        "3 images",
                        "/images?caveat=elf-glibc-interpreter-missing");
    }

    @Test
    void searchFindsByTheBeginningOfAReferenceWithOrWithoutRegistryAndOfADigest() {
        String image = digest("repository=one.example:5000/team/debian");

        assertThat(html("/search?q=one.example:5000/team/deb")).contains("one.example:5000/team/debian:bookworm");
        assertThat(html("/search?q=team/alpine-a"))
                .contains("one.example:5000/team/alpine-app:latest", "two.example/team/alpine-app:1");
        assertThat(html("/search?q=" + image.substring(0, 20))).contains("/images/" + image);
        assertThat(html("/search?q=" + image.substring(7, 20))).contains("/images/" + image);
        assertThat(html("/search?q=nobody/has-this")).contains("Nothing begins with");
    }

    @Test
    void searchFindsARepositoryByAnyPartOfItsNameAndItsTagsBehindAColon() {
        assertThat(html("/search?q=PINE-AP"))
                .contains(">one.example:5000/team/alpine-app<", ">two.example/team/alpine-app<");
        assertThat(html("/search?q=pine-app:late")).contains("one.example:5000/team/alpine-app:latest");
        assertThat(html("/search?q=%3Cb%3Ebold")).contains("&lt;b&gt;bold").doesNotContain("<b>bold");
        assertThat(html("/search?q=.*")).contains("Nothing begins with");
    }

    @Test
    void theBacklogIsSortedAsAWholeAndTheOrderIsKeptFromPageToPage() {
        String first = html("/backlog?include=musl&sort=effort&limit=1");

        assertThat(first).contains("aria-sort=\"ascending\"", "sort=images");
        Matcher next = Pattern.compile("rel=\"next\" href=\"([^\"]+)\"|href=\"([^\"]+)\"[^>]*rel=\"next\"")
                .matcher(first);
        assertThat(next.find()).isTrue();
        assertThat(next.group()).contains("sort=effort", "include=musl");
        assertThat(api.get("/backlog?sort=colour").statusCode()).isEqualTo(400);
    }

    @Test
    void searchAnswersWithThePartAloneWhileItIsTyped() {
        String part = html("/search?part=true&q=team/debian");

        assertThat(part)
                .contains("team/debian:bookworm")
                .doesNotContain("<html")
                .doesNotContain("<h1");
    }

    @Test
    void whatIsNotThereIsAPageForPeopleAndAProblemForPrograms() {
        String unknown = "sha256:" + "0".repeat(64);
        for (String path : List.of(
                "/images/" + unknown,
                "/caveats/no-such-thing",
                "/backlog/base-00000000000000000000",
                "/bases/" + unknown + "~linux~amd64",
                "/repositories/one.example:5000/team/nobody",
                "/nothing")) {
            HttpResponse<String> response = page(path);

            assertThat(response.statusCode()).as(path).isEqualTo(404);
            assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
            assertThat(response.body()).containsOnlyOnce("<h1").contains("Overview");
            assertThat(response.headers().firstValue("Content-Security-Policy")).isPresent();
        }
        HttpResponse<String> program = api.get("/api/v1/images/" + unknown, "Accept", "text/html,*/*");
        assertThat(program.statusCode()).isEqualTo(404);
        assertThat(program.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonNode problem = RunningApi.read(api.get("/nothing").body());
        assertThat(problem.path("status").asInt()).isEqualTo(404);
    }

    @Test
    void aLinkMayBeEncodedAsAnybodyEncodesItAndEndWithASlash() {
        String plain = html("/repositories/one.example:5000/team/alpine-app");
        assertThat(html("/repositories/one.example%3A5000%2Fteam%2Falpine-app")).isEqualTo(plain);

        HttpResponse<String> slash = page("/images/?libc=musl");
        assertThat(slash.statusCode()).isEqualTo(308);
        assertThat(slash.headers().firstValue("Location")).hasValue("/images?libc=musl");
        assertThat(page("//images/").headers().firstValue("Location")).isEmpty();
    }

    @Test
    void anAddressThatNobodyCanReadIsAPageForPeopleAndAProblemForPrograms() throws IOException {
        String longest = "a".repeat(20_000);
        for (String path : List.of(
                "/caveats/%2e%2e%2fx",
                "/caveats/..%2Fx",
                "/caveats/a%5Cb",
                "/caveats/a%00b",
                "/caveats/100%",
                "/caveats/%zz",
                "/caveats/%C3%28",
                "/caveats/a|b[c]^d",
                "/caveats/" + longest,
                "/caveats?x=[a]|{b}`",
                "/%2e%2e/%2e%2e/etc/passwd",
                "/../x",
                "//",
                "/nothing/%2F")) {
            String shown = path.substring(0, Math.min(path.length(), 40));
            String person = api.raw("GET " + path
                    + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/html,*/*;q=0.8\r\nConnection: close\r\n\r\n");
            assertThat(person)
                    .as(shown)
                    .matches("(?s)HTTP/1.1 40[04] .*")
                    .containsIgnoringCase("Content-Type: text/html;charset=utf-8")
                    .contains("Content-Security-Policy: default-src 'none'")
                    .contains("<h1", "href=\"/\"");
            String program = api.raw("GET " + path
                    + " HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n\r\n");
            assertThat(program)
                    .as(shown)
                    .matches("(?s)HTTP/1.1 40[04] .*")
                    .contains("Content-Type: application/problem+json", "\"urn:basewatch:problem:");
        }
    }

    @Test
    void whatAPageCannotDoIsToldOnAPage() throws IOException {
        HttpResponse<String> sent = api.form("/images", "a=b", "Accept", "text/html");

        assertThat(sent.statusCode()).isEqualTo(405);
        assertThat(sent.headers().firstValue("Allow")).hasValue("GET");
        assertThat(sent.body()).contains("<h1>This page can only be looked at</h1>");
        HttpResponse<String> program = api.form("/images", "a=b", "Accept", "application/json");
        assertThat(program.statusCode()).isEqualTo(405);
        assertThat(program.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(api.raw("GET /api/v1/nothing/a%2Fb|c HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .as("what tells where it was is a URI though the address is none")
                .startsWith("HTTP/1.1 404")
                .contains("\"instance\":\"/api/v1/nothing/a%2Fb%7Cc\"");
    }

    @Test
    void anAddressThatCannotBeMeantSaysWhatWouldDo() {
        HttpResponse<String> response = page("/images?libc=mussel");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("one of musl, glibc");
        assertThat(page("/images?dsitro=alpine").statusCode())
                .as("a filter that is misspelt is not left out in silence")
                .isEqualTo(400);
        for (String path : List.of("/?asOf=2027-01-01", "/search?query=alpine", "/search?q=a&q=b")) {
            assertThat(page(path).statusCode()).as(path).isEqualTo(400);
        }
    }

    @Test
    void stylesAndScriptsAreKeptByTheBrowserUnderANameThatChangesWithThem() {
        Matcher asset = Pattern.compile("(?:src|href)=\"(/assets/[^\"]+)\"").matcher(html("/"));
        int seen = 0;
        while (asset.find()) {
            HttpResponse<String> response = api.get(asset.group(1));
            assertThat(response.statusCode()).as(asset.group(1)).isEqualTo(200);
            assertThat(response.headers().firstValue("Cache-Control").orElse(""))
                    .contains("max-age=31536000", "immutable");
            assertThat(asset.group(1)).matches(".*-[0-9a-f]{32}\\.[a-z]+");
            seen++;
        }
        assertThat(seen).isGreaterThanOrEqualTo(5);
        assertThat(api.get("/assets/../report-api.yml").statusCode()).isGreaterThanOrEqualTo(400);
    }

    @Test
    void pagesScriptsAndAnswersComeCompressedToWhoeverTakesThemSo() {
        Matcher script = Pattern.compile("src=\"(/assets/[^\"]*chart[^\"]*)\"").matcher(html("/"));
        assertThat(script.find()).isTrue();
        for (String path : List.of("/", script.group(1), "/api/v1/images?limit=100")) {
            assertThat(api.get(path, "Accept-Encoding", "gzip").headers().firstValue("Content-Encoding"))
                    .as(path)
                    .contains("gzip");
            assertThat(api.get(path).headers().firstValue("Content-Encoding")).isEmpty();
        }
    }

    @Test
    void anImageWithAThousandCaveatsIsAnsweredInBoundsAndSaysThatThereIsMore() {
        Digest image = TestFleet.digest("thousand");
        Evidence file = new Evidence("usr/" + "p".repeat(2000), image, "x".repeat(2000), "elf/1");
        api.archive()
                .save(new ImageAnalysis(
                        image,
                        PLATFORM,
                        AnalysisStatus.COMPLETE,
                        List.of(),
                        Fingerprint.unknown(),
                        List.of(new Layer(image, image, "application/vnd.oci.image.layer.v1.tar", 10, 20L)),
                        null,
                        "facts-1",
                        TestFleet.PUSHED));
        List<Caveat> thousand = new ArrayList<>();
        for (int n = 0; n < 1000; n++) {
            thousand.add(new Caveat(
                    "rule-" + n,
                    Caveat.Kind.RISK,
                    Caveat.Severity.HIGH,
                    n + "m".repeat(2000),
                    Collections.nCopies(50, file),
                    50,
                    null));
        }
        api.judgements()
                .save(new Judgement(image, "1[a/1]", "facts-1", TestFleet.PUSHED, true, List.of(), thousand, null));

        String html = html("/images/" + image);
        assertThat(html.split("<article class=\"caveat", -1)).hasSize(Judgement.MAX_CAVEATS + 1);
        assertThat(html).contains("Not all of the image could be seen.", "and 30 more files");
        assertThat(html.length()).isLessThan(16_000_000);
        JsonNode answer = api.json("/api/v1/images/" + image);
        assertThat(answer.path("caveats")).hasSize(Judgement.MAX_CAVEATS);
        assertThat(answer.path("judged").asString()).isEqualTo("partial");
        assertThat(answer.toString().length()).isLessThan(16_000_000);
    }

    @Test
    void pagesAreNoQuestionsOfTheApisDescription() {
        JsonNode paths = api.json("/v3/api-docs").path("paths");

        assertThat(paths.propertyNames()).allMatch(path -> path.startsWith("/api/"));
    }

    @Test
    void anEmptyFleetSaysWhatToDoAndAMissingStoreToo(@TempDir Path other) {
        EmbeddedStore store = EmbeddedStore.start(other.resolve("store"));
        try (RunningApi empty = RunningApi.start(store)) {
            HttpResponse<String> overview = empty.get("/", "Accept", "text/html");
            assertThat(overview.statusCode()).isEqualTo(200);
            assertThat(overview.body()).contains("No image is known yet", "./basewatch serve --registry");
            assertThat(overview.body()).doesNotContain("class=\"tile");
            assertThat(overview.body()).contains("<code>basewatch.registries</code>");

            List<Watching.Watched> watched = new ArrayList<>();
            empty.add("watching", (Watching) () -> watched);
            assertThat(text(empty.get("/").body())).contains("No registry is watched.");
            watched.add(watched("one.example:5000", RunningApi.NOW, null, null));
            assertThat(text(empty.get("/").body()))
                    .contains("The first sweep runs", "sweeping: 3 repositories so far")
                    .doesNotContain("none has a tag");
            watched.set(0, watched("one.example:5000", null, RunningApi.NOW, null));
            assertThat(text(empty.get("/").body()))
                    .contains("Every registry was read wholly, and none has a tag that is watched.");
            watched.add(watched("two.example", null, null, "answers <503>"));
            assertThat(text(empty.get("/").body()))
                    .as("what could not be read is never told as empty")
                    .contains("it is not known whether there are images", "two.example", "answers &lt;503&gt;")
                    .doesNotContain("none has a tag");

            empty.stopStore();
            HttpResponse<String> away = empty.get("/images", "Accept", "text/html");
            assertThat(away.statusCode()).isEqualTo(503);
            assertThat(away.headers().firstValue("Retry-After")).hasValue("5");
            assertThat(away.body()).contains("The store does not answer").doesNotContain("Exception");
        }
    }

    private static Watching.Watched watched(
            String registry, @Nullable Instant since, @Nullable Instant complete, @Nullable String problem) {
        return new Watching.Watched(registry, since, 3, null, complete, false, problem);
    }

    private static String text(String html) {
        return html.replaceAll("<[^>]*>", "").replaceAll("\\s+", " ");
    }
}
