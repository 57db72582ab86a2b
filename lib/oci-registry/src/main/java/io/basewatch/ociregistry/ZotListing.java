package io.basewatch.ociregistry;

import static io.basewatch.ociregistry.ApiPages.entries;
import static io.basewatch.ociregistry.ApiPages.required;
import static io.basewatch.ociregistry.ApiPages.segment;

import io.basewatch.ociregistry.ApiPages.Listed;
import io.basewatch.ociregistry.ApiPages.Page;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** zot's search extension, a GraphQL interface: tags with digests. The repositories are those of its catalog. */
record ZotListing(RegistryHttp api, Listing registry) implements Listing {

    private static final int FULL = 100;

    @Override
    public Pages repositories() {
        return registry.repositories();
    }

    @Override
    public Pages tags(String repository) {
        return ApiPages.tags(api, query(repository, 0), "", repository, (root, answer) -> {
            if (root.path("errors").size() > 0) {
                throw new MalformedException("zot's search extension reports an error");
            }
            JsonNode list = root.path("data").path("ImageList");
            List<JsonNode> results = entries(list, "Results");
            List<Listed> listed = new ArrayList<>();
            for (JsonNode image : results) {
                listed.add(new Listed(required(image, "Tag"), LenientJson.text(image, "Digest")));
            }
            return new Page(listed, results.size() < FULL ? null : query(repository, offset(answer) + FULL));
        });
    }

    private static String query(String repository, int offset) {
        return "/v2/_zot/ext/search?offset=" + offset + "&query="
                + segment("{ImageList(repo:\"" + repository + "\",requestedPage:{limit:" + FULL + ",offset:" + offset
                        + ",sortBy:ALPHABETIC_ASC}){Results{Tag Digest}}}");
    }

    private static int offset(ListedPage answer) {
        String query = String.valueOf(answer.uri().getRawQuery());
        return Integer.parseInt(query.replaceFirst("^offset=(\\d{1,9})&.*$", "$1"));
    }
}
