package io.basewatch.standalone;

import io.basewatch.fleetmodel.JsonTree;
import io.basewatch.fleetmodel.ModelJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Asks a running service. What it refuses is told in its own words. */
final class ServerClient {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MAX_BYTES = 64 << 20;
    private static final int MAX_DEPTH = 64;
    private static final int SHOWN = 300;

    private final String base;
    private final @Nullable String token;
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(10))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /** For a service that asks nobody who he is. */
    ServerClient(String server) {
        this(server, null);
    }

    /**
     * @param token by which it knows who asks; null for none
     * @param server as in {@code http://127.0.0.1:8080}, with or without a path before {@code /api}
     * @throws IllegalArgumentException when it is no such URL
     */
    ServerClient(String server, @Nullable String token) {
        this.token = token;
        URI url;
        try {
            url = new URI(server);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("--server '" + server + "' is no URL: " + e.getReason(), e);
        }
        boolean isHttp = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
        if (!isHttp || url.getHost() == null || url.getRawUserInfo() != null || url.getRawQuery() != null) {
            throw new IllegalArgumentException(
                    "--server is not http://HOST[:PORT] or https://HOST[:PORT], without user and query");
        }
        base = server.replaceAll("/+$", "");
    }

    /**
     * @param path with its query, as in {@code /api/v1/horizon?days=30}
     * @throws IOException with what the service says, or why it does not
     */
    JsonNode get(String path) throws IOException, InterruptedException {
        return ask("GET", path, HttpRequest.BodyPublishers.noBody());
    }

    /**
     * Sends an object of these fields; otherwise as {@link #get}.
     */
    JsonNode post(String path, Map<String, String> fields) throws IOException, InterruptedException {
        return ask("POST", path, HttpRequest.BodyPublishers.ofString(ModelJson.write(fields)));
    }

    /** As {@link #get}. */
    JsonNode delete(String path) throws IOException, InterruptedException {
        return ask("DELETE", path, HttpRequest.BodyPublishers.noBody());
    }

    private static String why(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return "no machine of that name is known";
            }
        }
        if (e instanceof HttpTimeoutException) {
            return "it took too long";
        }
        return e instanceof ConnectException ? "nothing listens there" : String.valueOf(e.getMessage());
    }

    private JsonNode ask(String method, String path, HttpRequest.BodyPublisher sent)
            throws IOException, InterruptedException {
        HttpRequest.Builder asked = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(PATIENCE)
                .method(method, sent)
                .header("Accept", "application/json");
        if (token != null) {
            asked.header("Authorization", "Bearer " + token);
        }
        if (sent.contentLength() > 0) {
            asked.header("Content-Type", "application/json");
        }
        HttpRequest request = asked.build();
        HttpResponse<InputStream> response;
        byte[] body;
        try {
            response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = response.body()) {
                body = in.readNBytes(MAX_BYTES + 1);
            }
        } catch (IOException e) {
            throw new IOException(
                    base + " does not answer (" + why(e)
                            + "): start it with 'basewatch serve', or name the one that runs by --server",
                    e);
        }
        if (body.length > MAX_BYTES) {
            throw new IOException(base + path + " answers with more than " + MAX_BYTES + " bytes");
        }
        JsonNode answer;
        try {
            answer = new JsonTree(MAX_DEPTH).read(body);
        } catch (JacksonException e) {
            throw new IOException(
                    base + path + " answers with status " + response.statusCode()
                            + " and no JSON: is this a Basewatch service?",
                    e);
        }
        if (response.statusCode() / 100 != 2) {
            String detail = answer.path("detail").asString("status " + response.statusCode());
            throw new IOException(base + ": " + detail.substring(0, Math.min(SHOWN, detail.length())));
        }
        return answer;
    }
}
