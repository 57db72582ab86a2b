package io.basewatch.ociregistry;

import static io.basewatch.ociregistry.ApiPages.segment;

import io.basewatch.ociregistry.ApiPages.Listed;
import io.basewatch.ociregistry.ApiPages.Page;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.util.ArrayList;
import java.util.List;

/**
 * Artifactory where all its repositories are on one host (its "repository path" method): each has a catalog of its own, in which names lack the repository's key that they begin with.
 * Tags, and what they point at, are asked of the registry.
 */
record ArtifactoryListing(RegistryHttp api, List<String> keys, Listing registry) implements Listing {

    @Override
    public Pages repositories() {
        List<Pages> lists = new ArrayList<>();
        for (String key : keys) {
            String path = "/artifactory/api/docker/" + segment(key) + "/v2/_catalog";
            lists.add(ApiPages.repositories(
                    api, path + "?n=100", "", "Artifactory's catalog of " + key, (root, answer) -> {
                        if (!root.path("repositories").isArray()) {
                            throw new MalformedException("field 'repositories' is not a list");
                        }
                        List<Listed> listed = new ArrayList<>();
                        for (String name : LenientJson.texts(root, "repositories", Integer.MAX_VALUE)) {
                            listed.add(new Listed(key + "/" + name, null));
                        }
                        return new Page(
                                listed, LinkHeader.next(answer.links(), path).orElse(null));
                    }));
        }
        return ApiPages.all(lists);
    }

    @Override
    public Pages tags(String repository) {
        return registry.tags(repository);
    }
}
