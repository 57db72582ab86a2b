package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import io.basewatch.ociregistry.RegistryHttp.Call;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A list of a registry's own interface, page by page. Wherever a page says that the next one is, it is asked of the host that was asked for the first; a page that was there before
 * is an error, and so is one that is not what its kind documents: a list that may lack something never looks whole.
 */
final class ApiPages implements Pages {

    private static final int MAX_PAGE_BYTES = 32 * 1024 * 1024;
    private static final int MAX_PAGES = 100_000;

    /** A second far from now of which Java still knows the date. */
    private static final long LATEST = 253_402_300_799L;

    private static final Pattern PAGE = Pattern.compile("(^|&)page=(\\d{1,6})");

    /**
     * One entry as the registry lists it; null what it does not say.
     *
     * @param date when the tag came to this digest
     */
    record Listed(
            String name, @Nullable String digest, @Nullable Instant date) {

        Listed(String name, @Nullable String digest) {
            this(name, digest, null);
        }
    }

    /**
     * A page.
     *
     * @param next path and query, or an address of which only these are believed; null at the end
     */
    record Page(List<Listed> listed, @Nullable String next) {}

    /** How a kind of registries writes a page. */
    interface Format {
        Page read(JsonNode root, ListedPage answer) throws MalformedException;
    }

    private final RegistryHttp http;
    private final String path;
    private final String what;
    private final Function<String, Call> asking;
    private final Predicate<String> legal;
    private final Format format;
    private final Set<String> asked = new HashSet<>();
    private final Set<Digest> met = new HashSet<>();
    private Map<String, Digest> digests = Map.of();
    private Map<String, Instant> dates = Map.of();
    private List<String> passedOver = List.of();
    private @Nullable String next;

    private ApiPages(
            RegistryHttp http,
            String first,
            String what,
            Function<String, Call> asking,
            Predicate<String> legal,
            Format format) {
        this.http = http;
        this.path = first.replaceFirst("\\?.*", "");
        this.what = what;
        this.asking = asking;
        this.legal = legal;
        this.format = format;
        this.next = first;
    }

    /**
     * @param first path and query of the first page
     */
    static Pages repositories(RegistryHttp http, String first, String scope, String what, Format format) {
        return repositories(http, first, what, get(http, scope, what, Reason.Code.UNSUPPORTED_FORMAT), format);
    }

    static Pages tags(RegistryHttp http, String first, String scope, String repository, Format format) {
        Function<String, Call> asking = get(http, scope, tagsOf(repository), Reason.Code.MANIFEST_MISSING);
        return tags(http, first, repository, asking, format);
    }

    /**
     * @param asking how a page is asked for by its path and query
     */
    static Pages repositories(
            RegistryHttp http, String first, String what, Function<String, Call> asking, Format format) {
        return new ApiPages(http, first, what, asking, Names::isRepository, format);
    }

    /**
     * @param asking how a page is asked for by its path and query
     */
    static Pages tags(
            RegistryHttp http, String first, String repository, Function<String, Call> asking, Format format) {
        return new ApiPages(http, first, tagsOf(repository), asking, Names::isTag, format);
    }

    private static Function<String, Call> get(RegistryHttp http, String scope, String what, Reason.Code missing) {
        return at -> new Call("GET", http.uri(at), Map.of("Accept", "application/json"), scope, what, missing);
    }

    static String tagsOf(String repository) {
        return "tags of " + repository;
    }

    @Override
    public Optional<List<String>> next() throws RegistryException {
        passedOver = List.of();
        digests = Map.of();
        dates = Map.of();
        String at = next;
        if (at == null) {
            return Optional.empty();
        }
        if (asked.contains(at)) {
            throw invalid("the pages go in a circle, page " + (asked.size() + 1) + " is one of those before");
        }
        if (asked.size() >= MAX_PAGES) {
            throw RegistryException.permanent(
                    Reason.Code.LIMIT_EXCEEDED, prefix() + "more than " + MAX_PAGES + " pages");
        }
        ListedPage answer = http.page(asking.apply(at), MAX_PAGE_BYTES);
        try {
            return Optional.of(take(at, format.read(LenientJson.tree(answer.body()), answer), answer));
        } catch (MalformedException e) {
            throw invalid("the answer is malformed: " + e.getMessage());
        }
    }

    private List<String> take(String at, Page page, ListedPage answer) throws RegistryException {
        if (!page.listed().isEmpty() && !met.add(Hashing.digest(answer.body(), "sha256"))) {
            throw invalid("the pages go in a circle, page " + (asked.size() + 1) + " is one of those before again");
        }
        String following = null;
        if (page.next() != null) {
            following = NextPage.of(page.next(), path, answer.uri());
            if (following == null) {
                throw invalid("the next page's address '" + Printable.text(page.next()) + "' leads to no page");
            }
        }
        asked.add(at);
        next = following;
        PassedOver bad = new PassedOver();
        Set<String> names = new LinkedHashSet<>();
        Map<String, Digest> known = new LinkedHashMap<>();
        Map<String, Instant> when = new LinkedHashMap<>();
        Set<String> twice = new HashSet<>();
        for (Listed each : page.listed()) {
            if (!legal.test(each.name())) {
                bad.add("'" + Printable.text(each.name()) + "' (not a legal name)");
                continue;
            }
            if (!names.add(each.name())) {
                twice.add(each.name());
            }
            parsed(each.digest()).ifPresent(digest -> known.put(each.name(), digest));
            if (each.date() != null) {
                when.merge(each.name(), each.date(), (one, other) -> one.isAfter(other) ? one : other);
            }
        }
        // It moved while the list was made: who asks for it by name is told which is right.
        known.keySet().removeAll(twice);
        digests = Map.copyOf(known);
        dates = Map.copyOf(when);
        passedOver = bad.told();
        return List.copyOf(names);
    }

    private static Optional<Digest> parsed(@Nullable String digest) {
        try {
            return digest == null ? Optional.empty() : Optional.of(Digest.parse(digest));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<String> passedOver() {
        return passedOver;
    }

    @Override
    public Map<String, Digest> digests() {
        return digests;
    }

    @Override
    public Map<String, Instant> dates() {
        return dates;
    }

    private RegistryException invalid(String message) {
        return RegistryException.permanent(Reason.Code.REGISTRY_UNAVAILABLE, prefix() + message);
    }

    private String prefix() {
        return "registry " + http.settings().host() + ": " + what + ": ";
    }

    /** The list's entries; an error where it is absent, so that an answer of another kind is no empty list. */
    static List<JsonNode> entries(JsonNode root, String field) throws MalformedException {
        if (!root.isObject() || !root.path(field).isArray()) {
            throw new MalformedException("field '" + field + "' is not a list");
        }
        return List.copyOf(root.path(field).values());
    }

    /** The entries of a page that is nothing but a list. */
    static List<JsonNode> entries(JsonNode root) throws MalformedException {
        if (!root.isArray()) {
            throw new MalformedException("it is not a list");
        }
        return List.copyOf(root.values());
    }

    /** A text that each entry must have. */
    static String required(JsonNode entry, String field) throws MalformedException {
        String value = LenientJson.text(entry, field);
        if (value == null) {
            throw new MalformedException("an entry has no field '" + field + "'");
        }
        return value;
    }

    /** A moment as ISO 8601 or RFC 1123 has it; null where none is said, and what is none says none. */
    static @Nullable Instant date(JsonNode entry, String field) {
        String text = entry.path(field).asString("");
        for (DateTimeFormatter format :
                List.of(DateTimeFormatter.ISO_OFFSET_DATE_TIME, DateTimeFormatter.RFC_1123_DATE_TIME)) {
            try {
                return format.parse(text, Instant::from);
            } catch (DateTimeException e) {
                // Perhaps it is the other.
            }
        }
        return null;
    }

    /** A moment as seconds since 1970, also as a fraction; null where none is said that a calendar has. */
    static @Nullable Instant seconds(JsonNode entry, String field) {
        double seconds = entry.path(field).asDouble(0);
        return seconds > 0 && seconds <= LATEST ? Instant.ofEpochMilli(Math.round(seconds * 1_000)) : null;
    }

    /** What follows a page that is numbered: the Link, or the next number after a full page. */
    static @Nullable String numbered(ListedPage answer, int entries, int full, String path) {
        Optional<String> link = LinkHeader.next(answer.links(), path);
        if (link.isPresent()) {
            return link.get();
        }
        if (entries < full || !answer.links().isEmpty()) {
            return null;
        }
        String query = String.valueOf(answer.uri().getRawQuery());
        Matcher page = PAGE.matcher(query);
        return page.find() ? "?" + page.replaceFirst("$1page=" + (Integer.parseInt(page.group(2)) + 1)) : null;
    }

    /** A name as one segment of a path. */
    static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Several lists one after the other. */
    static Pages all(List<Pages> lists) {
        return new Pages() {
            private final List<Pages> left = new ArrayList<>(lists);

            @Override
            public Optional<List<String>> next() throws RegistryException {
                while (!left.isEmpty()) {
                    Optional<List<String>> page = left.get(0).next();
                    if (page.isPresent()) {
                        return page;
                    }
                    left.remove(0);
                }
                return Optional.empty();
            }

            @Override
            public List<String> passedOver() {
                return left.isEmpty() ? List.of() : left.get(0).passedOver();
            }
        };
    }
}
