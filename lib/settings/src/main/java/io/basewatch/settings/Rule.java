package io.basewatch.settings;

import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What the schema says of one setting. */
final class Rule {

    private final JsonNode node;

    Rule(JsonNode node) {
        this.node = node;
    }

    /** Whether its value is told to nobody. */
    boolean isSecret() {
        return node.path("writeOnly").asBoolean(false);
    }

    /** Whether it is a value, not something with settings below it. */
    boolean isValue() {
        return !node.has("properties")
                && !node.has("items")
                && !node.path("additionalProperties").isObject();
    }

    /** What is wrong with a value as it is written, and what would do; null when nothing is. */
    @Nullable
    String trouble(String value) {
        if (!isValue()) {
            boolean list = node.has("items") && !node.path("items").has("properties");
            return value.isEmpty() || list ? null : quoted(value) + " is one value, where " + below() + " belongs";
        }
        return switch (node.path("type").asString("string")) {
            case "integer", "number" ->
                number(value, node.path("type").asString().equals("integer"));
            case "boolean" ->
                List.of("true", "false").contains(value) ? null : quoted(value) + " is neither true nor false";
            default -> text(value);
        };
    }

    private String below() {
        return node.has("items")
                ? "a list"
                : "something with " + String.join(", ", node.path("properties").propertyNames());
    }

    private @Nullable String number(String value, boolean whole) {
        BigDecimal number;
        try {
            number = new BigDecimal(value.trim());
            if (whole) {
                number.intValueExact();
            }
        } catch (NumberFormatException | ArithmeticException e) {
            return quoted(value) + " is no " + (whole ? "whole number" : "number") + range();
        }
        boolean within = (!node.has("minimum")
                        || number.compareTo(node.path("minimum").decimalValue()) >= 0)
                && (!node.has("maximum")
                        || number.compareTo(node.path("maximum").decimalValue()) <= 0)
                && (!node.has("exclusiveMinimum")
                        || number.compareTo(node.path("exclusiveMinimum").decimalValue()) > 0);
        return within ? null : quoted(value) + " is out of range" + range();
    }

    private String range() {
        if (node.has("exclusiveMinimum")) {
            return ": give more than " + node.path("exclusiveMinimum").asString();
        }
        if (!node.has("minimum")) {
            return "";
        }
        return ": give " + node.path("minimum").asString()
                + (node.has("maximum") ? " to " + node.path("maximum").asString() : " or more");
    }

    private @Nullable String text(String value) {
        if (node.has("enum")) {
            List<String> words =
                    node.path("enum").valueStream().map(JsonNode::asString).toList();
            if (words.stream().anyMatch(word -> Schema.uniform(word).equals(Schema.uniform(value)))) {
                return null;
            }
            String near = Schema.nearest(value, words);
            return quoted(value) + " is none of " + String.join(", ", words)
                    + (near == null ? "" : ": did you mean " + near + "?");
        }
        if (value.length() < node.path("minLength").asInt(0)) {
            return (value.isEmpty() ? "is empty" : "is too short") + ": give "
                    + node.path("minLength").asInt() + " characters or more";
        }
        if (node.has("pattern")
                && !value.isEmpty()
                && !Pattern.compile(node.path("pattern").asString())
                        .matcher(value)
                        .find()) {
            return quoted(value) + " " + form();
        }
        return null;
    }

    private String form() {
        if (node.has("examples")) {
            return "is not written as "
                    + String.join(
                            ", ",
                            node.path("examples")
                                    .valueStream()
                                    .map(JsonNode::asString)
                                    .toList());
        }
        return "is not in the form it needs: " + node.path("description").asString("");
    }

    private String quoted(String value) {
        // What has an @ in it may have a password before that.
        return isSecret() || value.indexOf('@') >= 0
                ? "(its value is not shown)"
                : "'" + (value.length() > 80 ? value.substring(0, 80) + "…" : value) + "'";
    }
}
