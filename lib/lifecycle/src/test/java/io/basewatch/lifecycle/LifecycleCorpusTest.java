package io.basewatch.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.fleetmodel.JsonTree;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.lifecycle.LifecycleDataset.Cycle;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The dates of real images, against those that were looked up for them elsewhere. */
class LifecycleCorpusTest {

    @Test
    void agreesWithWhatWasLookedUpForEveryImageOfTheCorpus() throws IOException {
        Path truth = Path.of(System.getProperty("basewatch.corpus", "no-corpus"), "truth.json");
        assumeTrue(Files.isRegularFile(truth), "there is no corpus at " + truth);
        int compared = 0;
        for (JsonNode image : new JsonTree(16).read(Files.readAllBytes(truth)).path("images")) {
            JsonNode distro = image.path("truth").path("expected_distro");
            JsonNode eol = image.path("truth").path("eol").path("eol");
            // Distroless has a support of its own, shorter than the Debian's that was looked up for it.
            if (!distro.isObject()
                    || !eol.isString()
                    || image.path("repo").asString().startsWith("distroless/")) {
                continue;
            }
            Support support = Lifecycle.bundled()
                    .support(
                            distro.path("id").asString(),
                            distro.path("version").asString(),
                            null,
                            null,
                            LocalDate.parse("2026-11-21"));
            String name = image.path("repo").asString() + " " + image.path("tags");
            if (eol.asString().equals("rolling")) {
                assertThat(support.phase()).as(name).isEqualTo(SupportPhase.ROLLING);
            } else if (eol.asString().matches("\\d{4}-.*")) {
                assertThat(List.of(String.valueOf(support.standardEnds()), String.valueOf(support.ltsEnds())))
                        .as(name)
                        .contains(eol.asString());
            } else {
                continue;
            }
            compared++;
        }
        assertThat(compared).isGreaterThan(25);
    }

    /** What the phases must be is worked out here, from the cited rows and the days that they name. */
    @ParameterizedTest
    @ValueSource(strings = {"2019-05-01", "2024-07-01", "2026-11-21", "2028-07-01"})
    void findsThePhaseOfEveryReleaseOfTheCorpusOnSeveralDays(String asOf) throws IOException {
        Path truth = Path.of(System.getProperty("basewatch.corpus", "no-corpus"), "truth.json");
        assumeTrue(Files.isRegularFile(truth), "there is no corpus at " + truth);
        JsonNode cited = new JsonTree(16)
                .read(Files.readAllBytes(
                        truth.resolveSibling("..").resolve("domain").resolve("eol.json")))
                .path("products");
        LocalDate day = LocalDate.parse(asOf);
        int compared = 0;
        for (JsonNode image : new JsonTree(16).read(Files.readAllBytes(truth)).path("images")) {
            JsonNode distro = image.path("truth").path("expected_distro");
            if (!distro.isObject()) {
                continue;
            }
            Support support = Lifecycle.bundled()
                    .support(
                            distro.path("id").asString(),
                            distro.path("version").asString(null),
                            null,
                            image.path("repo").asString().startsWith("distroless/") ? "distroless" : null,
                            day);
            for (JsonNode row : cited.path(String.valueOf(support.product())).path("cycles")) {
                if (row.path("cycle").asString().equals(support.cycle())
                        && row.path("release").isString()) {
                    assertThat(support.phase())
                            .as(image.path("repo").asString() + " " + image.path("tags") + " on " + day)
                            .isEqualTo(phase(row, asOf));
                    assertThat(support.day()).isEqualTo(day);
                    compared++;
                }
            }
        }
        assertThat(compared).isGreaterThan(35);
    }

    /** Days as texts, which are in the order of their days. */
    private static SupportPhase phase(JsonNode row, String day) {
        if (day.compareTo(row.path("release").asString()) < 0) {
            return SupportPhase.UNRELEASED;
        }
        if (!isOver(row, "active_support_end", day)) {
            return SupportPhase.STANDARD;
        }
        if (!isOver(row, "security_support_end", day)) {
            return row.path("active_support_end").isString() ? SupportPhase.LTS : SupportPhase.STANDARD;
        }
        return isOver(row, "extended_end", day) && isOver(row, "legacy_end", day)
                ? SupportPhase.ENDED
                : SupportPhase.EXTENDED;
    }

    private static boolean isOver(JsonNode row, String field, String day) {
        return !row.path(field).isString() || day.compareTo(row.path(field).asString()) > 0;
    }

    /** The dates that the data was put together from: all of them, not those of the images of the corpus alone. */
    @Test
    void hasEveryReleaseOfTheCitedDataWithItsDates() throws IOException {
        Path cited = Path.of(System.getProperty("basewatch.corpus", "no-corpus"), "..", "domain", "eol.json");
        assumeTrue(Files.isRegularFile(cited), "there is no cited data at " + cited);
        Map<String, LifecycleDataset.Product> products = bundled().products();
        List<String> wrong = new ArrayList<>();
        int compared = 0;
        for (Map.Entry<String, JsonNode> product : new JsonTree(16)
                .read(Files.readAllBytes(cited))
                .path("products")
                .properties()) {
            for (JsonNode row : product.getValue().path("cycles")) {
                String at = product.getKey() + " " + row.path("cycle").asString();
                LifecycleDataset.Product known = products.get(product.getKey());
                Cycle cycle = known == null
                        ? null
                        : known.cycles().get(row.path("cycle").asString());
                compared++;
                if (cycle == null) {
                    wrong.add(at + " is missing");
                    continue;
                }
                compare(at + " release", row.path("release"), cycle.released(), wrong);
                compare(
                        at + " active",
                        row.path("active_support_end"),
                        cycle.standard().day(),
                        wrong);
                compare(
                        at + " security",
                        row.path("security_support_end"),
                        cycle.security().day(),
                        wrong);
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(compared).isGreaterThan(300);
    }

    private static void compare(String what, JsonNode cited, @Nullable LocalDate ours, List<String> wrong) {
        String day = cited.isString() ? cited.asString() : null;
        if (!Objects.equals(day, ours == null ? null : ours.toString())) {
            wrong.add(what + ": cited " + day + ", ours " + ours);
        }
    }

    private static LifecycleDataset bundled() throws IOException {
        try (InputStream in = Lifecycle.class.getResourceAsStream("lifecycle.json")) {
            return LifecycleDataset.read(in.readAllBytes());
        }
    }
}
