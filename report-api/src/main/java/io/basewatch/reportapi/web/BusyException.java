package io.basewatch.reportapi.web;

/** What is asked for takes its time, and as many as can be are at it already; told as problem 503. */
public final class BusyException extends RuntimeException {

    /**
     * @param message for people
     */
    public BusyException(String message) {
        super(message);
    }
}
