package io.basewatch.ociregistry;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How an operator writes down a registry in a service's configuration. Null is "as {@link RegistrySettings#of} has it"; an empty text is null, as an environment
 * variable that is set to nothing means.
 *
 * @param url {@code https://host[:port]}, or {@code http://} for plain text
 * @param username null to look into {@code dockerConfig}, and without that to ask as nobody
 * @param password goes with the user name
 * @param dockerConfig docker's {@code config.json}
 * @param tokenServices {@code host[:port]} of token services outside of the registry's own domain that are told the credentials
 * @param certificates PEM files of certificate authorities, trusted beside the Java default ones
 * @param requestsPerSecond at most; how many it is goes by how the registry answers
 * @param concurrentRequests at once
 * @param repositories which ones are watched, null: all; plain names under {@code include} for a registry that does not list its repositories
 * @param tags which ones are watched in all of these repositories; null: all
 * @param interval between two sweeps; null: as for all registries
 * @param kind whose own interface lists repositories and tags; null: none
 * @param apiUrl where that interface is; null for where this kind has it
 * @param apiToken for that interface alone
 * @param passwordFile whose one line is the password, read again when it changes; instead of {@code password}
 * @param clientCertificate PEM, shown to a registry that asks for it; goes with {@code clientKey}
 * @param clientKey PEM, PKCS#8
 * @param proxy {@code http://[user:password@]host[:port]} that all requests of this registry go by, or {@code none}; null for what the environment says
 * @param privateHosts {@code host[:port]} in networks that are not public, to which this registry may lead though it is not there itself
 * @param apiTokenFile whose one line is that token, read again when it changes; instead of {@code apiToken}
 * @param immutableTags patterns of tags that never move: each is asked for once; null: none
 * @param newest of the tags of a repository that are versions, so many of the highest; null: all
 * @param newestBy what makes a tag newer; null: its version
 * @param referrers whether what refers to new images is asked for; null: no
 * @param platforms of whose images a tag's are watched: {@code linux/amd64}; null or empty: all
 */
public record RegistryEntry(
        @Nullable URI url,
        @Nullable String username,
        @Nullable String password,
        @Nullable Path dockerConfig,
        @Nullable List<String> tokenServices,
        @Nullable List<Path> certificates,
        @Nullable Duration connectTimeout,
        @Nullable Duration requestTimeout,
        @Nullable Double requestsPerSecond,
        @Nullable Integer concurrentRequests,
        @Nullable NamePatterns repositories,
        @Nullable NamePatterns tags,
        @Nullable Duration interval,
        @Nullable RegistryKind kind,
        @Nullable URI apiUrl,
        @Nullable String apiToken,
        @Nullable List<String> immutableTags,
        @Nullable Integer newest,
        @Nullable Path passwordFile,
        @Nullable Path clientCertificate,
        @Nullable Path clientKey,
        @Nullable String proxy,
        @Nullable List<String> privateHosts,
        @Nullable Path apiTokenFile,
        NewestTags.@Nullable By newestBy,
        @Nullable Boolean referrers,
        @Nullable List<String> platforms) {

    public RegistryEntry {
        username = username == null || username.isEmpty() ? null : username;
        password = password == null || password.isEmpty() ? null : password;
        apiToken = apiToken == null || apiToken.isEmpty() ? null : apiToken;
        passwordFile = named(passwordFile);
        apiTokenFile = named(apiTokenFile);
        clientCertificate = named(clientCertificate);
        clientKey = named(clientKey);
        proxy = proxy == null || proxy.isEmpty() ? null : proxy;
        if (password != null && passwordFile != null) {
            throw new IllegalArgumentException("registry " + address(url)
                    + " of basewatch.registries has both a password and a password-file: leave one of them out");
        }
        if (apiToken != null && apiTokenFile != null) {
            throw new IllegalArgumentException("registry " + address(url)
                    + " of basewatch.registries has both an api-token and an api-token-file: leave one of them out");
        }
        if ((username == null) != (password == null && passwordFile == null)) {
            throw new IllegalArgumentException("registry " + address(url) + " of basewatch.registries has "
                    + (username == null ? "a password without a username" : "a username without a password"));
        }
        if ((clientCertificate == null) != (clientKey == null)) {
            throw new IllegalArgumentException("registry " + address(url) + " of basewatch.registries has "
                    + (clientKey == null
                            ? "a client-certificate without its client-key"
                            : "a client-key without its client-certificate"));
        }
        if (newest != null && newest < 1) {
            throw new IllegalArgumentException("newest of registry " + address(url) + " of basewatch.registries is "
                    + newest + ", not 1 or more; leave the line out to watch all tags");
        }
        if (interval != null && interval.toMillis() <= 0) {
            throw new IllegalArgumentException("interval of registry " + address(url) + " of basewatch.registries is "
                    + interval + ", not a positive duration");
        }
        if (newestBy != null && newest == null) {
            throw new IllegalArgumentException("registry " + address(url)
                    + " of basewatch.registries has newest-by without newest: say how many, as in newest: 20");
        }
        if (newestBy == NewestTags.By.DATE && (kind == null || !kind.tellsDates())) {
            throw new IllegalArgumentException("newest-by of registry " + address(url)
                    + " of basewatch.registries is date, but a registry of kind "
                    + (kind == null ? RegistryKind.DISTRIBUTION : kind).word()
                    + " does not tell dates with its tags; give the kind it is of, one of "
                    + Arrays.stream(RegistryKind.values())
                            .filter(RegistryKind::tellsDates)
                            .map(RegistryKind::word)
                            .collect(Collectors.joining(", "))
                    + ", or newest-by: version");
        }
        wanted(url, platforms);
    }

    /** An entry that says nothing but where the registry is. */
    public static Builder at(@Nullable URI url) {
        return new Builder(url);
    }

    /** An entry of which most is left out. */
    public static final class Builder {
        private final @Nullable URI url;
        private @Nullable String username;
        private @Nullable String password;
        private @Nullable Path dockerConfig;
        private @Nullable List<String> tokenServices;
        private @Nullable List<Path> certificates;
        private @Nullable Duration connectTimeout;
        private @Nullable Duration requestTimeout;
        private @Nullable Double requestsPerSecond;
        private @Nullable Integer concurrentRequests;
        private @Nullable NamePatterns repositories;
        private @Nullable Duration interval;
        private @Nullable List<String> immutableTags;
        private @Nullable RegistryKind kind;
        private @Nullable Integer newest;
        private NewestTags.@Nullable By newestBy;
        private @Nullable List<String> platforms;

        private Builder(@Nullable URI url) {
            this.url = url;
        }

        public Builder credentials(@Nullable String name, @Nullable String secret) {
            username = name;
            password = secret;
            return this;
        }

        public Builder dockerConfig(Path file) {
            dockerConfig = file;
            return this;
        }

        public Builder tokenServices(String... hosts) {
            tokenServices = List.of(hosts);
            return this;
        }

        public Builder certificates(Path... files) {
            certificates = List.of(files);
            return this;
        }

        public Builder connectTimeout(Duration value) {
            connectTimeout = value;
            return this;
        }

        public Builder requestTimeout(Duration value) {
            requestTimeout = value;
            return this;
        }

        public Builder requestsPerSecond(double value) {
            requestsPerSecond = value;
            return this;
        }

        public Builder concurrentRequests(int value) {
            concurrentRequests = value;
            return this;
        }

        public Builder repositories(@Nullable NamePatterns patterns) {
            repositories = patterns;
            return this;
        }

        public Builder interval(Duration value) {
            interval = value;
            return this;
        }

        public Builder immutableTags(String... patterns) {
            immutableTags = List.of(patterns);
            return this;
        }

        public Builder kind(@Nullable RegistryKind value) {
            kind = value;
            return this;
        }

        public Builder newest(@Nullable Integer count, NewestTags.@Nullable By by) {
            newest = count;
            newestBy = by;
            return this;
        }

        public Builder platforms(String... names) {
            platforms = List.of(names);
            return this;
        }

        /**
         * @throws IllegalArgumentException as a configuration that says this
         */
        public RegistryEntry build() {
            return new RegistryEntry(
                    url,
                    username,
                    password,
                    dockerConfig,
                    tokenServices,
                    certificates,
                    connectTimeout,
                    requestTimeout,
                    requestsPerSecond,
                    concurrentRequests,
                    repositories,
                    /* tags= */ null,
                    interval,
                    kind,
                    /* apiUrl= */ null,
                    /* apiToken= */ null,
                    immutableTags,
                    newest,
                    /* passwordFile= */ null,
                    /* clientCertificate= */ null,
                    /* clientKey= */ null,
                    /* proxy= */ null,
                    /* privateHosts= */ null,
                    /* apiTokenFile= */ null,
                    newestBy,
                    /* referrers= */ null,
                    platforms);
        }
    }

    /** Of the images that a tag leads to, those that are watched. */
    public WantedPlatforms wantedPlatforms() {
        return wanted(url, platforms);
    }

    private static WantedPlatforms wanted(@Nullable URI url, @Nullable List<String> platforms) {
        try {
            return platforms == null ? WantedPlatforms.ALL : WantedPlatforms.of(platforms);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "platforms of registry " + address(url) + " of basewatch.registries: " + e.getMessage());
        }
    }

    /** Of the tags that a repository lists, those that are watched. */
    public NewestTags newestTags() {
        return newest == null
                ? NewestTags.ALL
                : new NewestTags(newest, newestBy == null ? NewestTags.By.VERSION : newestBy);
    }

    private static @Nullable Path named(@Nullable Path file) {
        return file == null || file.toString().isEmpty() ? null : file;
    }

    public boolean asksForReferrers() {
        return referrers != null && referrers;
    }

    public NamePatterns watchedRepositories() {
        return repositories == null ? NamePatterns.ALL : repositories;
    }

    public NamePatterns watchedTags() {
        return tags == null ? NamePatterns.ALL : tags;
    }

    /** Whether a tag is one that never moves. */
    public Predicate<String> immutable() {
        return immutableTags == null || immutableTags.isEmpty()
                ? tag -> false
                : new NamePatterns(immutableTags, null)::accepts;
    }

    /**
     * @throws IllegalArgumentException naming the setting that is not legal
     */
    public RegistrySettings settings() {
        if (url == null) {
            throw new IllegalArgumentException("a registry of basewatch.registries has no url");
        }
        RegistrySettings defaults = RegistrySettings.of(url);
        RegistrySettings known = username == null || passwordFile == null
                ? defaults.withCredentials(
                        username == null || password == null ? null : new Credentials(username, password))
                : defaults.withPasswordFile(username, passwordFile);
        return known.withKind(kind == null ? RegistryKind.DISTRIBUTION : kind, apiUrl, apiToken)
                .withDockerConfig(dockerConfig)
                .withTokenServices(tokenServices == null ? List.of() : tokenServices)
                .withCertificates(certificates == null ? List.of() : certificates)
                .withIdentity(
                        clientCertificate == null || clientKey == null
                                ? null
                                : new ClientIdentity(clientCertificate, clientKey))
                .withProxy(proxy)
                .withApiTokenFile(apiTokenFile)
                .withPrivateHosts(privateHosts == null ? List.of() : privateHosts)
                .withTimeouts(
                        connectTimeout == null ? defaults.connectTimeout() : connectTimeout,
                        requestTimeout == null ? defaults.requestTimeout() : requestTimeout)
                .withBudget(
                        requestsPerSecond == null ? defaults.requestsPerSecond() : requestsPerSecond,
                        concurrentRequests == null ? defaults.concurrentRequests() : concurrentRequests);
    }

    /**
     * Sends nothing.
     *
     * @throws IllegalArgumentException naming the setting that is not legal, or a file that cannot be used
     */
    public void requireUsable() {
        immutable();
        try (Registry registry = Registry.connect(settings())) {
            registry.listing(watchedRepositories());
        }
    }

    /** Without the password, also where somebody wrote it into the url. */
    @Override
    public String toString() {
        return "RegistryEntry[url=" + address(url) + ", username=" + username + "]";
    }

    private static String address(@Nullable URI url) {
        return url == null ? "without url" : Printable.url(url);
    }
}
