package io.basewatch.fleetstore;

import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;

/**
 * The store is away, frozen, without a majority, or does not let us in: nothing is said about what was asked of it, which is as good as
 * before and may be asked again for as long as it takes. Whether a write was done is unknown; every write of this module may be repeated.
 *
 * <p>Each door of this module throws this for an outage, and only for that. Any other exception is a fault of what was to be stored, of a
 * setting or of this program, and comes again when the same is asked again.
 */
public final class StoreUnavailableException extends DataAccessResourceFailureException {

    private static final long serialVersionUID = 1L;

    StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
