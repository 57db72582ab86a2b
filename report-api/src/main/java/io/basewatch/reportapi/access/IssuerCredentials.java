package io.basewatch.reportapi.access;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.web.client.RestTemplate;

/** Tokens of an OpenID Connect issuer, which is asked for its keys when the first token comes: it may be down when this starts. */
final class IssuerCredentials implements Credentials {

    private static final Logger LOG = LoggerFactory.getLogger(IssuerCredentials.class);

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration AGAIN = Duration.ofSeconds(2);
    private static final int MAX_NAME = 100;

    private final AccessProperties.Oidc oidc;
    private @Nullable JwtDecoder decoder;
    private long failedAt;
    private @Nullable RuntimeException failure;

    IssuerCredentials(AccessProperties.Oidc oidc) {
        this.oidc = oidc;
    }

    /** Once it has answered, it is not asked for more than new keys; while it does not, it is asked every few seconds, and others are not kept waiting. */
    private synchronized JwtDecoder decoder() {
        JwtDecoder known = decoder;
        if (known != null) {
            return known;
        }
        RuntimeException before = failure;
        if (before != null && System.nanoTime() - failedAt < AGAIN.toNanos()) {
            throw before;
        }
        try {
            known = ask();
        } catch (RuntimeException e) {
            failure = e;
            failedAt = System.nanoTime();
            throw e;
        }
        decoder = known;
        return known;
    }

    /** By which the issuer is asked: it has so long to answer. */
    static RestTemplate requests() {
        SimpleClientHttpRequestFactory requests = new SimpleClientHttpRequestFactory();
        requests.setConnectTimeout(PATIENCE);
        requests.setReadTimeout(PATIENCE);
        return new RestTemplate(requests);
    }

    /**
     * Reads tokens by the issuer's keys, and looks at nothing else of them yet. A key says itself for which algorithm it is; asked only once, an issuer would be held to those that it had then.
     */
    static NimbusJwtDecoder keys(AccessProperties.Oidc oidc, RestTemplate requests) {
        return NimbusJwtDecoder.withIssuerLocation(oidc.issuerUri())
                .restOperations(requests)
                .jwsAlgorithms(algorithms -> algorithms.addAll(List.of(SignatureAlgorithm.values())))
                .build();
    }

    private JwtDecoder ask() {
        NimbusJwtDecoder keys = keys(oidc, requests());
        keys.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
                JwtValidators.createDefaultWithIssuer(oidc.issuerUri()),
                new JwtClaimValidator<Object>(
                        "aud",
                        audience -> audience instanceof Collection<?> all
                                ? all.contains(oidc.audience())
                                : oidc.audience().equals(audience)),
                new JwtClaimValidator<>("exp", Objects::nonNull)));
        return keys;
    }

    @Override
    public Optional<Known> whose(String secret) {
        Jwt token;
        try {
            token = decoder().decode(secret);
        } catch (BadJwtException e) {
            LOG.debug("token refused problem=\"{}\"", e.getMessage());
            return Optional.empty();
        } catch (JwtException | IllegalArgumentException | IllegalStateException e) {
            throw new IssuerUnavailableException(
                    "the issuer " + oidc.issuerUri() + " does not say by which keys its tokens are known", e);
        }
        return known(token);
    }

    /** Whom a token names that was looked at already; empty for somebody without a role here. */
    Optional<Known> known(Jwt token) {
        return role(token).map(role -> new Known(new Caller(name(token), role), token.getExpiresAt(), false));
    }

    private String name(Jwt token) {
        String name = token.getClaims().get(oidc.nameClaim()) instanceof String said && !said.isBlank()
                ? said
                : Objects.requireNonNullElse(token.getSubject(), "somebody of " + oidc.issuerUri());
        return name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME);
    }

    /** The one that may most, of all that somebody has. */
    private Optional<Role> role(Jwt token) {
        Map<String, Role> roles = Objects.requireNonNullElse(oidc.roles(), Map.of());
        List<Role> has = values(token).stream()
                .map(value -> roles.get(String.valueOf(value)))
                .filter(Objects::nonNull)
                .toList();
        return List.of(Role.OPERATOR, Role.READER, Role.SCRAPER).stream()
                .filter(has::contains)
                .findFirst();
    }

    private Collection<?> values(Jwt token) {
        @Nullable Object value = token.getClaims();
        if (token.getClaims().containsKey(oidc.roleClaim())) {
            value = token.getClaims().get(oidc.roleClaim());
        } else {
            for (String part : oidc.roleClaim().split("\\.", -1)) {
                value = value instanceof Map<?, ?> claims ? claims.get(part) : null;
            }
        }
        if (value instanceof Collection<?> all) {
            return all;
        }
        return value instanceof String text ? List.of(text.split(" ", -1)) : List.of();
    }
}
