package io.basewatch.fleetstore;

/** What is in the store does not fit this program, and only a person can change that. The message says what is where and what to do. */
final class SchemaException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SchemaException(String message) {
        super(message);
    }
}
