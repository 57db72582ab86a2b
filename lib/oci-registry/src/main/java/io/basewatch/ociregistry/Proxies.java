package io.basewatch.ociregistry;

import com.google.common.net.InetAddresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * By which proxy what is asked for one registry goes: the registry's own setting, else those of the environment ({@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code NO_PROXY}, also in
 * lower case, as curl and Go read them). This machine itself is never asked by a proxy of the environment.
 */
final class Proxies extends ProxySelector {

    private static final List<Proxy> DIRECT = List.of(Proxy.NO_PROXY);

    private final @Nullable HttpProxy own;
    private final @Nullable HttpProxy https;
    private final @Nullable HttpProxy http;
    private final List<String> exceptions = new ArrayList<>();

    /**
     * @throws IllegalArgumentException naming the variable that cannot be used
     */
    Proxies(@Nullable HttpProxy own, Map<String, String> environment) {
        this.own = own;
        this.https = own != null ? null : variable(environment, "HTTPS_PROXY");
        this.http = own != null ? null : variable(environment, "HTTP_PROXY");
        String none = value(environment, "NO_PROXY");
        for (String each : (none == null ? "" : none).split("[,\\s]+")) {
            if (!each.isEmpty()) {
                exceptions.add(each.toLowerCase(Locale.ROOT));
            }
        }
    }

    private static @Nullable HttpProxy variable(Map<String, String> environment, String name) {
        String value = value(environment, name);
        return value == null || value.isBlank() ? null : HttpProxy.parse("environment variable " + name, value);
    }

    private static @Nullable String value(Map<String, String> environment, String name) {
        String lower = environment.get(name.toLowerCase(Locale.ROOT));
        return lower == null || lower.isBlank() ? environment.get(name) : lower;
    }

    /** Whether nothing is said about proxies at all. */
    boolean areUnset() {
        return own == null && https == null && http == null;
    }

    /** Null for none. */
    @Nullable
    HttpProxy of(URI uri) {
        if (own != null) {
            return own.isNone() ? null : own;
        }
        HttpProxy proxy = "https".equalsIgnoreCase(uri.getScheme()) ? https : http;
        return proxy == null || proxy.isNone() || isException(uri) ? null : proxy;
    }

    private boolean isException(URI uri) {
        String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT).replaceAll("[\\[\\]]", "");
        int port = uri.getPort() >= 0 ? uri.getPort() : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
        InetAddress address = InetAddresses.isInetAddress(host) ? InetAddresses.forString(host) : null;
        if (host.equals("localhost") || (address != null && address.isLoopbackAddress())) {
            return true;
        }
        for (String each : exceptions) {
            if (each.equals("*") || isNamed(each, host, port) || (address != null && isWithin(each, address))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isNamed(String exception, String host, int port) {
        String name = exception;
        int colon = name.lastIndexOf(':');
        if (colon > 0 && name.indexOf(':') == colon) {
            if (!name.substring(colon + 1).equals(Integer.toString(port))) {
                return false;
            }
            name = name.substring(0, colon);
        }
        name = name.replaceFirst("^\\*?\\.", "");
        return host.equals(name) || host.endsWith("." + name);
    }

    /** Whether an address is of a network such as {@code 10.0.0.0/8}. */
    private static boolean isWithin(String network, InetAddress address) {
        int slash = network.indexOf('/');
        if (slash < 0 || !InetAddresses.isInetAddress(network.substring(0, slash))) {
            return InetAddresses.isInetAddress(network)
                    && InetAddresses.forString(network).equals(address);
        }
        byte[] base = InetAddresses.forString(network.substring(0, slash)).getAddress();
        byte[] is = address.getAddress();
        String length = network.substring(slash + 1);
        if (base.length != is.length || !length.matches("[0-9]{1,3}") || Integer.parseInt(length) > 8 * is.length) {
            return false;
        }
        for (int bit = 0; bit < Integer.parseInt(length); bit++) {
            int mask = 0x80 >> (bit % 8);
            if ((base[bit / 8] & mask) != (is[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public List<Proxy> select(URI uri) {
        HttpProxy proxy = of(uri);
        return proxy == null
                ? DIRECT
                : List.of(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.host(), proxy.port())));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // Told by the request that fails.
    }
}
