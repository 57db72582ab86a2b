package io.basewatch.reportapi.access;

import io.basewatch.fleetstore.AccessTokens;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Finds out who asks, and lets through whom it knows and who says nothing: what these may, is decided behind it. A secret that is nobody's is refused at once, however harmless the question; of
 * such there are few a minute from one address, while who is known is never kept waiting for others.
 */
final class Gate extends OncePerRequestFilter {

    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    private static final String BEARER = "bearer ";
    private static final int MAX_SECRET = 16_384;

    private final TokenCredentials tokens;
    private final @Nullable Credentials issuer;
    private final SignIn signIn;
    private final Origins origins;
    private final Buckets asked;
    private final Buckets failed;
    private final Refusals refusals;
    private final Audit audit;
    private final boolean isOpen;

    /**
     * @param issuer null for none
     * @param asked of whoever asks
     * @param failed of addresses: secrets that were nobody's
     * @param isOpen whether who says nothing may do everything
     */
    Gate(
            TokenCredentials tokens,
            @Nullable Credentials issuer,
            SignIn signIn,
            Origins origins,
            Buckets asked,
            Buckets failed,
            Refusals refusals,
            Audit audit,
            boolean isOpen) {
        this.tokens = tokens;
        this.issuer = issuer;
        this.signIn = signIn;
        this.origins = origins;
        this.asked = asked;
        this.failed = failed;
        this.refusals = refusals;
        this.audit = audit;
        this.isOpen = isOpen;
    }

    /** Whose a secret is, of whatever kind it is; empty for nobody's. */
    Optional<Credentials.Known> whose(String secret) {
        if (secret.length() > MAX_SECRET) {
            return Optional.empty();
        }
        if (secret.startsWith(AccessTokens.PREFIX)) {
            return tokens.whose(secret);
        }
        return issuer == null ? Optional.empty() : issuer.whose(secret);
    }

    /** How long an address has to wait that gave a secret that is nobody's; zero while it may try again. */
    Duration failed(HttpServletRequest request) {
        return failed.take(request.getRemoteAddr());
    }

    /** Where the watcher is in this process: a registry's message proves itself, by a secret that is none of ours. */
    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return AccessConfiguration.WEBHOOK.matches(request);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Caller caller;
        try {
            String said = request.getHeader(HttpHeaders.AUTHORIZATION);
            if (said != null) {
                caller = said.toLowerCase(Locale.ROOT).startsWith(BEARER)
                        ? whose(said.substring(BEARER.length()).strip())
                                .map(Credentials.Known::caller)
                                .orElse(null)
                        : null;
                if (caller == null) {
                    refuse(request, response);
                    return;
                }
            } else {
                String problem = origins.problem(request);
                if (problem != null) {
                    refusals.tell(request, response, HttpStatus.FORBIDDEN, "other-origin", "Forbidden", problem);
                    return;
                }
                String secret = SignIn.secret(request);
                caller = secret == null ? null : signIn.signedIn(secret).orElse(null);
            }
        } catch (DataAccessException | Credentials.IssuerUnavailableException e) {
            LOG.warn("nobody can say who asks problem=\"{}\"", e.getMessage());
            if (mayDoWithout(request)) {
                chain.doFilter(request, response);
                return;
            }
            response.setHeader(HttpHeaders.RETRY_AFTER, "5");
            refusals.tell(
                    request,
                    response,
                    HttpStatus.SERVICE_UNAVAILABLE,
                    e instanceof DataAccessException ? "store-unavailable" : "issuer-unavailable",
                    "Nobody can say who asks",
                    e instanceof DataAccessException
                            ? "The store does not answer; ask again in a few seconds."
                            : "The issuer of this token does not answer; ask again in a few seconds.");
            return;
        }
        Duration wait = isFree(request, caller)
                ? Duration.ZERO
                : asked.take(caller == null ? "from " + request.getRemoteAddr() : "by " + caller.name());
        if (!wait.isZero()) {
            tooMany(request, response, wait);
            return;
        }
        if (caller != null) {
            SecurityContext context = SecurityContextHolder.createEmptyContext();
            context.setAuthentication(new PreAuthenticatedAuthenticationToken(
                    caller,
                    "",
                    AuthorityUtils.createAuthorityList("ROLE_" + caller.role().name())));
            SecurityContextHolder.setContext(context);
        }
        try {
            chain.doFilter(request, response);
        } finally {
            auditOthers(request, response);
        }
    }

    /** Is the service healthy, whoever asks. */
    private static boolean mayDoWithout(HttpServletRequest request) {
        return request.getRequestURI().startsWith("/actuator/health") && Origins.isSafe(request);
    }

    private boolean isFree(HttpServletRequest request, @Nullable Caller caller) {
        return (isOpen && caller == null) || mayDoWithout(request);
    }

    private void refuse(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Duration wait = failed(request);
        if (!wait.isZero()) {
            tooMany(request, response, wait);
            return;
        }
        refusals.unknown(
                request,
                response,
                "The token is unknown, expired or revoked: see './basewatch token list'. Send it as 'Authorization: Bearer bw_…'.");
    }

    private void tooMany(HttpServletRequest request, HttpServletResponse response, Duration wait) throws IOException {
        response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, (wait.toMillis() + 999) / 1000)));
        refusals.tell(
                request,
                response,
                HttpStatus.TOO_MANY_REQUESTS,
                "too-many-requests",
                "Too many requests",
                "More was asked in a minute than one may (basewatch.access.requests-per-minute); ask again later.");
    }

    /** What has no door to the audit of its own: the process' own switches, and what is done with watched registries where the watcher is in this process. */
    private void auditOthers(HttpServletRequest request, HttpServletResponse response) {
        // As controllers see it: the line of the request has many forms of one path.
        String path = request.getServletPath();
        if (!Origins.isSafe(request) && (path.startsWith("/actuator/") || path.startsWith("/api/v1/registries/"))) {
            int status = response.getStatus();
            audit.record(
                    Caller.current(),
                    request.getMethod() + " " + path,
                    "",
                    "status " + status,
                    status < 400 ? "done" : List.of(401, 403).contains(status) ? "refused" : "failed");
        }
    }
}
