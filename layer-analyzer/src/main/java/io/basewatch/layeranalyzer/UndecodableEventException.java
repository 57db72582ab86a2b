package io.basewatch.layeranalyzer;

/** A record is no event that this version understands; another try would not change that. */
final class UndecodableEventException extends RuntimeException {

    UndecodableEventException(String message, Throwable cause) {
        super(message, cause);
    }
}
