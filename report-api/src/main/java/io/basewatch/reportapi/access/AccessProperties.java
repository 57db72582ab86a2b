package io.basewatch.reportapi.access;

import io.basewatch.fleetstore.AccessTokens;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may ask.
 *
 * @param mode whether everybody may do everything ({@code open}), or only who says who they are ({@code closed}); {@code auto} is open where only this machine can ask
 * @param requestsPerMinute of one who asks, or of one address; 0 for any number. Nothing is counted where everybody may do everything
 * @param hosts names, besides those of this machine, under which people reach the service: {@code basewatch.example.com}, with the port where it is not the usual one
 * @param operatorToken one that is given from outside, to make the others with: {@code bw_} and 40 or more letters and digits; empty for none
 * @param scraperToken likewise, of whoever reads the meters
 * @param oidc who else says who somebody is
 */
@ConfigurationProperties("basewatch.access")
record AccessProperties(
        @DefaultValue("auto") Mode mode,
        @DefaultValue("1200") int requestsPerMinute,
        @DefaultValue List<String> hosts,
        @DefaultValue("") String operatorToken,
        @DefaultValue("") String scraperToken,
        @DefaultValue Oidc oidc) {

    private static final String TOKEN = AccessTokens.PREFIX + "[A-Za-z0-9_-]{40,180}";

    enum Mode {
        AUTO,
        OPEN,
        CLOSED
    }

    /**
     * An issuer of tokens (OpenID Connect).
     *
     * @param issuerUri as its tokens name it; empty for none
     * @param audience that its tokens have to be for
     * @param roleClaim the claim with somebody's roles or groups, with dots for claims within claims: {@code realm_access.roles}
     * @param roles what of these is which role here: {@code platform-team: operator}
     * @param nameClaim the claim that a person is called by
     * @param clientId as which this service is known to the issuer, where people sign in on the issuer's page; empty where they do not
     * @param clientSecret that it proves itself by; empty for a client that has none
     * @param clientSecretFile likewise, the file that has it
     */
    record Oidc(
            @DefaultValue("") String issuerUri,
            @DefaultValue("") String audience,
            @DefaultValue("roles") String roleClaim,
            @Nullable Map<String, Role> roles,
            @DefaultValue("preferred_username") String nameClaim,
            @DefaultValue("") String clientId,
            @DefaultValue("") String clientSecret,
            @DefaultValue("") String clientSecretFile) {

        /** Without one, tokens have to be for the client that people sign in by. */
        @Override
        public String audience() {
            return audience.isBlank() ? clientId : audience;
        }

        boolean isForPeople() {
            return isConfigured() && !clientId.isBlank();
        }

        boolean isConfigured() {
            return !issuerUri.isBlank();
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "Oidc[issuerUri=" + issuerUri + ", audience=" + audience() + ", roleClaim=" + roleClaim + ", roles="
                    + roles + ", nameClaim=" + nameClaim + ", clientId=" + clientId + "]";
        }
    }

    AccessProperties {
        if (requestsPerMinute < 0 || requestsPerMinute > 1_000_000) {
            throw new IllegalArgumentException("basewatch.access.requests-per-minute is " + requestsPerMinute
                    + ": give 1 to 1000000, or 0 for any number");
        }
        hosts = List.copyOf(hosts);
        require("operator-token", operatorToken);
        require("scraper-token", scraperToken);
        if (!operatorToken.isEmpty() && operatorToken.equals(scraperToken)) {
            throw new IllegalArgumentException(
                    "basewatch.access.scraper-token is the operator's too: give two, who reads meters may nothing else");
        }
        if (!oidc.clientId().isBlank() && !oidc.isConfigured()) {
            throw new IllegalArgumentException(
                    "basewatch.access.oidc.issuer-uri is missing: client-id alone does not say where people sign in");
        }
        if (!oidc.clientSecret().isEmpty() && !oidc.clientSecretFile().isEmpty()) {
            throw new IllegalArgumentException(
                    "basewatch.access.oidc.client-secret and client-secret-file are both given: leave one out");
        }
        if (oidc.isConfigured()) {
            if (oidc.audience().isBlank()) {
                throw new IllegalArgumentException("basewatch.access.oidc.audience is missing: name whom the tokens of "
                        + oidc.issuerUri() + " have to be for, else those for any other service would do");
            }
            if (oidc.roles() == null || oidc.roles().isEmpty()) {
                throw new IllegalArgumentException("basewatch.access.oidc.roles is missing: say which value of claim '"
                        + oidc.roleClaim() + "' is which role (reader, operator, scraper)");
            }
        }
    }

    /** What is wrong with it is told without it. */
    private static void require(String name, String token) {
        if (!token.isEmpty() && !token.matches(TOKEN)) {
            throw new IllegalArgumentException(
                    "basewatch.access." + name
                            + " is no token: give bw_ and at least 40 random letters and digits, as by: echo bw_$(openssl rand -hex 32)");
        }
    }

    /** Without the tokens. */
    @Override
    public String toString() {
        return "AccessProperties[mode=" + mode + ", requestsPerMinute=" + requestsPerMinute + ", hosts=" + hosts
                + ", oidc=" + oidc + "]";
    }
}
