package io.basewatch.fleetstore;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoConnectionPoolClearedException;
import com.mongodb.MongoCursorNotFoundException;
import com.mongodb.MongoException;
import com.mongodb.MongoExecutionTimeoutException;
import com.mongodb.MongoInterruptedException;
import com.mongodb.MongoNodeIsRecoveringException;
import com.mongodb.MongoNotPrimaryException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoServerUnavailableException;
import com.mongodb.MongoSocketException;
import com.mongodb.MongoStalePrimaryException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.MongoWriteConcernException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.support.PersistenceExceptionTranslator;
import org.springframework.data.mongodb.core.MongoExceptionTranslator;

/**
 * Tells an outage of the store, which is a {@link StoreUnavailableException}, from a fault of what was asked of it, which stays what Spring
 * makes of it. By the type of the driver's exception, the server's error code and its labels; never by a message's text.
 */
final class Outages implements PersistenceExceptionTranslator {

    /** What the driver throws when nobody answers, or not in time, or not the right one. A time-out of any kind is among them. */
    private static final List<Class<? extends MongoException>> TYPES = List.of(
            MongoTimeoutException.class,
            MongoExecutionTimeoutException.class,
            MongoSocketException.class,
            MongoConnectionPoolClearedException.class,
            MongoServerUnavailableException.class,
            MongoNotPrimaryException.class,
            MongoNodeIsRecoveringException.class,
            MongoStalePrimaryException.class,
            // A server forgets its cursors when it starts anew.
            MongoCursorNotFoundException.class,
            // Whoever is told to stop has not heard the answer.
            MongoInterruptedException.class,
            // A password that is not right, or not yet: no fault of what was to be stored.
            MongoSecurityException.class);

    /** As MongoDB's error_codes.yml has them; a server tells these of itself, not of the request. */
    private static final Set<Integer> CODES = Set.of(
            6, // HostUnreachable
            7, // HostNotFound
            11, // UserNotFound
            13, // Unauthorized
            18, // AuthenticationFailed
            24, // LockTimeout
            43, // CursorNotFound
            46, // LockBusy
            50, // MaxTimeMSExpired
            63, // StaleShardVersion
            64, // WriteConcernTimeout
            74, // NodeNotFound
            89, // NetworkTimeout
            91, // ShutdownInProgress
            100, // UnsatisfiableWriteConcern
            112, // WriteConflict
            133, // FailedToSatisfyReadPreference
            134, // ReadConcernMajorityNotAvailableYet
            150, // StaleEpoch
            175, // QueryPlanKilled
            189, // PrimarySteppedDown
            202, // NetworkInterfaceExceededTimeLimit
            237, // CursorKilled
            262, // ExceededTimeLimit
            317, // ConnectionPoolExpired
            365, // TemporarilyUnavailable
            371, // UserWritesBlocked
            384, // ConnectionError
            391, // ReauthenticationRequired
            462, // IngressRequestRateLimitExceeded
            8000, // AtlasError: of the account, as when its space is full
            9001, // SocketException
            10058, // LegacyNotPrimary
            10107, // NotWritablePrimary
            11600, // InterruptedAtShutdown
            11601, // Interrupted
            11602, // InterruptedDueToReplStateChange
            13388, // StaleConfig
            13435, // NotPrimaryNoSecondaryOk
            13436, // NotPrimaryOrSecondary
            14031); // OutOfDiskSpace

    private static final List<String> LABELS = List.of(
            "RetryableWriteError",
            MongoException.TRANSIENT_TRANSACTION_ERROR_LABEL,
            "RetryableError",
            "SystemOverloadedError");

    /** Deeper than any exception is wrapped; a circle of causes ends here. */
    private static final int DEPTH = 20;

    private final PersistenceExceptionTranslator faults = new MongoExceptionTranslator();

    @Override
    public @Nullable DataAccessException translateExceptionIfPossible(RuntimeException thrown) {
        if (thrown instanceof StoreUnavailableException told) {
            return told;
        }
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < DEPTH; depth++) {
            if (cause instanceof MongoException answer && isOutage(answer)) {
                return new StoreUnavailableException("the store is not available: " + answer.getMessage(), thrown);
            }
            cause = cause.getCause();
        }
        return faults.translateExceptionIfPossible(thrown);
    }

    private static boolean isOutage(MongoException thrown) {
        if (TYPES.stream().anyMatch(type -> type.isInstance(thrown))) {
            return true;
        }
        // Written, but a majority does not have it: it may still be lost.
        if (thrown instanceof MongoWriteConcernException) {
            return true;
        }
        if (thrown instanceof MongoBulkWriteException bulk
                && (bulk.getWriteConcernError() != null
                        || bulk.getWriteErrors().stream().anyMatch(error -> CODES.contains(error.getCode())))) {
            return true;
        }
        return CODES.contains(thrown.getCode()) || LABELS.stream().anyMatch(thrown::hasErrorLabel);
    }
}
