package io.basewatch.ociregistry;

import static io.basewatch.ociregistry.ApiPages.segment;

import io.basewatch.ociregistry.ApiPages.Listed;
import io.basewatch.ociregistry.ApiPages.Page;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.util.ArrayList;
import java.util.List;

/**
 * A manager of repositories of its own, all on one host: each of them has a catalog, in which names lack the key of theirs that they begin with on the host. Tags, and what they point at, are asked
 * of the registry.
 *
 * @param name for messages
 * @param under path of what each of its repositories has as a registry, before its key
 */
record ManagerListing(RegistryHttp api, String name, String under, List<String> keys, Listing registry)
        implements Listing {

    /** By its "repository path" method. */
    static ManagerListing artifactory(RegistryHttp api, List<String> keys, Listing registry) {
        return new ManagerListing(api, "Artifactory", "/artifactory/api/docker/", keys, registry);
    }

    /**
     * By its "path based routing". Neither its list of components, which cannot be had of one image alone, nor its search, which answers from an index, proves what a tag points at now.
     */
    static ManagerListing nexus(RegistryHttp api, List<String> keys, Listing registry) {
        return new ManagerListing(api, "Nexus", "/repository/", keys, registry);
    }

    @Override
    public Pages repositories() {
        List<Pages> lists = new ArrayList<>();
        for (String key : keys) {
            String path = under + segment(key) + "/v2/_catalog";
            String what = name + "'s catalog of " + key;
            lists.add(ApiPages.repositories(api, path + "?n=100", "", what, (root, answer) -> {
                if (!root.path("repositories").isArray()) {
                    throw new MalformedException("field 'repositories' is not a list");
                }
                List<Listed> listed = new ArrayList<>();
                for (String repository : LenientJson.texts(root, "repositories", Integer.MAX_VALUE)) {
                    listed.add(new Listed(key + "/" + repository, null));
                }
                return new Page(listed, LinkHeader.next(answer.links(), path).orElse(null));
            }));
        }
        return ApiPages.all(lists);
    }

    @Override
    public Pages tags(String repository) {
        return registry.tags(repository);
    }
}
