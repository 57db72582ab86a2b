package io.basewatch.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How long a running API takes for each question it can be asked, over HTTP: every list with every filter and all combinations of them, at its begin and deep in it. */
final class ApiBenchmark {

    private static final PrintStream OUT = System.out;

    /** At least so many, and at least as many as are counted: what is compiled meanwhile is no part of what a service that has run for a while takes. */
    private static final int WARM_UP = 30;

    private static final List<Integer> LIMITS = List.of(50, 1000);

    private final HttpClient client = HttpClient.newHttpClient();
    private final String base;
    private final int requests;
    private final Set<String> asked = new HashSet<>();
    private double worst;

    private ApiBenchmark(String base, int requests) {
        this.base = base;
        this.requests = requests;
    }

    /**
     * @param base scheme, host and port
     * @param requests of each kind that are counted
     * @param only of which the address must have one of these in it, set apart by commas; null for all
     */
    static void measure(String base, int requests, @Nullable String only) throws Exception {
        new ApiBenchmark(base, requests)
                .measure(
                        only == null
                                ? path -> true
                                : path -> Arrays.stream(only.split(",")).anyMatch(path::contains));
    }

    private void measure(Predicate<String> wanted) throws Exception {
        OUT.printf("| question | answers | p50 ms | p99 ms | CPU ms |%n|---|---|---|---|---|%n");
        List<String> plain = List.of(
                "/api/v1/fleet",
                "/api/v1/backlog",
                "/api/v1/backlog?include=musl,past-support,unknown&limit=1000",
                "/api/v1/backlog?group=owner",
                "/api/v1/backlog?group=base",
                "/api/v1/backlog?asOf=2027-06-30",
                "/api/v1/backlog/closed",
                "/api/v1/bases",
                "/api/v1/bases?limit=1000",
                "/api/v1/bases?distro=alpine",
                "/api/v1/bases?q=team-5",
                "/api/v1/bases?asOf=2027-06-30",
                "/api/v1/horizon",
                "/api/v1/horizon?asOf=2025-01-31",
                "/api/v1/trends",
                "/api/v1/changes",
                "/api/v1/changes?limit=1000",
                "/api/v1/caveats",
                "/api/v1/caveats?found=true",
                "/api/v1/waivers",
                "/api/v1/lifecycle",
                "/api/v1/what-if/bases",
                "/search?q=team-5",
                "/search?q=app-50",
                "/search?q=app-50:v",
                "/search?q=sha256:0000",
                "/actuator/prometheus");
        for (String path : plain) {
            if (wanted.test(path)) {
                report(path, List.of(path));
            }
        }
        List<JsonNode> images = some("images", 7);
        List<JsonNode> tags = some("tags", 7);
        Map<String, List<String>> ofImages = new LinkedHashMap<>();
        ofImages.put(
                "registry",
                values(tags, tag -> tag.path("repository").asString("").replaceAll("/.*", "")));
        ofImages.put("repository", values(tags, tag -> tag.path("repository").asString("")));
        ofImages.put(
                "distro",
                values(images, image -> image.path("distro").path("id").asString("")));
        ofImages.put(
                "release",
                values(images, image -> image.path("distro").path("version").asString("")));
        ofImages.put("libc", List.of("glibc", "musl", "static", "uclibc", "bionic", "unknown"));
        ofImages.put("status", List.of("complete", "partial", "pending", "unscannable", "skipped"));
        lists("images", ofImages, wanted);
        lists("images", ofCaveats(), wanted);
        Map<String, List<String>> ofTags = new LinkedHashMap<>();
        ofTags.put("registry", ofImages.get("registry"));
        ofTags.put("repository", ofImages.get("repository"));
        ofTags.put("image", values(images, image -> image.path("digest").asString("")));
        lists("tags", ofTags, wanted);
        lists("repositories", Map.of("registry", ofImages.get("registry")), wanted);
        List<String> digests = ofTags.get("image").stream()
                .map(digest -> "/api/v1/images/" + digest)
                .toList();
        if (wanted.test(digests.get(0))) {
            report("/api/v1/images/{digest}", digests);
        }
        List<String> lineage = values(images, image -> image.path("digest").asString("")).stream()
                .map(digest -> "/api/v1/lineage/" + digest)
                .toList();
        if (wanted.test(lineage.get(0))) {
            report("/api/v1/lineage/{digest}", lineage);
        }
        List<String> bases =
                values(items("/api/v1/bases?limit=100"), base -> base.path("id").asString(""));
        each("/api/v1/bases/", bases, "", wanted);
        each("/api/v1/bases/", bases, "/images", wanted);
        each("/api/v1/bases/", bases, "/images?all=true", wanted);
        List<String> entries = values(
                items("/api/v1/backlog?limit=100"), entry -> entry.path("id").asString(""));
        each("/api/v1/backlog/", entries, "", wanted);
        OUT.printf(Locale.ROOT, "%nworst p99: %.1f ms%n", worst);
    }

    private Map<String, List<String>> ofCaveats() throws Exception {
        List<JsonNode> found = items("/api/v1/caveats?found=true");
        List<JsonNode> some = found.isEmpty() ? items("/api/v1/caveats") : found;
        Map<String, List<String>> filters = new LinkedHashMap<>();
        filters.put("caveat", values(some, caveat -> caveat.path("id").asString("")));
        filters.put("kind", List.of("certain", "risk", "info"));
        filters.put("severity", List.of("critical", "high", "medium", "low"));
        return filters;
    }

    private List<JsonNode> items(String path) throws Exception {
        List<JsonNode> items = new ArrayList<>();
        JsonMapper.shared().readTree(body(path)).path("items").forEach(items::add);
        return items;
    }

    private void each(String before, List<String> ids, String behind, Predicate<String> wanted) throws Exception {
        String name = before + "{id}" + behind;
        if (wanted.test(name) && !ids.isEmpty()) {
            report(name, ids.stream().map(id -> before + id + behind).toList());
        }
    }

    private interface Value {
        String of(JsonNode item);
    }

    private static List<String> values(List<JsonNode> items, Value value) {
        Set<String> values = new LinkedHashSet<>();
        items.forEach(item -> values.add(value.of(item)));
        values.remove("");
        return values.stream().limit(40).toList();
    }

    /** From the first pages, wherever they are. */
    private List<JsonNode> some(String list, int pages) throws Exception {
        List<JsonNode> items = new ArrayList<>();
        String next = "/api/v1/" + list + "?limit=1000";
        for (int page = 0; page < pages && next != null; page++) {
            JsonNode answer = JsonMapper.shared().readTree(body(next));
            answer.path("items").forEach(items::add);
            next = answer.path("next").asString(null);
        }
        return items;
    }

    /** Each combination of filters: with every value in turn, and those of one image or tag together. */
    private void lists(String list, Map<String, List<String>> filters, Predicate<String> wanted) throws Exception {
        List<String> names = List.copyOf(filters.keySet());
        for (int combination = 0; combination < 1 << names.size(); combination++) {
            List<String> chosen = new ArrayList<>();
            for (int n = 0; n < names.size(); n++) {
                if ((combination & 1 << n) != 0) {
                    chosen.add(names.get(n));
                }
            }
            String name = "/api/v1/" + list + (chosen.isEmpty() ? "" : "?" + String.join("&", chosen));
            if (!wanted.test(name) || !asked.add(name)) {
                continue;
            }
            for (int limit : LIMITS) {
                List<String> first = new ArrayList<>();
                for (int n = 0; n < (chosen.isEmpty() ? 1 : 40); n++) {
                    StringBuilder path = new StringBuilder("/api/v1/" + list + "?limit=" + limit);
                    for (int f = 0; f < chosen.size(); f++) {
                        List<String> values = filters.getOrDefault(chosen.get(f), List.of());
                        // Turned against each other, so that few combinations are met by anything: what scans looks at
                        // all.
                        path.append('&')
                                .append(chosen.get(f))
                                .append('=')
                                .append(encoded(values.get(n * (f + 1) % values.size())));
                    }
                    first.add(path.toString());
                }
                report(name + " limit " + limit, first);
                List<String> deep = deep(list, first);
                if (!deep.isEmpty()) {
                    report(name + " limit " + limit + ", deep", deep);
                }
            }
        }
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /** The same lists from where they are a half through. */
    private List<String> deep(String list, List<String> first) throws Exception {
        List<String> deep = new ArrayList<>();
        for (String path : first.subList(0, Math.min(8, first.size()))) {
            String next = JsonMapper.shared().readTree(body(path)).path("next").asString(null);
            if (next != null) {
                String middle = switch (list) {
                    case "images" -> "images:sha256:8" + "0".repeat(63);
                    case "tags" -> "tags:registry.example.com:5000/team-50/app-50:v";
                    default -> "repositories:registry.example.com:5000/team-50/app-50";
                };
                deep.add(path + "&after=" + encoded(middle));
            }
        }
        return deep;
    }

    private void report(String name, List<String> paths) throws Exception {
        for (int n = 0; n < Math.max(WARM_UP, requests); n++) {
            body(paths.get(n % paths.size()));
        }
        long cpu = served();
        double[] millis = new double[requests];
        int[] sizes = new int[requests];
        for (int n = 0; n < requests; n++) {
            long start = System.nanoTime();
            byte[] body = body(paths.get(n % paths.size()));
            millis[n] = (System.nanoTime() - start) / 1e6;
            sizes[n] = body.length;
        }
        Arrays.sort(millis);
        Arrays.sort(sizes);
        double p99 = millis[Math.min(requests - 1, (int) Math.ceil(requests * 0.99) - 1)];
        worst = Math.max(worst, p99);
        OUT.printf(
                Locale.ROOT,
                "| `%s` | %.1f kB | %.1f | %.1f | %s |%n",
                name,
                sizes[requests / 2] / 1e3,
                millis[requests / 2],
                p99,
                cpu < 0 ? "" : String.format(Locale.ROOT, "%.1f", (served() - cpu) / 1e6 / requests));
        OUT.flush();
    }

    /** CPU time of the process that answers, with all that it does beside, in nanoseconds; -1 where it was not said which one that is ({@code -Dserved=PID}). */
    private static long served() {
        Long process = Long.getLong("served");
        return process == null
                ? -1
                : ProcessHandle.of(process)
                        .flatMap(each -> each.info().totalCpuDuration())
                        .map(Duration::toNanos)
                        .orElse(-1L);
    }

    private byte[] body(String path) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = client.send(
                HttpRequest.newBuilder(URI.create(base + path)).build(), HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IOException(path + " gave " + response.statusCode() + ": "
                    + new String(response.body(), StandardCharsets.UTF_8));
        }
        return response.body();
    }
}
