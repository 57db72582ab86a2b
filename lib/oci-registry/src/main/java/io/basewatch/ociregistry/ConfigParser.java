package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes an image's config of bytes. */
final class ConfigParser {

    private static final int MAX_LAYERS = 1_280;
    private static final int MAX_WORDS = 10_000;

    private ConfigParser() {}

    static ImageConfig parse(byte[] bytes) throws MalformedException {
        JsonNode root = LenientJson.object(bytes);
        List<Digest> diffIds = new ArrayList<>();
        for (String diffId : LenientJson.texts(root.path("rootfs"), "diff_ids", MAX_LAYERS)) {
            diffIds.add(LenientJson.digestOf(diffId, "rootfs.diff_ids[" + diffIds.size() + "]"));
        }
        JsonNode run = root.path("config");
        Platform platform = ManifestParser.platform(root);
        return new ImageConfig(
                platform,
                created(root.path("created").asString("")),
                diffIds,
                new ImageInputs(
                        LenientJson.texts(run, "Entrypoint", MAX_WORDS),
                        LenientJson.texts(run, "Cmd", MAX_WORDS),
                        LenientJson.texts(run, "Env", MAX_WORDS),
                        LenientJson.textMap(run, "Labels"),
                        run.path("User").asString(null),
                        run.path("WorkingDir").asString(null),
                        ports(run.path("ExposedPorts")),
                        history(root.path("history")),
                        Map.of(),
                        platform,
                        List.of()));
    }

    private static List<String> ports(JsonNode exposed) {
        return exposed.propertyNames().stream().sorted().limit(MAX_WORDS).toList();
    }

    /** It is for people: a step that is no such thing is passed over, and makes no image invalid. */
    private static List<ImageInputs.Step> history(JsonNode history) {
        List<ImageInputs.Step> steps = new ArrayList<>();
        for (JsonNode step : history) {
            if (step.isObject() && steps.size() < MAX_WORDS) {
                steps.add(new ImageInputs.Step(
                        created(step.path("created").asString("")),
                        step.path("created_by").asString(""),
                        step.path("empty_layer").asBoolean(false)));
            }
        }
        return steps;
    }

    private static @Nullable Instant created(String text) {
        try {
            return text.isEmpty() ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }
}
