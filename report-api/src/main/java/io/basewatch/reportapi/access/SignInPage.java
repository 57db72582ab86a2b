package io.basewatch.reportapi.access;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/** Where people say who they are: a token once, a cookie from then on. */
@Hidden
@RestController
class SignInPage {

    private static final Logger LOG = LoggerFactory.getLogger(SignInPage.class);

    private static final int MAX_NEXT = 1500;

    private static final String NO_ISSUER = "Nobody signs in elsewhere here: use a token.";
    private static final String AWAY = " does not answer: try again in a while, or use a token.";

    /** What a browser keeps of pages is nothing to whoever comes next. */
    private static final String FORGET = "Clear-Site-Data";

    private static final String FORGET_PAGES = "\"cache\"";

    private static final String POLICY =
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    private final Gate gate;
    private final SignIn signIn;

    private final @Nullable IssuerSignIn issuer;

    SignInPage(Gate gate, SignIn signIn, AccessConfiguration.IssuerSignIns issuers) {
        this.gate = gate;
        this.signIn = signIn;
        this.issuer = issuers.issuer();
    }

    @GetMapping("/sign-in")
    ResponseEntity<String> form(@RequestParam(required = false) @Nullable String next) {
        return page(HttpStatus.OK, next, "");
    }

    @PostMapping("/sign-in")
    ResponseEntity<String> signIn(
            @RequestParam(required = false) @Nullable String token,
            @RequestParam(required = false) @Nullable String next,
            HttpServletRequest request) {
        String secret = token == null ? "" : token.strip();
        Optional<Credentials.Known> known = secret.isEmpty() ? Optional.empty() : gate.whose(secret);
        if (known.isEmpty()) {
            Duration wait = gate.failed(request);
            return wait.isZero()
                    ? page(
                            HttpStatus.UNAUTHORIZED,
                            next,
                            "This token is unknown, expired or revoked. An operator makes one by ./basewatch token create.")
                    : page(
                            HttpStatus.TOO_MANY_REQUESTS,
                            next,
                            "Too many tokens that are nobody's came from your address: try again in a minute.");
        }
        Caller caller = known.get().caller();
        if (caller.role() == Role.SCRAPER) {
            return page(HttpStatus.FORBIDDEN, next, "This token is for meters alone.");
        }
        LOG.info("signed in name={} role={}", caller.name(), caller.role());
        return ResponseEntity.status(HttpStatus.SEE_OTHER)
                .header(
                        HttpHeaders.SET_COOKIE,
                        signIn.signIn(known.get(), request).toString())
                .location(URI.create(isHere(next) ? next : "/"))
                .build();
    }

    /** To the issuer's page, where there is one. */
    @GetMapping("/sign-in/oidc")
    ResponseEntity<String> atIssuer(@RequestParam(required = false) @Nullable String next, HttpServletRequest request) {
        if (issuer == null) {
            return page(HttpStatus.NOT_FOUND, next, NO_ISSUER);
        }
        try {
            IssuerSignIn.Begun begun = issuer.begin(isHere(next) ? next : null, request);
            return ResponseEntity.status(HttpStatus.FOUND)
                    .header(HttpHeaders.SET_COOKIE, begun.cookie().toString())
                    .header(HttpHeaders.CACHE_CONTROL, "no-store")
                    .header("Referrer-Policy", "no-referrer")
                    .location(begun.to())
                    .build();
        } catch (Credentials.IssuerUnavailableException e) {
            LOG.warn("nobody can sign in problem=\"{}\"", e.getMessage());
            return page(HttpStatus.SERVICE_UNAVAILABLE, next, issuer.name() + AWAY);
        }
    }

    /** Back from there. */
    @GetMapping(IssuerSignIn.CALLBACK)
    ResponseEntity<String> fromIssuer(HttpServletRequest request) {
        if (issuer == null) {
            return page(HttpStatus.NOT_FOUND, null, NO_ISSUER);
        }
        IssuerSignIn.Ended ended;
        try {
            ended = issuer.end(request);
        } catch (IssuerSignIn.RefusedException e) {
            return page(HttpStatus.BAD_REQUEST, IssuerSignIn.next(request), String.valueOf(e.getMessage()));
        } catch (Credentials.IssuerUnavailableException e) {
            LOG.warn("nobody can sign in problem=\"{}\"", e.getMessage());
            return page(HttpStatus.SERVICE_UNAVAILABLE, IssuerSignIn.next(request), issuer.name() + AWAY);
        }
        Caller caller = ended.known().caller();
        if (caller.role() == Role.SCRAPER) {
            return page(HttpStatus.BAD_REQUEST, null, "Your role is for meters alone.");
        }
        LOG.info("signed in at the issuer name={} role={}", caller.name(), caller.role());
        String next = ended.next();
        // Not by a redirect: a browser that comes from the issuer's page would not send the session's cookie with it.
        return ResponseEntity.ok()
                .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
                .header(
                        HttpHeaders.SET_COOKIE,
                        signIn.signIn(ended.known(), request).toString())
                .header(HttpHeaders.SET_COOKIE, IssuerSignIn.forgotten(request).toString())
                .header(HttpHeaders.SET_COOKIE, ended.hint().toString())
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Referrer-Policy", "no-referrer")
                .header("Content-Security-Policy", POLICY)
                .body(leading(next != null && isHere(next) ? next : "/", "Signed in", "You are signed in"));
    }

    /** A page that leads on by itself: a redirect is not followed by everything that a page's own step is. */
    private static String leading(String to, String title, String said) {
        return """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta http-equiv="refresh" content="0; url=%1$s">
                <title>%2$s · Basewatch</title>
                </head>
                <body>
                <p>%3$s: <a href="%1$s">go on</a>.</p>
                </body>
                </html>
                """.formatted(HtmlUtils.htmlEscape(to), title, said);
    }

    @PostMapping("/sign-out")
    ResponseEntity<String> signOut(HttpServletRequest request) {
        String out = signIn.signOut(request).toString();
        String forgotten = IssuerSignIn.withoutHint(request).toString();
        Optional<URI> there = issuer == null ? Optional.empty() : issuer.signOut(request);
        if (there.isEmpty()) {
            return ResponseEntity.status(HttpStatus.SEE_OTHER)
                    .header(HttpHeaders.SET_COOKIE, out, forgotten)
                    .header(FORGET, FORGET_PAGES)
                    .location(URI.create("/sign-in"))
                    .build();
        }
        // Not by a redirect: what a form is sent to may not lead to another origin.
        return ResponseEntity.ok()
                .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
                .header(HttpHeaders.SET_COOKIE, out, forgotten)
                .header(FORGET, FORGET_PAGES)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Referrer-Policy", "no-referrer")
                .header("Content-Security-Policy", POLICY)
                .body(leading(there.get().toString(), "Signed out", "You are signed out here, and next at the issuer"));
    }

    /** A path of this service, and nothing that a browser takes for another one's. */
    private static boolean isHere(@Nullable String next) {
        if (next == null || next.length() > MAX_NEXT || !next.matches("/([!-.0-\\[\\]-~][!-\\[\\]-~]*)?")) {
            return false;
        }
        try {
            return URI.create(next).getRawAuthority() == null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private ResponseEntity<String> page(HttpStatus status, @Nullable String next, String problem) {
        String html = """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <title>Sign in · Basewatch</title>
                <link rel="icon" type="image/svg+xml" href="/assets/basewatch.svg">
                <link rel="stylesheet" href="/assets/basewatch.css">
                </head>
                <body class="sign-in">
                <main>
                <h1>Basewatch</h1>
                %s<form method="post" action="/sign-in" autocomplete="off">
                <label for="token">Token</label>
                <input id="token" name="token" type="password" required autofocus autocomplete="current-password" spellcheck="false" aria-describedby="how">
                %s<button type="submit">Sign in</button>
                </form>
                %s<p id="how">An operator makes a token by <code>./basewatch token create NAME --role reader</code>.</p>
                </main>
                </body>
                </html>
                """.formatted(
                        problem.isEmpty() ? "" : "<p role=\"alert\">" + HtmlUtils.htmlEscape(problem) + "</p>\n",
                        isHere(next)
                                ? "<input type=\"hidden\" name=\"next\" value=\""
                                        + HtmlUtils.htmlEscape(String.valueOf(next)) + "\">\n"
                                : "",
                        elsewhere(next));
        return ResponseEntity.status(status)
                .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                // With no referrer at all a browser would not say of the form either that it is ours.
                .header("Referrer-Policy", "same-origin")
                .header("Content-Security-Policy", POLICY)
                .body(html);
    }

    /** A link to the issuer's page; nothing where there is none. */
    private String elsewhere(@Nullable String next) {
        if (issuer == null) {
            return "";
        }
        String query = next != null && isHere(next) ? "?next=" + URLEncoder.encode(next, StandardCharsets.UTF_8) : "";
        return "<p><a href=\"/sign-in/oidc" + HtmlUtils.htmlEscape(query) + "\">Sign in with "
                + HtmlUtils.htmlEscape(issuer.name()) + "</a></p>\n";
    }
}
