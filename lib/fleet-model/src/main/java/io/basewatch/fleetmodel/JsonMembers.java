package io.basewatch.fleetmodel;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Takes a JSON object (RFC 8259, chapter 4) apart into its members without reading their values. Reading all of a large document is a good part of a run that needs little of it; which of its
 * bytes belong to which value can be told by quotes and brackets alone. For documents that this program carries: what is wrong within a value is seen when that is read.
 */
public final class JsonMembers {

    private final byte[] json;
    private final String into;
    private final Map<String, byte[]> found = new LinkedHashMap<>();
    private int at;

    private JsonMembers(byte[] json, String into) {
        this.json = json;
        this.into = into;
    }

    /**
     * The bytes of each value, by name, in the document's order.
     *
     * @param json in UTF-8
     * @param into name of a member in whose place are its own ones, named {@code name/its own}
     * @throws IllegalArgumentException when it is no object, ends within one, or has a name that is there twice or written with escapes
     */
    public static Map<String, byte[]> of(byte[] json, String into) {
        JsonMembers members = new JsonMembers(json, into);
        members.skipBlanks();
        members.take("");
        while (members.at < json.length && isBlank(json[members.at])) {
            members.at++;
        }
        if (members.at < json.length) {
            throw new IllegalArgumentException("there is more after the object's end, at byte " + members.at);
        }
        return members.found;
    }

    private void take(String within) {
        require(here(), '{');
        at++;
        byte next = skipBlanks();
        while (next != '}') {
            require(next, '"');
            int name = at + 1;
            at = endOfText(at);
            String key = new String(json, name, at - 1 - name, StandardCharsets.UTF_8);
            require(skipBlanks(), ':');
            at++;
            skipBlanks();
            if (within.isEmpty() && key.equals(into)) {
                take(key + "/");
            } else {
                int value = at;
                skipValue();
                if (key.indexOf('\\') >= 0 || found.put(within + key, Arrays.copyOfRange(json, value, at)) != null) {
                    throw new IllegalArgumentException("name '" + key + "' is there twice or has escapes");
                }
            }
            next = skipBlanks();
            if (next == ',') {
                at++;
                next = skipBlanks();
                require(next, '"');
            } else {
                require(next, '}');
            }
        }
        at++;
    }

    private void require(byte found, char wanted) {
        if (found != wanted) {
            throw new IllegalArgumentException("byte " + at + " is no '" + wanted + "'");
        }
    }

    private byte here() {
        if (at >= json.length) {
            throw new IllegalArgumentException("the object does not end");
        }
        return json[at];
    }

    /** What comes next. */
    private byte skipBlanks() {
        while (isBlank(here())) {
            at++;
        }
        return json[at];
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    /** From a first quotation mark to behind the last. */
    private int endOfText(int begin) {
        byte[] bytes = json;
        int end = begin + 1;
        while (end < bytes.length && bytes[end] != '"') {
            end += bytes[end] == '\\' ? 2 : 1;
        }
        if (end >= bytes.length) {
            throw new IllegalArgumentException("the object does not end");
        }
        return end + 1;
    }

    /** To where it ends for whoever reads quotes and brackets alone. Most of a document is passed here. */
    private void skipValue() {
        byte[] bytes = json;
        int end = at;
        int open = 0;
        while (end < bytes.length && (open > 0 || !endsValue(bytes[end]))) {
            byte b = bytes[end];
            if (b == '"') {
                end = endOfText(end);
            } else {
                open += b == '{' || b == '[' ? 1 : b == '}' || b == ']' ? -1 : 0;
                end++;
            }
        }
        if (end == at) {
            throw new IllegalArgumentException("byte " + at + " begins no value");
        }
        at = end;
        here();
    }

    private static boolean endsValue(byte b) {
        return b == ',' || b == '}' || b == ']' || isBlank(b);
    }
}
