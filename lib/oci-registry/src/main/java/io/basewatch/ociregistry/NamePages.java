package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import io.basewatch.ociregistry.RegistryHttp.Call;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Catalog or tag list, page by page. A Link is followed, but only on the registry's own host and never twice to the same page. A registry that gives a full page without a Link is
 * asked once more for what comes after its last name, since some cut their lists without saying so; one that then repeats itself has told everything. A name that is none hides
 * no other.
 */
final class NamePages implements Pages {

    /** A page of a registry that ignores the asked size: some hundred thousand names. */
    private static final int MAX_PAGE_BYTES = 32 * 1024 * 1024;

    /** A list that grows while it is read must end nonetheless. */
    private static final int MAX_PAGES = 100_000;

    private static final int MAX_EMPTY_PAGES = 1_000;

    /** Of a name that the next page is asked for after: the longest legal one is shorter. */
    private static final int MAX_LAST_CHARS = 1_024;

    private static final Beside NOTHING = new Beside(Map.of(), Map.of());

    private final RegistryHttp http;
    private final String path;
    private final String field;
    private final String scope;
    private final String what;
    private final Predicate<String> legal;
    private final Set<String> asked = new HashSet<>();
    private final Set<Digest> met = new HashSet<>();
    private Set<String> previous = Set.of();
    private List<String> passedOver = List.of();
    private Beside beside = NOTHING;
    private int emptyPages;
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

    /**
     * One page as it came.
     *
     * @param entries all of them, as far as they are texts
     * @param size how many entries it has
     */
    private record Page(
            List<String> names,
            Set<String> entries,
            String last,
            int size,
            List<String> passedOver,
            Beside beside,
            @Nullable URI next) {

        /** The same for the same entries in any order. */
        Digest mark() {
            return Hashing.digest(String.join("\n", new TreeSet<>(entries)).getBytes(StandardCharsets.UTF_8), "sha256");
        }
    }

    @Override
    public Optional<List<String>> next() throws RegistryException {
        URI uri = next;
        passedOver = List.of();
        beside = NOTHING;
        if (uri == null) {
            return Optional.empty();
        }
        if (asked.contains(uri.toString())) {
            throw invalid("the pages go in a circle, page " + (asked.size() + 1) + " is one of those before");
        }
        if (asked.size() >= MAX_PAGES || emptyPages >= MAX_EMPTY_PAGES) {
            throw RegistryException.permanent(
                    Reason.Code.LIMIT_EXCEEDED,
                    prefix()
                            + (asked.size() >= MAX_PAGES
                                    ? "more than " + MAX_PAGES + " pages"
                                    : "more than " + MAX_EMPTY_PAGES + " empty pages one after the other"));
        }
        Page page = ask(call(uri));
        asked.add(uri.toString());
        emptyPages = page.size() == 0 ? emptyPages + 1 : 0;
        boolean known = page.size() > 0 && !met.add(page.mark());
        if (known && page.next() != null) {
            throw invalid("the pages go in a circle, page " + asked.size() + " is one of those before again");
        }
        if (page.next() == null && asked.size() > 1 && (known || previous.containsAll(page.entries()))) {
            next = null;
            return Optional.empty();
        }
        List<String> names = new ArrayList<>(page.names());
        names.removeAll(previous);
        next = page.next() != null ? page.next() : unlinked(page);
        previous = page.entries();
        passedOver = page.passedOver();
        beside = page.beside();
        return Optional.of(List.copyOf(names));
    }

    @Override
    public List<String> passedOver() {
        return passedOver;
    }

    @Override
    public Map<String, Digest> digests() {
        return beside.digests();
    }

    @Override
    public Map<String, Instant> dates() {
        return beside.dates();
    }

    /** What Google's registries list beside the names: each manifest by its digest, with the tags that point at it. A tag that two have is left out. */
    private record Beside(Map<String, Digest> digests, Map<String, Instant> dates) {

        static Beside of(JsonNode root) {
            Map<String, Digest> digests = new HashMap<>();
            Map<String, Instant> dates = new HashMap<>();
            Set<String> names = new HashSet<>();
            Set<String> twice = new HashSet<>();
            root.path("manifest").forEachEntry((digest, manifest) -> {
                // A text of digits, as numbers of 64 bits are written.
                String uploaded = manifest.path("timeUploadedMs").asString("");
                for (JsonNode tag : manifest.path("tag").values()) {
                    String name = tag.asString("");
                    if (!names.add(name)) {
                        twice.add(name);
                    }
                    parsed(digest).ifPresent(known -> digests.put(name, known));
                    if (uploaded.matches("[1-9]\\d{1,14}")) {
                        dates.put(name, Instant.ofEpochMilli(Long.parseLong(uploaded)));
                    }
                }
            });
            digests.keySet().removeAll(twice);
            return new Beside(Map.copyOf(digests), Map.copyOf(dates));
        }
    }

    private static Optional<Digest> parsed(String digest) {
        try {
            return Optional.of(Digest.parse(digest));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Call call(URI uri) {
        return new Call(
                "GET",
                uri,
                Map.of("Accept", "application/json"),
                scope,
                what,
                isCatalog() ? Reason.Code.UNSUPPORTED_FORMAT : Reason.Code.MANIFEST_MISSING);
    }

    private Page ask(Call call) throws RegistryException {
        try {
            ListedPage answer = http.page(call, MAX_PAGE_BYTES);
            return page(answer.body(), linked(answer));
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

    private Page page(byte[] body, @Nullable URI linked) throws RegistryException {
        try {
            JsonNode root = LenientJson.object(body);
            if (!root.has(field)) {
                throw new MalformedException("field '" + field + "' is missing");
            }
            List<JsonNode> elements = LenientJson.elements(root, field, Integer.MAX_VALUE);
            List<String> names = new ArrayList<>();
            Set<String> entries = new LinkedHashSet<>();
            PassedOver bad = new PassedOver();
            String last = "";
            for (JsonNode element : elements) {
                String name = element.isString() ? element.asString() : "";
                entries.add(name);
                if (!element.isString()) {
                    bad.add(Printable.text(element.toString()) + " (no text)");
                    continue;
                }
                last = name.length() <= MAX_LAST_CHARS ? name : last;
                if (legal.test(name)) {
                    names.add(name);
                } else {
                    bad.add("'" + Printable.text(name) + "' (not a legal " + (isCatalog() ? "repository" : "tag")
                            + " name)");
                }
            }
            return new Page(names, entries, last, elements.size(), bad.told(), Beside.of(root), linked);
        } catch (MalformedException e) {
            throw invalid("the answer is malformed: " + e.getMessage());
        }
    }

    private @Nullable URI linked(ListedPage answer) throws RegistryException {
        Optional<String> target = LinkHeader.next(answer.links(), path);
        if (target.isEmpty()) {
            return null;
        }
        String own = NextPage.of(target.get(), path, answer.uri());
        if (own == null) {
            throw invalid("the next page's Link '" + Printable.text(target.get()) + "' leads to no page of a registry");
        }
        return http.uri(own);
    }

    /** The page after a full one without Link; null when the page was not full. */
    private @Nullable URI unlinked(Page page) {
        int size = http.settings().pageSize();
        if (page.size() != size || page.last().isEmpty()) {
            return null;
        }
        return http.uri(path + "?n=" + size + "&last=" + URLEncoder.encode(page.last(), StandardCharsets.UTF_8));
    }

    private RegistryException invalid(String message) {
        return RegistryException.permanent(Reason.Code.REGISTRY_UNAVAILABLE, prefix() + message);
    }

    private String prefix() {
        return "registry " + http.settings().host() + ": " + what + ": ";
    }
}
