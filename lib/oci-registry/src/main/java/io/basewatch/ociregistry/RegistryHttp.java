package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One registry over HTTP: authenticated, within its budget, retried where that may help, redirects followed by hand.
 *
 * <p>The Authorization header goes to the registry's own origin (scheme, host and port) and nowhere else: a redirect to a blob store is followed without it, a challenge
 * from another host is not answered. A redirect from https to http is not followed.
 */
final class RegistryHttp {

    static final int MAX_REDIRECTS = 5;

    private static final String USER_AGENT = "basewatch/0.1";
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> WORTH_RETRYING = Set.of(408, 425, 429, 500, 502, 503, 504);
    private static final int MAX_ERROR_BYTES = 64 * 1024;

    /** Only the registry's error code is passed on: its message could say anything, also what it was sent. */
    private static final Pattern ERROR_CODE = Pattern.compile("[A-Z_]{1,40}");

    private final RegistrySettings settings;
    private final Connections connections;
    private final Reach reach;
    private final RequestBudget budget;
    private final Authenticator authenticator;
    private final boolean ofApi;
    private final RequestCounts counts;
    private final KeptPages pages;

    /** By which its interface wants requests signed; null for every other kind. */
    private final @Nullable String awsRegion;

    RegistryHttp(RegistrySettings settings) {
        this.settings = settings;
        this.connections = new Connections(settings);
        this.reach = new Reach(settings, InetAddress::getAllByName);
        this.budget = budget(settings);
        this.authenticator = new Authenticator(settings, this::send, connections, reach);
        this.counts = new RequestCounts();
        this.pages = new KeptPages(/* weak= */ false, System::nanoTime);
        this.ofApi = false;
        this.awsRegion = null;
    }

    private RegistryHttp(RegistryHttp registry, RegistrySettings settings) {
        this.settings = settings;
        // On another host our certificate is nobody's business.
        this.connections =
                settings.url().equals(registry.settings.url()) ? registry.connections : new Connections(settings);
        this.reach = new Reach(settings, InetAddress::getAllByName);
        this.budget = settings.url().equals(registry.settings.url()) ? registry.budget : budget(settings);
        this.authenticator = new Authenticator(settings, this::send, connections, reach);
        this.counts = registry.counts;
        // GitHub documents its weak ones as what to ask with, and does not count what has not changed.
        this.pages = new KeptPages(settings.kind() == RegistryKind.GITHUB, System::nanoTime);
        this.ofApi = true;
        this.awsRegion = settings.kind() == RegistryKind.ECR
                ? registry.settings.requiredEcrHost().region()
                : null;
    }

    private static RequestBudget budget(RegistrySettings settings) {
        return new RequestBudget(
                settings.requestsPerSecond(),
                settings.concurrentRequests(),
                settings.requestTimeout().multipliedBy(5));
    }

    /** The registry's own interface, within the same budget when it is on the same host. It is told at once who asks, since many answer nobody with less instead of with a challenge. */
    RegistryHttp api(RegistryKind kind) {
        return new RegistryHttp(
                this,
                settings.withKind(kind, settings.apiUrl(), settings.apiToken()).api());
    }

    /**
     * What is asked for.
     *
     * @param scope for the token, as registries spell it: {@code repository:library/alpine:pull}; may be empty
     * @param what for messages: {@code manifest library/alpine:3.18}
     * @param missing what a 404 means
     * @param body null for none; with one, a redirect is not followed
     */
    record Call(
            String method,
            URI uri,
            Map<String, String> headers,
            String scope,
            String what,
            Reason.Code missing,
            @Nullable String body) {

        Call(String method, URI uri, Map<String, String> headers, String scope, String what, Reason.Code missing) {
            this(method, uri, headers, scope, what, missing, null);
        }

        Call with(String header, String value) {
            Map<String, String> more = new HashMap<>(headers);
            more.put(header, value);
            return new Call(method, uri, more, scope, what, missing, body);
        }
    }

    /** Reads an answer. A {@link RegistryException} ends the call, another IOException is tried again. */
    interface Reader<T> {
        T read(Answer answer) throws IOException;
    }

    URI uri(String pathAndQuery) {
        return settings.url().resolve(pathAndQuery);
    }

    RegistrySettings settings() {
        return settings;
    }

    /** The answer's whole body; the answer's status is 200. */
    <T> T get(Call call, Reader<T> reader) throws RegistryException {
        return exchange(call, answer -> {
            if (answer.status() != 200) {
                throw failure(call, answer);
            }
            return reader.read(answer);
        });
    }

    /**
     * A page of a list; asked for with the proof of what came last, where there is one.
     *
     * @param atMost bytes
     */
    ListedPage page(Call call, int atMost) throws RegistryException {
        // What a body asks for, the address does not tell.
        KeptPages.Kept kept = call.body() == null ? pages.proven(call.uri()) : null;
        return exchange(kept == null ? call : call.with("If-None-Match", kept.etag()), answer -> {
            if (kept != null && answer.status() == 304) {
                return kept.page();
            }
            if (answer.status() != 200) {
                throw failure(call, answer);
            }
            ListedPage page = new ListedPage(bytes(answer, atMost), answer.headers("Link"), answer.uri());
            if (call.body() == null) {
                pages.keep(call.uri(), answer.header("ETag"), page);
            }
            return page;
        });
    }

    byte[] bytes(Answer answer, int atMost) throws IOException {
        return answer.bytes(atMost, settings.requestTimeout());
    }

    /** Sends until an answer is no passing trouble, and closes it after it was read. */
    <T> T exchange(Call call, Reader<T> reader) throws RegistryException {
        return attempt(call, answer -> {
            try (answer) {
                return reader.read(answer);
            }
        });
    }

    /** Like {@link #exchange}, but the answer stays open for its taker to close, and belongs to one attempt. */
    Answer open(Call call) throws RegistryException {
        return attempt(call, answer -> answer);
    }

    private <T> T attempt(Call call, Reader<T> reader) throws RegistryException {
        for (int attempt = 1; ; attempt++) {
            RegistryException failure;
            Duration asked = Duration.ZERO;
            boolean read = false;
            try {
                Answer answer = authenticated(call);
                if (!WORTH_RETRYING.contains(answer.status())) {
                    read = true;
                    return reader.read(answer);
                }
                try (answer) {
                    asked = RetryAfter.of(answer);
                    failure = failure(call, answer);
                }
                if (!asked.isZero() && asked.compareTo(settings.longestPause()) <= 0) {
                    budget.quietFor(asked);
                }
            } catch (RegistryException e) {
                // A token service in trouble is trouble that may pass; what the reader found out is not.
                if (read || !e.isTemporary() || e.reason() != Reason.Code.REGISTRY_UNAVAILABLE) {
                    throw e;
                }
                failure = e;
                asked = e.retryAfter().orElse(Duration.ZERO);
            } catch (Answer.TooLongException e) {
                throw RegistryException.permanent(Reason.Code.LIMIT_EXCEEDED, prefix(call) + e.getMessage(), e);
            } catch (ContentCoding.UnknownCodingException e) {
                throw RegistryException.permanent(Reason.Code.REGISTRY_UNAVAILABLE, prefix(call) + e.getMessage(), e);
            } catch (IOException e) {
                failure = unreachable(call, e);
                if (!failure.isTemporary()) {
                    throw failure;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw RegistryException.temporary(
                        Reason.Code.REGISTRY_UNAVAILABLE, prefix(call) + "interrupted while asking", e);
            }
            if (attempt >= settings.attempts()
                    || asked.compareTo(settings.longestPause()) > 0
                    || Thread.currentThread().isInterrupted()) {
                throw failure;
            }
            pause(call, attempt, asked);
        }
    }

    private void pause(Call call, int attempt, Duration asked) throws RegistryException {
        long backoff = settings.retryPause().toMillis() << Math.min(attempt - 1, 10);
        backoff = Math.min(backoff, settings.longestPause().toMillis());
        // Half of it is chance, so that many clients that failed together do not come back together.
        long jittered = backoff / 2 + ThreadLocalRandom.current().nextLong(backoff / 2 + 1);
        try {
            Thread.sleep(Math.max(jittered, asked.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RegistryException.temporary(
                    Reason.Code.REGISTRY_UNAVAILABLE, prefix(call) + "interrupted between two attempts", e);
        }
    }

    private Answer authenticated(Call call) throws IOException, InterruptedException {
        if (awsRegion != null) {
            return signed(call, awsRegion);
        }
        if (ofApi) {
            return followed(call, authenticator.untold(prefix(call)));
        }
        String authorization = authenticator.known(call.scope());
        Answer answer = followed(call, authorization);
        if (answer.status() != 401 || !isOwn(answer.uri())) {
            return answer;
        }
        List<String> challenges = answer.headers("WWW-Authenticate");
        // Closed before another is asked for: threads that each held one answer, and all wanted a second, would wait
        // for
        // each other.
        try (answer) {
            answer.drain();
        }
        return followed(call, authenticator.answer(challenges, call.scope(), authorization, prefix(call)));
    }

    private Answer signed(Call call, String region) throws IOException, InterruptedException {
        AwsKey key = authenticator.awsKey(prefix(call));
        Answer answer = followed(
                call,
                key.proof(
                        call.method(),
                        call.uri(),
                        call.headers(),
                        String.valueOf(call.body()),
                        region,
                        "ecr",
                        Instant.now()));
        if (answer.status() != 400) {
            return answer;
        }
        try (answer) {
            String kind = EcrTrouble.kind(answer.bytes(MAX_ERROR_BYTES, settings.requestTimeout()));
            if (EcrTrouble.isBusy(kind)) {
                counts.refused();
                budget.refused();
            }
            throw EcrTrouble.told(kind, call, prefix(call));
        }
    }

    private Answer followed(Call call, @Nullable String authorization) throws IOException, InterruptedException {
        return followed(call, authorization == null ? Map.of() : Map.of("Authorization", authorization));
    }

    /**
     * @param proof headers that say who asks, for the registry's own origin alone
     */
    private Answer followed(Call call, Map<String, String> proof) throws IOException, InterruptedException {
        URI uri = call.uri();
        for (int redirects = 0; ; redirects++) {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                    .method(
                            call.method(),
                            call.body() == null
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofString(call.body()))
                    .timeout(settings.requestTimeout())
                    .header("User-Agent", USER_AGENT)
                    .header("Accept-Encoding", "identity");
            call.headers().forEach(request::header);
            if (isOwn(uri)) {
                proof.forEach(request::header);
            }
            connections.authorize(request, uri);
            Answer answer = send(request.build());
            String location = answer.header("Location");
            if (!REDIRECTS.contains(answer.status()) || location.isEmpty() || call.body() != null) {
                return answer;
            }
            try (answer) {
                answer.drain();
                if (redirects == MAX_REDIRECTS) {
                    throw RegistryException.permanent(
                            Reason.Code.REGISTRY_UNAVAILABLE,
                            prefix(call) + "more than " + MAX_REDIRECTS + " redirects");
                }
                uri = redirected(call, uri, location);
            }
        }
    }

    private URI redirected(Call call, URI from, String location) throws RegistryException {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            // The cause quotes the address, which may be signed.
            throw RegistryException.permanent(
                    Reason.Code.REGISTRY_UNAVAILABLE, prefix(call) + "redirected to a malformed address");
        }
        boolean safe = "https".equals(to.getScheme()) || ("http".equals(to.getScheme()) && !isHttps(from));
        if (!safe || to.getHost() == null || to.getRawUserInfo() != null) {
            throw RegistryException.permanent(
                    Reason.Code.REGISTRY_UNAVAILABLE,
                    prefix(call) + "redirected from " + from.getScheme() + " to " + Printable.url(to)
                            + ", which is not followed; if that is the registry itself, its proxy must pass X-Forwarded-Proto on");
        }
        Optional<String> objection = reach.objection(to, connections.isByProxy(to));
        if (objection.isPresent()) {
            throw RegistryException.permanent(
                    Reason.Code.REGISTRY_UNAVAILABLE,
                    prefix(call) + "redirected to " + Printable.url(to) + ", which " + objection.get());
        }
        return to;
    }

    /** Requests a second that the budget gives at this moment. */
    double requestsPerSecond() {
        return budget.perSecond();
    }

    /** From now on so many processes share what may be asked. */
    void shareAmong(int processes) {
        budget.shareAmong(processes);
    }

    RequestCounts counts() {
        return counts;
    }

    /** One request within the budget. */
    private Answer send(HttpRequest request) throws IOException, InterruptedException {
        if (!budget.acquire()) {
            throw RegistryException.temporary(
                    Reason.Code.TIMEOUT,
                    "registry " + settings.host() + ": all " + settings.concurrentRequests()
                            + " concurrent requests are taken for long; raise the registry's concurrent requests");
        }
        HttpResponse<TimedBody> response;
        long sent = System.nanoTime();
        try {
            response = connections.client().send(request, headers -> new TimedBody(settings.requestTimeout()));
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            budget.release();
            throw e;
        }
        int status = response.statusCode();
        counts.answered(
                status == 304
                        ? RequestKind.UNCHANGED
                        : ofApi ? RequestKind.INTERFACE : RequestKind.of(request.method(), request.uri()));
        counts.remaining(RateLimits.remaining(response.headers()));
        if (status == 429 || status == 503) {
            counts.refused();
            budget.refused();
        } else if (status < 500) {
            budget.answered(System.nanoTime() - sent);
        }
        Duration spent = RateLimits.spentFor(
                response.headers(),
                RetryAfter.clock(response.headers().firstValue("Date").orElse(""), Instant.now()));
        if (!spent.isZero()) {
            budget.quietFor(spent.compareTo(settings.longestPause()) < 0 ? spent : settings.longestPause());
        }
        return new Answer(response, budget);
    }

    boolean isOwn(URI uri) {
        return sameOrigin(uri, settings.url());
    }

    static boolean sameOrigin(URI one, URI other) {
        return String.valueOf(one.getScheme()).equalsIgnoreCase(String.valueOf(other.getScheme()))
                && String.valueOf(one.getHost()).equalsIgnoreCase(String.valueOf(other.getHost()))
                && port(one) == port(other);
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : isHttps(uri) ? 443 : 80;
    }

    private static boolean isHttps(URI uri) {
        return "https".equalsIgnoreCase(uri.getScheme());
    }

    /** What an answer that is none of the expected means. */
    RegistryException failure(Call call, Answer answer) {
        int status = answer.status();
        String code = errorCode(answer);
        String message = prefix(call) + "status " + status + (code.isEmpty() ? "" : " (" + code + ")");
        if (!isOwn(answer.uri())) {
            message += " from " + Printable.url(answer.uri());
            if (status == 401 && !answer.header("WWW-Authenticate").isEmpty()) {
                return RegistryException.permanent(
                        Reason.Code.UNAUTHORIZED,
                        message
                                + ": redirected to another registry that asks for credentials of its own, and is given none;"
                                + " name that registry in place of " + settings.host());
            }
            // A signed address that has run out is asked for anew next time.
            return status == 404
                    ? RegistryException.permanent(call.missing(), message)
                    : RegistryException.temporary(Reason.Code.REGISTRY_UNAVAILABLE, message);
        }
        switch (status) {
            case 401, 403 -> {
                return RegistryException.permanent(
                        Reason.Code.UNAUTHORIZED,
                        message + ": check the credentials of registry " + settings.host() + " "
                                + authenticator.whereFrom(call.scope()) + " and their right to read");
            }
            case 407 -> {
                return RegistryException.permanent(
                        Reason.Code.REGISTRY_UNAVAILABLE,
                        message + ": the proxy on the way to " + settings.host()
                                + " wants to know who asks; write user and password into the registry's proxy, or into"
                                + " HTTPS_PROXY: http://user:password@host:port");
            }
            case 404 -> {
                return RegistryException.permanent(call.missing(), message + ": not in the registry");
            }
            case 429 -> {
                Duration asked = RetryAfter.of(answer);
                return RegistryException.busy(
                        message + ": too many requests, lower the registry's requests per second",
                        asked.isZero() ? null : asked);
            }
            default -> {
                if (status >= 500 || WORTH_RETRYING.contains(status)) {
                    Duration asked = RetryAfter.of(answer);
                    return RegistryException.busy(
                            message + ": the registry has trouble of its own", asked.isZero() ? null : asked);
                }
                return RegistryException.permanent(
                        Reason.Code.REGISTRY_UNAVAILABLE,
                        message + ": not an answer a registry gives; check the registry's url");
            }
        }
    }

    /** An answer that came, and is not what it should be. */
    RegistryException failure(Call call, String message) {
        return RegistryException.permanent(Reason.Code.REGISTRY_UNAVAILABLE, prefix(call) + message);
    }

    private RegistryException unreachable(Call call, IOException e) {
        String said = e.getMessage() == null ? "" : ": " + Printable.text(e.getMessage());
        String message = prefix(call) + e.getClass().getSimpleName() + said;
        if (isDistrust(e)) {
            return RegistryException.permanent(
                    Reason.Code.REGISTRY_UNAVAILABLE,
                    message
                            + "; if the registry has a certificate of your own authority, add that to the registry's certificates",
                    e);
        }
        return RegistryException.temporary(
                Reason.Code.REGISTRY_UNAVAILABLE, message + "; check the registry's url and that it is up", e);
    }

    /** Whether the registry's certificate is the trouble, which asking again does not change. */
    private static boolean isDistrust(IOException e) {
        Throwable cause = e;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (cause instanceof CertificateException || cause instanceof CertPathValidatorException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    String prefix(Call call) {
        return "registry " + settings.host() + ": " + call.what() + ": ";
    }

    private static String errorCode(Answer answer) {
        try {
            byte[] body = answer.bytes(MAX_ERROR_BYTES, Duration.ofSeconds(10));
            String code =
                    LenientJson.object(body).path("errors").path(0).path("code").asString("");
            return ERROR_CODE.matcher(code).matches() ? code : "";
        } catch (IOException | MalformedException e) {
            return "";
        }
    }
}
