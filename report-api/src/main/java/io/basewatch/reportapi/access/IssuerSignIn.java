package io.basewatch.reportapi.access;

import io.basewatch.fleetstore.AccessTokens;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpMethod;
import org.springframework.http.ResponseCookie;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.http.OAuth2ErrorResponseErrorHandler;
import org.springframework.security.oauth2.client.oidc.authentication.OidcIdTokenValidator;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationExchange;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationResponse;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * Signing in on the issuer's own page (authorization code flow with PKCE). What has to be remembered until somebody comes back is one secret in a cookie of theirs, from which state, nonce and
 * verifier follow: any process may end what another has begun.
 */
final class IssuerSignIn {

    static final String COOKIE = "basewatch_signing_in";
    static final String CALLBACK = "/sign-in/oidc/callback";

    /** What the issuer said of whoever is signed in, for it alone: sent along only when somebody signs out. */
    private static final String HINT_COOKIE = "basewatch_issuer";

    private static final String SIGN_OUT = "/sign-out";

    /** What browsers keep of a cookie, its name and attributes not counted. */
    private static final int MAX_HINT = 3500;

    private static final Logger LOG = LoggerFactory.getLogger(IssuerSignIn.class);

    /** Of somebody who looks for a password. */
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private static final int MAX_PARAMETER = 4096;
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    /** Why somebody is not signed in, for people. */
    static final class RefusedException extends Exception {

        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message);
        }
    }

    /** Where somebody is sent, and the cookie that goes with them. */
    record Begun(URI to, ResponseCookie cookie) {}

    /**
     * Who came back, and to what.
     *
     * @param next any text, which nobody has looked at
     * @param hint the cookie by which {@link #signOut} knows them
     */
    record Ended(Credentials.Known known, @Nullable String next, ResponseCookie hint) {}

    private record Vouched(Credentials.Known known, String idToken) {}

    private final AccessProperties.Oidc oidc;
    private final String clientSecret;
    private final IssuerCredentials issuer;
    private final RestTemplate requests;
    private final SecureRandom random = new SecureRandom();
    private @Nullable ClientRegistration registration;
    private @Nullable JwtDecoder decoder;

    /**
     * @param clientSecret empty for a client that has none
     * @param issuer who knows what roles a token's claims are
     */
    IssuerSignIn(AccessProperties.Oidc oidc, String clientSecret, IssuerCredentials issuer) {
        this.oidc = oidc;
        this.clientSecret = clientSecret;
        this.issuer = issuer;
        this.requests = IssuerCredentials.requests();
    }

    /** What people know the issuer by. */
    String name() {
        String host = URI.create(oidc.issuerUri()).getHost();
        return host == null ? oidc.issuerUri() : host;
    }

    /**
     * @param next what was asked for
     * @throws Credentials.IssuerUnavailableException when the issuer does not say where people sign in
     */
    Begun begin(@Nullable String next, HttpServletRequest request) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        String secret = ENCODER.encodeToString(bytes);
        URI to = URI.create(authorization(secret, request).getAuthorizationRequestUri());
        String kept =
                secret + "." + ENCODER.encodeToString((next == null ? "" : next).getBytes(StandardCharsets.UTF_8));
        return new Begun(to, cookie(kept, PATIENCE, request));
    }

    /** The cookie that takes the one of {@link #begin} away. */
    static ResponseCookie forgotten(HttpServletRequest request) {
        return cookie("", Duration.ZERO, request);
    }

    /** Sent along when the issuer's page leads back here, which no stricter one is. */
    private static ResponseCookie cookie(String value, Duration age, HttpServletRequest request) {
        return ResponseCookie.from(COOKIE, value)
                .httpOnly(true)
                .secure(SignIn.isSecure(request))
                .sameSite("Lax")
                .path("/sign-in/oidc")
                .maxAge(age)
                .build();
    }

    /**
     * @throws RefusedException when it is not who has begun, or the issuer does not vouch for them
     * @throws Credentials.IssuerUnavailableException when the issuer does not answer
     */
    Ended end(HttpServletRequest request) throws RefusedException {
        String[] kept = kept(request).split("\\.", 2);
        String secret = kept[0];
        String state = parameter(request, "state");
        if (secret.length() < 40 || kept.length < 2 || !isSame(state, derived("state", secret))) {
            throw new RefusedException("This sign-in was not begun here, or too long ago: try again.");
        }
        String from = parameter(request, "iss");
        if (!from.isEmpty() && !from.equals(oidc.issuerUri())) {
            throw new RefusedException("Another issuer answered than the one that was asked: try again.");
        }
        String code = parameter(request, "code");
        if (code.isEmpty()) {
            String error = parameter(request, "error");
            throw new RefusedException(name() + " did not sign you in"
                    + (error.matches("[a-z_]{1,40}") ? ": " + error.replace('_', ' ') : "") + ".");
        }
        Vouched vouched = known(code, state, secret, request);
        // One that is too long is left out: the issuer then asks who it is.
        String hint = vouched.idToken().length() <= MAX_HINT ? vouched.idToken() : "-";
        // The session has its own end; the token is over in minutes.
        return new Ended(
                new Credentials.Known(vouched.known().caller(), null, false),
                new String(Base64.getUrlDecoder().decode(kept[1]), StandardCharsets.UTF_8),
                hint(hint, AccessTokens.LONGEST_SESSION, request));
    }

    /** The cookie that takes the hint away. */
    static ResponseCookie withoutHint(HttpServletRequest request) {
        return hint("", Duration.ZERO, request);
    }

    private static ResponseCookie hint(String value, Duration age, HttpServletRequest request) {
        return ResponseCookie.from(HINT_COOKIE, value)
                .httpOnly(true)
                .secure(SignIn.isSecure(request))
                .sameSite("Strict")
                .path(SIGN_OUT)
                .maxAge(age)
                .build();
    }

    /**
     * Where whoever signs out here is signed out at the issuer too (OpenID Connect, RP-Initiated Logout); empty for who did not sign in there, and where the issuer has no such page or
     * does not answer.
     */
    Optional<URI> signOut(HttpServletRequest request) {
        String hint = cookie(request, HINT_COOKIE);
        if (hint.isEmpty()) {
            return Optional.empty();
        }
        try {
            Object page = registration(request)
                    .getProviderDetails()
                    .getConfigurationMetadata()
                    .get("end_session_endpoint");
            if (!(page instanceof String end) || !end.matches("https?://.+")) {
                return Optional.empty();
            }
            UriComponentsBuilder to = UriComponentsBuilder.fromUriString(end)
                    .queryParam("client_id", "{client}")
                    .queryParam("post_logout_redirect_uri", "{back}");
            if (!hint.equals("-")) {
                to.queryParam("id_token_hint", "{hint}");
            }
            return Optional.of(to.encode()
                    .buildAndExpand(Map.of("client", oidc.clientId(), "back", here(request) + "/sign-in", "hint", hint))
                    .toUri());
        } catch (Credentials.IssuerUnavailableException | IllegalArgumentException e) {
            LOG.warn("signed out here, not at the issuer problem=\"{}\"", e.getMessage());
            return Optional.empty();
        }
    }

    /** What was asked for before the sign-in that ends with this request; null where nothing says so. Whoever sent it may have made it up. */
    static @Nullable String next(HttpServletRequest request) {
        String[] kept = kept(request).split("\\.", 2);
        try {
            return kept.length < 2 ? null : new String(Base64.getUrlDecoder().decode(kept[1]), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private Vouched known(String code, String state, String secret, HttpServletRequest request)
            throws RefusedException {
        OAuth2AuthorizationRequest asked = authorization(secret, request);
        OAuth2AccessTokenResponse tokens;
        Jwt id;
        try {
            tokens = tokens().getTokenResponse(new OAuth2AuthorizationCodeGrantRequest(
                    registration(request),
                    new OAuth2AuthorizationExchange(
                            asked,
                            OAuth2AuthorizationResponse.success(code)
                                    .state(state)
                                    .redirectUri(Objects.requireNonNull(asked.getRedirectUri()))
                                    .build())));
            id = decoder(request)
                    .decode(String.valueOf(tokens.getAdditionalParameters().get("id_token")));
        } catch (OAuth2AuthorizationException e) {
            if (e.getCause() instanceof RestClientException) {
                throw unavailable(e);
            }
            LOG.warn("issuer refuses to sign in error={}", e.getError().getErrorCode());
            throw new RefusedException(name() + " does not know this sign-in any more: try again.");
        } catch (BadJwtException e) {
            LOG.warn("id token refused problem=\"{}\"", e.getMessage());
            throw new RefusedException(name() + " sent what it cannot vouch for; see the log.");
        } catch (RestClientException | JwtException | IllegalArgumentException | IllegalStateException e) {
            throw unavailable(e);
        }
        if (!isSame(String.valueOf(id.getClaimAsString("nonce")), derived("nonce", secret))) {
            throw new RefusedException("This answer was for another sign-in: try again.");
        }
        Optional<Credentials.Known> known = issuer.known(id);
        if (known.isEmpty()) {
            // Some issuers tell roles in the other token alone.
            known = issuer.whose(tokens.getAccessToken().getTokenValue());
        }
        return new Vouched(
                known.orElseThrow(
                        () -> new RefusedException(
                                name()
                                        + " knows you, but none of your roles is one here: ask an operator (basewatch.access.oidc.roles).")),
                id.getTokenValue());
    }

    private Credentials.IssuerUnavailableException unavailable(Exception e) {
        return new Credentials.IssuerUnavailableException(
                "the issuer " + oidc.issuerUri() + " does not answer so that somebody could sign in", e);
    }

    private OAuth2AuthorizationRequest authorization(String secret, HttpServletRequest request) {
        ClientRegistration client = registration(request);
        String verifier = derived("verifier", secret);
        return OAuth2AuthorizationRequest.authorizationCode()
                .authorizationUri(
                        Objects.requireNonNull(client.getProviderDetails().getAuthorizationUri()))
                .clientId(client.getClientId())
                .redirectUri(here(request) + CALLBACK)
                .scopes(client.getScopes())
                .state(derived("state", secret))
                .attributes(all -> all.put(PkceParameterNames.CODE_VERIFIER, verifier))
                .additionalParameters(Map.of(
                        "nonce",
                        derived("nonce", secret),
                        PkceParameterNames.CODE_CHALLENGE,
                        hash(verifier),
                        PkceParameterNames.CODE_CHALLENGE_METHOD,
                        "S256"))
                .build();
    }

    /** As the browser reaches it; the issuer sends people back only to where it was told that they may come from. */
    private static String here(HttpServletRequest request) {
        String host = request.getHeader("Host");
        return (SignIn.isSecure(request) ? "https://" : "http://") + (host == null ? request.getServerName() : host);
    }

    /** What the issuer says of itself is asked for when the first one signs in, and once. */
    private synchronized ClientRegistration registration(HttpServletRequest request) {
        ClientRegistration known = registration;
        if (known == null) {
            try {
                Map<String, Object> told = requests.exchange(
                                oidc.issuerUri().replaceAll("/+$", "") + "/.well-known/openid-configuration",
                                HttpMethod.GET,
                                null,
                                new ParameterizedTypeReference<Map<String, Object>>() {})
                        .getBody();
                if (told == null || !oidc.issuerUri().equals(told.get("issuer"))) {
                    throw new IllegalStateException("it calls itself otherwise");
                }
                ClientRegistration.Builder client = ClientRegistrations.fromOidcConfiguration(told)
                        .registrationId("basewatch")
                        .clientId(oidc.clientId())
                        .clientSecret(clientSecret)
                        .redirectUri(here(request) + CALLBACK)
                        .scope("openid", "profile");
                if (clientSecret.isEmpty()) {
                    client.clientAuthenticationMethod(ClientAuthenticationMethod.NONE);
                }
                known = client.build();
            } catch (RestClientException | IllegalArgumentException | IllegalStateException e) {
                throw unavailable(e);
            }
            registration = known;
        }
        return known;
    }

    private RestClientAuthorizationCodeTokenResponseClient tokens() {
        RestClientAuthorizationCodeTokenResponseClient tokens = new RestClientAuthorizationCodeTokenResponseClient();
        tokens.setRestClient(RestClient.builder()
                .requestFactory(requests.getRequestFactory())
                .configureMessageConverters(converters -> converters
                        .addCustomConverter(new FormHttpMessageConverter())
                        .addCustomConverter(new OAuth2AccessTokenResponseHttpMessageConverter()))
                .defaultStatusHandler(new OAuth2ErrorResponseErrorHandler())
                .build());
        return tokens;
    }

    /** The issuer's keys are asked for again when one is new. */
    private synchronized JwtDecoder decoder(HttpServletRequest request) {
        JwtDecoder known = decoder;
        if (known == null) {
            NimbusJwtDecoder made = IssuerCredentials.keys(oidc, requests);
            made.setJwtValidator(JwtValidators.createDefaultWithValidators(
                    List.of(new OidcIdTokenValidator(registration(request)))));
            known = made;
            decoder = known;
        }
        return known;
    }

    private static String kept(HttpServletRequest request) {
        return cookie(request, COOKIE);
    }

    /** Empty where there is none that is ours. */
    private static String cookie(HttpServletRequest request, String name) {
        Cookie[] cookies = request.getCookies();
        if (cookies != null) {
            for (Cookie cookie : cookies) {
                if (cookie.getName().equals(name)
                        && cookie.getValue().matches("[A-Za-z0-9_.-]{1," + MAX_PARAMETER + "}")) {
                    return cookie.getValue();
                }
            }
        }
        return "";
    }

    /** Empty where it is missing, there twice, or longer than any that is meant so. */
    private static String parameter(HttpServletRequest request, String name) {
        String[] values = request.getParameterValues(name);
        return values != null && values.length == 1 && values[0].length() <= MAX_PARAMETER ? values[0] : "";
    }

    private static boolean isSame(String given, String expected) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8));
    }

    /** One that says nothing of the secret or of the others. */
    private static String derived(String purpose, String secret) {
        return hash(purpose + ":" + secret);
    }

    private static String hash(String text) {
        try {
            return ENCODER.encodeToString(
                    MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
