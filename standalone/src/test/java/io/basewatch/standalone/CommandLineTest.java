package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.registrytestkit.CorpusRegistry;
import io.basewatch.registrytestkit.LocalRegistry;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is typed, what is answered, and with which exit code: the promises that scripts and CI rely on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandLineTest {

    private static final String PASSWORD = "swordfish-51c0";

    private Path folder;
    private LocalRegistry open;
    private LocalRegistry closed;
    private TestImage ended;

    @BeforeAll
    void serveImages(@TempDir Path scratch) throws Exception {
        folder = scratch;
        open = LocalRegistry.start();
        closed = LocalRegistry.builder().basicAuth("fleet", PASSWORD).start();
        ended = TestImage.ofSampleFleet("platform/legacy", "final").pushTo(open, "platform/legacy", "final");
        ended.pushTo(closed, "platform/legacy", "final");
        TestImage.ofSampleFleet("payments/api", "7.0")
                .pushTo(open, "payments/api", "7.0")
                .pushTo(closed, "payments/api", "7.0");
    }

    @AfterAll
    void stop() {
        open.close();
        closed.close();
    }

    // --- inspect

    @Test
    void everyFormOfAnImageIsToldAsOneDocumentPerLineAndABadOneDoesNotSilenceTheOthers() throws Exception {
        String bad = open.host() + "/platform/legacy:absent";
        List<String> references = List.of(
                open.host() + "/platform/legacy:final",
                bad,
                "oci:" + ended.writeLayout(folder.resolve("layout")),
                "docker-archive:" + ended.writeDockerArchive(folder.resolve("saved.tar"), "platform/legacy:final"),
                "dir:" + ended.writeRootFs(folder.resolve("rootfs")));
        List<String> arguments = new ArrayList<>(List.of("inspect", "--output", "json"));
        arguments.addAll(references);

        CapturedOutput told = ChildProcess.run(folder, arguments.toArray(String[]::new));

        assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.FAILED);
        assertThat(told.err().lines())
                .singleElement()
                .asString()
                .startsWith("basewatch: " + bad + ": ")
                .contains("404");
        List<JsonNode> documents =
                told.out().lines().map(JsonMapper.shared()::readTree).toList();
        assertThat(documents).hasSize(references.size() - 1);
        for (JsonNode document : documents) {
            assertThat(document.propertyNames())
                    .containsExactly(
                            "reference",
                            "digest",
                            "platform",
                            "status",
                            "reasons",
                            "distro",
                            "libc",
                            "packages",
                            "support",
                            "base",
                            "runtimes",
                            "judged",
                            "caveats",
                            "contradictions",
                            "bytes");
            assertThat(document.get("status").asString()).isEqualTo("complete");
            assertThat(document.at("/distro/id").asString()).isEqualTo("centos");
            assertThat(document.at("/distro/version").asString()).isEqualTo("7");
            assertThat(document.at("/libc/0/family").asString()).isEqualTo("glibc");
            assertThat(document.at("/support/phase").asString()).isEqualTo("ended");
        }
        String digest = ended.digest().toString();
        assertThat(documents.get(0).get("reference").asString()).isEqualTo(references.get(0));
        assertThat(documents.get(0).get("digest").asString()).isEqualTo(digest);
        assertThat(documents.get(1).get("digest").asString()).isEqualTo(digest);
        assertThat(documents.get(3).get("reference").asString()).isEqualTo(references.get(4));
        assertThat(documents.get(3).get("digest").isNull()).isTrue();
    }

    @Test
    void supportIsToldAsOfTheDayThatIsAskedFor() throws Exception {
        String layout = "oci:" + ended.writeLayout(folder.resolve("layout-as-of"));

        CapturedOutput before = ChildProcess.run(
                folder, "inspect", "--as-of", "2024-06-30", "--fail-on", "ended", "-o", "json", layout);
        assertThat(before.code()).as(before.err()).isEqualTo(Basewatch.OK);
        assertThat(JsonMapper.shared().readTree(before.out()).at("/support/day").asString())
                .isEqualTo("2024-06-30");
        CapturedOutput after = ChildProcess.run(folder, "inspect", "--as-of=2024-07-01", "--fail-on", "ended", layout);
        assertThat(after.code()).as(after.err()).isEqualTo(Basewatch.FOUND);
        assertThat(after.out()).contains("ended").contains("seen from 2024-07-01");
        CapturedOutput wrong = ChildProcess.run(folder, "inspect", "--as-of", "2024-02-30", layout);
        assertThat(wrong.code()).isEqualTo(Basewatch.USAGE);
        assertThat(wrong.err()).contains("--as-of").contains("2024-02-30").contains("2027-07-01");
    }

    @Test
    void whatWasBoughtForARepositoryCountsThereAndIsTold() throws Exception {
        String image = open.host() + "/platform/legacy:final";
        Path policy = folder.resolve("policy.yml");
        Files.writeString(policy, """
                basewatch:
                  policy:
                    - repositories: ["platform/**"]
                      product: centos
                      cycles: ["7"]
                      bought: TuxCare
                      until: 2028-06-30
                      reason: contract 4711
                """);

        CapturedOutput covered = ChildProcess.run(
                folder, "inspect", "--policy", policy.toString(), "--as-of", "2026-11-21", "--fail-on", "ended", image);
        assertThat(covered.code()).as(covered.err()).isEqualTo(Basewatch.OK);
        assertThat(covered.out()).contains("policy for platform/**: TuxCare is bought, until 2028-06-30");
        CapturedOutput over = ChildProcess.run(
                folder, "inspect", "--policy", policy.toString(), "--as-of", "2028-07-01", "--fail-on", "ended", image);
        assertThat(over.code()).as(over.err()).isEqualTo(Basewatch.FOUND);
        Files.writeString(policy, Files.readString(policy).replace("until", "untill"));
        CapturedOutput misspelt = ChildProcess.run(folder, "inspect", "--policy", policy.toString(), image);
        assertThat(misspelt.code()).isEqualTo(Basewatch.FAILED);
        assertThat(misspelt.err()).contains("policy.yml").contains("untill is no setting");
    }

    @Test
    void archivesAreToldHoweverTheyArePacked() throws Exception {
        Path layout = ended.writeLayout(folder.resolve("to-pack"));
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (Stream<Path> all = Files.walk(layout)) {
            for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                files.put(layout.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        Path packed = folder.resolve("layout.tar.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write(TestImage.tar(files));
        }

        CapturedOutput told = ChildProcess.run(folder, "inspect", "-o", "json", "oci:" + packed);

        assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.OK);
        JsonNode document = JsonMapper.shared().readTree(told.out());
        assertThat(document.get("status").asString()).isEqualTo("complete");
        assertThat(document.get("digest").asString()).isEqualTo(ended.digest().toString());
        assertThat(document.at("/distro/id").asString()).isEqualTo("centos");
    }

    @Test
    void whatIsWrongWithAnArchiveIsToldBesideItsImages() throws Exception {
        Path archive = ended.writeDockerArchive(folder.resolve("odd.tar"), "platform/legacy:final");
        String changed = "0".repeat(64) + ".json";
        Path unpacked = Files.createDirectories(folder.resolve("odd"));
        assertThat(new ProcessBuilder("tar", "-xf", archive.toString(), "-C", unpacked.toString())
                        .start()
                        .waitFor())
                .isZero();
        Files.move(unpacked.resolve("config.json"), unpacked.resolve(changed));
        Path list = unpacked.resolve("manifest.json");
        Files.writeString(
                list, Files.readString(list).replace("config.json", changed).replaceFirst("\\[", "[null,"));

        CapturedOutput told = ChildProcess.run(folder, "inspect", "-o", "json", "docker-archive:" + unpacked);

        assertThat(told.code()).isEqualTo(Basewatch.FAILED);
        assertThat(told.err().lines()).singleElement().asString().contains("manifest.json is invalid");
        JsonNode document = JsonMapper.shared().readTree(told.out());
        assertThat(document.get("status").asString()).isEqualTo("complete");
        assertThat(document.at("/distro/id").asString()).isEqualTo("centos");
        assertThat(document.at("/reasons/0/code").asString()).isEqualTo("digest-mismatch");
        assertThat(document.at("/reasons/0/message").asString()).contains(changed);
    }

    @Test
    void realImagesOfARealRegistryAreToldAsText(@TempDir Path scratch) throws Exception {
        try (CorpusRegistry corpus = CorpusRegistry.serve(scratch)) {
            CapturedOutput told =
                    ChildProcess.run(scratch, "inspect", corpus.host() + "/library/alpine:3.20.3", "--fail-on=unknown");

            assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.OK);
            assertThat(told.err()).isEmpty();
            assertThat(told.out()
                            .lines()
                            .filter(line -> line.startsWith(corpus.host() + "/library/alpine:3.20.3  linux/")))
                    .as("one report for each image of the index")
                    .hasSizeGreaterThan(1);
            assertThat(told.out())
                    .contains("status    complete")
                    .contains("distro    Alpine Linux v3.20 (alpine 3.20.3)   <- etc/os-release")
                    .contains("libc      musl 1.2.5")
                    .contains("packages  apk, 14")
                    .contains("support   ");
        }
    }

    @Test
    void aLayerThatImagesShareIsPulledOnceForAllOfThem() throws Exception {
        open.traffic().clear();

        CapturedOutput told = ChildProcess.run(
                folder, "inspect", open.host() + "/platform/legacy:final", open.host() + "/payments/api:7.0");

        assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.OK);
        assertThat(told.out()).contains("centos 7").contains("debian 12");
        List<Digest> shared = new ArrayList<>(ended.layerDigests());
        shared.retainAll(TestImage.ofSampleFleet("payments/api", "7.0").layerDigests());
        assertThat(shared).isNotEmpty();
        assertThat(shared).allMatch(layer -> open.traffic().blobFetches(layer) == 1);
    }

    @Test
    void anImageIsToldOfOneRequestForItsManifestAndOneForItsConfig() throws Exception {
        open.traffic().clear();

        CapturedOutput told = ChildProcess.run(folder, "inspect", open.host() + "/platform/legacy:final");

        assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.OK);
        assertThat(open.traffic().count("GET", "/manifests/")).isEqualTo(1);
        assertThat(open.traffic().blobFetches(ended.configDigest())).isEqualTo(1);
    }

    @Test
    void aLayerThatEndsEarlyIsToldAsPartialAndTheRestOfTheImageToo() throws Exception {
        try (LocalRegistry registry = LocalRegistry.start()) {
            TestImage.ofSampleFleet("platform/legacy", "final")
                    .pushTo(registry, "platform/legacy", "final")
                    .truncateTopLayerIn(registry);

            CapturedOutput told = ChildProcess.run(
                    folder, "inspect", "--fail-on", "incomplete", registry.host() + "/platform/legacy:final");

            assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.FOUND);
            assertThat(told.out())
                    .contains("status    partial")
                    .contains("the top layer was not read to its end")
                    .contains("centos 7");
        }
    }

    @Test
    void aGateFailsWithTwoAndAnImageThatCannotBeToldOutranksIt() throws Exception {
        String legacy = open.host() + "/platform/legacy:final";

        assertThat(ChildProcess.run(folder, "inspect", legacy, "--fail-on", "incomplete,ended")
                        .code())
                .isEqualTo(Basewatch.FOUND);
        assertThat(ChildProcess.run(folder, "inspect", "--fail-on", "ended", legacy, open.host() + "/no/such:1")
                        .code())
                .isEqualTo(Basewatch.FAILED);
    }

    @Test
    void whatWillFailOnMuslIsToldFirstAndFailsAGateWithItsReason(@TempDir Path scratch) throws Exception {
        try (CorpusRegistry corpus = CorpusRegistry.serve(scratch)) {
            String broken = corpus.host() + "/apps/alpine-glibc-bin:1";
            CapturedOutput told = ChildProcess.run(scratch, "inspect", broken, "--fail-on", "certain:high");
            assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.FOUND);
            assertThat(told.err()).contains("fails on certain:high: certain, ").contains(broken);
            List<String> lines = told.out().lines().toList();
            assertThat(lines.get(1)).startsWith("  status ");
            assertThat(lines.get(2)).startsWith("  fails ");
            assertThat(told.out()).contains("elf-glibc-interpreter-missing").contains("/lib64/ld-linux-x86-64.so.2");

            CapturedOutput sarif = ChildProcess.run(scratch, "inspect", "-o", "sarif", broken);
            assertThat(sarif.code()).as(sarif.err()).isEqualTo(Basewatch.OK);
            JsonNode run = JsonMapper.shared().readTree(sarif.out()).at("/runs/0");
            assertThat(run.at("/invocations/0/executionSuccessful").asBoolean()).isTrue();
            assertThat(run.at("/results/0/ruleId").asString()).isEqualTo("elf-glibc-interpreter-missing");
            assertThat(run.at("/tool/driver/rules/0/help/text").asString()).contains("What to do: ");

            CapturedOutput plain = ChildProcess.run(
                    scratch, "inspect", corpus.host() + "/apps/alpine-plain-app:1", "--fail-on", "certain,risk:high");
            assertThat(plain.code()).as(plain.err()).isEqualTo(Basewatch.OK);
            assertThat(plain.err()).isEmpty();
        }
    }

    @Test
    void whatWouldLoadOnAnotherBaseIsToldWithTheLoadersLines(@TempDir Path scratch) throws Exception {
        try (CorpusRegistry corpus = CorpusRegistry.serve(scratch)) {
            String host = corpus.host() + "/";
            CapturedOutput moved = ChildProcess.run(
                    scratch,
                    "what-if",
                    host + "apps/py-on-bookworm:1",
                    "--on",
                    host + "library/alpine:3.20.3",
                    "--from",
                    host + "library/debian:bookworm-slim",
                    "--fail");
            assertThat(moved.code()).as(moved.err()).isEqualTo(Basewatch.FOUND);
            assertThat(moved.out())
                    .contains("would break        8", "usr/bin/python3.11", "missing symbols: ")
                    .contains(
                            "Error relocating /usr/lib/x86_64-linux-gnu/libcrypto.so.3: __fprintf_chk: symbol not found");

            CapturedOutput back = ChildProcess.run(
                    scratch,
                    "what-if",
                    "-o",
                    "json",
                    host + "apps/alpine-libc6compat:1",
                    "--on",
                    host + "library/debian:bookworm-slim");
            JsonNode told = JsonMapper.shared().readTree(back.out());
            assertThat(told.at("/own").asString()).isEqualTo("guess");
            List<String> effects = new ArrayList<>();
            told.at("/changes")
                    .forEach(change -> effects.add(change.at("/effect").asString()));
            assertThat(effects).contains("newly-loads", "still-loads").doesNotContain("breaks");

            CapturedOutput wrong = ChildProcess.run(
                    scratch,
                    "what-if",
                    host + "apps/py-on-bookworm:1",
                    "--on",
                    host + "library/alpine:3.20.3",
                    "--from",
                    host + "library/alpine:3.18.9");
            assertThat(wrong.code()).isEqualTo(Basewatch.FAILED);
            assertThat(wrong.out()).isEmpty();
            assertThat(wrong.err()).contains("is not what").contains("was built on");
        }
    }

    @Test
    void aCaveatIsExplainedAndAllEvidenceForItShown(@TempDir Path scratch) throws Exception {
        CapturedOutput page = ChildProcess.run(folder, "inspect", "--explain", "elf-glibc-interpreter-missing");
        assertThat(page.code()).as(page.err()).isEqualTo(Basewatch.OK);
        assertThat(page.out()).contains("What breaks").contains("What to do");
        assertThat(ChildProcess.run(folder, "inspect", "--explain", "elf-fortify-chk-symbols")
                        .out())
                .startsWith("# Checked variants of C functions (__*_chk) do not exist in musl");
        try (CorpusRegistry corpus = CorpusRegistry.serve(scratch)) {
            CapturedOutput told = ChildProcess.run(
                    scratch,
                    "inspect",
                    "--explain",
                    "elf-glibc-interpreter-missing",
                    corpus.host() + "/apps/alpine-glibc-bin:1");
            assertThat(told.out()).contains("What breaks").doesNotContain("  distro ");
            assertThat(told.out().lines().filter(line -> line.contains("<- "))).hasSizeGreaterThan(10);
        }
    }

    private static byte[] library(String soname, String text) {
        return SampleElf.library(SampleElf.X86_64, soname).says(text).bytes();
    }

    @Test
    void nothingInAnImageReachesTheTerminalAsACommandToIt() throws Exception {
        // CSI with and without ESC, an operating system command, a carriage return, and a turn of the writing
        // direction.
        String evil = "Evil\u001b[2J\u009b31m\u001b]0;title\u0007\rLinux\u202e";
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(
                "etc/os-release",
                ("PRETTY_NAME=\"" + evil + "\"\nID=evil\nVERSION_ID=\"1" + evil + "\"\n")
                        .getBytes(StandardCharsets.UTF_8));
        files.put(
                "lib/x86_64-linux-gnu/libc.so.6",
                library("libc.so.6", "GNU C Library (" + evil + ") stable release version 2.36.\n"));
        files.put("lib64/ld-linux-x86-64.so.2", library("ld-linux-x86-64.so.2", "loader"));
        files.put("bin/" + evil, SampleSystems.glibcProgram("evil"));
        files.put("app/" + evil + "/libssl.so.3", library("libssl.so.3", "OpenSSL 3.0.1 14 Dec 2021"));
        TestImage hostile = new TestImage(List.of(files));
        String reference = "oci:" + hostile.writeLayout(folder.resolve("hostile"));

        for (String output : List.of("text", "json")) {
            CapturedOutput told = ChildProcess.run(folder, "inspect", "-o", output, reference);

            assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.OK);
            assertThat(told.out()).contains("Evil");
            assertThat((told.out() + told.err())
                            .codePoints()
                            .filter(c -> c != '\n')
                            .filter(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT)
                            .mapToObj(Integer::toHexString))
                    .as(output)
                    .isEmpty();
        }
    }

    @Test
    void credentialsComeFromDockersConfigAndAreNeverPrinted() throws Exception {
        String reference = closed.host() + "/platform/legacy:final";
        Path right = dockerConfig("right.json", PASSWORD);
        Path wrong = dockerConfig("wrong.json", "wrong-" + PASSWORD);

        CapturedOutput told = ChildProcess.run(folder, "inspect", "--docker-config", right.toString(), reference);
        assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.OK);
        assertThat(told.out()).contains("centos 7");

        CapturedOutput refused = ChildProcess.run(folder, "inspect", "--docker-config", wrong.toString(), reference);
        assertThat(refused.code()).isEqualTo(Basewatch.FAILED);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err()).contains(reference).contains("401").contains(wrong.toString());
        assertThat(told.out() + told.err() + refused.err()).doesNotContain(PASSWORD);
    }

    private Path dockerConfig(String name, String password) throws Exception {
        String auth = Base64.getEncoder().encodeToString(("fleet:" + password).getBytes(StandardCharsets.UTF_8));
        return Files.writeString(
                folder.resolve(name), "{\"auths\":{\"" + closed.host() + "\":{\"auth\":\"" + auth + "\"}}}");
    }

    @Test
    void manyImagesAreOneCommentOfAPullRequestAndColoursAreThereWhenAskedFor() throws Exception {
        String root = "dir:" + ended.writeRootFs(folder.resolve("rootfs-shown"));

        CapturedOutput comment = ChildProcess.run(folder, "inspect", "-o", "markdown", root, "dir:no-such-folder");
        assertThat(comment.code()).isEqualTo(Basewatch.FAILED);
        assertThat(comment.out())
                .startsWith("### Basewatch: 1 could not be told, 1 past support\n")
                .contains("#### `" + root + "`", "- **Support:** ended", "`CentOS Linux 7 (Core) (centos 7)`");
        CapturedOutput colored = ChildProcess.run(folder, "inspect", "--color=always", root);
        assertThat(colored.out()).contains("support   \u001b[31mended");
        assertThat(ChildProcess.run(folder, "inspect", root).out()).doesNotContain("\u001b");
    }

    // --- wrong usage

    @Test
    void wrongUsageIsToldWithItsOwnCode() {
        assertUsage("REF", "inspect");
        assertUsage("'no-such'", "inspect", "--explain", "no-such");
        assertUsage("'certain:worst'", "inspect", "--fail-on", "certain:worst", "dir:/");
        assertUsage("'--nonsense'", "inspect", "--nonsense", "dir:/");
        assertUsage("'sometimes'", "inspect", "--fail-on", "sometimes", "dir:/");
        assertUsage("'xml'", "inspect", "-o", "xml", "dir:/");
        assertUsage("'watch'", "watch");
        assertUsage("'http'", "serve", "--registry", "http://r.example.com", "--port", "http");
    }

    @Test
    void servingNothingIsWrongUsage() {
        for (String port : List.of("99999", "65536", "-1", "http", "99999999999")) {
            assertUsage("'" + port + "' is no port: give a number from 0 to 65535", "serve", "--port=" + port);
            assertUsage("'" + port + "' is no port: give a number from 0 to 65535", "demo", "--port=" + port);
        }
        assertUsage("nothing to watch: give --registry URL (repeatable) or --config FILE", "serve");
        assertUsage("not by both", "serve", "--registry", "http://127.0.0.1:1", "--config", "pom.xml");
        assertUsage("--config no-such.yml cannot be read", "serve", "--config", "no-such.yml");
    }

    @Test
    void aRegistryThatCannotBeOneIsToldBeforeAnythingStarts() {
        Path untouched = folder.resolve("untouched");
        String data = untouched.toString();

        assertUsage("must be https://host[:port]", "serve", "--registry", "ftp://r.example.com", "--data", data);
        assertUsage("without path", "serve", "--registry", "https://r.example.com/team", "--data", data);
        CapturedOutput leaky = assertUsage(
                "holds credentials",
                "serve",
                "--registry",
                "https://fleet:" + PASSWORD + "@r.example.com",
                "--data",
                data);
        assertThat(leaky.err()).doesNotContain(PASSWORD);
        assertThat(untouched).doesNotExist();
    }

    private static CapturedOutput assertUsage(String expected, String... arguments) {
        CapturedOutput told = CapturedOutput.of(() -> Basewatch.run(arguments));
        assertThat(told.code()).as(String.join(" ", arguments)).isEqualTo(Basewatch.USAGE);
        assertThat(told.out()).isEmpty();
        assertThat(told.err()).contains("basewatch: ").contains(expected).contains("--help'");
        return told;
    }

    @Test
    void whatCannotBeOpenedIsNamedOnce() {
        CapturedOutput told = CapturedOutput.of(() -> Basewatch.run("inspect", "oci:" + folder.resolve("nothing")));

        assertThat(told.code()).isEqualTo(1);
        assertThat(told.err().strip())
                .isEqualTo("basewatch: oci:" + folder.resolve("nothing") + ": there is no such folder or archive");
    }

    // --- serve

    @Test
    void aFolderThatAnotherProcessHoldsIsNotTouched() throws Exception {
        Path data = folder.resolve("held");
        try (DataDirectory held = DataDirectory.open(data)) {
            CapturedOutput told = ChildProcess.run(
                    folder, "serve", "--registry", open.url().toString(), "--data", data.toString(), "--port", "0");

            assertToldInOneLine(told, "--data " + data + " is in use by another Basewatch process: stop that one");
            assertThat(held.store()).doesNotExist();
        }
    }

    @Test
    void aStoreThatSomebodyElseHasOpenIsToldBeforeTheBrokerStarts() throws Exception {
        Path data = folder.resolve("opened");
        String[] serve = {"serve", "--registry", open.url().toString(), "--data", data.toString(), "--port", "0"};
        try (EmbeddedStore opened = EmbeddedStore.start(data.resolve("store"))) {
            assertFailure("cannot use --data " + data + ": store file " + data.resolve("store") + " is in use", serve);
            assertThat(data.resolve("kafka")).doesNotExist();
        }
        DataDirectory.open(data).close();
    }

    @Test
    void aBrokerThatCannotStartLeavesNothingOpen() throws Exception {
        Path data = folder.resolve("no-broker");
        Path meta = Files.createDirectories(data.resolve("kafka")).resolve("meta.properties");
        Files.writeString(meta, "version=1\n");

        assertFailure(
                "cannot prepare the Kafka log in " + data.resolve("kafka") + ": " + meta
                        + " has no 'cluster.id': restore",
                "serve",
                "--registry",
                open.url().toString(),
                "--data",
                data.toString(),
                "--port",
                "0");

        DataDirectory.open(data).close();
        EmbeddedStore.start(data.resolve("store")).close();
    }

    @Test
    void aConfigFileNamesRegistriesCredentialsAndWhatIsWatched() throws Exception {
        Path config = Files.writeString(folder.resolve("basewatch.yml"), """
                basewatch:
                  registries:
                    - url: %s
                      username: fleet
                      password: %s
                      repositories:
                        include: ["payments/*"]
                """.formatted(closed.url(), PASSWORD));

        CapturedOutput told = CapturedOutput.of(() -> Basewatch.run(
                "serve",
                "--config",
                config.toString(),
                "--data",
                folder.resolve("configured").toString(),
                "--port",
                "0",
                "--once"));

        assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.OK);
        assertThat(told.out())
                .contains("debian 12")
                .doesNotContain("centos")
                .contains("1 image behind 1 tag in 1 repository of 1 registry");
        assertThat(told.out() + told.err()).doesNotContain(PASSWORD);
        assertThat(Files.readString(folder.resolve("configured/basewatch.log"))).doesNotContain(PASSWORD);
    }

    @Test
    void aRegistryThatCannotBeWatchedAsItIsWrittenIsSaidToBeThatBeforeAnybodyIsAsked() throws Exception {
        Map<String, String> wrong = Map.of(
                "kind: nexsus", "did you mean nexus?",
                "kind: nexus", "repositories.include",
                "kind: ecr", "https://ACCOUNT.dkr.ecr.REGION.amazonaws.com");
        for (Map.Entry<String, String> each : wrong.entrySet()) {
            Path config = Files.writeString(folder.resolve("unwatchable.yml"), """
                    basewatch:
                      registries:
                        - url: http://127.0.0.1:1
                          %s
                    """.formatted(each.getKey()));
            CapturedOutput told =
                    CapturedOutput.of(() -> Basewatch.run("registries", "check", "--config", config.toString()));
            assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.FAILED);
            assertThat(told.out()).isEmpty();
            assertThat(told.err().lines())
                    .singleElement()
                    .asString()
                    .startsWith("basewatch: --config " + config)
                    .contains(each.getValue());
        }
    }

    @Test
    void aSettingThatCannotBeIsNamedWithItsValue() throws Exception {
        Path config = Files.writeString(folder.resolve("wrong.yml"), """
                basewatch:
                  registries:
                    - url: %s
                  watcher:
                    interval: soonish
                """.formatted(open.url()));

        assertFailure(
                "setting basewatch.watcher.interval is 'soonish' (URL [file:" + config + "] - 5:15)",
                "serve",
                "--config",
                config.toString(),
                "--data",
                folder.resolve("wrong").toString(),
                "--port",
                "0");
    }

    @Test
    void aSettingOutOfItsBoundsIsNamedWithItsValue() throws Exception {
        Path config = Files.writeString(
                folder.resolve("bounds.yml"), "basewatch: {watcher: {parallel-repositories: 1000}}\n");

        assertFailure(
                "basewatch.watcher.parallel-repositories is 1000, not 1 to 64",
                "serve",
                "--config",
                config.toString(),
                "--data",
                folder.resolve("bounds").toString(),
                "--port",
                "0");
    }

    @Test
    void aFileThatIsNotYamlIsNamedWithThePlace() throws Exception {
        Path config = Files.writeString(folder.resolve("torn.yml"), "basewatch:\n  registries: [{url: x\n  y: [\n");

        assertFailure(
                "--config " + config + " is not YAML: expected ',' or '}', but got : (line 3, column 4)",
                "serve",
                "--config",
                config.toString(),
                "--data",
                folder.resolve("torn").toString(),
                "--port",
                "0");
    }

    @Test
    void aRegistryInTheFileThatCannotBeOneIsNamed() throws Exception {
        Path config = Files.writeString(
                folder.resolve("url.yml"), "basewatch: {registries: [{url: 'ftp://registry.example.com'}]}\n");

        assertFailure(
                "registry url 'ftp://registry.example.com' must be https://host[:port]",
                "serve",
                "--config",
                config.toString(),
                "--data",
                folder.resolve("url").toString(),
                "--port",
                "0");
    }

    @Test
    void aCertificateFileThatIsNotThereIsNamed() throws Exception {
        Path config = Files.writeString(
                folder.resolve("ca.yml"),
                "basewatch: {registries: [{url: '%s', certificates: [no-such/ca.pem]}]}\n".formatted(open.url()));

        assertFailure(
                "certificate file no-such/ca.pem is not there",
                "serve",
                "--config",
                config.toString(),
                "--data",
                folder.resolve("ca").toString(),
                "--port",
                "0");
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertFailure(
                    "--port " + taken.getLocalPort() + " is in use",
                    "serve",
                    "--registry",
                    open.url().toString(),
                    "--data",
                    folder.resolve("taken").toString(),
                    "--port",
                    String.valueOf(taken.getLocalPort()));
        }
    }

    private static void assertFailure(String expected, String... arguments) {
        CapturedOutput told = CapturedOutput.of(() -> Basewatch.run(arguments));
        assertToldInOneLine(told, expected);
    }

    /**
     * After the line that says that it starts; and what the frameworks say about it is not for people. A broker's client of an earlier start in this process may still log while
     * logging is set up, which Logback then says; a process has one start.
     */
    private static void assertToldInOneLine(CapturedOutput told, String expected) {
        assertThat(told.code()).as(told.err()).isEqualTo(Basewatch.FAILED);
        assertThat(told.out()).isEmpty();
        List<String> lines = told.err()
                .lines()
                .filter(line -> !line.contains("|-WARN in Logger[org.apache.kafka."))
                .toList();
        assertThat(lines).as(told.err()).hasSize(2);
        assertThat(lines.get(0)).startsWith("basewatch: starting, all data under ");
        assertThat(lines.get(1)).startsWith("basewatch: " + expected);
    }
}
