package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The dates of real images, against those that were looked up for them elsewhere. */
class LifecycleCorpusTest {

    @Test
    void agreesWithWhatWasLookedUpForEveryImageOfTheCorpus() throws IOException {
        Path truth = Path.of(System.getProperty("basewatch.corpus", "no-corpus"), "truth.json");
        assumeTrue(Files.isRegularFile(truth), "there is no corpus at " + truth);
        int compared = 0;
        for (JsonNode image :
                ModelJson.mapper().readTree(Files.readAllBytes(truth)).path("images")) {
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
}
