package io.basewatch.reportapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.FileSketch;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageAnalysis.Layer;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.lineage.KnownBases;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What was built on what, asked over HTTP. */
class LineageApiTest {

    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Platform ARM64 = Platform.parse("linux/arm64");
    private static final String REGISTRY = "r.example:5000";
    private static final int APPS = 25;

    @TempDir
    static Path folder;

    private static RunningApi api;

    @BeforeAll
    static void start() {
        api = RunningApi.start(folder);
        push("base/alpine", "3.18", 1, "old", AMD64);
        save("old", AMD64, "3.18.9", "os 3.18");
        push("base/alpine", "latest", 1, "old", AMD64);
        push("base/python", "3.11", 1, "python", AMD64);
        save("python", AMD64, "3.18.9", "os 3.18", "python");
        for (int n = 0; n < APPS; n++) {
            push("team/app" + n % 5, "v" + n, 1, "app" + n, AMD64);
            save("app" + n, AMD64, "3.18.9", "os 3.18", "python", "app" + n);
        }
        push("base/alpine", "latest", 2, "new", AMD64);
        save("new", AMD64, "3.20.3", "os 3.20");
        // One tag, two platforms: one of them was left behind.
        push("base/alpine", "3.18-arm", 1, "old arm", ARM64);
        save("old arm", ARM64, "3.18.9", "arm 3.18");
        Digest index = TestFleet.digest("index");
        api.archive()
                .apply(new ImagePushed(repository("team/web"), "1", index, image("web"), AMD64, 1, TestFleet.PUSHED));
        api.archive()
                .apply(new ImagePushed(
                        repository("team/web"), "1", index, image("web arm"), ARM64, 1, TestFleet.PUSHED));
        save("web", AMD64, "3.20.3", "os 3.20", "web");
        save("web arm", ARM64, "3.18.9", "arm 3.18", "web arm");
        push("team/squashed", "1", 1, "squashed", AMD64);
        api.archive().save(squashedBusyBox());
        api.readFleet();
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static Repository repository(String name) {
        return new Repository(REGISTRY, name);
    }

    private static Digest image(String name) {
        return TestFleet.digest("image " + name);
    }

    private static void push(String repository, String tag, long revision, String image, Platform platform) {
        api.archive()
                .apply(new ImagePushed(
                        repository(repository), tag, image(image), image(image), platform, revision, TestFleet.PUSHED));
    }

    private static void save(String image, Platform platform, String alpine, String... layers) {
        Evidence evidence = new Evidence("etc/os-release", null, "ID=alpine", "os-release/1");
        api.archive()
                .save(new ImageAnalysis(
                        image(image),
                        platform,
                        AnalysisStatus.COMPLETE,
                        List.of(),
                        new Fingerprint(
                                new Distro("alpine", alpine, null, "Alpine", null, List.of(), List.of(evidence)),
                                List.of(new Libc(
                                        Libc.Family.MUSL,
                                        "1.2.4",
                                        Libc.Linkage.DYNAMIC,
                                        null,
                                        null,
                                        List.of(evidence))),
                                List.of(),
                                List.of(),
                                List.of()),
                        Arrays.stream(layers)
                                .map(layer -> new Layer(
                                        TestFleet.digest("blob " + layer),
                                        TestFleet.digest(layer),
                                        "application/vnd.oci.image.layer.v1.tar+gzip",
                                        1000,
                                        3000L))
                                .toList(),
                        Instant.parse("2024-09-06T12:00:00Z"),
                        "facts-1",
                        TestFleet.PUSHED.plusSeconds(60)));
    }

    /** One layer with all files of a well-known image that the fleet does not hold. */
    private static ImageAnalysis squashedBusyBox() {
        FileSketch files = KnownBases.bundled().all().stream()
                .filter(known -> known.reference().endsWith("/busybox:musl")
                        && known.platform().equals(AMD64))
                .map(KnownBases.Known::files)
                .findFirst()
                .orElseThrow();
        return new ImageAnalysis(
                image("squashed"),
                AMD64,
                AnalysisStatus.COMPLETE,
                List.of(),
                Fingerprint.unknown().with(files),
                List.of(new Layer(
                        TestFleet.digest("blob squashed"),
                        TestFleet.digest("squashed"),
                        "application/vnd.oci.image.layer.v1.tar+gzip",
                        1000,
                        3000L)),
                null,
                "facts-1",
                TestFleet.PUSHED.plusSeconds(60));
    }

    @Test
    void ofASquashedImageIsToldWhichBaseItIsLikeAndHowMuchAsAGuess() {
        JsonNode answer = api.json("/api/v1/lineage/" + image("squashed"));
        JsonNode base = answer.path("bases").get(0);
        assertThat(base.path("reference").asString()).isEqualTo("docker.io/library/busybox:musl");
        assertThat(base.path("how").asString()).isEqualTo("likeness");
        assertThat(base.path("confidence").asString()).isEqualTo("guess");
        assertThat(base.path("likeness").toString()).isEqualTo("{\"by\":\"files\",\"percent\":100,\"of\":406}");
        assertThat(all("/api/v1/bases", "id"))
                .as("a guess is not counted")
                .doesNotContain(base.path("id").asString());
        String page = api.get("/images/" + image("squashed")).body();
        assertThat(page)
                .contains("docker.io/library/busybox:musl", "guess, by likeness", "100 % of its 406 files are here")
                .doesNotContain("/bases/" + base.path("id").asString());
    }

    private static List<String> all(String path, String field) {
        List<String> values = new ArrayList<>();
        String next = path;
        while (next != null) {
            JsonNode page = api.json(next);
            page.path("items").forEach(item -> values.add(item.path(field).asString()));
            next = page.has("next") ? page.path("next").asString() : null;
        }
        return values;
    }

    @Test
    void listsBasesThoseWithTheMostImagesOnThemFirst() {
        JsonNode items = api.json("/api/v1/bases").path("items");
        assertThat(items).hasSize(4);
        JsonNode os = items.get(0);
        assertThat(os.path("reference").asString()).isEqualTo("r.example:5000/base/alpine:3.18");
        assertThat(os.path("how").asString()).isEqualTo("layers");
        assertThat(os.path("platform").asString()).isEqualTo("linux/amd64");
        assertThat(os.path("current").asBoolean()).isTrue();
        assertThat(os.path("depth").asInt()).isZero();
        assertThat(os.path("layers").asInt()).isEqualTo(1);
        assertThat(os.path("bytes").asLong()).isEqualTo(1000);
        assertThat(os.path("distro").toString()).isEqualTo("{\"id\":\"alpine\",\"version\":\"3.18.9\"}");
        assertThat(os.path("libc").asString()).isEqualTo("musl");
        assertThat(os.path("support").path("phase").asString()).isEqualTo("ended");
        assertThat(os.path("children").toString()).isEqualTo("{\"images\":1,\"tags\":1,\"repositories\":1}");
        assertThat(os.path("descendants").toString()).isEqualTo("{\"images\":26,\"tags\":26,\"repositories\":6}");
        assertThat(os.path("stale").asInt()).isEqualTo(1);
        assertThat(os.path("movedTo").get(0).path("reference").asString())
                .isEqualTo("r.example:5000/base/alpine:latest");
        assertThat(os.path("movedTo").get(0).path("to").asString())
                .isEqualTo(image("new").toString());
        JsonNode python = items.get(1);
        assertThat(python.path("on").asString()).isEqualTo(os.path("id").asString());
        assertThat(python.path("depth").asInt()).isEqualTo(1);
        assertThat(all("/api/v1/bases?limit=1", "id")).hasSize(4).doesNotHaveDuplicates();
    }

    @Test
    void filtersBases() {
        assertThat(all("/api/v1/bases?distro=alpine", "id")).hasSize(4);
        assertThat(all("/api/v1/bases?distro=debian", "id")).isEmpty();
        assertThat(all("/api/v1/bases?registry=r.example:5000", "id")).hasSize(4);
        assertThat(all("/api/v1/bases?registry=r.example", "id")).isEmpty();
        assertThat(all("/api/v1/bases?repository=r.example:5000/base/python", "reference"))
                .containsExactly("r.example:5000/base/python:3.11");
        assertThat(all("/api/v1/bases?repository=r.example:5000/base", "id")).isEmpty();
        assertThat(all("/api/v1/bases?q=PYTHON", "id")).hasSize(1);
    }

    @Test
    void tellsOneBaseWithWhatItStandsOnAndWhatStandsOnIt() {
        String id = all("/api/v1/bases?q=python", "id").get(0);
        JsonNode answer = api.json("/api/v1/bases/" + id);
        assertThat(answer.path("base").path("children").path("images").asInt()).isEqualTo(APPS);
        assertThat(answer.path("standsOn")).hasSize(1);
        assertThat(answer.path("first")).hasSize(10);
        assertThat(all(answer.path("allChildren").asString() + "?limit=7", "digest"))
                .hasSize(APPS)
                .doesNotHaveDuplicates()
                .isSorted();
        String os = answer.path("standsOn").get(0).path("id").asString();
        assertThat(all("/api/v1/bases/" + os + "/images", "reference"))
                .containsExactly("r.example:5000/base/python:3.11");
        assertThat(all("/api/v1/bases/" + os + "/images?all=true", "digest")).hasSize(APPS + 1);
    }

    @Test
    void tellsWhatAnImageStandsOnAndThatItsBaseHasMovedOn() {
        JsonNode python = api.json("/api/v1/lineage/" + image("python"));
        assertThat(python.path("bases")).hasSize(1);
        JsonNode base = python.path("bases").get(0);
        assertThat(base.path("how").asString()).isEqualTo("layers");
        assertThat(base.path("confidence").asString()).isEqualTo("certain");
        assertThat(base.path("names").get(0).toString())
                .isEqualTo("{\"reference\":\"r.example:5000/base/alpine:3.18\",\"from\":\"tag\",\"digest\":\""
                        + image("old") + "\"}");
        assertThat(base.path("names").get(1).path("from").asString()).isEqualTo("former");
        assertThat(python.path("stale").get(0).path("reference").asString())
                .isEqualTo("r.example:5000/base/alpine:latest");
        assertThat(python.path("children").path("images").asInt()).isEqualTo(APPS);
        assertThat(all(python.path("allChildren").asString(), "digest")).hasSize(APPS);
        JsonNode app = api.json("/api/v1/lineage/" + image("app3"));
        assertThat(app.path("bases")).hasSize(2);
        assertThat(app.path("stale")).isEmpty();
        assertThat(app.has("base")).isFalse();
    }

    @Test
    void tellsThatAnotherPlatformWasLeftBehind() {
        JsonNode drift = api.json("/api/v1/lineage/" + image("web")).path("drift");
        assertThat(drift).hasSize(1);
        assertThat(drift.get(0).path("reference").asString()).isEqualTo("r.example:5000/team/web:1");
        assertThat(drift.get(0).path("platform").asString()).isEqualTo("linux/arm64");
        assertThat(drift.get(0).path("distro").path("version").asString()).isEqualTo("3.18.9");
        assertThat(api.json("/api/v1/bases?q=3.18-arm")
                        .path("items")
                        .get(0)
                        .path("drifting")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void anImagesReportNamesItsBase() {
        assertThat(api.json("/api/v1/images/" + image("app3")).path("base").toString())
                .isEqualTo("{\"reference\":\"r.example:5000/base/python:3.11\",\"digest\":\"" + image("python")
                        + "\",\"how\":\"layers\",\"confidence\":\"certain\"}");
        assertThat(api.json("/api/v1/images/" + image("old")).path("base").isNull())
                .isTrue();
    }

    @Test
    void whatIsNotThereOrCannotBeMeantIsAProblem() {
        String id = all("/api/v1/bases?q=python", "id").get(0);
        for (String path : List.of(
                "/api/v1/lineage/" + TestFleet.digest("none"),
                "/api/v1/bases/" + TestFleet.digest("none"),
                "/api/v1/bases/" + TestFleet.digest("none") + "~linux~amd64/images")) {
            assertThat(api.get(path).statusCode()).as(path).isEqualTo(404);
        }
        for (String path : List.of(
                "/api/v1/lineage/latest",
                "/api/v1/bases/alpine",
                "/api/v1/bases/" + TestFleet.digest("none") + "~linux",
                "/api/v1/bases/" + id + "/images?all=maybe",
                "/api/v1/bases/" + id + "/images?after=x",
                "/api/v1/bases?after=bases:sha256:0",
                "/api/v1/bases?sort=name")) {
            assertThat(api.get(path).statusCode()).as(path).isEqualTo(400);
        }
    }

    @Test
    void nothingIsToldOfBasesUntilTheFleetWasReadOnce(@TempDir Path other) {
        EmbeddedStore store = EmbeddedStore.start(other.resolve("store"));
        store.close();
        try (RunningApi blind = RunningApi.start(store)) {
            for (String path : List.of(
                    "/api/v1/bases",
                    "/api/v1/lineage/" + image("app3"),
                    "/api/v1/bases/" + TestFleet.digest("none") + "~linux~amd64")) {
                HttpResponse<String> response = blind.get(path);
                assertThat(response.statusCode()).as(path).isEqualTo(503);
                assertThat(response.headers().firstValue("Retry-After")).isPresent();
                assertThat(response.body()).contains("for the first time");
            }
        }
    }

    @Test
    void whatChangesIsToldASecondLater() throws InterruptedException {
        push("team/later", "1", 1, "later", AMD64);
        save("later", AMD64, "3.18.9", "os 3.18", "python", "later");
        long deadline = System.nanoTime() + RunningApi.PATIENCE.toNanos();
        while (api.get("/api/v1/lineage/" + image("later")).statusCode() != 200
                || api.json("/api/v1/lineage/" + image("later")).path("bases").isEmpty()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(100);
        }
        api.archive().apply(new TagRemoved(repository("team/later"), "1", image("later"), 2, TestFleet.PUSHED));
        api.readFleet();
        assertThat(api.get("/api/v1/lineage/" + image("later")).statusCode()).isEqualTo(404);
    }
}
