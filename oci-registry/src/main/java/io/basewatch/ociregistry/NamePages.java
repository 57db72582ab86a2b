package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import io.basewatch.ociregistry.RegistryHttp.Call;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Catalog or tag list, page by page. A Link is followed as it is, but only to the registry itself and never twice. A registry that gives a full page without a Link is asked
 * once more for what comes after its last name, since some cut their lists without saying so; one that then repeats itself has told everything.
 */
final class NamePages implements Pages {

    /** A page of a registry that ignores the asked size: some hundred thousand names. */
    private static final int MAX_PAGE_BYTES = 32 * 1024 * 1024;

    /** A list that grows while it is read must end nonetheless. */
    private static final int MAX_PAGES = 100_000;

    private final RegistryHttp http;
    private final String path;
    private final String field;
    private final String scope;
    private final String what;
    private final Predicate<String> legal;
    private final Set<String> asked = new HashSet<>();
    private Set<String> previous = Set.of();
    private @Nullable URI next;

    private NamePages(
            RegistryHttp http, String path, String field, String scope, String what, Predicate<String> legal) {
        this.http = http;
        this.path = path;
        this.field = field;
        this.scope = scope;
        this.what = what;
        this.legal = legal;
        this.next = http.uri(path + "?n=" + http.settings().pageSize());
    }

    static Pages repositories(RegistryHttp http) {
        return new NamePages(
                http,
                "/v2/_catalog",
                "repositories",
                "registry:catalog:*",
                "list of repositories",
                Names::isRepository);
    }

    static Pages tags(RegistryHttp http, String repository) {
        return new NamePages(
                http,
                "/v2/" + repository + "/tags/list",
                "tags",
                "repository:" + repository + ":pull",
                "tags of " + repository,
                Names::isTag);
    }

    private boolean isCatalog() {
        return field.equals("repositories");
    }

    private record Page(List<String> names, @Nullable URI next) {}

    @Override
    public Optional<List<String>> next() throws RegistryException {
        URI uri = next;
        if (uri == null) {
            return Optional.empty();
        }
        if (asked.contains(uri.toString())) {
            throw invalid("the pages go in a circle, page " + (asked.size() + 1) + " is one of those before");
        }
        if (asked.size() >= MAX_PAGES) {
            throw RegistryException.permanent(
                    Reason.Code.LIMIT_EXCEEDED, prefix() + "more than " + MAX_PAGES + " pages");
        }
        Call call = new Call(
                "GET",
                uri,
                Map.of("Accept", "application/json"),
                scope,
                what,
                isCatalog() ? Reason.Code.UNSUPPORTED_FORMAT : Reason.Code.MANIFEST_MISSING);
        Page page = ask(call);
        asked.add(uri.toString());
        List<String> names = new ArrayList<>(page.names());
        names.removeAll(previous);
        if (page.next() == null && names.isEmpty() && asked.size() > 1) {
            next = null;
            return Optional.empty();
        }
        if (page.next() != null && names.isEmpty() && !page.names().isEmpty()) {
            throw invalid("the pages go in a circle, page " + asked.size() + " is the one before again");
        }
        next = page.next() != null ? page.next() : unlinked(page.names(), names);
        previous = Set.copyOf(page.names());
        return Optional.of(List.copyOf(names));
    }

    private Page ask(Call call) throws RegistryException {
        try {
            return http.get(call, answer -> new Page(names(http.bytes(answer, MAX_PAGE_BYTES)), linked(answer)));
        } catch (RegistryException e) {
            if (isCatalog()
                    && (e.reason() == Reason.Code.UNSUPPORTED_FORMAT || e.reason() == Reason.Code.UNAUTHORIZED)) {
                throw RegistryException.permanent(
                        e.reason(),
                        e.getMessage()
                                + "; a registry that does not list its repositories needs them named in the configuration",
                        e);
            }
            throw e;
        }
    }

    private List<String> names(byte[] body) throws RegistryException {
        List<String> names = new ArrayList<>();
        try {
            JsonNode root = LenientJson.object(body);
            for (JsonNode element : LenientJson.elements(root, field, Integer.MAX_VALUE)) {
                String name = element.isString() ? element.asString() : element.toString();
                if (!element.isString() || !legal.test(name)) {
                    throw invalid("the registry lists the name '" + Printable.text(name)
                            + "', which is not a legal one and is not followed; remove it from the registry");
                }
                names.add(name);
            }
        } catch (MalformedException e) {
            throw invalid("the answer is malformed: " + e.getMessage());
        }
        return names;
    }

    private @Nullable URI linked(Answer answer) throws RegistryException {
        Optional<String> target = LinkHeader.next(answer.headers("Link"));
        if (target.isEmpty()) {
            return null;
        }
        try {
            URI uri = answer.uri().resolve(target.get());
            if (RegistryHttp.sameOrigin(uri, http.settings().url())) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Told below.
        }
        throw invalid("the next page's Link '" + Printable.text(target.get())
                + "' does not lead to the registry itself and is not followed");
    }

    /** The page after a full one without Link; null when the page was not full or had nothing new. */
    private @Nullable URI unlinked(List<String> page, List<String> fresh) {
        int size = http.settings().pageSize();
        if (page.size() != size || fresh.isEmpty()) {
            return null;
        }
        String last = URLEncoder.encode(page.get(size - 1), StandardCharsets.UTF_8);
        return http.uri(path + "?n=" + size + "&last=" + last);
    }

    private RegistryException invalid(String message) {
        return RegistryException.permanent(Reason.Code.REGISTRY_UNAVAILABLE, prefix() + message);
    }

    private String prefix() {
        return "registry " + http.settings().host() + ": " + what + ": ";
    }
}
