package io.basewatch.registrywatcher;

import io.basewatch.fleetstore.AccessTokens;
import io.basewatch.fleetstore.AccessTokens.Token;
import io.basewatch.fleetstore.AuditLog;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Who may do what under {@code /api/v1} of a watcher that is a process of its own: who has a token of the fleet, a reader ask and an operator change; where only this machine can
 * ask, everybody. What is changed is in the audit log. (With the report API in one process, that one decides.)
 */
final class OperatorsOnly extends OncePerRequestFilter {

    private static final Logger log = LoggerFactory.getLogger(OperatorsOnly.class);

    private static final String BEARER = "bearer ";
    private static final String OPERATOR = "operator";
    private static final Set<String> ROLES = Set.of("reader", OPERATOR);
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

    private final AccessTokens tokens;
    private final AuditLog audit;
    private final boolean isOpen;

    /**
     * @param isOpen whether everybody may do everything
     */
    OperatorsOnly(AccessTokens tokens, AuditLog audit, boolean isOpen) {
        this.tokens = tokens;
        this.audit = audit;
        this.isOpen = isOpen;
    }

    /** One who asks. */
    private record Asking(String name, String role) {}

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        // As controllers see it: the line of the request has many forms of one path.
        return !request.getServletPath().startsWith("/api/");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        boolean isSafe = SAFE.contains(request.getMethod());
        Optional<Asking> asking;
        try {
            asking = who(request);
        } catch (DataAccessException e) {
            log.warn("nobody can say who asks problem=\"{}\"", e.getMessage());
            refuse(response, HttpStatus.SERVICE_UNAVAILABLE, "The store does not answer; ask again in a few seconds.");
            return;
        }
        if (asking.isEmpty()) {
            refuse(
                    response,
                    HttpStatus.UNAUTHORIZED,
                    "Say who asks: 'Authorization: Bearer bw_...'. An operator makes a token by './basewatch token create'.");
            return;
        }
        String role = asking.get().role();
        if (!ROLES.contains(role) || (!isSafe && !role.equals(OPERATOR))) {
            refuse(response, HttpStatus.FORBIDDEN, "This takes another role than '" + role + "'.");
        } else if (!isSafe && isOfAnotherPage(request)) {
            refuse(response, HttpStatus.FORBIDDEN, "A page may not change anything here.");
        } else {
            chain.doFilter(named(request, asking.get().name()), response);
        }
        if (!isSafe) {
            int status = response.getStatus();
            audit.add(
                    asking.get().name(),
                    role,
                    request.getMethod() + " " + request.getRequestURI(),
                    "",
                    "status " + status,
                    status < 400 ? "done" : status == 403 ? "refused" : "failed");
        }
    }

    private Optional<Asking> who(HttpServletRequest request) {
        String said = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (said == null) {
            return isOpen ? Optional.of(new Asking("local", OPERATOR)) : Optional.empty();
        }
        if (!said.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
            return Optional.empty();
        }
        Optional<Token> token = tokens.find(said.substring(BEARER.length()).strip());
        return token.map(known -> new Asking(known.name(), known.role().toLowerCase(Locale.ROOT)));
    }

    /** There is no page here: a browser that says where it comes from comes from another's. */
    private static boolean isOfAnotherPage(HttpServletRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        return request.getHeader(HttpHeaders.ORIGIN) != null || (site != null && !site.equals("none"));
    }

    private static HttpServletRequest named(HttpServletRequest request, String name) {
        return new HttpServletRequestWrapper(request) {
            @Override
            public @Nullable String getRemoteUser() {
                return name;
            }
        };
    }

    private static void refuse(HttpServletResponse response, HttpStatus status, String detail) throws IOException {
        response.setStatus(status.value());
        response.setContentType("application/problem+json");
        response.getOutputStream()
                .write(("{\"status\":" + status.value() + ",\"title\":\"" + status.getReasonPhrase()
                                + "\",\"detail\":\"" + detail + "\"}")
                        .getBytes(StandardCharsets.UTF_8));
    }
}
