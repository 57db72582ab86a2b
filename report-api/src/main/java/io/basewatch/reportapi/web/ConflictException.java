package io.basewatch.reportapi.web;

/** What is asked for cannot be done as things stand; told as problem 409. */
public final class ConflictException extends RuntimeException {

    private final String kind;

    /**
     * @param kind for programs: {@code already-waived}
     * @param message for people
     */
    public ConflictException(String kind, String message) {
        super(message);
        this.kind = kind;
    }

    String kind() {
        return kind;
    }
}
