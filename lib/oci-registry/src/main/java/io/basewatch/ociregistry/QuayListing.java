package io.basewatch.ociregistry;

import static io.basewatch.ociregistry.ApiPages.date;
import static io.basewatch.ociregistry.ApiPages.entries;
import static io.basewatch.ociregistry.ApiPages.required;
import static io.basewatch.ociregistry.ApiPages.seconds;
import static io.basewatch.ociregistry.ApiPages.segment;

import io.basewatch.ociregistry.ApiPages.Listed;
import io.basewatch.ociregistry.ApiPages.Page;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Quay's interface, version 1, which lists the repositories of a namespace that the token may see, without one the public ones. */
record QuayListing(RegistryHttp api, List<String> namespaces) implements Listing {

    @Override
    public Pages repositories() {
        List<Pages> lists = new ArrayList<>();
        for (String namespace : namespaces) {
            String first = "/api/v1/repository?public=true&namespace=" + segment(namespace);
            lists.add(ApiPages.repositories(api, first, "", "Quay's repositories of " + namespace, (root, answer) -> {
                List<Listed> listed = new ArrayList<>();
                for (JsonNode repository : entries(root, "repositories")) {
                    listed.add(
                            new Listed(required(repository, "namespace") + "/" + required(repository, "name"), null));
                }
                String more = LenientJson.textOr(root, "next_page", "");
                return new Page(listed, more.isEmpty() ? null : first + "&next_page=" + segment(more));
            }));
        }
        return ApiPages.all(lists);
    }

    @Override
    public Pages tags(String repository) {
        String path = "/api/v1/repository/" + repository + "/tag/?onlyActiveTags=true&limit=100&page=";
        return ApiPages.tags(api, path + 1, "", repository, (root, answer) -> {
            List<Listed> listed = new ArrayList<>();
            for (JsonNode tag : entries(root, "tags")) {
                Instant started = seconds(tag, "start_ts");
                listed.add(new Listed(
                        required(tag, "name"),
                        LenientJson.text(tag, "manifest_digest"),
                        started == null ? date(tag, "last_modified") : started));
            }
            boolean more = root.path("has_additional").asBoolean(false);
            return new Page(listed, more ? path + (root.path("page").asInt(1) + 1) : null);
        });
    }
}
