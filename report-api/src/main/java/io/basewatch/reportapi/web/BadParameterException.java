package io.basewatch.reportapi.web;

/** A query parameter that cannot be meant; told as problem 400 that names it, its value and what would do. */
public final class BadParameterException extends RuntimeException {

    private static final int MAX_SHOWN = 100;

    private final String parameter;
    private final String value;
    private final String allowed;

    /**
     * @param allowed what would do, for people: {@code 1 to 1000}, {@code one of musl, glibc}
     */
    public BadParameterException(String parameter, String value, String allowed) {
        super("parameter '" + parameter + "' is '" + shown(value) + "': give " + allowed);
        this.parameter = parameter;
        this.value = shown(value);
        this.allowed = allowed;
    }

    private static String shown(String value) {
        return value.length() <= MAX_SHOWN ? value : value.substring(0, MAX_SHOWN) + "…";
    }

    String parameter() {
        return parameter;
    }

    String value() {
        return value;
    }

    String allowed() {
        return allowed;
    }
}
