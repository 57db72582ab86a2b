package io.basewatch.ociregistry;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where a page's Link leads. A registry behind a proxy often names itself as it is called inside, so that of a link only path and query are believed: what follows is asked of the
 * host that was asked before, and nobody else ever sees a request.
 */
final class NextPage {

    private NextPage() {}

    /**
     * Path and query of the next page; null when the link leads nowhere.
     *
     * @param path that was asked for, as it is on our host
     * @param from where the answer came from, redirects followed
     */
    static @Nullable String of(String link, String path, URI from) {
        String text = escaped(link);
        if (text.startsWith("?")) {
            return path + text;
        }
        try {
            URI to = URI.create(text.startsWith("v2/") ? "/" + text : text);
            boolean elsewhere = to.isAbsolute() || to.getRawAuthority() != null;
            if (to.isAbsolute()
                    && !"http".equalsIgnoreCase(to.getScheme())
                    && !"https".equalsIgnoreCase(to.getScheme())) {
                return null;
            }
            String target = elsewhere ? to.getRawPath() : from.resolve(to).getRawPath();
            if (target == null) {
                return null;
            }
            // A proxy may have put the registry's inner path under another one.
            String own = elsewhere && target.endsWith(path) ? path : "/" + target.replaceFirst("^/+", "");
            return to.getRawQuery() == null ? own : own + "?" + to.getRawQuery();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** With what no address may contain written as it must be; registries put names and their own marks into a query as they are. */
    private static String escaped(String link) {
        StringBuilder escaped = new StringBuilder();
        for (byte b : link.getBytes(StandardCharsets.UTF_8)) {
            boolean legal = b > ' ' && b < 0x7f && "\"<>\\^`{|}".indexOf(b) < 0;
            escaped.append(legal ? String.valueOf((char) b) : String.format("%%%02X", b & 0xff));
        }
        return escaped.toString();
    }
}
