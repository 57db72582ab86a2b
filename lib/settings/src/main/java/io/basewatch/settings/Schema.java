package io.basewatch.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The JSON schema of all settings, as editors read it. Names are the same whether they are written {@code max-share}, {@code maxShare} or {@code MAX_SHARE}. */
public final class Schema {

    private static final String FILE = "/basewatch.schema.json";

    private static final Schema BUNDLED = new Schema(read());

    /** A name is taken for a misspelt one when so many letters, or a third of them, are others. */
    private static final int NEAR = 3;

    private final String text;
    private final JsonNode root;

    private Schema(String text) {
        this.text = text;
        this.root = JsonMapper.shared().readTree(text);
    }

    public static Schema bundled() {
        return BUNDLED;
    }

    private static String read() {
        try (InputStream in = Schema.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + " is not among the program's own files");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As a file. */
    public String text() {
        return text;
    }

    /** Names of all settings, in the schema's order: {@code basewatch.registries[].url}; of maps, with {@code *} for the key. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        collect("basewatch", root.path("properties").path("basewatch"), names);
        return names;
    }

    private void collect(String name, JsonNode at, List<String> names) {
        JsonNode node = resolved(at);
        if (node.path("items").isObject()) {
            JsonNode item = resolved(node.path("items"));
            if (item.has("properties")) {
                collect(name + "[]", item, names);
                return;
            }
        }
        if (node.path("additionalProperties").isObject()) {
            names.add(name + ".*");
        } else if (node.has("properties")) {
            for (Map.Entry<String, JsonNode> each : node.path("properties").properties()) {
                collect(name + "." + each.getKey(), each.getValue(), names);
            }
        } else {
            names.add(name);
        }
    }

    /** Whether a setting's value is told to nobody. */
    public boolean isSecret(ConfigurationPropertyName name) {
        boolean ours = !name.isEmpty() && name.getElement(0, Form.UNIFORM).equals("basewatch");
        Rule rule = ours ? find(name).rule() : null;
        return rule != null && rule.isSecret();
    }

    /**
     * What is wrong with a setting's value as it is written, and what would do; empty where nothing is that a single value shows, and for what stands for something else ({@code ${NAME}}).
     * Never has a secret in it.
     */
    public Optional<String> trouble(ConfigurationPropertyName name, String value) {
        boolean ours = !name.isEmpty() && name.getElement(0, Form.UNIFORM).equals("basewatch");
        Rule rule = ours && !value.contains("${") ? find(name).rule() : null;
        return Optional.ofNullable(rule == null ? null : rule.trouble(value));
    }

    /** What is known of a name. */
    record Found(@Nullable Rule rule, @Nullable String trouble) {}

    /**
     * What a setting has to be like; with the trouble where there is no such setting.
     *
     * @param name below {@code basewatch}
     */
    Found find(ConfigurationPropertyName name) {
        JsonNode at = root.path("properties").path("basewatch");
        StringBuilder path = new StringBuilder("basewatch");
        for (int i = 1; i < name.getNumberOfElements(); i++) {
            JsonNode node = resolved(at);
            if (name.isNumericIndex(i)) {
                if (!node.path("items").isObject()) {
                    return new Found(null, "is no list: " + path + " is written without '-'");
                }
                at = node.path("items");
                path.append('[').append(name.getElement(i, Form.ORIGINAL)).append(']');
                continue;
            }
            if (node.path("items").isObject()) {
                return new Found(null, "is no setting: " + path + " is a list, each entry begins with '-'");
            }
            if (node.path("additionalProperties").isObject()) {
                return new Found(new Rule(resolved(node.path("additionalProperties"))), null);
            }
            String asked = name.getElement(i, Form.UNIFORM);
            Optional<String> known = node.path("properties").propertyNames().stream()
                    .filter(each -> uniform(each).equals(asked))
                    .findFirst();
            if (known.isEmpty()) {
                return new Found(null, unknown(path.toString(), name.getElement(i, Form.ORIGINAL), node));
            }
            path.append('.').append(known.get());
            at = node.path("properties").path(known.get());
        }
        return new Found(new Rule(resolved(at)), null);
    }

    private static String unknown(String path, String asked, JsonNode node) {
        List<String> names = List.copyOf(node.path("properties").propertyNames());
        if (names.isEmpty()) {
            return "is no setting: " + path + " takes a value, and has nothing below it";
        }
        String near = nearest(asked, names);
        return "is no setting: "
                + (near == null
                        ? path + " has " + String.join(", ", names)
                        : "did you mean " + path + "." + near + "?");
    }

    /** The nearest of some names, or null when none is near. */
    static @Nullable String nearest(String asked, List<String> names) {
        String near = null;
        int least = Integer.MAX_VALUE;
        for (String name : names) {
            int distance = distance(uniform(asked), uniform(name));
            if (distance < least) {
                least = distance;
                near = name;
            }
        }
        return least <= Math.min(NEAR, Math.max(1, asked.length() / 3)) ? near : null;
    }

    /** Letters to insert, take out, change, or change places with the next one. */
    private static int distance(String one, String other) {
        int[][] least = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                if (i == 0 || j == 0) {
                    least[i][j] = i + j;
                    continue;
                }
                int change = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                least[i][j] = Math.min(least[i - 1][j - 1] + change, 1 + Math.min(least[i - 1][j], least[i][j - 1]));
                boolean swapped = i > 1
                        && j > 1
                        && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1);
                if (swapped) {
                    least[i][j] = Math.min(least[i][j], least[i - 2][j - 2] + 1);
                }
            }
        }
        return least[one.length()][other.length()];
    }

    static String uniform(String name) {
        return name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }

    private JsonNode resolved(JsonNode node) {
        String reference = node.path("$ref").asString("");
        return reference.isEmpty()
                ? node
                : root.path("$defs").path(reference.substring(reference.lastIndexOf('/') + 1));
    }
}
