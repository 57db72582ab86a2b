package io.basewatch.ociregistry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One challenge of a WWW-Authenticate header. Source of the format: RFC 9110, §11.3 and §11.6.1.
 * What is malformed ends the reading; the challenges before it count.
 *
 * @param scheme in lower case
 * @param parameters by name in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {

    private static final int MAX_HEADER_CHARS = 16 * 1024;

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    /** All challenges of all the headers, in order: one header may hold several, separated by commas as their parameters are. */
    static List<Challenge> parse(List<String> headers) {
        List<Challenge> challenges = new ArrayList<>();
        for (String header : headers) {
            if (header.length() <= MAX_HEADER_CHARS) {
                new Parser(header, challenges).parse();
            }
        }
        return challenges;
    }

    private static final class Parser {
        private final String text;
        private final List<Challenge> challenges;
        private int at;

        Parser(String text, List<Challenge> challenges) {
            this.text = text;
            this.challenges = challenges;
        }

        void parse() {
            skip(" \t,");
            String scheme = token();
            while (!scheme.isEmpty()) {
                Map<String, String> parameters = new LinkedHashMap<>();
                challenges.add(new Challenge(scheme.toLowerCase(Locale.ROOT), parameters));
                scheme = parameters(parameters);
            }
        }

        /** Reads the parameters of one challenge; returns the scheme of the next one, empty at the end. */
        private String parameters(Map<String, String> parameters) {
            while (true) {
                skip(" \t,");
                String name = token();
                if (name.isEmpty()) {
                    return "";
                }
                int afterName = at;
                skip(" \t");
                if (at >= text.length() || text.charAt(at) != '=') {
                    at = afterName;
                    return name;
                }
                at++;
                if (at < text.length() && text.charAt(at) == '=') {
                    // token68 with padding (Negotiate): no parameters, and nothing for us.
                    skip("=");
                    continue;
                }
                skip(" \t");
                String value = at < text.length() && text.charAt(at) == '"' ? quoted() : token();
                parameters.putIfAbsent(name.toLowerCase(Locale.ROOT), value);
            }
        }

        private String quoted() {
            StringBuilder value = new StringBuilder();
            for (at++; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == '"') {
                    at++;
                    return value.toString();
                }
                if (c == '\\' && at + 1 < text.length()) {
                    c = text.charAt(++at);
                }
                value.append(c);
            }
            // No closing quote: the value may have been cut, so it is not believed.
            return "";
        }

        private String token() {
            int start = at;
            while (at < text.length() && isTokenChar(text.charAt(at))) {
                at++;
            }
            return text.substring(start, at);
        }

        /** tchar of RFC 9110, and what token68 and sloppy servers (unquoted addresses) add to it. */
        private static boolean isTokenChar(char c) {
            return (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "!#$%&'*+-.^_`|~/:".indexOf(c) >= 0;
        }

        private void skip(String chars) {
            while (at < text.length() && chars.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }
    }
}
