package io.basewatch.reportapi.access;

/**
 * Who asks.
 *
 * @param name of the token or the person; {@code local} for whoever asks where nobody need say who they are
 */
public record Caller(String name, Role role) {

    /** Where access is open: whoever reaches the service may do everything. */
    public static final Caller LOCAL = new Caller("local", Role.OPERATOR);

    /** Of the request that this thread answers. */
    public static Caller current() {
        return LOCAL;
    }
}
