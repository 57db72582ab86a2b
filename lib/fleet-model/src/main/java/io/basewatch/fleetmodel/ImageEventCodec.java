package io.basewatch.fleetmodel;

import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Image events as CloudEvents 1.0 in structured JSON (CloudEvents "JSON Event Format", §3), with a {@code schemaversion} extension attribute.
 * Unknown fields are ignored, so that a newer producer may add some; an unknown type or a newer schema version is refused.
 */
public final class ImageEventCodec {

    public static final int SCHEMA_VERSION = 1;

    /** Far above the largest legal event; what is longer is not ours and is not parsed. */
    public static final int MAX_BYTES = 64 * 1024;

    private static final String TYPE_PREFIX = "io.basewatch.image.";

    private ImageEventCodec() {}

    /** The topic key: events of one repository stay in order. */
    public static String key(ImageEvent event) {
        return event.repository().toString();
    }

    public static byte[] encode(ImageEvent event) {
        return encode(event, null);
    }

    /**
     * The same, which names where it came from.
     *
     * @param traceparent CloudEvents' extension for distributed tracing; null when it is not traced
     */
    public static byte[] encode(ImageEvent event, @Nullable String traceparent) {
        ObjectNode root = ModelJson.mapper().createObjectNode();
        root.put("specversion", "1.0");
        root.put("id", event.id());
        root.put("source", "//" + event.repository());
        root.put("subject", event.tag());
        root.put("time", event.time().toString());
        root.put("datacontenttype", "application/json");
        root.put("schemaversion", SCHEMA_VERSION);
        if (traceparent != null) {
            root.put("traceparent", traceparent);
        }
        ObjectNode data = ModelJson.mapper().createObjectNode();
        data.put("registry", event.repository().registry());
        data.put("repository", event.repository().name());
        data.put("tag", event.tag());
        data.put("revision", event.revision());
        if (event instanceof ImagePushed pushed) {
            root.put("type", TYPE_PREFIX + "pushed");
            data.put("tagDigest", pushed.tagDigest().toString());
            data.put("digest", pushed.digest().toString());
            if (pushed.platform() != null) {
                data.put("platform", pushed.platform().toString());
            }
        } else if (event instanceof TagMoved moved) {
            root.put("type", TYPE_PREFIX + "tag-moved");
            data.put("from", moved.from().toString());
            data.put("to", moved.to().toString());
        } else if (event instanceof TagRemoved removed) {
            root.put("type", TYPE_PREFIX + "tag-removed");
            data.put("digest", removed.digest().toString());
        }
        root.set("data", data);
        return ModelJson.mapper().writeValueAsBytes(root);
    }

    /**
     * @throws IllegalArgumentException naming the field and the offending value when the bytes are not an event that this version understands
     */
    public static ImageEvent decode(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "image event of " + bytes.length + " bytes is larger than " + MAX_BYTES + " bytes");
        }
        JsonNode root;
        try {
            root = ModelJson.mapper().readTree(bytes);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("image event is not JSON: " + e.getOriginalMessage(), e);
        }
        int version = root.path("schemaversion").asInt(0);
        if (version < 1 || version > SCHEMA_VERSION) {
            throw new IllegalArgumentException("image event has schemaversion '"
                    + root.path("schemaversion").asString("") + "'; this version reads 1 to " + SCHEMA_VERSION);
        }
        JsonNode data = root.path("data");
        Repository repository = field(data, "repository", name -> new Repository(text(data, "registry"), name));
        String tag = text(data, "tag");
        if (!data.path("revision").isIntegralNumber()) {
            throw new IllegalArgumentException("image event has no integral 'revision'");
        }
        long revision = data.path("revision").asLong();
        Instant time = field(root, "time", Instant::parse);
        String type = text(root, "type");
        return switch (type) {
            case TYPE_PREFIX + "pushed" ->
                new ImagePushed(
                        repository,
                        tag,
                        field(data, "tagDigest", Digest::parse),
                        field(data, "digest", Digest::parse),
                        platform(data),
                        revision,
                        time);
            case TYPE_PREFIX + "tag-moved" ->
                new TagMoved(
                        repository,
                        tag,
                        field(data, "from", Digest::parse),
                        field(data, "to", Digest::parse),
                        revision,
                        time);
            case TYPE_PREFIX + "tag-removed" ->
                new TagRemoved(repository, tag, field(data, "digest", Digest::parse), revision, time);
            default -> throw new IllegalArgumentException("image event has unknown type '" + type + "'");
        };
    }

    private static @Nullable Platform platform(JsonNode data) {
        return data.hasNonNull("platform") ? field(data, "platform", Platform::parse) : null;
    }

    private static String text(JsonNode node, String field) {
        JsonNode value = node.path(field);
        if (!value.isString() || value.asString().isEmpty()) {
            throw new IllegalArgumentException("image event has no text in field '" + field + "'");
        }
        return value.asString();
    }

    private static <T> T field(JsonNode node, String field, java.util.function.Function<String, T> parse) {
        try {
            return parse.apply(text(node, field));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IllegalArgumentException("image event field '" + field + "': " + e.getMessage(), e);
        }
    }
}
