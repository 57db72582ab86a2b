package io.basewatch.fingerprint.distro;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.MemoryImage;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.layerfacts.Corpus;
import io.basewatch.layerfacts.Scores;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Every real os-release and release file of the corpus. */
@ExtendWith(Scores.class)
class OsReleaseCorpusTest {

    @Test
    void readsEveryRealOsReleaseFile() {
        List<String> wrong = new ArrayList<>();
        int all = 0;
        int declared = 0;
        for (JsonNode each : Corpus.json("os-release/expected.json")) {
            all++;
            byte[] bytes = Corpus.bytes("os-release/" + each.get("file").asString());
            OsRelease fields = OsRelease.parse(new String(bytes, StandardCharsets.UTF_8));
            each.get("expected").properties().forEach(field -> {
                String wanted =
                        field.getValue().isNull() ? "" : field.getValue().asString();
                String found = Objects.requireNonNullElse(fields.fields().get(field.getKey()), "");
                if (!wanted.equals(found)) {
                    wrong.add(each.get("file") + " " + field.getKey() + ": wanted " + wanted + ", found " + found);
                }
            });
            Distro distro = detect("etc/os-release", bytes).distro().orElse(null);
            checkIdentity(each, distro, wrong);
            String end = expected(each, "SUPPORT_END");
            if (!end.isEmpty() && (distro == null || !end.equals(Objects.toString(distro.supportEnd(), "")))) {
                wrong.add(each.get("file") + ": wanted support until " + end + ", found " + distro);
            }
            declared += end.isEmpty() ? 0 : 1;
        }
        assertThat(declared).isGreaterThan(10);
        Scores.tell("os-release files", all - wrong.size(), all);
        assertThat(wrong).isEmpty();
        assertThat(all).isGreaterThan(100);
    }

    private static String expected(JsonNode each, String field) {
        return each.get("expected").path(field).asString("");
    }

    /** Files whose release stands in VERSION alone. */
    private static final Map<String, String> VERSION_WITHOUT_ID = Map.of("files/xenserver_7_6", "7.6.0");

    private static void checkIdentity(JsonNode each, Distro distro, List<String> wrong) {
        JsonNode expected = each.get("expected");
        if (!expected.has("ID") || expected.get("ID").isNull()) {
            return;
        }
        String id = expected.get("ID").asString().toLowerCase(Locale.ROOT);
        String version = expected.path("VERSION_ID").asString("");
        if (version.startsWith("TEMPLATE_")) {
            // A placeholder of Arch's package is no version.
            version = "";
        }
        version = VERSION_WITHOUT_ID.getOrDefault(each.get("file").asString(), version);
        if (distro == null
                || !distro.id().equals(id)
                || !Objects.requireNonNullElse(distro.version(), "").equals(version)) {
            wrong.add(each.get("file") + ": wanted " + id + " " + version + ", found " + distro);
        }
    }

    /** The files of this list that name a release in other words than os-release's: what each must come out as. */
    private static final List<List<String>> RELEASE_FILES = List.of(
            List.of("almalinux__from-redhat-release", "almalinux 8.10"),
            List.of("centos5__etc__redhat-release", "centos 5.7"),
            List.of("centos6__etc__system-release-cpe", "centos 6"),
            List.of("from-debian_version__etc__debian_version", "debian 10.8"),
            List.of("with-point-release__etc__debian_version", "debian 13.5"),
            List.of("redhat__from-redhat-release", "rhel 8.10"),
            List.of("rockylinux__from-redhat-release", "rocky 8.10"),
            List.of("scientific__from-redhat-release", "scientific 7.9"),
            List.of("busybox__bin__busybox", "busybox 1.31.1"),
            List.of("missing-id__usr__lib__os-release", "debian 8"),
            List.of("missing-version__usr__lib__os-release", "debian null"),
            List.of(".gitignore", "null"),
            List.of("empty__etc__os-release", "null"));

    @Test
    void readsEveryRealReleaseFile() {
        List<String> wrong = new ArrayList<>();
        int all = 0;
        for (JsonNode each : Corpus.json("release-files/expected.json")) {
            all++;
            String file = each.get("file").asString();
            String path = each.get("in_image_path").asString();
            path = path.replaceFirst(".*/(etc/[^/]+|usr/lib/[^/]+|bin/[^/]+)$", "$1");
            byte[] bytes = Corpus.bytes("release-files/" + file);
            Distro distro = detect(path, bytes).distro().orElse(null);
            JsonNode expected = each.get("expected");
            String found = distro == null ? "null" : distro.id() + " " + distro.version();
            String wanted = expected.has("ID")
                    ? expected.get("ID").asString() + " "
                            + (expected.has("VERSION_ID")
                                    ? expected.get("VERSION_ID").asString()
                                    : null)
                    : RELEASE_FILES.stream()
                            .filter(row -> file.contains(row.get(0)))
                            .map(row -> row.get(1))
                            .findFirst()
                            .orElse("null");
            if (!found.equals(wanted)) {
                wrong.add(file + ": wanted " + wanted + ", found " + found);
            }
        }
        Scores.tell("release files", all - wrong.size(), all);
        assertThat(wrong).isEmpty();
        assertThat(all).isGreaterThan(30);
    }

    private static Findings detect(String path, byte[] bytes) {
        return new MemoryImage(new DistroDetector()).file(path, bytes).detect();
    }
}
