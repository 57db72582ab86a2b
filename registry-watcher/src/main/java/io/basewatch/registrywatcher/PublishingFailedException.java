package io.basewatch.registrywatcher;

import org.jspecify.annotations.Nullable;

/** Kafka did not acknowledge an event; it must be told again. */
final class PublishingFailedException extends RuntimeException {

    PublishingFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
