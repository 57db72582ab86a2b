package io.basewatch.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.basewatch.fingerprint.distro.DistroDetector;
import io.basewatch.fingerprint.packages.PackagesDetector;
import io.basewatch.fleetmodel.Contradiction;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.layerfacts.Scores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every folder under {@code src/test/resources/rootfs} that has a {@code want.json} is a root file system; {@code want.json} says what must be found in it:
 * {@code distro} (null for none; only the fields that are named are compared), {@code packages}, {@code contradictions} (a part of each message), and what
 * a folder of a checkout cannot hold: {@code links}, {@code directories}, {@code programs} (paths of empty programs) and {@code labels}.
 */
@ExtendWith(Scores.class)
class RootFsFixturesTest {

    private static final Path ROOT =
            Path.of(System.getProperty("basewatch.root", ".."), "lib/fingerprint/src/test/resources/rootfs");

    @TestFactory
    List<DynamicTest> findsWhatEachFolderWants() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            List<DynamicTest> tests = files.filter(file -> file.endsWith("want.json"))
                    .map(Path::getParent)
                    .sorted()
                    .map(folder -> dynamicTest(ROOT.relativize(folder).toString(), () -> checkAndCount(folder)))
                    .toList();
            assertThat(tests).as("fixtures under " + ROOT).hasSizeGreaterThan(200);
            return tests;
        }
    }

    private static void checkAndCount(Path folder) throws IOException {
        String kind = folder.getParent().endsWith("legacy") ? "legacy trees" : "trees of release files";
        boolean right = false;
        try {
            check(folder);
            right = true;
        } finally {
            Scores.tell(kind, right ? 1 : 0, 1);
        }
    }

    private static void check(Path folder) throws IOException {
        JsonNode want = JsonMapper.shared().readTree(Files.readAllBytes(folder.resolve("want.json")));
        Findings findings = image(folder, want).detect();

        if (want.has("distro")) {
            checkDistro(want.get("distro"), findings.distro().orElse(null));
            checkQuotes(folder, findings);
        }
        if (want.has("packages")) {
            List<String> found = new ArrayList<>();
            for (PackageDatabase database : findings.databases()) {
                found.add(database.manager() + " " + database.count());
                assertThat(database.evidence()).isNotEmpty();
            }
            List<String> wanted = new ArrayList<>();
            want.get("packages")
                    .forEach(each -> wanted.add(each.get("manager").asString() + " "
                            + (each.get("count").isNull()
                                    ? null
                                    : each.get("count").asInt())));
            assertThat(found).isEqualTo(wanted);
        }
        List<String> messages = findings.toFingerprint().contradictions().stream()
                .map(Contradiction::message)
                .toList();
        if (want.has("contradictions")) {
            assertThat(messages).hasSize(want.get("contradictions").size());
            want.get("contradictions")
                    .forEach(part -> assertThat(String.join("\n", messages)).contains(part.asString()));
        } else {
            assertThat(messages).isEmpty();
        }
        List<String> invalid = new ArrayList<>();
        want.path("invalid").forEach(part -> invalid.add(part.asString()));
        assertThat(findings.reasons()).hasSameSizeAs(invalid);
        invalid.forEach(part -> assertThat(findings.reasons().toString()).contains(part));
    }

    private static void checkDistro(JsonNode want, Distro distro) {
        if (want.isNull()) {
            assertThat(distro).isNull();
            return;
        }
        assertThat(distro).as("distro").isNotNull();
        Map<String, Object> found = new HashMap<>();
        Map<String, Object> wanted = new HashMap<>();
        JsonNode json = JsonMapper.shared().valueToTree(distro);
        for (String field : want.propertyNames()) {
            found.put(field, json.path(field).isNull() || json.path(field).isMissingNode() ? null : json.path(field));
            wanted.put(field, want.get(field).isNull() ? null : want.get(field));
        }
        assertThat(found).isEqualTo(wanted);
        assertThat(distro.evidence()).isNotEmpty();
    }

    /** Evidence of the distribution quotes what stands in the file (once it is uncompressed), and each file once. */
    private static void checkQuotes(Path folder, Findings findings) throws IOException {
        List<List<Evidence>> all = new ArrayList<>();
        findings.distro().map(Distro::evidence).ifPresent(all::add);
        findings.toFingerprint().contradictions().stream()
                .map(Contradiction::evidence)
                .forEach(all::add);
        for (List<Evidence> evidence : all) {
            assertThat(evidence).extracting(Evidence::path).doesNotHaveDuplicates();
            for (Evidence each : evidence) {
                Path file = folder.resolve(each.path());
                if (each.detector().startsWith("distro/")
                        && each.excerpt() != null
                        && Files.isRegularFile(file)
                        && !each.path().endsWith(".wall")) {
                    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                            .contains(new String(
                                    each.excerpt().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
                }
            }
        }
    }

    private static MemoryImage image(Path folder, JsonNode want) throws IOException {
        MemoryImage image = new MemoryImage(new PackagesDetector(), new DistroDetector());
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(file -> Files.isRegularFile(file) && !file.endsWith("want.json"))
                    .forEach(file -> {
                        try {
                            image.file(folder.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
        want.path("directories").forEach(path -> image.directory(path.asString()));
        want.path("programs").forEach(path -> image.file(path.asString(), "\u007fELF"));
        want.path("links")
                .properties()
                .forEach(link -> image.link(link.getKey(), link.getValue().asString()));
        Map<String, String> labels = new HashMap<>();
        want.path("labels")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asString()));
        return image.labels(labels);
    }
}
