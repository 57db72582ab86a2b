package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PublishedEndTest {

    /** As {@code oras attach --artifact-type application/vnd.microsoft.artifact.lifecycle} writes it. */
    private static final String MANIFEST = """
            {
              "schemaVersion": 2,
              "mediaType": "application/vnd.oci.image.manifest.v1+json",
              "artifactType": "application/vnd.microsoft.artifact.lifecycle",
              "subject": {"digest": "sha256:0000000000000000000000000000000000000000000000000000000000000001"},
              "annotations": {
                "org.opencontainers.image.created": "2024-02-13T18:03:50Z",
                "vnd.microsoft.artifact.lifecycle.end-of-life.date": "2024-02-13T23:30:00-08:00"
              }
            }""";

    private static final String LIFECYCLE = "application/vnd.microsoft.artifact.lifecycle";

    private static Map<String, String> saying(String day) {
        return Map.of("vnd.microsoft.artifact.lifecycle.end-of-life.date", day);
    }

    @Test
    void theDayIsTakenFromTheArtifactsAnnotation() {
        var manifest = new JsonTree(10).read(MANIFEST.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Map<String, String> annotations = new HashMap<>();
        manifest.path("annotations")
                .properties()
                .forEach(each -> annotations.put(each.getKey(), each.getValue().asString()));
        assertThat(PublishedEnd.of(manifest.path("artifactType").asString(), annotations))
                .as("in UTC")
                .contains(LocalDate.of(2024, 2, 14));
        assertThat(PublishedEnd.of(LIFECYCLE, saying("2025-01-31"))).contains(LocalDate.of(2025, 1, 31));
    }

    @Test
    void whatIsNoDayIsNotTold() {
        for (String text : new String[] {"", " ", "soon", "2025-02-30", "31.01.2025", "2025-01-31T", "2".repeat(100)}) {
            assertThat(PublishedEnd.of(LIFECYCLE, saying(text))).as(text).isEmpty();
        }
        assertThat(PublishedEnd.of(LIFECYCLE, Map.of())).isEmpty();
        assertThat(PublishedEnd.of("application/spdx+json", saying("2025-01-31")))
                .as("of an artifact of another type")
                .isEmpty();
    }
}
