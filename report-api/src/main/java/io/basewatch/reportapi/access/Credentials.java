package io.basewatch.reportapi.access;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whose a secret is. */
interface Credentials {

    /**
     * @param until when that ends; null for never
     * @param isToken whether it is a token that is kept here, and may be revoked
     */
    record Known(Caller caller, @Nullable Instant until, boolean isToken) {}

    /**
     * Empty for one that is nobody's.
     *
     * @throws IssuerUnavailableException when nobody can say
     */
    Optional<Known> whose(String secret);

    /** Who would have to say whose a secret is does not answer. */
    final class IssuerUnavailableException extends RuntimeException {
        IssuerUnavailableException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
