package io.basewatch.ociregistry;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the next page's address in Link headers. Source of the format: RFC 8288, §3, and what registries make of it: addresses without {@code < >}, and without a word what they
 * are for. What is malformed has no next page.
 */
final class LinkHeader {

    private static final int MAX_CHARS = 16 * 1024;

    private LinkHeader() {}

    /**
     * @param rel null when the link does not say what it is for
     */
    private record Link(String target, @Nullable String rel) {

        boolean isNext() {
            return rel != null
                    && List.of(rel.toLowerCase(Locale.ROOT).trim().split("\\s+"))
                            .contains("next");
        }

        boolean leadsTo(String path) {
            return rel == null && (target.startsWith("?") || target.contains(path));
        }
    }

    /**
     * @param path of the list that is read: a link that does not say what it is for is the next page when it leads there
     */
    static Optional<String> next(List<String> headers, String path) {
        List<Link> links = new ArrayList<>();
        for (String header : headers) {
            if (header.length() <= MAX_CHARS) {
                new Parser(header, links).parse();
            }
        }
        return links.stream()
                .filter(Link::isNext)
                .findFirst()
                .or(() -> links.stream().filter(link -> link.leadsTo(path)).findFirst())
                .map(Link::target);
    }

    private static final class Parser {
        private final String text;
        private final List<Link> links;
        private int at;

        Parser(String text, List<Link> links) {
            this.text = text;
            this.links = links;
        }

        void parse() {
            skip(" \t,");
            while (at < text.length()) {
                String target = text.charAt(at) == '<' ? bracketed() : bare();
                if (target == null) {
                    return;
                }
                String rel = rel();
                if (!target.isEmpty()) {
                    links.add(new Link(target, rel));
                }
                skip(" \t,");
            }
        }

        private @Nullable String bracketed() {
            int close = text.indexOf('>', at);
            if (close < 0) {
                return null;
            }
            String target = text.substring(at + 1, close).trim();
            at = close + 1;
            return target;
        }

        /** Up to its parameters, or to a comma that a blank follows: other commas may be part of the address. */
        private String bare() {
            int start = at;
            while (at < text.length() && text.charAt(at) != ';' && !(text.charAt(at) == ',' && isBlank(at + 1))) {
                at++;
            }
            return text.substring(start, at).trim();
        }

        private boolean isBlank(int index) {
            return index >= text.length() || text.charAt(index) == ' ' || text.charAt(index) == '\t';
        }

        /** Reads all parameters of one link, to the comma that ends it; the first rel counts. */
        private @Nullable String rel() {
            String rel = null;
            while (at < text.length() && text.charAt(at) != ',') {
                skip(" \t;");
                int start = at;
                while (at < text.length() && "=;,".indexOf(text.charAt(at)) < 0) {
                    at++;
                }
                String name = text.substring(start, at).trim();
                if (at < text.length() && text.charAt(at) == '=') {
                    at++;
                    String value = value();
                    if (rel == null && name.equalsIgnoreCase("rel")) {
                        rel = value;
                    }
                }
            }
            return rel;
        }

        private String value() {
            skip(" \t");
            if (at < text.length() && (text.charAt(at) == '"' || text.charAt(at) == '\'')) {
                return quoted(text.charAt(at));
            }
            int start = at;
            while (at < text.length() && ";,".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(start, at).trim();
        }

        private String quoted(char quote) {
            StringBuilder value = new StringBuilder();
            for (at++; at < text.length() && text.charAt(at) != quote; at++) {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at));
            }
            at = Math.min(at + 1, text.length());
            return value.toString();
        }

        private void skip(String chars) {
            while (at < text.length() && chars.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }
    }
}
