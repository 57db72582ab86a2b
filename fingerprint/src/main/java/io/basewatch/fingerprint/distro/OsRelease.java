package io.basewatch.fingerprint.distro;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an os-release file: shell assignments without expansion. Files in the field break the rules in small ways, so this reader is lenient: an
 * unquoted value may hold blanks, a quote that is not closed ends with its line, and lines that are no assignment are skipped. As in a shell, the last
 * assignment of a field wins. Also reads the KEY=value files that came before it (lsb-release, openwrt_release). Source: os-release(5).
 */
record OsRelease(Map<String, String> fields) {

    /** The longest real value is a URL. */
    private static final int MAX_VALUE = 512;

    private static final int MAX_FIELDS = 200;

    static OsRelease parse(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line : text.split("[\n\r]+")) {
            String assignment = line.strip();
            if (assignment.startsWith("export ")) {
                assignment = assignment.substring("export ".length()).strip();
            }
            int equals = assignment.indexOf('=');
            if (equals > 0 && fields.size() < MAX_FIELDS) {
                String key = assignment.substring(0, equals).strip();
                if (isName(key)) {
                    fields.put(key, unquote(assignment.substring(equals + 1).strip()));
                }
            }
        }
        return new OsRelease(fields);
    }

    /** The field's value; null when it is absent or empty, which os-release(5) treats alike. */
    @Nullable
    String get(String key) {
        String value = fields.get(key);
        return value == null || value.isEmpty() ? null : value;
    }

    private static boolean isName(String key) {
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (!isAsciiLetter(c) && !(c >= '0' && c <= '9') && c != '_') {
                return false;
            }
        }
        return !key.isEmpty();
    }

    private static boolean isAsciiLetter(char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }

    /** Shell quoting: parts in single quotes as they are, in double quotes and without with backslash escapes, all joined. */
    private static String unquote(String raw) {
        StringBuilder value = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < raw.length() && value.length() < MAX_VALUE; i++) {
            char c = raw.charAt(i);
            if (quote == '\'') {
                if (c == quote) {
                    quote = 0;
                } else {
                    append(value, c);
                }
            } else if (c == '\\' && i + 1 < raw.length()) {
                i++;
                append(value, raw.charAt(i));
            } else if (c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (quote == 0 && c == '#' && i > 0 && isBlank(raw.charAt(i - 1))) {
                break;
            } else {
                append(value, c);
            }
        }
        return value.toString().strip();
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /** What people and terminals read must not hold control characters. */
    private static void append(StringBuilder value, char c) {
        if (!Character.isISOControl(c)) {
            value.append(c);
        }
    }
}
