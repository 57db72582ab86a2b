package io.basewatch.reportapi.access;

import org.springframework.security.core.AuthenticatedPrincipal;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;

/**
 * Who asks.
 *
 * @param name of the token or the person; {@code local} for whoever asks where nobody need say who they are
 */
public record Caller(String name, Role role) implements AuthenticatedPrincipal {

    /** Where access is open: whoever reaches the service may do everything. */
    public static final Caller LOCAL = new Caller("local", Role.OPERATOR);

    /** Whether the fleet may be looked at. */
    public boolean mayRead() {
        return role == Role.READER || role == Role.OPERATOR;
    }

    @Override
    public String getName() {
        return name;
    }

    /** Of the request that this thread answers; somebody who may nothing where that is not known. */
    public static Caller current() {
        Authentication said = SecurityContextHolder.getContext().getAuthentication();
        return said != null && said.getPrincipal() instanceof Caller caller
                ? caller
                : new Caller("unknown", Role.SCRAPER);
    }
}
