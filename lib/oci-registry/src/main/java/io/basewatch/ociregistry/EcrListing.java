package io.basewatch.ociregistry;

import static io.basewatch.ociregistry.ApiPages.entries;
import static io.basewatch.ociregistry.ApiPages.required;
import static io.basewatch.ociregistry.ApiPages.seconds;
import static io.basewatch.ociregistry.ApiPages.segment;

import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.ApiPages.Listed;
import io.basewatch.ociregistry.ApiPages.Page;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import io.basewatch.ociregistry.RegistryHttp.Call;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * ECR's interface of 2015-09-21, each of whose requests is a signed POST to the same address: what is asked for stands in its body, as does the token of the next page. An image
 * names its digest, its tags and when it was pushed, which for a tag that was put on an older image is too early.
 */
record EcrListing(RegistryHttp api, String account) implements Listing {

    private static final int FULL = 1_000;

    @Override
    public Pages repositories() {
        String what = "ECR's repositories";
        return ApiPages.repositories(
                api,
                "/",
                what,
                at -> call("DescribeRepositories", question(at), what, Reason.Code.UNSUPPORTED_FORMAT),
                (root, answer) -> {
                    List<Listed> listed = new ArrayList<>();
                    for (JsonNode repository : entries(root, "repositories")) {
                        listed.add(new Listed(required(repository, "repositoryName"), null));
                    }
                    return new Page(listed, next(root));
                });
    }

    @Override
    public Pages tags(String repository) {
        String what = ApiPages.tagsOf(repository);
        return ApiPages.tags(
                api,
                "/",
                repository,
                at -> {
                    ObjectNode question = question(at).put("repositoryName", repository);
                    question.putObject("filter").put("tagStatus", "TAGGED");
                    return call("DescribeImages", question, what, Reason.Code.MANIFEST_MISSING);
                },
                (root, answer) -> {
                    List<Listed> listed = new ArrayList<>();
                    for (JsonNode image : entries(root, "imageDetails")) {
                        String digest = required(image, "imageDigest");
                        Instant pushed = seconds(image, "imagePushedAt");
                        for (String tag : LenientJson.texts(image, "imageTags", Integer.MAX_VALUE)) {
                            listed.add(new Listed(tag, digest, pushed));
                        }
                    }
                    return new Page(listed, next(root));
                });
    }

    private Call call(String target, ObjectNode question, String what, Reason.Code missing) {
        return new Call(
                "POST",
                api.uri("/"),
                Map.of(
                        "Content-Type",
                        "application/x-amz-json-1.1",
                        "X-Amz-Target",
                        "AmazonEC2ContainerRegistry_V20150921." + target),
                "",
                what,
                missing,
                question.toString());
    }

    /**
     * @param at the token, where other kinds have the next page's query
     */
    private ObjectNode question(String at) {
        ObjectNode question =
                JsonNodeFactory.instance.objectNode().put("registryId", account).put("maxResults", FULL);
        int token = at.indexOf('?');
        return token < 0
                ? question
                : question.put("nextToken", URLDecoder.decode(at.substring(token + 1), StandardCharsets.UTF_8));
    }

    private static @Nullable String next(JsonNode root) throws MalformedException {
        String token = LenientJson.textOr(root, "nextToken", "");
        return token.isEmpty() ? null : "?" + segment(token);
    }
}
