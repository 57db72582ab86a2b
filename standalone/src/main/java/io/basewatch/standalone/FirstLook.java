package io.basewatch.standalone;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;

/** Asks for the first page before people are told where it is: what has to be loaded, read and counted for it the first time, none of them waits for. */
final class FirstLook {

    /** The page itself, how it looks, and what its script asks for. */
    private static final List<String> SEEN = List.of(
            "/",
            "/assets/basewatch.css",
            "/assets/basewatch.js",
            "/api/v1/trends?series=phase",
            "/api/v1/trends?series=backlog");

    private final String url;
    private final String token;
    private final Duration patience;

    /**
     * @param token that may ask
     * @param patience how long all of it may take
     */
    FirstLook(String url, String token, Duration patience) {
        this.url = url;
        this.token = token;
        this.patience = patience;
    }

    /**
     * Returns when it was all seen, or the time is over.
     *
     * @return how many of the answers were as a browser wants them; those that fail are told to who asks in earnest
     */
    int take() throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        int seen = 0;
        for (String path : SEEN) {
            Duration left = Duration.ofNanos(end - System.nanoTime());
            if (left.isNegative() || left.isZero()) {
                return seen;
            }
            HttpRequest question = HttpRequest.newBuilder(URI.create(url + path))
                    .timeout(left)
                    .header("Authorization", "Bearer " + token)
                    .header("Accept", path.startsWith("/api/") ? "application/json" : "text/html,*/*")
                    .header("Accept-Encoding", "gzip")
                    .build();
            try {
                seen += client.send(question, BodyHandlers.discarding()).statusCode() == 200 ? 1 : 0;
            } catch (IOException e) {
                // It was but a rehearsal.
            }
        }
        return seen;
    }
}
