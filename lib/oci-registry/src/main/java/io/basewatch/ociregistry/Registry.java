package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.RegistryHttp.Call;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One OCI or Docker v2 registry. Source of the protocol: OCI distribution-spec 1.1. May be used by many threads, which then share its budget, tokens and connections.
 */
public final class Registry implements AutoCloseable {

    private final RegistryHttp http;
    private final ReferrersReader referrers;
    private @Nullable RegistryKind detected;

    private Registry(RegistryHttp http) {
        this.http = http;
        this.referrers = new ReferrersReader(http);
    }

    /** To be called at the start of a process that has other clients of HTTP as well: Java asks once whether a proxy may be told a password. */
    public static void prepareProcess() {
        Connections.tellProxiesPasswords();
    }

    /**
     * Nothing is sent yet.
     *
     * @throws IllegalArgumentException when a certificate file cannot be used
     */
    public static Registry connect(RegistrySettings settings) {
        return new Registry(new RegistryHttp(settings));
    }

    /** {@code host[:port]}, as in {@link io.basewatch.fleetmodel.Repository#registry()}. */
    public String host() {
        return http.settings().host();
    }

    /**
     * Asks whether the registry is there and lets us in.
     *
     * @throws RegistryException {@code REGISTRY_UNAVAILABLE} or {@code UNAUTHORIZED}
     */
    public void check() throws RegistryException {
        Call call = new Call("GET", http.uri("/v2/"), Map.of(), "", "check of /v2/", Reason.Code.REGISTRY_UNAVAILABLE);
        http.get(call, answer -> {
            answer.drain();
            return Boolean.TRUE;
        });
    }

    /** All repositories, in the registry's order. Registries for the public (Docker Hub, ghcr.io) do not tell: {@code UNSUPPORTED_FORMAT} or {@code UNAUTHORIZED}. */
    public Pages repositories() {
        return NamePages.repositories(http);
    }

    /**
     * How the repositories are found of which some are wanted: by their names where these are all that is wanted, else as the registry's kind lists them.
     *
     * @throws IllegalArgumentException when a registry of this kind can only be asked by namespace, and the wanted ones name none
     */
    public Listing listing(NamePatterns wanted) {
        Listing own = own(wanted);
        return wanted.isPlainNames() ? new NamedRepositories(wanted.include(), own) : own;
    }

    private Listing own(NamePatterns wanted) {
        RegistrySettings settings = http.settings();
        RegistryKind kind = settings.kind();
        if (kind == RegistryKind.AUTO && EcrHost.of(settings.host()).isPresent() && settings.apiToken() != null) {
            requireAwsKey(settings);
        }
        return kind == RegistryKind.AUTO ? new DetectedListing(() -> own(kind(wanted), wanted)) : own(kind, wanted);
    }

    private Listing own(RegistryKind kind, NamePatterns wanted) {
        Listing catalog = new CatalogListing(http);
        List<String> namespaces = kind.isByNamespace() ? wanted.namespaces(kind) : List.of();
        return switch (kind) {
            case HARBOR -> new HarborListing(http.api(kind));
            case ZOT -> new ZotListing(http.api(kind), catalog);
            case QUAY -> new QuayListing(http.api(kind), namespaces);
            case DOCKER_HUB -> new DockerHubListing(http.api(kind), namespaces);
            case GITLAB -> new GitLabListing(http.api(kind), namespaces, catalog);
            case GITHUB -> new GitHubListing(http.api(kind), namespaces);
            case ARTIFACTORY -> ManagerListing.artifactory(http.api(kind), namespaces, catalog);
            case NEXUS -> ManagerListing.nexus(http.api(kind), namespaces, catalog);
            case ACR -> new AcrListing(http);
            case ECR -> {
                EcrHost host = http.settings().requiredEcrHost();
                requireAwsKey(http.settings());
                yield new EcrListing(http.api(kind), host.account());
            }
            case DISTRIBUTION, GOOGLE, AUTO -> catalog;
        };
    }

    private static void requireAwsKey(RegistrySettings settings) {
        if (settings.apiTokenFile() != null) {
            return;
        }
        try {
            AwsKey.parse(settings.apiToken() == null ? "" : settings.apiToken());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("api-token of registry " + settings.host()
                    + " of basewatch.registries is " + (settings.apiToken() == null ? "missing" : e.getMessage())
                    + (settings.apiToken() == null ? ": kind ecr asks with an access key of AWS, " + AwsKey.FORM : "")
                    + "; or name a file that has it, as api-token-file");
        }
    }

    /**
     * As what kind it is asked: the one that is configured, or the one that was found out, which takes two requests at most, once.
     *
     * @param wanted some kinds can be asked only for what these name
     * @throws RegistryException when it does not answer
     */
    public synchronized RegistryKind kind(NamePatterns wanted) throws RegistryException {
        RegistryKind known = detected;
        if (known == null) {
            RegistryKind configured = http.settings().kind();
            known = configured == RegistryKind.AUTO ? new KindDetection(http, wanted).kind() : configured;
            detected = known;
        }
        return known;
    }

    /** All tags of a repository, in the registry's order. */
    public Pages tags(String repository) {
        return NamePages.tags(http, Names.requireRepository(repository));
    }

    /**
     * What a tag points at now; empty when there is no such tag or repository.
     */
    public Optional<Digest> digest(String repository, String tag) throws RegistryException {
        return new RegistryRepository(http, Names.requireRepository(repository)).digest(Names.requireTag(tag));
    }

    /**
     * @throws IllegalArgumentException when the name is no legal one
     */
    public ImageSource repository(String name) {
        return new RegistryRepository(http, Names.requireRepository(name));
    }

    /**
     * What refers to an image or index of a repository, at this moment: one request, or two where the registry is found to have no interface for that; ten for very many.
     *
     * @throws RegistryException when it does not say
     */
    public Referrers referrers(String repository, Digest subject) throws RegistryException {
        return referrers.of(Names.requireRepository(repository), subject);
    }

    /** Requests that the registry and its own interface have answered. */
    public long requests() {
        return http.counts().all();
    }

    /** Of these, the ones of a kind. */
    public long requests(RequestKind kind) {
        return http.counts().of(kind);
    }

    /** Of these, the ones that it answered with "too much" or trouble of its own (429, 503). */
    public long refusals() {
        return http.counts().refusals();
    }

    /** What may still be asked or pulled until the registry's next reset, as its last answer that told it said; empty as long as none did. */
    public OptionalLong remaining() {
        return http.counts().remaining();
    }

    /**
     * From now on so many processes, this one with them, share what the registry may be asked: a second and at once. An interface on another host has its own.
     *
     * @param processes 1 or more
     */
    public void shareAmong(int processes) {
        http.shareAmong(processes);
    }

    /** Requests a second that it is asked at most at this moment. */
    public double requestsPerSecond() {
        return http.requestsPerSecond();
    }

    /** Nothing is kept but idle connections, which end by themselves. */
    @Override
    public void close() {}
}
