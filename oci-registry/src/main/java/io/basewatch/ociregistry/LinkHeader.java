package io.basewatch.ociregistry;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds the next page's address in Link headers. Source of the format: RFC 8288, §3. What is malformed has no next page. */
final class LinkHeader {

    private static final int MAX_CHARS = 16 * 1024;

    private LinkHeader() {}

    static Optional<String> next(List<String> headers) {
        for (String header : headers) {
            if (header.length() <= MAX_CHARS) {
                Optional<String> target = next(header);
                if (target.isPresent()) {
                    return target;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> next(String header) {
        int at = 0;
        while (true) {
            int open = header.indexOf('<', at);
            int close = open < 0 ? -1 : header.indexOf('>', open);
            if (close < 0) {
                return Optional.empty();
            }
            int end = endOfParameters(header, close + 1);
            String target = header.substring(open + 1, close).trim();
            if (!target.isEmpty() && isNext(header.substring(close + 1, end))) {
                return Optional.of(target);
            }
            at = end;
        }
    }

    /** The comma that ends a link's parameters, outside of quotes. */
    private static int endOfParameters(String header, int from) {
        boolean quoted = false;
        for (int i = from; i < header.length(); i++) {
            char c = header.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == '\\' && quoted) {
                i++;
            } else if (c == ',' && !quoted) {
                return i;
            }
        }
        return header.length();
    }

    private static boolean isNext(String parameters) {
        for (String parameter : parameters.split(";")) {
            int equals = parameter.indexOf('=');
            if (equals > 0 && parameter.substring(0, equals).trim().equalsIgnoreCase("rel")) {
                String value = parameter.substring(equals + 1).trim().replace("\"", "");
                return List.of(value.toLowerCase(Locale.ROOT).split("\\s+")).contains("next");
            }
        }
        return false;
    }
}
