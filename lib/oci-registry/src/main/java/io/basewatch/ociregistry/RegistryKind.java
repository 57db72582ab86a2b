package io.basewatch.ociregistry;

import java.util.Locale;

/** What of a registry's own interface is used beside the protocol that all registries speak. */
public enum RegistryKind {
    /** Nothing: {@code _catalog} and {@code tags/list}. Also for ECR without an access key. */
    DISTRIBUTION,
    /** Whatever it says that it is; {@link #DISTRIBUTION} where that is not certain. */
    AUTO,
    /** Artifact Registry and gcr.io: {@code tags/list} with the digests and dates of all tags. */
    GOOGLE,
    /** Repositories, and tags with their digests, of all projects that the account may see. */
    HARBOR,
    /** Repositories of the named namespaces, and tags with their digests. */
    QUAY,
    /** Public repositories of the named namespaces, and tags with their digests. */
    DOCKER_HUB,
    /** Repositories of the named groups; GitLab's interface is on a host of its own. */
    GITLAB,
    /** Container packages of the named owners, and tags with their digests. */
    GITHUB,
    /** Azure: repositories, and tags with their digests. */
    ACR,
    /** Amazon: repositories, and tags with their digests, of the account; requests are signed with an access key. */
    ECR,
    /** Tags with their digests, by the search extension. */
    ZOT,
    /** Repositories of the named ones of Artifactory's own repositories, by which the names begin. */
    ARTIFACTORY,
    /** The same of Nexus 3, where names begin with its own repositories. */
    NEXUS;

    /** Whether it tells, with the tags, when each came to what it points at. */
    public boolean tellsDates() {
        return switch (this) {
            case GOOGLE, HARBOR, QUAY, DOCKER_HUB, GITHUB, ACR, ECR -> true;
            case DISTRIBUTION, AUTO, GITLAB, ZOT, ARTIFACTORY, NEXUS -> false;
        };
    }

    /** As it is written in a configuration. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether its interface tells nobody anything without a token of its own. */
    boolean needsToken() {
        return this == GITHUB || this == GITLAB || this == ECR;
    }

    /** Whether the repositories can only be asked for by namespace (organization, group, owner). */
    boolean isByNamespace() {
        return switch (this) {
            case QUAY, DOCKER_HUB, GITLAB, GITHUB, ARTIFACTORY, NEXUS -> true;
            case DISTRIBUTION, AUTO, GOOGLE, HARBOR, ACR, ECR, ZOT -> false;
        };
    }
}
