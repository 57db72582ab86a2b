package io.basewatch.ociregistry;

import java.util.List;

/**
 * Artifactory where all its repositories are on one host (its "repository path" method): each has a catalog of its own, in which names lack the repository's key that they begin with.
 * Tags, and what they point at, are asked of the registry.
 */
record ArtifactoryListing(RegistryHttp api, List<String> keys, Listing registry) implements Listing {

    @Override
    public Pages repositories() {
        return ApiPages.catalogs(api, "Artifactory", "/artifactory/api/docker/", keys);
    }

    @Override
    public Pages tags(String repository) {
        return registry.tags(repository);
    }
}
