package io.basewatch.ociregistry;

import java.util.List;

/**
 * Nexus 3 where names begin with its own repositories (its "path based routing"): each has a catalog under the path where it has its files, in which names lack the repository that they begin
 * with. Tags, and what they point at, are asked of the registry: neither Nexus' list of components, which cannot be had of one image alone, nor its search, which answers from an index, proves
 * what a tag points at now.
 */
record NexusListing(RegistryHttp api, List<String> keys, Listing registry) implements Listing {

    @Override
    public Pages repositories() {
        return ApiPages.catalogs(api, "Nexus", "/repository/", keys);
    }

    @Override
    public Pages tags(String repository) {
        return registry.tags(repository);
    }
}
