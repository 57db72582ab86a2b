package io.basewatch.registrytestkit;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.registrytestkit.Traffic.Request;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** What a registry is told to do wrong. All of it can be changed while the registry runs; {@link #clear()} makes it well again. */
public final class Faults {

    private final List<Function<Request, Optional<Reply>>> interceptors = new CopyOnWriteArrayList<>();
    private final Map<Digest, Cut> cuts = new ConcurrentHashMap<>();
    private volatile Duration latency = Duration.ZERO;
    private volatile boolean withoutRange;
    private volatile boolean withoutLink;
    private volatile boolean withoutContentDigest;

    Faults() {}

    /**
     * An answer in place of the registry's own.
     *
     * @param status 0 for a connection that breaks without an answer
     */
    public record Reply(int status, Map<String, String> headers, String body) {
        public static Reply of(int status) {
            return new Reply(status, Map.of(), "");
        }
    }

    private record Cut(long afterBytes, AtomicInteger times) {}

    /** Every request waits so long before it is answered. */
    public Faults latency(Duration duration) {
        latency = duration;
        return this;
    }

    /** The connection breaks after so many bytes of this blob were sent in one answer, so many times. */
    public Faults cutBlob(Digest blob, long afterBytes, int times) {
        cuts.put(blob, new Cut(afterBytes, new AtomicInteger(times)));
        return this;
    }

    /** The next requests whose path contains the text are answered with this status, so many times. */
    public Faults refuse(String pathContains, int times, int status) {
        return refuse(pathContains, times, Reply.of(status));
    }

    /** As {@link #refuse(String, int, int)}, with {@code Retry-After}. */
    public Faults refuse(String pathContains, int times, int status, Duration retryAfter) {
        return refuse(
                pathContains,
                times,
                new Reply(status, Map.of("Retry-After", String.valueOf(retryAfter.toSeconds())), ""));
    }

    private Faults refuse(String pathContains, int times, Reply reply) {
        AtomicInteger left = new AtomicInteger(times);
        return intercept(request -> request.path().contains(pathContains) && left.getAndDecrement() > 0
                ? Optional.of(reply)
                : Optional.empty());
    }

    /** The first interceptor that has a reply decides; its status of the request it is shown is not known yet and 0. */
    public Faults intercept(Function<Request, Optional<Reply>> interceptor) {
        interceptors.add(interceptor);
        return this;
    }

    /** Range headers are ignored, as some registries do. */
    public Faults withoutRange() {
        withoutRange = true;
        return this;
    }

    /** Lists are cut at the asked size without saying so. */
    public Faults withoutLink() {
        withoutLink = true;
        return this;
    }

    /** Manifests come without Docker-Content-Digest. */
    public Faults withoutContentDigest() {
        withoutContentDigest = true;
        return this;
    }

    public void clear() {
        interceptors.clear();
        cuts.clear();
        latency = Duration.ZERO;
        withoutRange = false;
        withoutLink = false;
        withoutContentDigest = false;
    }

    Duration latency() {
        return latency;
    }

    Optional<Reply> replyTo(Request request) {
        for (Function<Request, Optional<Reply>> interceptor : interceptors) {
            Optional<Reply> reply = interceptor.apply(request);
            if (reply.isPresent()) {
                return reply;
            }
        }
        return Optional.empty();
    }

    /** After how many bytes this answer breaks; {@link Long#MAX_VALUE} when it does not. */
    long cutAfter(Digest blob) {
        Cut cut = cuts.get(blob);
        return cut != null && cut.times().getAndDecrement() > 0 ? cut.afterBytes() : Long.MAX_VALUE;
    }

    boolean ignoresRange() {
        return withoutRange;
    }

    boolean omitsLink() {
        return withoutLink;
    }

    boolean omitsContentDigest() {
        return withoutContentDigest;
    }
}
