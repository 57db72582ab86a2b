package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.registrytestkit.CorpusRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whole documents of all images of the corpus, held against those of before facts were kept by kind: whoever changes how facts are kept or read sees each answer
 * that changes with it. An answer that is meant to change is changed in {@code corpus/documents.ndjson} too. Support is left out, as it depends on the day; so are caveats, whose rules have tests of their own, and the base,
 * which is held against what the corpus knows ({@code CorpusSweepTest}, {@code KnownBasesTest}).
 */
class WholeDocumentsTest {

    @TempDir
    Path scratch;

    @Test
    void everyImageOfTheCorpusIsToldAsBefore() throws Exception {
        Map<String, JsonNode> expected = documents(text());
        assertThat(expected).hasSizeGreaterThan(60);
        try (CorpusRegistry corpus = CorpusRegistry.serve(scratch)) {
            List<String> arguments = new ArrayList<>(List.of("inspect", "--output", "json"));
            for (JsonNode image : CorpusRegistry.truth("images")) {
                arguments.add(corpus.host() + "/" + image.get("repo").asString() + "@"
                        + image.get("digest").asString());
            }
            CapturedOutput told = ChildProcess.run(scratch, arguments.toArray(String[]::new));

            Map<String, JsonNode> found = documents(told.out().replace(corpus.host() + "/", ""));
            assertThat(found).hasSizeGreaterThan(60);
            found.forEach(
                    (reference, document) -> assertThat(document).as(reference).isEqualTo(expected.get(reference)));
        }
    }

    private static Map<String, JsonNode> documents(String lines) {
        Map<String, JsonNode> documents = new TreeMap<>();
        for (String line : lines.lines().toList()) {
            ObjectNode document = (ObjectNode) JsonMapper.shared().readTree(line);
            document.remove("support");
            document.remove("judged");
            document.remove("caveats");
            document.remove("base");
            if (document.get("distro") instanceof ObjectNode distro) {
                distro.remove("supportEnd");
            }
            documents.put(document.get("reference").asString(), document);
        }
        return documents;
    }

    private static String text() throws IOException {
        try (InputStream in = WholeDocumentsTest.class.getResourceAsStream("/corpus/documents.ndjson")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
