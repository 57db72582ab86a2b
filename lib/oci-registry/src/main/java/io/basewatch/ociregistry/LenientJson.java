package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.JsonTree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads foreign JSON field by field: what is not asked for is not looked at, a field of another type than expected is an error that names it.
 * Depth is bounded here, length by whoever read the bytes.
 */
final class LenientJson {

    private static final int MAX_DEPTH = 64;

    private static final JsonTree TREE = new JsonTree(MAX_DEPTH);

    private LenientJson() {}

    /** What is wrong with a document; the message names the field. */
    static final class MalformedException extends Exception {
        MalformedException(String message) {
            super(message);
        }
    }

    static JsonNode object(byte[] bytes) throws MalformedException {
        JsonNode root = tree(bytes);
        if (!root.isObject()) {
            throw new MalformedException("it is not a JSON object");
        }
        return root;
    }

    static JsonNode tree(byte[] bytes) throws MalformedException {
        try {
            return TREE.read(bytes);
        } catch (JacksonException e) {
            throw new MalformedException("it is not JSON: " + Printable.text(e.getOriginalMessage()));
        }
    }

    /**
     * An object in which fields that differ from these names only in case have these names: programs in Go read them so.
     *
     * @throws MalformedException when it is no object
     */
    static JsonNode spelled(JsonNode object, String... names) throws MalformedException {
        if (!object.isObject()) {
            throw new MalformedException("it is not an object");
        }
        ObjectNode spelled = JsonNodeFactory.instance.objectNode();
        object.properties().forEach(field -> {
            for (String name : names) {
                if (name.equalsIgnoreCase(field.getKey()) && !object.has(name)) {
                    spelled.set(name, field.getValue());
                }
            }
            spelled.set(field.getKey(), field.getValue());
        });
        return spelled;
    }

    /** The text of a field; null when the field is absent or null. */
    static @Nullable String text(JsonNode object, String field) throws MalformedException {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw new MalformedException("field '" + field + "' is not a text");
        }
        return value.asString();
    }

    static String textOr(JsonNode object, String field, String otherwise) throws MalformedException {
        String value = text(object, field);
        return value == null ? otherwise : value;
    }

    static Digest digest(JsonNode object, String field) throws MalformedException {
        String value = text(object, field);
        if (value == null) {
            throw new MalformedException("field '" + field + "' is missing");
        }
        return digestOf(value, field);
    }

    static Digest digestOf(String text, String field) throws MalformedException {
        try {
            return Digest.parse(text);
        } catch (IllegalArgumentException e) {
            throw new MalformedException("field '" + field + "': '" + Printable.text(text)
                    + "' is no digest of an algorithm known here (sha256, sha512)");
        }
    }

    /** A number of bytes; the other value when the field is absent or null. */
    static long size(JsonNode object, String field, long otherwise) throws MalformedException {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0) {
            throw new MalformedException("field '" + field + "' is not a number of bytes");
        }
        return value.asLong();
    }

    /** The elements of an array; none when the field is absent or null. */
    static List<JsonNode> elements(JsonNode object, String field, int atMost) throws MalformedException {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return List.of();
        }
        if (!value.isArray()) {
            throw new MalformedException("field '" + field + "' is not a list");
        }
        if (value.size() > atMost) {
            throw new MalformedException("field '" + field + "' has " + value.size() + " entries, more than " + atMost);
        }
        return List.copyOf(value.values());
    }

    /** Texts of an array; one text alone is taken as a list of one (a shell-form command of old builders). */
    static List<String> texts(JsonNode object, String field, int atMost) throws MalformedException {
        JsonNode value = object.path(field);
        if (value.isString()) {
            return List.of(value.asString());
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : elements(object, field, atMost)) {
            if (!element.isString()) {
                throw new MalformedException("field '" + field + "' has an entry that is not a text");
            }
            texts.add(element.asString());
        }
        return texts;
    }

    /** The text values of an object; values of other types are left out, they mean nothing to us. */
    static Map<String, String> textMap(JsonNode object, String field) {
        Map<String, String> map = new LinkedHashMap<>();
        object.path(field).forEachEntry((name, value) -> {
            if (value.isString()) {
                map.put(name, value.asString());
            }
        });
        return map;
    }
}
