package io.basewatch.registrytestkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.registrytestkit.Faults.Reply;
import io.basewatch.registrytestkit.Traffic.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The endpoints. Source of the protocol: OCI distribution-spec 1.1, "Endpoints"; distribution, docs/spec/auth/token.md for {@code /token}. */
final class RegistryHandler implements HttpHandler {

    private static final String NAME = "[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*";
    private static final Pattern TAGS = Pattern.compile("/v2/(" + NAME + ")/tags/list");
    private static final Pattern MANIFEST = Pattern.compile("/v2/(" + NAME + ")/manifests/([A-Za-z0-9_.:-]{1,150})");
    private static final Pattern BLOB = Pattern.compile("/v2/(" + NAME + ")/blobs/([a-z0-9]+:[0-9a-f]+)");
    private static final Pattern REFERRERS = Pattern.compile("/v2/(" + NAME + ")/referrers/([a-z0-9]+:[0-9a-f]+)");
    private static final Pattern UPLOAD = Pattern.compile("/v2/(" + NAME + ")/blobs/uploads/([0-9a-f-]*)");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{1,18})-(\\d{1,18})?");
    private static final int MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
    private static final JsonMapper JSON = new JsonMapper();

    private final ContentStore store;
    private final Access access;
    private final Faults faults;
    private final Traffic traffic;
    private final String url;
    private final int pageSize;
    private final @Nullable Subjects subjects;
    private final Map<String, ContentStore.Upload> uploads = new ConcurrentHashMap<>();

    /**
     * @param subjects null for a registry that has no referrers interface
     */
    RegistryHandler(
            ContentStore store,
            Access access,
            Faults faults,
            Traffic traffic,
            String url,
            int pageSize,
            @Nullable Subjects subjects) {
        this.store = store;
        this.access = access;
        this.faults = faults;
        this.traffic = traffic;
        this.url = url;
        this.pageSize = pageSize;
        this.subjects = subjects;
    }

    /** An error answer; the code is one of the distribution-spec's. */
    private static final class Refusal extends Exception {
        private final int status;
        private final String code;

        Refusal(int status, String code) {
            super(code);
            this.status = status;
            this.code = code;
        }
    }

    @Override
    public void handle(HttpExchange http) throws IOException {
        try (Exchange exchange = new Exchange(http, request(http), traffic)) {
            answer(exchange);
        }
    }

    private void answer(Exchange exchange) throws IOException {
        try {
            if (!faults.latency().isZero()) {
                Thread.sleep(faults.latency().toMillis());
            }
            Optional<Reply> instead = faults.replyTo(exchange.request());
            if (instead.isPresent() && instead.get().status() == 0) {
                return;
            }
            if (instead.isPresent()) {
                instead.get().headers().forEach(exchange::header);
                exchange.answer(instead.get().status(), instead.get().body().getBytes(StandardCharsets.UTF_8));
            } else {
                serve(exchange, exchange.request());
            }
        } catch (Refusal e) {
            exchange.header("Content-Type", "application/json");
            exchange.answer(e.status, json("errors", List.of(Map.of("code", e.code, "message", e.code))));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Request request(HttpExchange exchange) {
        Map<String, String> headers = new LinkedHashMap<>();
        exchange.getRequestHeaders().forEach((name, values) -> {
            String value = String.join(", ", values);
            String lower = name.toLowerCase(Locale.ROOT);
            headers.put(lower, lower.equals("authorization") ? value.split(" ")[0] : value);
        });
        String query = exchange.getRequestURI().getRawQuery();
        return new Request(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                query == null ? "" : query,
                Map.copyOf(headers),
                0);
    }

    private void serve(Exchange exchange, Request request) throws IOException, Refusal {
        String path = request.path();
        if (path.equals("/token") && access.hasTokenService()) {
            token(exchange, request);
            return;
        }
        Matcher tags = TAGS.matcher(path);
        Matcher manifest = MANIFEST.matcher(path);
        Matcher blob = BLOB.matcher(path);
        Matcher referrers = REFERRERS.matcher(path);
        Matcher upload = UPLOAD.matcher(path);
        if (path.equals("/v2/") || path.equals("/v2")) {
            admit(exchange, "");
            exchange.header("Docker-Distribution-API-Version", "registry/2.0");
            exchange.answer(200, "{}".getBytes(StandardCharsets.UTF_8));
        } else if (path.equals("/v2/_catalog")) {
            admit(exchange, "registry:catalog:*");
            page(exchange, request, "repositories", store.repositories(), null);
        } else if (tags.matches()) {
            String name = tags.group(1);
            admit(exchange, "repository:" + name + ":pull");
            if (!store.repositories().contains(name)) {
                throw new Refusal(404, "NAME_UNKNOWN");
            }
            page(exchange, request, "tags", store.tags(name), name);
        } else if (subjects != null && referrers.matches()) {
            admit(exchange, "repository:" + referrers.group(1) + ":pull");
            referrers(exchange, request, subjects.of(referrers.group(1), digest(referrers.group(2))));
        } else if (upload.matches()) {
            admit(exchange, "repository:" + upload.group(1) + ":pull,push");
            upload(exchange, request, upload.group(1), upload.group(2));
        } else if (manifest.matches()) {
            admit(exchange, "repository:" + manifest.group(1) + (isRead(request) ? ":pull" : ":pull,push"));
            manifest(exchange, request, manifest.group(1), manifest.group(2));
        } else if (blob.matches()) {
            admit(exchange, "repository:" + blob.group(1) + (isRead(request) ? ":pull" : ":pull,push"));
            blob(exchange, request, digest(blob.group(2)));
        } else {
            throw new Refusal(404, "NAME_INVALID");
        }
    }

    private static boolean isRead(Request request) {
        return request.method().equals("GET") || request.method().equals("HEAD");
    }

    private void admit(Exchange exchange, String scope) throws Refusal {
        String challenge = access.challenge(exchange.authorization(), scope, url);
        if (challenge != null) {
            exchange.header("WWW-Authenticate", challenge);
            throw new Refusal(401, "UNAUTHORIZED");
        }
    }

    private void token(Exchange exchange, Request request) throws IOException, Refusal {
        Map<String, String> parameters = parameters(request.query());
        boolean known;
        if (request.method().equals("POST")) {
            parameters = parameters(new String(body(exchange, 64 * 1024), StandardCharsets.UTF_8));
            known = access.knowsRefreshToken(parameters.get("refresh_token"));
        } else {
            known = access.knows(exchange.authorization());
        }
        if (!known) {
            throw new Refusal(401, "UNAUTHORIZED");
        }
        Map<String, Object> token = new LinkedHashMap<>();
        token.put(
                request.method().equals("POST") ? "access_token" : "token",
                access.newToken(parameters.getOrDefault("scope", "")));
        token.put("expires_in", access.lifeSeconds());
        exchange.header("Content-Type", "application/json");
        exchange.answer(200, JSON.writeValueAsBytes(token));
    }

    private void page(
            Exchange exchange, Request request, String field, SortedSet<String> all, @Nullable String repository)
            throws IOException, Refusal {
        Map<String, String> parameters = parameters(request.query());
        int size = pageSize;
        if (parameters.containsKey("n")) {
            try {
                size = Math.max(0, Integer.parseInt(String.valueOf(parameters.get("n"))));
            } catch (NumberFormatException e) {
                throw new Refusal(400, "PAGINATION_NUMBER_INVALID");
            }
        }
        String last = parameters.get("last");
        List<String> names = new ArrayList<>();
        boolean more = false;
        for (String name : last == null ? all : all.tailSet(last + "\0")) {
            if (names.size() == size) {
                more = true;
                break;
            }
            names.add(name);
        }
        if (more && !names.isEmpty() && !faults.omitsLink()) {
            String next = request.path() + "?n=" + size + "&last="
                    + URLEncoder.encode(names.get(names.size() - 1), StandardCharsets.UTF_8);
            exchange.header("Link", "<" + next + ">; rel=\"next\"");
        }
        Map<String, Object> body = new LinkedHashMap<>();
        if (repository != null) {
            body.put("name", repository);
        }
        body.put(field, names);
        exchange.header("Content-Type", "application/json");
        exchange.answer(200, JSON.writeValueAsBytes(body));
    }

    /** Pages are numbered, as the specification leaves them to the registry. */
    private void referrers(Exchange exchange, Request request, List<Map<String, Object>> all) throws IOException {
        int page = Integer.parseInt(parameters(request.query()).getOrDefault("page", "0"));
        int from = Math.min(page * pageSize, all.size());
        int to = Math.min(from + pageSize, all.size());
        if (to < all.size()) {
            exchange.header("Link", "<" + request.path() + "?page=" + (page + 1) + ">; rel=\"next\"");
        }
        String type = "application/vnd.oci.image.index.v1+json";
        exchange.header("Content-Type", type);
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("schemaVersion", 2);
        index.put("mediaType", type);
        index.put("manifests", all.subList(from, to));
        exchange.answer(200, JSON.writeValueAsBytes(index));
    }

    private void manifest(Exchange exchange, Request request, String repository, String reference)
            throws IOException, Refusal {
        switch (request.method()) {
            case "GET", "HEAD" -> {
                boolean byDigest = reference.indexOf(':') >= 0;
                if (!byDigest && !TAG.matcher(reference).matches()) {
                    throw new Refusal(404, "MANIFEST_UNKNOWN");
                }
                Digest digest = byDigest
                        ? digest(reference)
                        : store.tagged(repository, reference).orElseThrow(() -> new Refusal(404, "MANIFEST_UNKNOWN"));
                String type =
                        store.manifestType(repository, digest).orElseThrow(() -> new Refusal(404, "MANIFEST_UNKNOWN"));
                ContentStore.Blob content = store.blob(digest).orElseThrow(() -> new Refusal(404, "MANIFEST_UNKNOWN"));
                exchange.header("Content-Type", type);
                if (!faults.omitsContentDigest()) {
                    exchange.header("Docker-Content-Digest", digest.toString());
                }
                try (InputStream in = content.open()) {
                    exchange.answer(200, in.readAllBytes());
                }
            }
            case "PUT" -> putManifest(exchange, request, repository, reference);
            case "DELETE" -> {
                if (reference.indexOf(':') >= 0) {
                    store.removeManifest(repository, digest(reference));
                } else {
                    store.removeTag(repository, reference);
                }
                exchange.answer(202, new byte[0]);
            }
            default -> throw new Refusal(405, "UNSUPPORTED");
        }
    }

    private void putManifest(Exchange exchange, Request request, String repository, String reference)
            throws IOException, Refusal {
        byte[] bytes = body(exchange, MAX_MANIFEST_BYTES);
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (JacksonException e) {
            throw new Refusal(400, "MANIFEST_INVALID");
        }
        requireContent(repository, root);
        Digest digest = Digest.ofSha256(LocalRegistry.sha256().digest(bytes));
        boolean byDigest = reference.indexOf(':') >= 0;
        if (byDigest
                ? !digest.equals(digest(reference))
                : !TAG.matcher(reference).matches()) {
            throw new Refusal(400, byDigest ? "DIGEST_INVALID" : "TAG_INVALID");
        }
        ContentStore.Upload upload = store.newUpload();
        try (OutputStream out = upload.append()) {
            out.write(bytes);
        }
        upload.finish(digest);
        String type = request.headers()
                .getOrDefault("content-type", root.path("mediaType").asString(""));
        store.putManifest(repository, digest, type);
        if (subjects != null) {
            subjects.note(repository, digest, type, bytes);
        }
        if (!byDigest) {
            store.tag(repository, reference, digest);
        }
        exchange.header("Location", "/v2/" + repository + "/manifests/" + digest);
        exchange.header("Docker-Content-Digest", digest.toString());
        exchange.answer(201, new byte[0]);
    }

    /** A manifest is taken only after all it names, as real registries do; foreign layers need not be here. */
    private void requireContent(String repository, JsonNode root) throws IOException, Refusal {
        for (JsonNode child : root.path("manifests")) {
            if (store.manifestType(repository, digest(child.path("digest").asString("")))
                    .isEmpty()) {
                throw new Refusal(400, "MANIFEST_UNKNOWN");
            }
        }
        List<JsonNode> blobs = new ArrayList<>(root.path("layers").values());
        if (root.path("config").isObject()) {
            blobs.add(root.path("config"));
        }
        for (JsonNode blob : blobs) {
            if (blob.path("urls").isEmpty()
                    && store.blob(digest(blob.path("digest").asString(""))).isEmpty()) {
                throw new Refusal(400, "MANIFEST_BLOB_UNKNOWN");
            }
        }
    }

    private void blob(Exchange exchange, Request request, Digest digest) throws IOException, Refusal {
        if (request.method().equals("DELETE")) {
            store.removeBlob(digest);
            exchange.answer(202, new byte[0]);
            return;
        }
        ContentStore.Blob blob = store.blob(digest).orElseThrow(() -> new Refusal(404, "BLOB_UNKNOWN"));
        exchange.header("Docker-Content-Digest", digest.toString());
        exchange.header("Content-Type", "application/octet-stream");
        if (!faults.ignoresRange()) {
            exchange.header("Accept-Ranges", "bytes");
        }
        if (request.method().equals("HEAD")) {
            exchange.head(200, blob.size());
            return;
        }
        Matcher range = RANGE.matcher(request.headers().getOrDefault("range", ""));
        long from = 0;
        long to = blob.size() - 1;
        int status = 200;
        if (!faults.ignoresRange() && range.matches()) {
            from = Long.parseLong(range.group(1));
            to = range.group(2) == null ? to : Math.min(to, Long.parseLong(range.group(2)));
            if (from > to) {
                exchange.header("Content-Range", "bytes */" + blob.size());
                throw new Refusal(416, "RANGE_INVALID");
            }
            exchange.header("Content-Range", "bytes " + from + "-" + to + "/" + blob.size());
            status = 206;
        }
        send(exchange, status, digest, blob, from, to - from + 1);
    }

    private void send(Exchange exchange, int status, Digest digest, ContentStore.Blob blob, long from, long count)
            throws IOException {
        long cutAfter = faults.cutAfter(digest);
        traffic.fetched(digest);
        if (count == 0) {
            exchange.answer(status, new byte[0]);
            return;
        }
        try (InputStream in = blob.open()) {
            in.skipNBytes(from);
            OutputStream out = exchange.body(status, count);
            byte[] buffer = new byte[64 * 1024];
            long left = Math.min(count, cutAfter);
            while (left > 0) {
                int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (read < 0) {
                    throw new IOException("blob " + digest + " is shorter than it was");
                }
                out.write(buffer, 0, read);
                traffic.sent(digest, read);
                left -= read;
            }
            out.flush();
            if (cutAfter < count) {
                // The server closes the connection of an answer that stays shorter than it promised.
                throw new IOException("cut on request");
            }
            out.close();
        }
    }

    private void upload(Exchange exchange, Request request, String repository, String id) throws IOException, Refusal {
        Map<String, String> parameters = parameters(request.query());
        if (request.method().equals("POST") && id.isEmpty()) {
            startUpload(exchange, repository, parameters);
            return;
        }
        ContentStore.Upload upload = uploads.get(id);
        if (upload == null) {
            throw new Refusal(404, "BLOB_UPLOAD_UNKNOWN");
        }
        switch (request.method()) {
            case "GET" -> uploading(exchange, 204, repository, id, upload);
            case "PATCH" -> {
                String range = request.headers().getOrDefault("content-range", "");
                if (!range.isEmpty() && !range.startsWith(upload.size() + "-")) {
                    throw new Refusal(416, "BLOB_UPLOAD_INVALID");
                }
                receive(exchange, upload);
                uploading(exchange, 202, repository, id, upload);
            }
            case "PUT" -> {
                receive(exchange, upload);
                uploads.remove(id);
                finish(exchange, repository, upload, parameters.getOrDefault("digest", ""));
            }
            case "DELETE" -> {
                uploads.remove(id);
                upload.drop();
                exchange.answer(204, new byte[0]);
            }
            default -> throw new Refusal(405, "UNSUPPORTED");
        }
    }

    private void startUpload(Exchange exchange, String repository, Map<String, String> parameters)
            throws IOException, Refusal {
        String mount = parameters.getOrDefault("mount", "");
        if (!mount.isEmpty() && store.blob(digest(mount)).isPresent()) {
            stored(exchange, repository, digest(mount));
            return;
        }
        ContentStore.Upload upload = store.newUpload();
        if (parameters.containsKey("digest")) {
            receive(exchange, upload);
            finish(exchange, repository, upload, parameters.getOrDefault("digest", ""));
            return;
        }
        String id = UUID.randomUUID().toString();
        uploads.put(id, upload);
        uploading(exchange, 202, repository, id, upload);
    }

    private static void receive(Exchange exchange, ContentStore.Upload upload) throws IOException {
        try (OutputStream out = upload.append()) {
            exchange.requestBody().transferTo(out);
        }
    }

    private void uploading(Exchange exchange, int status, String repository, String id, ContentStore.Upload upload)
            throws IOException {
        exchange.header("Location", "/v2/" + repository + "/blobs/uploads/" + id);
        exchange.header("Docker-Upload-UUID", id);
        exchange.header("Range", "0-" + Math.max(0, upload.size() - 1));
        exchange.answer(status, new byte[0]);
    }

    private void finish(Exchange exchange, String repository, ContentStore.Upload upload, String expected)
            throws IOException, Refusal {
        Digest digest;
        try (DigestInputStream in = new DigestInputStream(upload.open(), LocalRegistry.sha256())) {
            in.transferTo(OutputStream.nullOutputStream());
            digest = Digest.ofSha256(in.getMessageDigest().digest());
        }
        if (!digest.toString().equals(expected)) {
            upload.drop();
            throw new Refusal(400, "DIGEST_INVALID");
        }
        upload.finish(digest);
        stored(exchange, repository, digest);
    }

    private void stored(Exchange exchange, String repository, Digest digest) throws IOException {
        exchange.header("Location", "/v2/" + repository + "/blobs/" + digest);
        exchange.header("Docker-Content-Digest", digest.toString());
        exchange.answer(201, new byte[0]);
    }

    private static Digest digest(String text) throws Refusal {
        try {
            return Digest.parse(text);
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, "DIGEST_INVALID");
        }
    }

    private static byte[] body(Exchange exchange, int atMost) throws IOException, Refusal {
        byte[] bytes = exchange.requestBody().readNBytes(atMost + 1);
        if (bytes.length > atMost) {
            throw new Refusal(413, "SIZE_INVALID");
        }
        return bytes;
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.merge(
                        URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8),
                        (one, other) -> one + " " + other);
            }
        }
        return parameters;
    }

    private static byte[] json(String field, Object value) {
        return JSON.writeValueAsBytes(Map.of(field, value));
    }
}
