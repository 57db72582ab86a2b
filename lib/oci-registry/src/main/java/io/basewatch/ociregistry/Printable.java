package io.basewatch.ociregistry;

import java.net.URI;

/** Makes foreign text fit for a message: short, on one line, without control characters or secrets. */
final class Printable {

    private static final int MAX_CHARS = 80;

    private Printable() {}

    static String text(String foreign) {
        StringBuilder printable = new StringBuilder();
        for (int i = 0; i < foreign.length() && i < MAX_CHARS; i++) {
            char c = foreign.charAt(i);
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT || Character.isSurrogate(c)) {
                printable.append(String.format("\\u%04x", (int) c));
            } else {
                printable.append(c);
            }
        }
        return foreign.length() > MAX_CHARS ? printable.append('…').toString() : printable.toString();
    }

    /** Scheme, host, port and path: user info and query may be secrets (signed addresses). */
    static String url(URI uri) {
        return uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
                + text(String.valueOf(uri.getRawPath()));
    }
}
