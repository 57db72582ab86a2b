package io.basewatch.registrywatcher;

import io.basewatch.fleetmodel.JsonTree;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * In which repositories something has changed, as a message of a registry says. Whatever else it says (tags, digests) is not believed: the registry itself is asked. That something was
 * pulled changes nothing: registries say so of our own looks, too, each of which would have us look again.
 */
final class WebhookMessage {

    static final int MAX_REPOSITORIES = 1_000;

    /** As what distribution tells of blobs. */
    private static final String BLOB = "application/octet-stream";

    /** In its default format and as CloudEvents. */
    private static final Set<String> HARBOR_PULLS = Set.of("PULL_ARTIFACT", "harbor.artifact.pulled");

    private static final JsonTree TREE = new JsonTree(64);

    private WebhookMessage() {}

    /** Who writes messages, and how. */
    enum Kind {
        /** Notifications of distribution, which GitLab's registry sends too. */
        DISTRIBUTION,
        /** Harbor's default format and its CloudEvents. */
        HARBOR,
        QUAY,
        DOCKER_HUB,
        /** The package and registry_package events. */
        GITHUB,
        GITLAB,
        ACR,
        /** ECR's image actions as EventBridge hands them on. */
        ECR;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * The repositories' names as the message spells them, each once, at most {@link #MAX_REPOSITORIES}; none for a message about something else, or of what changes no tag.
     *
     * @throws IllegalArgumentException when it is no JSON
     */
    static Set<String> repositories(Kind kind, byte[] body) {
        JsonNode root;
        try {
            root = TREE.read(body);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("the message is not JSON", e);
        }
        Set<String> names = new LinkedHashSet<>();
        for (String name : named(kind, root)) {
            if (!name.isEmpty() && names.size() < MAX_REPOSITORIES) {
                names.add(name);
            }
        }
        return names;
    }

    private static List<String> named(Kind kind, JsonNode root) {
        return switch (kind) {
            case DISTRIBUTION, GITLAB -> {
                List<String> names = new ArrayList<>();
                for (JsonNode event : root.path("events").values()) {
                    if (mayChangeTags(event)) {
                        names.add(text(event.path("target").path("repository")));
                    }
                }
                yield names;
            }
            case HARBOR ->
                HARBOR_PULLS.contains(text(root.path("type")))
                        ? List.of()
                        : List.of(
                                text(root.path("event_data").path("repository").path("repo_full_name")),
                                text(root.path("data").path("repository").path("repo_full_name")));
            case QUAY -> List.of(text(root.path("repository")));
            case DOCKER_HUB -> List.of(text(root.path("repository").path("repo_name")));
            case GITHUB -> List.of(ofPackage(root.path("package")), ofPackage(root.path("registry_package")));
            case ACR -> List.of(text(root.path("target").path("repository")));
            case ECR -> List.of(text(root.path("detail").path("repository-name")));
        };
    }

    /** Not what is pulled, nor blobs, which come before the manifest that names them. */
    private static boolean mayChangeTags(JsonNode event) {
        String action = text(event.path("action"));
        boolean blob = action.equals("push")
                && text(event.path("target").path("mediaType")).equals(BLOB);
        return !action.equals("pull") && !action.equals("mount") && !blob;
    }

    private static String ofPackage(JsonNode each) {
        String name = text(each.path("name"));
        String owner = text(each.path("owner").path("login"));
        owner = owner.isEmpty() ? text(each.path("namespace")) : owner;
        return name.isEmpty() || owner.isEmpty() ? "" : (owner + "/" + name).toLowerCase(Locale.ROOT);
    }

    private static String text(JsonNode node) {
        return node.isString() ? node.asString() : "";
    }
}
