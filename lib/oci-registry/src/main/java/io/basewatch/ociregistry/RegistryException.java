package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A registry (or a file in its place) did not give what was asked for. The message names registry, repository, reference and status, says what to do, and never
 * holds a credential, a token or the query of an address.
 */
public class RegistryException extends IOException {

    private final Reason.Code reason;
    private final boolean temporary;
    private final @Nullable Duration retryAfter;

    private RegistryException(
            Reason.Code reason,
            boolean temporary,
            @Nullable Duration retryAfter,
            String message,
            @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.temporary = temporary;
        this.retryAfter = retryAfter;
    }

    /** Asking again gives the same until a person changes something. */
    public static RegistryException permanent(Reason.Code reason, String message) {
        return new RegistryException(reason, false, null, message, null);
    }

    public static RegistryException permanent(Reason.Code reason, String message, Throwable cause) {
        return new RegistryException(reason, false, null, message, cause);
    }

    /** Asking again later may help. */
    public static RegistryException temporary(Reason.Code reason, String message) {
        return new RegistryException(reason, true, null, message, null);
    }

    public static RegistryException temporary(Reason.Code reason, String message, @Nullable Throwable cause) {
        return new RegistryException(reason, true, null, message, cause);
    }

    static RegistryException busy(String message, @Nullable Duration retryAfter) {
        return new RegistryException(Reason.Code.REGISTRY_UNAVAILABLE, true, retryAfter, message, null);
    }

    public Reason.Code reason() {
        return reason;
    }

    /** Whether asking again later, with nothing changed on this side, may help. */
    public boolean isTemporary() {
        return temporary;
    }

    /** How long the registry asked to be left alone; empty when it did not say. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
