package io.basewatch.ociregistry;

import static io.basewatch.ociregistry.ApiPages.entries;
import static io.basewatch.ociregistry.ApiPages.numbered;
import static io.basewatch.ociregistry.ApiPages.required;
import static io.basewatch.ociregistry.ApiPages.segment;

import io.basewatch.ociregistry.ApiPages.Listed;
import io.basewatch.ociregistry.ApiPages.Page;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** GitLab's interface, version 4: the repositories of groups. It lists tags without digests, so that the registry itself is asked for them. */
record GitLabListing(RegistryHttp api, List<String> groups, Listing registry) implements Listing {

    private static final int FULL = 100;

    @Override
    public Pages repositories() {
        List<Pages> lists = new ArrayList<>();
        for (String group : groups) {
            String path = "/api/v4/groups/" + segment(group) + "/registry/repositories";
            lists.add(ApiPages.repositories(
                    api,
                    path + "?page=1&per_page=" + FULL,
                    "",
                    "GitLab's repositories of group " + group,
                    (root, answer) -> {
                        List<Listed> listed = new ArrayList<>();
                        for (JsonNode repository : entries(root)) {
                            listed.add(new Listed(required(repository, "path"), null));
                        }
                        return new Page(listed, numbered(answer, listed.size(), FULL, path));
                    }));
        }
        return ApiPages.all(lists);
    }

    @Override
    public Pages tags(String repository) {
        return registry.tags(repository);
    }
}
