package io.basewatch.ociregistry;

import static io.basewatch.ociregistry.ApiPages.date;
import static io.basewatch.ociregistry.ApiPages.entries;
import static io.basewatch.ociregistry.ApiPages.numbered;
import static io.basewatch.ociregistry.ApiPages.required;
import static io.basewatch.ociregistry.ApiPages.segment;

import io.basewatch.ociregistry.ApiPages.Listed;
import io.basewatch.ociregistry.ApiPages.Page;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Harbor's interface, version 2.0: an artifact is what a tag points at, an index or an image, and names its digest and tags. */
record HarborListing(RegistryHttp api) implements Listing {

    private static final int FULL = 100;

    @Override
    public Pages repositories() {
        String path = "/api/v2.0/repositories";
        return ApiPages.repositories(
                api, path + "?page=1&page_size=" + FULL, "", "Harbor's repositories", (root, answer) -> {
                    List<Listed> listed = new ArrayList<>();
                    for (JsonNode repository : entries(root)) {
                        listed.add(new Listed(required(repository, "name"), null));
                    }
                    return new Page(listed, numbered(answer, listed.size(), FULL, path));
                });
    }

    @Override
    public Pages tags(String repository) {
        int slash = repository.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException(
                    "'" + repository + "' is not a legal repository name of Harbor: PROJECT/NAME");
        }
        // Escaped twice, as Harbor asks for: a proxy in between unescapes once.
        String path = "/api/v2.0/projects/" + segment(repository.substring(0, slash)) + "/repositories/"
                + segment(segment(repository.substring(slash + 1))) + "/artifacts";
        return ApiPages.tags(api, path + "?with_tag=true&page=1&page_size=" + FULL, "", repository, (root, answer) -> {
            List<JsonNode> artifacts = entries(root);
            List<Listed> listed = new ArrayList<>();
            for (JsonNode artifact : artifacts) {
                add(listed, artifact);
            }
            return new Page(listed, numbered(answer, artifacts.size(), FULL, path));
        });
    }

    private static void add(List<Listed> listed, JsonNode artifact) throws MalformedException {
        String digest = required(artifact, "digest");
        for (JsonNode tag : LenientJson.elements(artifact, "tags", Integer.MAX_VALUE)) {
            Instant pushed = date(tag, "push_time");
            listed.add(
                    new Listed(required(tag, "name"), digest, pushed == null ? date(artifact, "push_time") : pushed));
        }
    }
}
