package io.basewatch.ociregistry;

/**
 * What a registry knows us by.
 *
 * @param username for a refresh token: {@value #TOKEN_USER}, as docker's config spells it
 * @param secret password or refresh token; never printed
 */
public record Credentials(String username, String secret) {

    static final String TOKEN_USER = "<token>";

    public Credentials {
        if (username.isEmpty()) {
            throw new IllegalArgumentException("credentials have an empty user name");
        }
        if (username.indexOf(':') >= 0) {
            // RFC 7617, §2: the first colon ends the user name, so that the rest would become part of the password.
            throw new IllegalArgumentException("user name of the credentials contains ':'");
        }
    }

    /** An OAuth2 refresh token ("identity token" in docker's words): traded for access tokens at the registry's token service, sent nowhere else. */
    public static Credentials refreshToken(String token) {
        return new Credentials(TOKEN_USER, token);
    }

    boolean isRefreshToken() {
        return username.equals(TOKEN_USER);
    }

    @Override
    public String toString() {
        return "Credentials[username=" + username + ", secret=***]";
    }
}
