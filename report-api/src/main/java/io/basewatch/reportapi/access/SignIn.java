package io.basewatch.reportapi.access;

import io.basewatch.fleetstore.AccessTokens;
import io.basewatch.fleetstore.AccessTokens.Token;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseCookie;

/** Who is signed in, by a cookie that no script and no other site's page can use. */
final class SignIn {

    static final String COOKIE = "basewatch_session";

    private final AccessTokens tokens;
    private final Clock clock;

    SignIn(AccessTokens tokens, Clock clock) {
        this.tokens = tokens;
        this.clock = clock;
    }

    static @Nullable String secret(HttpServletRequest request) {
        Cookie[] cookies = request.getCookies();
        if (cookies != null) {
            for (Cookie cookie : cookies) {
                if (cookie.getName().equals(COOKIE) && cookie.getValue().startsWith(AccessTokens.PREFIX)) {
                    return cookie.getValue();
                }
            }
        }
        return null;
    }

    Optional<Caller> signedIn(String secret) {
        return tokens.signedIn(secret)
                .flatMap(
                        session -> TokenCredentials.role(session.role()).map(role -> new Caller(session.name(), role)));
    }

    ResponseCookie signIn(Credentials.Known known, HttpServletRequest request) {
        Caller caller = known.caller();
        String secret = tokens.signIn(
                new Token(caller.name(), caller.role().toString(), clock.instant(), known.until(), ""),
                known.isToken());
        return cookie(secret, AccessTokens.LONGEST_SESSION, request);
    }

    ResponseCookie signOut(HttpServletRequest request) {
        String secret = secret(request);
        if (secret != null) {
            tokens.signOut(secret);
        }
        return cookie("", Duration.ZERO, request);
    }

    /** Whether the browser's way here is, as it or a proxy says. */
    static boolean isSecure(HttpServletRequest request) {
        return request.isSecure() || "https".equalsIgnoreCase(request.getHeader("X-Forwarded-Proto"));
    }

    private static ResponseCookie cookie(String value, Duration age, HttpServletRequest request) {
        return ResponseCookie.from(COOKIE, value)
                .httpOnly(true)
                .secure(isSecure(request))
                .sameSite("Strict")
                .path("/")
                .maxAge(age)
                .build();
    }
}
