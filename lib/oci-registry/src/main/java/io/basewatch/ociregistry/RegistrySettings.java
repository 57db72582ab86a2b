package io.basewatch.ociregistry;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How one registry is talked to.
 *
 * @param url {@code https://registry.example.com[:port]}; plain HTTP is spoken only when it says {@code http://}. Without path, user info or query
 * @param credentials null to look into {@code dockerConfig}, and to ask without when that has none
 * @param dockerConfig docker's {@code config.json} with {@code auths}, {@code credHelpers}, {@code credsStore}; null to use none; may be absent
 * @param tokenServices {@code host[:port]} of token services that are told the credentials although they are not of the registry's own domain
 * @param certificates PEM files of certificate authorities, trusted beside the Java default ones
 * @param connectTimeout for one connection
 * @param requestTimeout until the answer's headers are there, between two pieces of a body, for the whole of a manifest, config or page, and for a credential helper
 * @param requestsPerSecond at most, on average, with bursts of one second's worth; it begins with fewer and goes by how the registry answers
 * @param concurrentRequests at once, open blobs included
 * @param attempts for one request, the first included; also how often in a row a blob is picked up without getting anywhere
 * @param retryPause before the second attempt, doubled before each further one, with jitter
 * @param longestPause a registry that asks (Retry-After) for more is not waited for
 * @param pageSize names asked for in one page
 * @param kind whose own interface lists repositories and tags
 * @param apiUrl where that interface is; null for where this kind has it
 * @param passwordFile where the password of {@code credentials} stands, read again when it changes; null when the credentials have it
 * @param identity our own certificate; null for none
 * @param proxy that all requests go by; null for what the environment says
 * @param privateHosts {@code host[:port]} in networks that are not public, to which this registry may lead though it is not there itself
 * @param apiTokenFile where that token stands, instead of {@code apiToken}; read again when it changes
 * @param apiToken a token for that interface, which nobody else is told; null to use the registry's credentials when it is on the registry's host, and none elsewhere
 */
public record RegistrySettings(
        URI url,
        @Nullable Credentials credentials,
        @Nullable Path dockerConfig,
        List<String> tokenServices,
        List<Path> certificates,
        Duration connectTimeout,
        Duration requestTimeout,
        double requestsPerSecond,
        int concurrentRequests,
        int attempts,
        Duration retryPause,
        Duration longestPause,
        int pageSize,
        RegistryKind kind,
        @Nullable URI apiUrl,
        @Nullable String apiToken,
        @Nullable Path passwordFile,
        @Nullable ClientIdentity identity,
        @Nullable HttpProxy proxy,
        List<String> privateHosts,
        @Nullable Path apiTokenFile) {

    /** ECR refuses more. */
    private static final int MAX_PAGE_SIZE = 1_000;

    private static final Pattern SERVICE = Pattern.compile("([a-z0-9._-]{1,253}|\\[[0-9a-f:.]{2,45}])(:[0-9]{1,5})?");

    public RegistrySettings {
        url = normalized(url);
        apiUrl = apiUrl == null ? null : normalized(apiUrl);
        tokenServices = tokenServices.stream()
                .map(text -> service("tokenServices", text))
                .toList();
        privateHosts =
                privateHosts.stream().map(text -> service("privateHosts", text)).toList();
        certificates = List.copyOf(certificates);
        require(connectTimeout.toMillis() > 0, "connectTimeout", connectTimeout, "positive");
        require(requestTimeout.toMillis() > 0, "requestTimeout", requestTimeout, "positive");
        require(
                requestsPerSecond > 0 && Double.isFinite(requestsPerSecond),
                "requestsPerSecond",
                requestsPerSecond,
                "positive");
        require(concurrentRequests > 0, "concurrentRequests", concurrentRequests, "positive");
        require(attempts > 0, "attempts", attempts, "positive");
        require(!retryPause.isNegative(), "retryPause", retryPause, "zero or positive");
        require(!longestPause.isNegative(), "longestPause", longestPause, "zero or positive");
        require(pageSize > 0 && pageSize <= MAX_PAGE_SIZE, "pageSize", pageSize, "1 to " + MAX_PAGE_SIZE);
    }

    /** The defaults: no credentials, up to 1000 requests a second, 16 at once, four attempts. */
    public static RegistrySettings of(URI url) {
        return new RegistrySettings(
                url,
                null,
                null,
                List.of(),
                List.of(),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                1_000,
                16,
                4,
                Duration.ofMillis(500),
                Duration.ofSeconds(60),
                100,
                RegistryKind.DISTRIBUTION,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                null);
    }

    public RegistrySettings withCredentials(@Nullable Credentials value) {
        return with(copy -> copy.credentials = value);
    }

    public RegistrySettings withDockerConfig(@Nullable Path value) {
        return with(copy -> copy.dockerConfig = value);
    }

    public RegistrySettings withTokenServices(List<String> value) {
        return with(copy -> copy.tokenServices = value);
    }

    public RegistrySettings withCertificates(List<Path> value) {
        return with(copy -> copy.certificates = value);
    }

    public RegistrySettings withTimeouts(Duration connect, Duration request) {
        return with(copy -> {
            copy.connectTimeout = connect;
            copy.requestTimeout = request;
        });
    }

    public RegistrySettings withBudget(double perSecond, int concurrent) {
        return with(copy -> {
            copy.requestsPerSecond = perSecond;
            copy.concurrentRequests = concurrent;
        });
    }

    public RegistrySettings withRetries(int attemptsInAll, Duration firstPause, Duration longest) {
        return with(copy -> {
            copy.attempts = attemptsInAll;
            copy.retryPause = firstPause;
            copy.longestPause = longest;
        });
    }

    public RegistrySettings withPageSize(int value) {
        return with(copy -> copy.pageSize = value);
    }

    /**
     * @param url null for where this kind has its interface
     * @param token null for none
     */
    public RegistrySettings withKind(RegistryKind value, @Nullable URI url, @Nullable String token) {
        return with(copy -> {
            copy.kind = value;
            copy.apiUrl = url;
            copy.apiToken = token;
        });
    }

    /**
     * @param file whose one line is the password, instead of that of {@link #credentials()}
     */
    public RegistrySettings withPasswordFile(String username, Path file) {
        return with(copy -> {
            copy.credentials = new Credentials(username, "");
            copy.passwordFile = file;
        });
    }

    public RegistrySettings withIdentity(@Nullable ClientIdentity value) {
        return with(copy -> copy.identity = value);
    }

    /**
     * @param text {@code http://[user:password@]host[:port]}, or {@code none}; null for what the environment says
     */
    public RegistrySettings withProxy(@Nullable String text) {
        HttpProxy parsed = text == null ? null : HttpProxy.parse("registry setting proxy of " + host(), text);
        return with(copy -> copy.proxy = parsed);
    }

    public RegistrySettings withPrivateHosts(List<String> value) {
        return with(copy -> copy.privateHosts = value);
    }

    /**
     * @param file whose one line is the token for the kind's own interface, instead of {@link #apiToken()}; null for none
     */
    public RegistrySettings withApiTokenFile(@Nullable Path file) {
        return with(copy -> copy.apiTokenFile = file);
    }

    /** How the kind's own interface is talked to: with the registry's credentials only when it is on the registry's own host. */
    RegistrySettings api() {
        URI at = apiUrl != null ? apiUrl : usualApi();
        boolean own = at.equals(url);
        return with(copy -> {
            copy.url = at;
            copy.credentials = own ? credentials : null;
            copy.dockerConfig = own ? dockerConfig : null;
            copy.passwordFile = own ? passwordFile : null;
            copy.identity = own ? identity : null;
        });
    }

    private URI usualApi() {
        if (kind == RegistryKind.DOCKER_HUB && host().equals(References.DOCKER_HUB)) {
            return URI.create("https://hub.docker.com");
        }
        if (kind == RegistryKind.GITHUB && host().equals("ghcr.io")) {
            return URI.create("https://api.github.com");
        }
        if (kind == RegistryKind.GITLAB && host().equals("registry.gitlab.com")) {
            return URI.create("https://gitlab.com");
        }
        if (kind == RegistryKind.ECR) {
            return requiredEcrHost().api();
        }
        return url;
    }

    /**
     * What the registry's name says of where ECR has it.
     *
     * @throws IllegalArgumentException when it is none of ECR's names
     */
    EcrHost requiredEcrHost() {
        return EcrHost.of(host())
                .orElseThrow(() -> new IllegalArgumentException("registry " + host() + " of basewatch.registries is of"
                        + " kind ecr, but its url is not https://ACCOUNT.dkr.ecr.REGION.amazonaws.com"));
    }

    /** Without what is secret. */
    @Override
    public String toString() {
        return "RegistrySettings[url=" + url + ", kind=" + kind + ", credentials=" + credentials + "]";
    }

    private RegistrySettings with(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return copy.settings();
    }

    /** What is different is written over it. */
    private static final class Copy {
        private URI url;
        private @Nullable Credentials credentials;
        private @Nullable Path dockerConfig;
        private List<String> tokenServices;
        private List<Path> certificates;
        private Duration connectTimeout;
        private Duration requestTimeout;
        private double requestsPerSecond;
        private int concurrentRequests;
        private int attempts;
        private Duration retryPause;
        private Duration longestPause;
        private int pageSize;
        private RegistryKind kind;
        private @Nullable URI apiUrl;
        private @Nullable String apiToken;
        private @Nullable Path passwordFile;
        private @Nullable ClientIdentity identity;
        private @Nullable HttpProxy proxy;
        private List<String> privateHosts;
        private @Nullable Path apiTokenFile;

        Copy(RegistrySettings of) {
            url = of.url;
            credentials = of.credentials;
            dockerConfig = of.dockerConfig;
            tokenServices = of.tokenServices;
            certificates = of.certificates;
            connectTimeout = of.connectTimeout;
            requestTimeout = of.requestTimeout;
            requestsPerSecond = of.requestsPerSecond;
            concurrentRequests = of.concurrentRequests;
            attempts = of.attempts;
            retryPause = of.retryPause;
            longestPause = of.longestPause;
            pageSize = of.pageSize;
            kind = of.kind;
            apiUrl = of.apiUrl;
            apiToken = of.apiToken;
            passwordFile = of.passwordFile;
            identity = of.identity;
            proxy = of.proxy;
            privateHosts = of.privateHosts;
            apiTokenFile = of.apiTokenFile;
        }

        RegistrySettings settings() {
            return new RegistrySettings(
                    url,
                    credentials,
                    dockerConfig,
                    tokenServices,
                    certificates,
                    connectTimeout,
                    requestTimeout,
                    requestsPerSecond,
                    concurrentRequests,
                    attempts,
                    retryPause,
                    longestPause,
                    pageSize,
                    kind,
                    apiUrl,
                    apiToken,
                    passwordFile,
                    identity,
                    proxy,
                    privateHosts,
                    apiTokenFile);
        }
    }

    /** Where docker and podman's {@code --authfile} habit keep the user's credentials: {@code $DOCKER_CONFIG/config.json}, else {@code ~/.docker/config.json}; empty when absent. */
    public static Optional<Path> dockerConfigOfUser() {
        String folder = System.getenv("DOCKER_CONFIG");
        Path config = folder != null && !folder.isEmpty()
                ? Path.of(folder, "config.json")
                : Path.of(System.getProperty("user.home", "."), ".docker", "config.json");
        return Files.isRegularFile(config) ? Optional.of(config) : Optional.empty();
    }

    /** {@code host[:port]}, the port only where it is not the scheme's own. */
    public String host() {
        return url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort());
    }

    private static String service(String setting, String text) {
        String name = text.trim().toLowerCase(Locale.ROOT);
        require(SERVICE.matcher(name).matches(), setting, "'" + Printable.text(text) + "'", "host[:port]");
        return name.replaceFirst(":443$", "");
    }

    private static URI normalized(URI url) {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!(scheme.equals("https") || scheme.equals("http")) || url.getHost() == null) {
            // What has an @ in it may have a password before that.
            String told = url.toString().indexOf('@') < 0 ? " '" + Printable.text(url.toString()) + "'" : "";
            throw new IllegalArgumentException(
                    "registry url" + told + " must be https://host[:port] or http://host[:port]");
        }
        if (url.getRawUserInfo() != null) {
            throw new IllegalArgumentException("url of registry " + url.getHost()
                    + " holds credentials: give them as credentials of the registry instead");
        }
        String path = url.getRawPath();
        if (url.getRawQuery() != null
                || url.getRawFragment() != null
                || !(path == null || path.isEmpty() || path.equals("/"))) {
            throw new IllegalArgumentException(
                    "url of registry " + url.getHost() + " must be https://host[:port] without path or query");
        }
        String host = url.getHost().toLowerCase(Locale.ROOT);
        if (host.equals("docker.io") || host.equals("index.docker.io")) {
            host = References.DOCKER_HUB;
        }
        int port = url.getPort() == (scheme.equals("https") ? 443 : 80) ? -1 : url.getPort();
        return URI.create(scheme + "://" + host + (port < 0 ? "" : ":" + port));
    }

    private static void require(boolean holds, String setting, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException("registry setting " + setting + " is " + value + ", not " + expected);
        }
    }
}
