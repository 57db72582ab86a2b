package io.basewatch.standalone;

/** One reference could not be told anything of; the message is for people. */
final class InspectionException extends Exception {

    private static final long serialVersionUID = 1L;

    InspectionException(String message) {
        super(message);
    }

    InspectionException(String message, Throwable cause) {
        super(message, cause);
    }
}
