package io.basewatch.eventlog;

import org.jspecify.annotations.Nullable;

/** Kafka did not take a record, or nobody knows whether it did: nothing is wrong with the record, and telling it again may be done for as long as it takes. */
public final class EventLogUnavailableException extends RuntimeException {

    public EventLogUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
