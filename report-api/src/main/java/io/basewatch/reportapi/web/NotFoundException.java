package io.basewatch.reportapi.web;

/** What is asked for is well-formed, but not there; told as problem 404. */
public final class NotFoundException extends RuntimeException {

    private final String kind;

    /**
     * @param kind for programs: {@code image-unknown}
     * @param message for people
     */
    public NotFoundException(String kind, String message) {
        super(message);
        this.kind = kind;
    }

    String kind() {
        return kind;
    }
}
