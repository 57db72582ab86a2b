package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.AnalyzedImage;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.EventTopics;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.ImageEventCodec;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** That the description of the events is of those that are written, field by field. */
class AsyncApiTest {

    private static final Path ROOT = Path.of(System.getProperty("basewatch.root", ".."));
    private static final Path GOLDEN =
            ROOT.resolve("lib/fleet-model/src/test/resources/io/basewatch/fleetmodel/events/v1");
    private static final Digest A = Digest.parse("sha256:" + "a".repeat(64));
    private static final Digest B = Digest.parse("sha256:" + "b".repeat(64));
    private static final Instant TIME = Instant.parse("2026-11-22T10:15:30Z");
    private static final Repository APP = new Repository("registry.example.com", "team/app");

    private final JsonNode api = read(ROOT.resolve("docs/asyncapi.yaml"));

    @Test
    void theTopicsAreThoseThatAreMade() {
        assertThat(api.path("asyncapi").asString()).isEqualTo("3.0.0");
        assertThat(api.path("channels")
                        .valueStream()
                        .map(each -> each.path("address").asString()))
                .containsExactlyInAnyOrderElementsOf(EventTopics.all());
    }

    @Test
    void whatIsWrittenIsAsDescribed() {
        for (ImageEvent event : List.of(
                new ImagePushed(APP, "1", A, B, Platform.parse("linux/amd64"), 1, TIME),
                new ImagePushed(APP, "1", B, B, null, 2, TIME),
                new TagMoved(APP, "1", A, B, 3, TIME),
                new TagRemoved(APP, "1", A, 4, TIME))) {
            for (String traceparent : new String[] {null, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
                JsonNode written = JsonMapper.shared().readTree(ImageEventCodec.encode(event, traceparent));
                assertThat(problems(message(written.path("type").asString()).path("payload"), written))
                        .isEmpty();
                assertThat(written.path("traceparent").asString(null)).isEqualTo(traceparent);
            }
        }
        for (AnalysisStatus status : AnalysisStatus.values()) {
            ImageAnalysis analysis = new ImageAnalysis(
                    A,
                    null,
                    status,
                    List.of(new Reason(Reason.Code.TIMEOUT, "words")),
                    Fingerprint.unknown(),
                    List.of(),
                    null,
                    "1",
                    TIME);
            AnalyzedImage told = AnalyzedImage.of(analysis, null);
            JsonNode message = message(AnalyzedImage.TYPE);
            assertThat(problems(message.path("payload"), JsonMapper.shared().readTree(told.encode())))
                    .isEmpty();
            assertThat(problems(message.path("headers"), JsonMapper.shared().valueToTree(told.headers())))
                    .isEmpty();
        }
    }

    @Test
    void theGoldenOnesAreAsDescribedButForWhatALaterProducerAdds() throws IOException {
        try (Stream<Path> files = Files.list(GOLDEN)) {
            List<Path> all = files.toList();
            assertThat(all).hasSizeGreaterThan(4);
            for (Path file : all) {
                JsonNode golden = JsonMapper.shared().readTree(Files.readString(file));
                String type = golden.path("type").asString(AnalyzedImage.TYPE);
                assertThat(problems(message(type).path("payload"), golden))
                        .as(file.toString())
                        .allMatch(problem -> problem.contains("aFieldOfALaterProducer"));
            }
        }
    }

    @Test
    void theWordsOfTheDescriptionAreAllThatThereAre() {
        JsonNode payload = message(AnalyzedImage.TYPE).at("/payload/properties");
        assertThat(payload.at("/status/enum").valueStream().map(JsonNode::asString))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(AnalysisStatus.values())
                        .map(AnalysisStatus::toString)
                        .toList());
        assertThat(payload.at("/libc/enum").valueStream().map(JsonNode::asString))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Libc.Family.values())
                        .map(Libc.Family::toString)
                        .toList());
    }

    private JsonNode message(String name) {
        return api.at("/components/messages")
                .valueStream()
                .filter(each -> each.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** What of a value a schema does not allow, and which fields it does not know. */
    private List<String> problems(JsonNode schema, JsonNode value) {
        List<String> problems = new ArrayList<>();
        check("", schema, value, problems);
        return problems;
    }

    private void check(String path, JsonNode described, JsonNode value, List<String> problems) {
        String reference = described.path("$ref").asString("");
        JsonNode schema = reference.isEmpty() ? described : api.at(reference.substring(1));
        if (schema.has("const") && !schema.path("const").asString().equals(value.asString())) {
            problems.add(path + " is " + value);
        }
        if (schema.has("enum") && schema.path("enum").valueStream().noneMatch(value::equals)) {
            problems.add(path + " is " + value);
        }
        if (schema.has("pattern")
                && !value.asString().matches(schema.path("pattern").asString())) {
            problems.add(path + " is " + value);
        }
        switch (schema.path("type").asString("")) {
            case "object" -> {
                schema.path("required").forEach(name -> {
                    if (!value.has(name.asString())) {
                        problems.add(path + "." + name.asString() + " is missing");
                    }
                });
                for (Map.Entry<String, JsonNode> each : value.properties()) {
                    JsonNode field = schema.path("properties").path(each.getKey());
                    if (field.isMissingNode()) {
                        problems.add(path + "." + each.getKey() + " is not described");
                    } else {
                        check(path + "." + each.getKey(), field, each.getValue(), problems);
                    }
                }
            }
            case "string" -> {
                if (!value.isString()) {
                    problems.add(path + " is no text: " + value);
                }
            }
            case "integer" -> {
                if (!value.isIntegralNumber()) {
                    problems.add(path + " is no number: " + value);
                }
            }
            case "array" -> value.forEach(each -> check(path + "[]", schema.path("items"), each, problems));
            default -> {
                // Said by const or enum alone.
            }
        }
    }

    private static JsonNode read(Path file) {
        try {
            return JsonMapper.shared()
                    .valueToTree(new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
