package io.basewatch.fingerprint.distro;

import io.basewatch.fleetmodel.Evidence;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an os-release file: shell assignments without expansion. Files in the field break the rules in small ways, so this reader is lenient: an
 * unquoted value may hold blanks, a quote that is not closed ends with its line, and lines that are no assignment are skipped. As in a shell, the last
 * assignment of a field wins. Where the file itself ends within quotes it was cut, and what is left of that value is not believed. Also reads the KEY=value files that came before it (lsb-release, openwrt_release). Source: os-release(5).
 */
record OsRelease(Map<String, String> fields, boolean isCut) {

    /** The longest real value is a URL. */
    private static final int MAX_VALUE = 512;

    private static final int MAX_FIELDS = 200;

    private static final Pattern LINE =
            Pattern.compile("(?:^|[\n\r])[ \t]*(?<line>(?:export[ \t]+)?(?<key>\\w+)[ \t]*=[^\n\r]*)");

    static OsRelease parse(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        boolean endsInLine = !text.isEmpty() && !text.endsWith("\n") && !text.endsWith("\r");
        String lastLine =
                endsInLine ? text.substring(Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1) : "";
        boolean isCut =
                endsWithinQuotes(lastLine.substring(lastLine.indexOf('=') + 1).strip());
        String whole = isCut ? text.substring(0, text.length() - lastLine.length()) : text;
        for (String line : whole.split("[\n\r]+")) {
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
        return new OsRelease(fields, isCut);
    }

    /** The field's value; null when it is absent or empty, which os-release(5) treats alike. */
    @Nullable
    String get(String key) {
        String value = fields.get(key);
        return value == null || value.isEmpty() ? null : value;
    }

    /**
     * What stands in the file where it assigns these fields: one piece from the first of their lines to the last. Where that would be too long to show, the
     * line of the first field alone, or its beginning.
     */
    static String quote(String text, List<String> keys) {
        Map<String, int[]> lines = new HashMap<>();
        Matcher line = LINE.matcher(text);
        while (line.find()) {
            String key = line.group("key");
            if (keys.contains(key)) {
                lines.put(key, new int[] {line.start("line"), line.end("line")});
            }
        }
        int start = lines.values().stream().mapToInt(span -> span[0]).min().orElse(0);
        int end = lines.values().stream().mapToInt(span -> span[1]).max().orElse(0);
        if (end - start > Evidence.MAX_EXCERPT) {
            int[] first = keys.stream()
                    .map(lines::get)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElseThrow();
            start = first[0];
            end = Math.min(first[1], start + Evidence.MAX_EXCERPT);
        }
        return text.substring(start, end).stripTrailing();
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

    private static boolean endsWithinQuotes(String raw) {
        char quote = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '\\' && quote != '\'') {
                i++;
            } else if (c == quote) {
                quote = 0;
            } else if (quote == 0 && c == '#' && i > 0 && isBlank(raw.charAt(i - 1))) {
                break;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            }
        }
        return quote != 0;
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
