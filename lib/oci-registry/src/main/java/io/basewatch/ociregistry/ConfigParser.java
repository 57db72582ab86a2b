package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
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
        return new ImageConfig(
                ManifestParser.platform(root),
                created(root.path("created").asString("")),
                diffIds,
                LenientJson.texts(run, "Entrypoint", MAX_WORDS),
                LenientJson.texts(run, "Cmd", MAX_WORDS),
                LenientJson.texts(run, "Env", MAX_WORDS),
                LenientJson.textMap(run, "Labels"));
    }

    private static @Nullable Instant created(String text) {
        try {
            return text.isEmpty() ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }
}
