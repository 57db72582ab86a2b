package io.basewatch.ociregistry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Answers a registry's challenges, and remembers what it was given. Sources: RFC 9110 §11 and RFC 7617 (Basic); distribution, docs/spec/auth/token.md and oauth.md (Bearer).
 *
 * <p>Whom the credentials of a registry are told: the registry itself; and, for Bearer, the token service that this registry names in a challenge of its own, as far as
 * {@link TokenServices} lets it. A token service's redirects are not followed.
 */
final class Authenticator {

    private static final int MAX_TOKEN_ANSWER_BYTES = 1024 * 1024;
    private static final int MAX_TOKEN_CHARS = 64 * 1024;
    private static final int MAX_TOKENS = 1_000;
    private static final String REPOSITORY = "repository:";

    /** What the token specification gives a token without expires_in. */
    private static final long DEFAULT_LIFE_SECONDS = 60;

    /** A token is not used in the last part of its life: the request has to arrive, and clocks differ. */
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private final RegistrySettings settings;
    private final Sender sender;
    private final Connections connections;
    private final Reach reach;
    private final @Nullable SecretFile apiToken;
    private final RegistryCredentials credentials;
    /** By scope, each for as long as it can be used. */
    private final Cache<String, Token> tokens = Caffeine.newBuilder()
            .maximumSize(MAX_TOKENS)
            .expireAfter(Expiry.<String, Token>writing((scope, token) -> token.left()))
            .executor(Runnable::run)
            .build();

    /** Tokens that are being asked for, by scope: who wants the same one waits for the end of that. */
    private final Map<String, CountDownLatch> asking = new HashMap<>();

    private boolean asksForBasic;

    private record Token(String value, long usableUntilNanos) {

        Duration left() {
            return Duration.ofNanos(Math.max(0, usableUntilNanos - System.nanoTime()));
        }

        String header() {
            return "Bearer " + value;
        }
    }

    /** Sends one request within the registry's budget. */
    interface Sender {
        Answer send(HttpRequest request) throws IOException, InterruptedException;
    }

    Authenticator(RegistrySettings settings, Sender sender, Connections connections, Reach reach) {
        this.settings = settings;
        this.sender = sender;
        this.connections = connections;
        this.reach = reach;
        this.apiToken =
                settings.apiTokenFile() == null ? null : new SecretFile(settings.apiTokenFile(), "interface's token");
        this.credentials = new RegistryCredentials(settings);
    }

    /** The Authorization header that worked for this scope, or will for a registry that asks for user names; null when none is known (any more). */
    @Nullable
    String known(String scope) {
        synchronized (this) {
            Token token = tokens.getIfPresent(scope);
            if (token != null) {
                return token.header();
            }
            if (!asksForBasic) {
                return null;
            }
        }
        Credentials given = credentials.known(repository(scope));
        return given == null || given.isRefreshToken() ? null : basicHeader(given);
    }

    /**
     * The Authorization header of who asks without being challenged: the token for the interface, else user name and password; null when there is neither.
     *
     * @param prefix of messages
     */
    @Nullable
    String untold(String prefix) throws RegistryException, InterruptedException {
        if (apiToken != null) {
            return "Bearer " + apiToken.read(prefix);
        }
        if (settings.apiToken() != null) {
            return "Bearer " + settings.apiToken();
        }
        Credentials given = credentials.find("", false, prefix);
        return given == null || given.isRefreshToken() ? null : basicHeader(given);
    }

    /**
     * The access key that the token for the interface is.
     *
     * @param prefix of messages
     */
    AwsKey awsKey(String prefix) throws RegistryException {
        String text = apiToken == null ? settings.apiToken() : apiToken.read(prefix);
        try {
            return AwsKey.parse(text == null ? "" : text);
        } catch (IllegalArgumentException e) {
            throw RegistryException.temporary(
                    Reason.Code.UNAUTHORIZED,
                    prefix + (apiToken == null ? "the registry's api-token" : "what " + apiToken + " has") + " is "
                            + e.getMessage());
        }
    }

    /** For messages: where the credentials come from. */
    String whereFrom(String scope) {
        return credentials.whereFrom(repository(scope));
    }

    /** Empty for a scope of the whole registry. */
    private static String repository(String scope) {
        boolean ofRepository = scope.startsWith(REPOSITORY) && scope.lastIndexOf(':') > REPOSITORY.length();
        return ofRepository ? scope.substring(REPOSITORY.length(), scope.lastIndexOf(':')) : "";
    }

    /**
     * The Authorization header for an answer 401.
     *
     * @param refused the header that was sent with the refused request; null when none was
     * @param prefix of messages
     */
    String answer(List<String> headers, String scope, @Nullable String refused, String prefix)
            throws IOException, InterruptedException {
        List<Challenge> challenges = Challenge.parse(headers);
        if (refused != null) {
            forget(scope, refused);
        }
        for (Challenge challenge : challenges) {
            if (challenge.scheme().equals("bearer")
                    && !challenge.parameter("realm").isEmpty()) {
                return sharedBearer(challenge, scope, prefix);
            }
        }
        for (Challenge challenge : challenges) {
            if (challenge.scheme().equals("basic")) {
                return basic(scope, refused, prefix);
            }
        }
        throw RegistryException.permanent(
                Reason.Code.UNAUTHORIZED,
                prefix + "status 401 with no Basic or Bearer challenge that could be answered");
    }

    /** Only what was refused: another thread may have been given a newer one since that was sent. */
    private synchronized void forget(String scope, String refused) {
        Token token = tokens.getIfPresent(scope);
        if (token != null && token.header().equals(refused)) {
            tokens.invalidate(scope);
        }
        if (refused.startsWith("Basic ")) {
            asksForBasic = false;
        }
    }

    private String basic(String scope, @Nullable String refused, String prefix)
            throws RegistryException, InterruptedException {
        Credentials given = credentials.find(repository(scope), refused != null, prefix);
        if (given == null || given.isRefreshToken()) {
            throw unauthorized(scope, prefix, "the registry asks for a user name and a password");
        }
        String header = basicHeader(given);
        if (header.equals(refused)) {
            throw unauthorized(scope, prefix, "the registry refused user name or password");
        }
        synchronized (this) {
            asksForBasic = true;
        }
        return header;
    }

    private static String basicHeader(Credentials given) {
        byte[] pair = (given.username() + ":" + given.secret()).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    /**
     * Of threads that meet a challenge for the same scope together, one asks. When that fails the others ask for themselves: a failure names what was asked for, and that was
     * another thing for each.
     */
    private String sharedBearer(Challenge challenge, String scope, String prefix)
            throws IOException, InterruptedException {
        CountDownLatch others;
        CountDownLatch mine = new CountDownLatch(1);
        synchronized (this) {
            Token token = tokens.getIfPresent(scope);
            if (token != null) {
                return token.header();
            }
            others = asking.putIfAbsent(scope, mine);
        }
        if (others == null) {
            try {
                return bearer(challenge, scope, prefix);
            } finally {
                synchronized (this) {
                    asking.remove(scope);
                }
                mine.countDown();
            }
        }
        others.await();
        synchronized (this) {
            Token token = tokens.getIfPresent(scope);
            if (token != null) {
                return token.header();
            }
        }
        return bearer(challenge, scope, prefix);
    }

    private String bearer(Challenge challenge, String scope, String prefix) throws IOException, InterruptedException {
        URI realm = realm(challenge.parameter("realm"), prefix);
        String asked = wanted(scope, challenge.parameter("scope"));
        Credentials given = credentials.find(repository(scope), false, prefix);
        Optional<String> objection = given == null ? Optional.empty() : TokenServices.objection(settings, realm);
        if (objection.isPresent()) {
            throw RegistryException.permanent(
                    Reason.Code.UNAUTHORIZED,
                    prefix + "it names the token service " + Printable.url(realm) + ", which " + objection.get());
        }
        objection = settings.tokenServices().contains(TokenServices.named(realm))
                ? Optional.empty()
                : reach.objection(realm, connections.isByProxy(realm));
        if (objection.isPresent()) {
            throw RegistryException.permanent(
                    Reason.Code.UNAUTHORIZED,
                    prefix + "it names the token service " + Printable.url(realm) + ", which " + objection.get());
        }
        HttpRequest request = given != null && given.isRefreshToken()
                ? refresh(realm, challenge.parameter("service"), asked, given)
                : ask(realm, challenge.parameter("service"), asked, given);
        try (Answer answer = sender.send(request)) {
            if (answer.status() != 200) {
                throw tokenFailure(scope, prefix, realm, answer, given != null);
            }
            Token token = token(answer, prefix, realm);
            synchronized (this) {
                tokens.put(scope, token);
            }
            return token.header();
        }
    }

    private URI realm(String text, String prefix) throws RegistryException {
        try {
            URI realm = settings.url().resolve(text);
            boolean http = "https".equalsIgnoreCase(realm.getScheme()) || "http".equalsIgnoreCase(realm.getScheme());
            if (http && realm.getHost() != null && realm.getRawUserInfo() == null && realm.getRawFragment() == null) {
                return realm;
            }
        } catch (IllegalArgumentException e) {
            // Told below, without the text.
        }
        throw RegistryException.permanent(
                Reason.Code.UNAUTHORIZED, prefix + "the registry names a token service at a malformed address");
    }

    /**
     * What a token is asked for: always what the request needs, and what else of the same repository the challenge names. A challenge for another repository (of a proxy that calls
     * it otherwise, or of a mistake) is no reason to ask for that one. What is not in a repository the registry knows best.
     */
    private static String wanted(String scope, String challenged) {
        if (challenged.isEmpty() || scope.isEmpty()) {
            return challenged.isEmpty() ? scope : challenged;
        }
        String repository = repository(scope);
        if (repository.isEmpty()) {
            return challenged;
        }
        Set<String> wanted = new LinkedHashSet<>();
        wanted.add(scope);
        for (String one : challenged.split("\\s+")) {
            if (repository(one).equals(repository)) {
                wanted.add(one);
            }
        }
        return String.join(" ", wanted);
    }

    private HttpRequest ask(URI realm, String service, String scope, @Nullable Credentials given) {
        StringBuilder query = new StringBuilder(realm.getRawQuery() == null ? "" : realm.getRawQuery());
        append(query, "service", service);
        for (String one : scope.split(" ")) {
            append(query, "scope", one);
        }
        HttpRequest.Builder request = request(realm, query.toString()).GET();
        if (given != null) {
            request.header("Authorization", basicHeader(given));
        }
        return request.build();
    }

    private HttpRequest refresh(URI realm, String service, String scope, Credentials given) {
        StringBuilder form = new StringBuilder();
        append(form, "grant_type", "refresh_token");
        append(form, "service", service);
        append(form, "client_id", "basewatch");
        append(form, "scope", scope);
        append(form, "refresh_token", given.secret());
        return request(realm, realm.getRawQuery() == null ? "" : realm.getRawQuery())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form.toString()))
                .build();
    }

    private HttpRequest.Builder request(URI realm, String query) {
        String path = realm.getRawPath() == null || realm.getRawPath().isEmpty() ? "/" : realm.getRawPath();
        URI uri = URI.create(
                realm.getScheme() + "://" + realm.getRawAuthority() + path + (query.isEmpty() ? "" : "?" + query));
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(settings.requestTimeout())
                .header("User-Agent", "basewatch/0.1")
                .header("Accept", "application/json")
                .header("Accept-Encoding", "identity");
        connections.authorize(request, uri);
        return request;
    }

    private static void append(StringBuilder query, String name, String value) {
        if (!value.isEmpty()) {
            query.append(query.isEmpty() ? "" : "&")
                    .append(name)
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
    }

    private Token token(Answer answer, String prefix, URI realm) throws IOException {
        long sent = System.nanoTime();
        try {
            JsonNode root = LenientJson.object(answer.bytes(MAX_TOKEN_ANSWER_BYTES, settings.requestTimeout()));
            String value = LenientJson.textOr(root, "token", "");
            value = value.isEmpty() ? LenientJson.textOr(root, "access_token", "") : value;
            boolean fits = !value.isEmpty()
                    && value.length() <= MAX_TOKEN_CHARS
                    && value.chars().allMatch(c -> c > ' ' && c < 0x7f);
            if (fits) {
                long life = root.path("expires_in").asLong(DEFAULT_LIFE_SECONDS);
                life = Math.max(0, Math.min(life, Duration.ofHours(1).toSeconds()));
                // A very short life is used up to its half rather than not at all.
                long usable = Math.max(
                        Duration.ofSeconds(life).minus(MARGIN).toNanos(),
                        Duration.ofSeconds(life).toNanos() / 2);
                return new Token(value, sent + usable);
            }
        } catch (MalformedException e) {
            // Told below, without the content: it may be half a token.
        }
        throw RegistryException.temporary(
                Reason.Code.REGISTRY_UNAVAILABLE,
                prefix + "token service " + Printable.url(realm) + " answered without a usable token");
    }

    private RegistryException tokenFailure(
            String scope, String prefix, URI realm, Answer answer, boolean withCredentials) {
        String service = "token service " + Printable.url(realm) + " answered with status " + answer.status();
        int status = answer.status();
        if (status == 429 || status >= 500) {
            Duration asked = RetryAfter.of(answer);
            return RegistryException.busy(prefix + service, asked.isZero() ? null : asked);
        }
        return unauthorized(
                scope,
                prefix,
                service
                        + (status >= 300 && status < 400
                                ? ", a redirect, which is not followed"
                                : withCredentials ? "" : " to a request without credentials"));
    }

    private RegistryException unauthorized(String scope, String prefix, String why) {
        return RegistryException.permanent(
                Reason.Code.UNAUTHORIZED,
                prefix + why + "; check the credentials of registry " + settings.host() + " " + whereFrom(scope));
    }
}
