package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;

/**
 * Who may ask by which token, and who is signed in. Of a token only its SHA-256 is kept, which says nothing of 256 random bits: what is told once cannot be told again, nor read from the
 * store.
 */
public final class AccessTokens {

    static final String TOKENS = "access_tokens";
    static final String SESSIONS = "access_sessions";

    /** What each token begins with, so that it is recognised where it was left lying. */
    public static final String PREFIX = "bw_";

    /** Of a token's name, as a regular expression. */
    public static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    /** A token that expires lives so many days at most. */
    public static final int MAX_DAYS = 3660;

    /** How long a token lives, from 1d to {@value #MAX_DAYS}d, as a regular expression. */
    public static final String DAYS = "([1-9][0-9]{0,2}|[12][0-9]{3}|3[0-5][0-9]{2}|36[0-5][0-9]|3660)d";

    /** No signed-in one stays so for longer. */
    public static final Duration LONGEST_SESSION = Duration.ofHours(12);

    private static final String HASH = "hash";
    private static final String EXPIRES_AT = "expiresAt";
    private static final int BYTES = 32;

    /** Longer ones are none of ours. */
    private static final int MAX_SECRET = 200;

    private final MongoTemplate mongo;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    AccessTokens(MongoTemplate template, Clock clock) {
        this.mongo = FleetDatabase.durable(template);
        this.clock = clock;
    }

    /**
     * What is known of a token, or of who is signed in.
     *
     * @param role as it was given
     * @param expiresAt null for one that does not
     * @param createdBy who made it
     */
    public record Token(
            String name,
            String role,
            Instant createdAt,
            @Nullable Instant expiresAt,
            String createdBy) {}

    /** How long a token lives, as people write it; empty for what is not of {@link #DAYS}. */
    public static Optional<Duration> lifetime(String text) {
        return text.matches(DAYS)
                ? Optional.of(Duration.ofDays(Integer.parseInt(text.substring(0, text.length() - 1))))
                : Optional.empty();
    }

    /**
     * Makes a token.
     *
     * @param lives null for one that does not expire
     * @return the token, which is told nowhere else; empty when there is one of that name
     */
    public Optional<String> create(String name, String role, @Nullable Duration lives, String createdBy) {
        if (!name.matches(NAME)) {
            throw new IllegalArgumentException("a token's name is letters, digits, '.', '_' and '-', at most 64: '"
                    + name.substring(0, Math.min(100, name.length())) + "'");
        }
        String secret = secret();
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Document token = new Document("_id", name)
                .append(HASH, hash(secret))
                .append("role", role)
                .append("createdAt", FleetDatabase.date(now))
                .append("createdBy", createdBy);
        if (lives != null) {
            token.append(EXPIRES_AT, FleetDatabase.date(now.plus(lives)));
        }
        try {
            mongo.insert(token, TOKENS);
            return Optional.of(secret);
        } catch (DuplicateKeyException e) {
            return Optional.empty();
        }
    }

    private String secret() {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** For who compares a secret that is not kept here. */
    public static String hash(String secret) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whose token this is; empty for one that is unknown, expired or revoked. */
    public Optional<Token> find(String secret) {
        if (secret.length() > MAX_SECRET) {
            return Optional.empty();
        }
        String hash = hash(secret);
        return Optional.ofNullable(mongo.findOne(new Query(where(HASH).is(hash)), Document.class, TOKENS))
                .filter(token -> MessageDigest.isEqual(
                        hash.getBytes(StandardCharsets.US_ASCII),
                        token.getString(HASH).getBytes(StandardCharsets.US_ASCII)))
                .map(AccessTokens::token)
                .filter(this::isInForce);
    }

    private boolean isInForce(Token token) {
        return token.expiresAt() == null || token.expiresAt().isAfter(clock.instant());
    }

    private static Token token(Document token) {
        return new Token(
                token.getString("_id"),
                Objects.requireNonNullElse(token.getString("role"), ""),
                Objects.requireNonNullElse(FleetDatabase.instant(token, "createdAt"), Instant.EPOCH),
                FleetDatabase.instant(token, EXPIRES_AT),
                Objects.requireNonNullElse(token.getString("createdBy"), ""));
    }

    /** All of them by name, those that have expired with them. */
    public List<Token> list() {
        return mongo.find(new Query().with(Sort.by("_id")), Document.class, TOKENS).stream()
                .map(AccessTokens::token)
                .toList();
    }

    /** Who has it is refused from now on, also where he is signed in by it; false when there is none of that name. */
    public boolean revoke(String name) {
        boolean was = mongo.remove(new Query(where("_id").is(name)), TOKENS).getDeletedCount() > 0;
        mongo.remove(new Query(where("token").is(name)), SESSIONS);
        return was;
    }

    /**
     * Signs somebody in.
     *
     * @param by who it is and until when that is so
     * @param isToken whether it is so by a token of that name; revoked with it then
     * @return a secret, which is told nowhere else
     */
    public String signIn(Token by, boolean isToken) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        mongo.remove(new Query(where(EXPIRES_AT).lte(Date.from(now))), SESSIONS);
        Instant longest = now.plus(LONGEST_SESSION);
        Instant until = by.expiresAt() == null || by.expiresAt().isAfter(longest) ? longest : by.expiresAt();
        String secret = secret();
        Document session = new Document("_id", hash(secret))
                .append("name", by.name())
                .append("role", by.role())
                .append("createdAt", FleetDatabase.date(now))
                .append(EXPIRES_AT, FleetDatabase.date(until));
        if (isToken) {
            session.append("token", by.name());
        }
        mongo.insert(session, SESSIONS);
        return secret;
    }

    /** Who is signed in by this secret; empty for nobody, any more. */
    public Optional<Token> signedIn(String secret) {
        if (secret.length() > MAX_SECRET) {
            return Optional.empty();
        }
        Document session = mongo.findById(hash(secret), Document.class, SESSIONS);
        if (session == null) {
            return Optional.empty();
        }
        String token = session.getString("token");
        // Revoking may have been cut short.
        if (token != null && !mongo.exists(new Query(where("_id").is(token)), TOKENS)) {
            return Optional.empty();
        }
        return Optional.of(new Token(
                        session.getString("name"),
                        Objects.requireNonNullElse(session.getString("role"), ""),
                        Objects.requireNonNullElse(FleetDatabase.instant(session, "createdAt"), Instant.EPOCH),
                        FleetDatabase.instant(session, EXPIRES_AT),
                        ""))
                // Half a day by a clock that was ahead would be years.
                .filter(by -> isInForce(by) && !Clocks.wasAhead(by.createdAt(), clock));
    }

    public void signOut(String secret) {
        mongo.remove(new Query(where("_id").is(hash(secret))), SESSIONS);
    }
}
