package io.basewatch.ociregistry;

import static io.basewatch.ociregistry.ApiPages.date;
import static io.basewatch.ociregistry.ApiPages.entries;
import static io.basewatch.ociregistry.ApiPages.numbered;
import static io.basewatch.ociregistry.ApiPages.required;
import static io.basewatch.ociregistry.ApiPages.segment;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.ApiPages.Format;
import io.basewatch.ociregistry.ApiPages.Listed;
import io.basewatch.ociregistry.ApiPages.Page;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * GitHub's packages of type container. Each version is a manifest, its name the digest; only those with tags matter here. Owners are organizations or users, which are asked for
 * in that order.
 */
record GitHubListing(RegistryHttp api, List<String> owners) implements Listing {

    private static final int FULL = 100;

    @Override
    public Pages repositories() {
        List<Pages> lists = new ArrayList<>();
        for (String owner : owners) {
            lists.add(ofOwner(root -> ApiPages.repositories(
                    api,
                    root + segment(owner) + "/packages?package_type=container&page=1&per_page=" + FULL,
                    "",
                    "GitHub's container packages of " + owner,
                    packages(owner))));
        }
        return ApiPages.all(lists);
    }

    @Override
    public Pages tags(String repository) {
        int slash = repository.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException(
                    "'" + repository + "' is not a legal repository name of GitHub: OWNER/NAME");
        }
        String path = segment(repository.substring(0, slash)) + "/packages/container/"
                + segment(repository.substring(slash + 1)) + "/versions?page=1&per_page=" + FULL;
        return ofOwner(root -> ApiPages.tags(api, root + path, "", repository, versions()));
    }

    private static Format packages(String owner) {
        return (root, answer) -> {
            List<Listed> listed = new ArrayList<>();
            for (JsonNode each : entries(root)) {
                listed.add(new Listed(owner + "/" + required(each, "name"), null));
            }
            return new Page(listed, numbered(answer, listed.size(), FULL, "/packages"));
        };
    }

    private static Format versions() {
        return (root, answer) -> {
            List<JsonNode> versions = entries(root);
            List<Listed> listed = new ArrayList<>();
            for (JsonNode version : versions) {
                String digest = required(version, "name");
                JsonNode container = version.path("metadata").path("container");
                for (String tag : LenientJson.texts(container, "tags", Integer.MAX_VALUE)) {
                    listed.add(new Listed(tag, digest, date(version, "updated_at")));
                }
            }
            return new Page(listed, numbered(answer, versions.size(), FULL, "/versions"));
        };
    }

    private static Pages ofOwner(Function<String, Pages> at) {
        return new Pages() {
            private Pages pages = at.apply("/orgs/");
            private boolean certain;

            @Override
            public Optional<List<String>> next() throws RegistryException {
                try {
                    Optional<List<String>> page = pages.next();
                    certain = true;
                    return page;
                } catch (RegistryException e) {
                    boolean noSuch =
                            e.reason() == Reason.Code.MANIFEST_MISSING || e.reason() == Reason.Code.UNSUPPORTED_FORMAT;
                    if (certain || !noSuch) {
                        throw e;
                    }
                    certain = true;
                    pages = at.apply("/users/");
                    return pages.next();
                }
            }

            @Override
            public List<String> passedOver() {
                return pages.passedOver();
            }

            @Override
            public Map<String, Digest> digests() {
                return pages.digests();
            }

            @Override
            public Map<String, Instant> dates() {
                return pages.dates();
            }
        };
    }
}
