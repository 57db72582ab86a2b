package io.basewatch.ociregistry;

import static io.basewatch.ociregistry.ApiPages.date;
import static io.basewatch.ociregistry.ApiPages.entries;
import static io.basewatch.ociregistry.ApiPages.required;

import io.basewatch.ociregistry.ApiPages.Listed;
import io.basewatch.ociregistry.ApiPages.Page;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Azure Container Registry's own interface, with the registry's own tokens. */
record AcrListing(RegistryHttp http) implements Listing {

    @Override
    public Pages repositories() {
        String path = "/acr/v1/_catalog";
        return ApiPages.repositories(
                http, path + "?n=100", "registry:catalog:*", "list of repositories", (root, answer) -> {
                    List<Listed> listed = new ArrayList<>();
                    for (String name : names(root)) {
                        listed.add(new Listed(name, null));
                    }
                    return new Page(
                            listed, LinkHeader.next(answer.links(), path).orElse(null));
                });
    }

    /** Null where there is none. */
    private static List<String> names(JsonNode root) throws MalformedException {
        if (!root.has("repositories")) {
            throw new MalformedException("field 'repositories' is missing");
        }
        return LenientJson.texts(root, "repositories", Integer.MAX_VALUE);
    }

    @Override
    public Pages tags(String repository) {
        String path = "/acr/v1/" + repository + "/_tags";
        return ApiPages.tags(
                http, path + "?n=100", "repository:" + repository + ":metadata_read", repository, (root, answer) -> {
                    List<Listed> listed = new ArrayList<>();
                    for (JsonNode tag : entries(root, "tags")) {
                        Instant updated = date(tag, "lastUpdateTime");
                        listed.add(new Listed(
                                required(tag, "name"),
                                LenientJson.text(tag, "digest"),
                                updated == null ? date(tag, "createdTime") : updated));
                    }
                    return new Page(
                            listed, LinkHeader.next(answer.links(), path).orElse(null));
                });
    }
}
