package io.basewatch.ociregistry;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Who passes requests on.
 *
 * @param host empty for nobody
 * @param authorization for the proxy alone, never printed; null for none
 */
public record HttpProxy(String host, int port, @Nullable String authorization) {

    /** Nobody does, whatever the environment says. */
    static final HttpProxy NONE = new HttpProxy("", 0, null);

    private static final int USUAL_PORT = 80;

    /**
     * @param name of the setting or variable, for messages, which never have the text
     * @param text {@code http://[user:password@]host[:port]}, without the scheme too; {@code none} for {@link #NONE}
     */
    static HttpProxy parse(String name, String text) {
        String address = text.trim();
        if (address.equalsIgnoreCase("none")) {
            return NONE;
        }
        URI uri;
        try {
            uri = new URI(address.contains("://") ? address : "http://" + address);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name + " is no address: write it as http://[user:password@]host:port");
        }
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") || uri.getHost() == null) {
            throw new IllegalArgumentException(name + " is not http://[user:password@]host:port"
                    + (scheme.equals("https") || scheme.startsWith("socks")
                            ? ": a proxy that is spoken to by " + scheme + " is not supported"
                            : ""));
        }
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        if (!(path.isEmpty() || path.equals("/")) || uri.getRawQuery() != null) {
            throw new IllegalArgumentException(name + " has something behind host and port");
        }
        String user = uri.getRawUserInfo();
        return new HttpProxy(
                uri.getHost(), uri.getPort() < 0 ? USUAL_PORT : uri.getPort(), user == null ? null : basic(user));
    }

    private static String basic(String user) {
        // A plus is a plus here.
        String pair = URLDecoder.decode(user.replace("+", "%2B"), StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    boolean isNone() {
        return host.isEmpty();
    }

    @Override
    public String toString() {
        return isNone() ? "none" : "http://" + host + ":" + port;
    }
}
