package io.basewatch.ociregistry;

import static io.basewatch.ociregistry.ApiPages.date;
import static io.basewatch.ociregistry.ApiPages.entries;
import static io.basewatch.ociregistry.ApiPages.required;
import static io.basewatch.ociregistry.ApiPages.segment;

import io.basewatch.ociregistry.ApiPages.Format;
import io.basewatch.ociregistry.ApiPages.Listed;
import io.basewatch.ociregistry.ApiPages.Page;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Docker Hub's interface at a host of its own, which gives what is public to everybody; asking there is no pull. */
record DockerHubListing(RegistryHttp api, List<String> namespaces) implements Listing {

    @Override
    public Pages repositories() {
        List<Pages> lists = new ArrayList<>();
        for (String namespace : namespaces) {
            lists.add(ApiPages.repositories(
                    api,
                    "/v2/namespaces/" + segment(namespace) + "/repositories?page=1&page_size=100",
                    "",
                    "Docker Hub's repositories of " + namespace,
                    results(namespace + "/", false)));
        }
        return ApiPages.all(lists);
    }

    @Override
    public Pages tags(String repository) {
        int slash = repository.indexOf('/');
        String path = slash < 0
                ? "library/repositories/" + repository
                : segment(repository.substring(0, slash)) + "/repositories/" + segment(repository.substring(slash + 1));
        return ApiPages.tags(
                api, "/v2/namespaces/" + path + "/tags?page=1&page_size=100", "", repository, results("", true));
    }

    private static Format results(String before, boolean digests) {
        return (root, answer) -> {
            List<Listed> listed = new ArrayList<>();
            for (JsonNode each : entries(root, "results")) {
                Instant pushed = date(each, "tag_last_pushed");
                listed.add(new Listed(
                        before + required(each, "name"),
                        digests ? LenientJson.text(each, "digest") : null,
                        pushed == null ? date(each, "last_updated") : pushed));
            }
            return new Page(listed, LenientJson.text(root, "next"));
        };
    }
}
