package io.basewatch.fingerprint.packages;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.MemoryImage;
import io.basewatch.layerfacts.Corpus;
import io.basewatch.layerfacts.Scores;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Every real package database of the corpus, against what the managers' own tools list. */
@ExtendWith(Scores.class)
class PackageCorpusTest {

    @Test
    void readsEveryRealDatabase() {
        List<String> wrong = new ArrayList<>();
        int all = 0;
        for (JsonNode each : Corpus.json("pkgdb/expected.json")) {
            all++;
            String file = each.get("file").asString();
            Findings findings = new MemoryImage(new PackagesDetector())
                    .file(pathInImage(file), Corpus.bytes(file))
                    .detect();
            Integer count = findings.databases().isEmpty()
                    ? null
                    : findings.databases().get(0).count();
            int wanted = Stream.of("expected_count", "with_status_installed")
                    .filter(each::has)
                    .findFirst()
                    .map(field -> each.get(field).asInt())
                    .orElseThrow();
            if (!Objects.equals(count, wanted)) {
                wrong.add(file + ": wanted " + wanted + " packages, found " + count + " " + findings.reasons());
            }
            wrong.addAll(missing(each, findings));
        }
        Scores.tell("package databases", all - wrong.size(), all);
        assertThat(wrong).isEmpty();
    }

    private static String pathInImage(String file) {
        if (file.contains("/apk/")) {
            return "lib/apk/db/installed";
        }
        return file.contains("/dpkg/")
                ? "var/lib/dpkg/status"
                : "var/lib/rpm/" + file.substring(file.lastIndexOf('/') + 1);
    }

    private static List<String> missing(JsonNode each, Findings findings) {
        List<String> wanted = new ArrayList<>();
        each.path("sample").forEach(line -> wanted.add(line.asString()));
        each.path("list").forEach(line -> wanted.add(line.asString()));
        each.path("glibc").forEach(line -> wanted.add(line.asString()));
        if (each.has("expected_list")) {
            new String(Corpus.bytes(each.get("expected_list").asString()), java.nio.charset.StandardCharsets.UTF_8)
                    .lines()
                    .forEach(wanted::add);
            List<String> found = findings.packages().stream()
                    .map(PackageCorpusTest::asRpmLists)
                    .sorted()
                    .toList();
            List<String> all = wanted.stream().distinct().sorted().toList();
            return found.equals(all)
                    ? List.of()
                    : List.of(each.get("file") + ": the list differs\n" + found + "\n" + all);
        }
        List<String> found = findings.packages().stream()
                .map(installed -> installed.manager().equals("rpm")
                        ? asRpmLists(installed)
                        : installed.name() + " " + installed.version())
                .toList();
        wanted.removeAll(found);
        return wanted.stream().map(line -> each.get("file") + " lacks " + line).toList();
    }

    /** As {@code rpm -qa --qf '%{NAME} %{EPOCH}:%{VERSION}-%{RELEASE} %{ARCH}'} does. */
    private static String asRpmLists(InstalledPackage installed) {
        String version = installed.version().contains(":") ? installed.version() : "(none):" + installed.version();
        return installed.name() + " " + version + " " + Objects.requireNonNullElse(installed.architecture(), "(none)");
    }
}
