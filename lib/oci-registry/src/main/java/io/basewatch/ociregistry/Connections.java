package io.basewatch.ociregistry;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How one registry, and whoever it names, is connected to: by which proxy, trusting whom, as whom. Certificates and keys are read again when their files change. Thread-safe. */
final class Connections {

    private static final System.Logger LOG = System.getLogger(Connections.class.getName());

    /** Files are looked at no sooner again. */
    private static final long LOOK_NANOS = 1_000_000_000L;

    private static final String REFUSED_TO_PROXIES = "jdk.http.auth.tunneling.disabledSchemes";

    static {
        tellProxiesPasswords();
    }

    /** Java tells a proxy no password for a tunnel unless this says so; it is read when the first client of the process is made, whoever makes it. */
    static void tellProxiesPasswords() {
        if (System.getProperty(REFUSED_TO_PROXIES) == null) {
            System.setProperty(REFUSED_TO_PROXIES, "");
        }
    }

    private final RegistrySettings settings;
    private final Proxies proxies;
    private final List<ChangingFile> files;
    private HttpClient client;
    private long lookedNanos;

    /**
     * @throws IllegalArgumentException naming a file or a variable of the environment that cannot be used
     */
    Connections(RegistrySettings settings) {
        this.settings = settings;
        this.proxies = new Proxies(settings.proxy(), System.getenv());
        List<Path> named = new ArrayList<>(settings.certificates());
        if (settings.identity() != null) {
            named.add(settings.identity().certificate());
            named.add(settings.identity().key());
        }
        this.files = named.stream().map(ChangingFile::new).toList();
        files.forEach(ChangingFile::hasChanged);
        this.lookedNanos = System.nanoTime();
        this.client = connect();
    }

    private HttpClient connect() {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.connectTimeout())
                .sslContext(TrustedCertificates.sslContext(settings.certificates(), settings.identity()));
        if (!proxies.areUnset()) {
            builder.proxy(proxies);
        }
        return builder.build();
    }

    /** The one for the next request. */
    synchronized HttpClient client() {
        long now = System.nanoTime();
        if (!files.isEmpty() && now - lookedNanos >= LOOK_NANOS) {
            lookedNanos = now;
            boolean changed = false;
            for (ChangingFile file : files) {
                changed |= file.hasChanged();
            }
            if (changed) {
                try {
                    client = connect();
                } catch (IllegalArgumentException e) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "registry {0}: changed certificates are not used, those before are: {1}",
                            settings.host(),
                            e.getMessage());
                }
            }
        }
        return client;
    }

    /** Adds what the proxy on the way wants to know; it goes no further than to that one. */
    void authorize(HttpRequest.Builder request, URI uri) {
        HttpProxy proxy = proxies.of(uri);
        if (proxy != null && proxy.authorization() != null) {
            request.header("Proxy-Authorization", proxy.authorization());
        }
    }

    /** Whether somebody else finds out which address a name has. */
    boolean isByProxy(URI uri) {
        return proxies.of(uri) != null;
    }
}
