package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The demonstration, started once: what it prints, and what its pages and figures are made of. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SampleFleetTest {

    /** What is rebased is named by its digest, and what comes of it gets a tag of its own. */
    private static final Pattern CRANE = Pattern.compile("crane rebase [^ :]+(:\\d+)?/[^ :@]+@sha256:[0-9a-f]{64}"
            + " --old_base [^ @]+@sha256:[0-9a-f]{64} --new_base [^ ]+ --platform linux/amd64 --tag [^ ]+-rebased\"");

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private AllInOne running;
    private SampleRegistry registry;

    /** When it was started; it may be past midnight since. */
    private LocalDate today;

    private Api api;

    @BeforeAll
    void demonstrate(@TempDir Path data) throws Exception {
        today = LocalDate.now(ZoneOffset.UTC);
        registry = SampleRegistry.startClosed(data);
        running = AllInOne.start(DemoCommand.settings(data, 0, registry));
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        Serving.show(running, Terminal.PLAIN, new DemoCommand.Sample(registry), new CountDownLatch(1), out, err);
        api = new Api(running.url());
    }

    @AfterAll
    void stop() {
        running.close();
        registry.close();
    }

    @Test
    void theDemoShowsWhatItsFleetStandsOn() {
        List<String> rows = printed.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.strip().replaceAll("\\s{2,}", " | "))
                .toList();

        assertThat(rows).contains("STANDS ON | LIBC | STATUS | SUPPORT | IMAGES | REPOSITORIES | SIZE");
        // What ended stays ended; until when the others are supported is as the lifecycle data of the day has it.
        assertThat(rows.stream().map(row -> row.replaceAll(" \\| [^|]+B$", "")))
                .contains(
                        "alpine 3.12.12 | musl | complete | ended 2022-05-01 | 1 | 1",
                        "alpine 3.18.9 | musl | complete | ended 2025-05-09 | 9 | 9",
                        "alpine 3.20.10 | musl | complete | ended 2026-04-01 | 6 | 6",
                        "centos 7 | glibc | complete | ended 2024-06-30 | 1 | 1",
                        "(no distribution) | static | complete | - | 1 | 1");
        assertThat(rows.stream()
                        .map(row ->
                                row.replaceAll("(complete|partial) \\| .* \\| (\\d+ \\| \\d+) \\| [^|]+$", "$1 | $2")))
                .contains(
                        "alpine 3.22.5 | musl | complete | 4 | 4",
                        "debian 10 | glibc | complete | 1 | 1",
                        "debian 12 | glibc | complete | 13 | 13",
                        "debian 13 | glibc | partial | 1 | 1",
                        "ubuntu 24.04 | glibc | complete | 2 | 2");
        assertThat(rows).contains("59 images behind 58 tags in 49 repositories of 1 registry");
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("/api/v1/fleet")
                .contains("/actuator/prometheus");
    }

    @Test
    void itsMuslImagesHaveFailuresThatAreCertainOfEveryUsualSort() {
        assertThat(withCaveat("elf-glibc-interpreter-missing")).containsExactly("shop/checkout:1.9");
        assertThat(withCaveat("execinfo-backtrace-missing")).containsExactly("shop/images:5.2");
        assertThat(withCaveat("python-manylinux-extension-installed")).containsExactly("shop/recommend:0.9");
        assertThat(withCaveat("php-iconv-preload-broken")).containsExactly("base/php:8.2-alpine", "shop/emails:1.4");
        assertThat(withCaveat("node-native-addon-glibc")).containsExactly("shop/pricing:3.0");
        assertThat(withCaveat("elf-symbol-version-missing")).containsExactly("payments/batch:3.1");
    }

    @Test
    void itsBacklogHasMovesOfEachSortAndOneThatIsLeftForAWhile() {
        Set<String> targets = Stream.of(api.json("/api/v1/backlog").get("items"))
                .flatMap(JsonNode::valueStream)
                .flatMap(entry -> entry.get("targets").valueStream())
                .map(aim -> aim.at("/target/image").asString())
                .collect(Collectors.toSet());

        assertThat(targets).contains("alpine:3.24", "python:3.12-slim-trixie", "debian:13-slim");
        assertThat(api.json("/api/v1/waivers").get("items"))
                .singleElement()
                .satisfies(waiver -> assertThat(waiver.get("name").asString()).endsWith("/data/notebooks"));
        assertThat(plans())
                .as("a command that puts an image on a newer base")
                .anyMatch(plan -> CRANE.matcher(plan).find());
    }

    private Stream<String> plans() {
        return api.json("/api/v1/backlog")
                .get("items")
                .valueStream()
                .map(entry ->
                        api.get("/api/v1/backlog/" + entry.get("id").asString()).body());
    }

    @Test
    void aBaseHasMovedOnAndImagesThatWereBuiltOnItStayedBehind() {
        assertThat(api.json("/api/v1/bases")
                        .get("items")
                        .valueStream()
                        .mapToLong(base -> base.get("stale").asLong()))
                .contains(4L);
    }

    @Test
    void eachDayOfEighteenMonthsIsCountedAndTheLastOfThemAsTodayIs() {
        long images = api.json("/api/v1/fleet").get("images").asLong();
        Await.until(() -> api.json("/api/v1/trends?series=phase&from=" + today + "&to=" + today)
                        .get("lines")
                        .valueStream()
                        .filter(line -> !line.get("name").asString().equals("pending"))
                        .mapToLong(line -> line.at("/values/0").asLong())
                        .sum()
                == images);
        for (String series : List.of(
                "distro",
                "distribution",
                "libc",
                "phase",
                "caveat",
                "registry",
                "owner",
                "backlog",
                "backlog-images")) {
            JsonNode years =
                    api.json("/api/v1/trends?series=" + series + "&from=" + today.minusDays(540) + "&to=" + today);
            assertThat(years.get("days")).as(series).hasSize(541);
            for (JsonNode line : years.get("lines")) {
                List<Long> values =
                        line.get("values").valueStream().map(JsonNode::asLong).toList();
                assertThat(values.get(values.size() - 2))
                        .as("%s, %s, yesterday", series, line.get("name").asString())
                        .isEqualTo(values.get(values.size() - 1));
            }
            assertThat(years.get("backfilled"))
                    .as(series + ": all but today is made up, and says so")
                    .hasSize(540);
        }
    }

    @Test
    void changesOfItsPastAreToldWithTheirDays() {
        JsonNode changes = api.json("/api/v1/changes?limit=1000&from=" + today.minusDays(SampleFleet.DAYS + 1));

        assertThat(changes.get("items")
                        .valueStream()
                        .map(change -> change.get("what").asString())
                        .distinct())
                .contains("came", "moved", "went", "ended");
    }

    @Test
    void theCommandLineShowsWhatIsInIt() {
        String waivers = told("waiver", "list");
        assertThat(waivers).contains("GIVEN FOR", "/data/notebooks", "1 waiver");
        assertThat(told("waiver", "list", "--ended")).contains("ENDED", "0 waivers");
        String backlog = told("backlog");
        assertThat(backlog).contains("/mirror/alpine:3.18");
        String first = backlog.lines().skip(1).findFirst().orElseThrow();
        assertThat(told("backlog", first.substring(first.lastIndexOf(' ') + 1)))
                .contains("score ")
                .doesNotContainPattern("\\d\\.\\d{6}");
        assertThat(told("backlog", "--group", "owner")).contains("platform");
        assertThat(told("horizon")).contains("alpine 3.22");
    }

    private String told(String... words) {
        PrintStream realOut = System.out;
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        System.setOut(new PrintStream(told, true, StandardCharsets.UTF_8));
        try {
            String[] asked = Arrays.copyOf(words, words.length + 2);
            asked[words.length] = "--server";
            asked[words.length + 1] = running.url();
            assertThat(Basewatch.run(asked)).as(String.join(" ", words)).isEqualTo(Basewatch.OK);
        } finally {
            System.setOut(realOut);
        }
        return told.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aFolderThatHoldsARealFleetIsLeftAlone(@TempDir Path data) throws Exception {
        Files.createDirectories(data.resolve("store"));

        CapturedOutput refused = CapturedOutput.of(() -> Basewatch.run("demo", "--once", "--data", data.toString()));

        assertThat(refused.code()).isNotEqualTo(Basewatch.OK);
        assertThat(refused.err()).contains("--data " + data).contains("Give it another folder");
        try (Stream<Path> left = Files.list(data)) {
            assertThat(left).containsExactly(data.resolve("store"));
        }
    }

    private List<String> withCaveat(String id) {
        return api.json("/api/v1/images?caveat=" + id)
                .get("items")
                .valueStream()
                .map(image -> image.get("reference").asString())
                .map(reference -> reference.substring(reference.indexOf('/') + 1))
                .sorted()
                .toList();
    }
}
