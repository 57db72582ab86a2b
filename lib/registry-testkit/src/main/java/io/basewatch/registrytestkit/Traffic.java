package io.basewatch.registrytestkit;

import io.basewatch.fleetmodel.Digest;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What a registry was asked for. Counts are exact; of the requests themselves the last {@value #KEPT} are kept. */
public final class Traffic {

    private static final int KEPT = 10_000;

    private final ArrayDeque<Request> requests = new ArrayDeque<>();
    private final Map<Digest, Integer> blobFetches = new ConcurrentHashMap<>();
    private final Map<Digest, Long> blobBytes = new ConcurrentHashMap<>();

    Traffic() {}

    /**
     * One request, as it was answered.
     *
     * @param path decoded, without the query: {@code /v2/library/alpine/tags/list}
     * @param query as sent; empty when there was none
     * @param headers by name in lower case; of an Authorization only the scheme is kept
     * @param status 0 for a connection that was cut without an answer
     */
    public record Request(String method, String path, String query, Map<String, String> headers, int status) {}

    /** In the order they were answered. */
    public List<Request> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /** How many requests of this method had a path that contains the text. */
    public long count(String method, String pathContains) {
        return requests().stream()
                .filter(request ->
                        request.method().equals(method) && request.path().contains(pathContains))
                .count();
    }

    /** How often a GET was answered with some of a blob. */
    public int blobFetches(Digest digest) {
        return blobFetches.getOrDefault(digest, 0);
    }

    /** How often each blob was sent, whole or in part. */
    public Map<Digest, Integer> blobFetches() {
        return Map.copyOf(blobFetches);
    }

    /** Bytes of blobs handed to connections. */
    public long blobBytes() {
        return blobBytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Forgets everything so far. */
    public void clear() {
        synchronized (requests) {
            requests.clear();
        }
        blobFetches.clear();
        blobBytes.clear();
    }

    void answered(Request request) {
        synchronized (requests) {
            requests.add(request);
            if (requests.size() > KEPT) {
                requests.remove();
            }
        }
    }

    void fetched(Digest digest) {
        blobFetches.merge(digest, 1, Integer::sum);
    }

    void sent(Digest digest, long bytes) {
        blobBytes.merge(digest, bytes, Long::sum);
    }
}
