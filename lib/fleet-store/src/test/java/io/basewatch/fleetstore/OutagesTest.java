package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoClientException;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoConnectionPoolClearedException;
import com.mongodb.MongoCredential;
import com.mongodb.MongoCursorNotFoundException;
import com.mongodb.MongoException;
import com.mongodb.MongoExecutionTimeoutException;
import com.mongodb.MongoInternalException;
import com.mongodb.MongoInterruptedException;
import com.mongodb.MongoNodeIsRecoveringException;
import com.mongodb.MongoNotPrimaryException;
import com.mongodb.MongoOperationTimeoutException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoServerUnavailableException;
import com.mongodb.MongoSocketClosedException;
import com.mongodb.MongoSocketOpenException;
import com.mongodb.MongoSocketReadException;
import com.mongodb.MongoSocketReadTimeoutException;
import com.mongodb.MongoSocketWriteException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.MongoWriteConcernException;
import com.mongodb.MongoWriteException;
import com.mongodb.ServerAddress;
import com.mongodb.WriteError;
import com.mongodb.bulk.BulkWriteError;
import com.mongodb.bulk.BulkWriteResult;
import com.mongodb.bulk.WriteConcernError;
import com.mongodb.connection.ClusterId;
import com.mongodb.connection.ServerId;
import io.basewatch.embeddedstore.EmbeddedStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonMaximumSizeExceededException;
import org.bson.BsonString;
import org.bson.Document;
import org.bson.codecs.configuration.CodecConfigurationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;

class OutagesTest {

    private static final ServerAddress SERVER = new ServerAddress();

    @TempDir
    Path folder;

    private static MongoCommandException answer(int code, String... labels) {
        BsonDocument answer = new BsonDocument("ok", new BsonInt32(0))
                .append("code", new BsonInt32(code))
                .append("errmsg", new BsonString("code " + code));
        if (labels.length > 0) {
            answer.append(
                    "errorLabels",
                    new BsonArray(Stream.of(labels).map(BsonString::new).toList()));
        }
        return new MongoCommandException(answer, SERVER);
    }

    private static MongoBulkWriteException bulk(@Nullable WriteConcernError concern, int... codes) {
        return new MongoBulkWriteException(
                BulkWriteResult.unacknowledged(),
                IntStream.of(codes)
                        .mapToObj(code -> new BulkWriteError(code, "code " + code, new BsonDocument(), 0))
                        .toList(),
                concern,
                SERVER,
                Set.of());
    }

    private static WriteConcernError concern(int code, String name) {
        return new WriteConcernError(code, name, "waiting for replication timed out", new BsonDocument());
    }

    private static MongoWriteException write(int code) {
        return new MongoWriteException(new WriteError(code, "code " + code, new BsonDocument()), SERVER, List.of());
    }

    static Stream<RuntimeException> outages() {
        RuntimeException cause = new IllegalStateException("gone");
        Stream<RuntimeException> byType = Stream.of(
                new MongoTimeoutException("no server in 5000 ms"),
                new MongoOperationTimeoutException("operation exceeded the timeout limit"),
                new MongoExecutionTimeoutException(50, "operation exceeded time limit"),
                new MongoSocketOpenException("refused", SERVER, cause),
                new MongoSocketReadException("reset", SERVER, cause),
                new MongoSocketReadTimeoutException("silent", SERVER, cause),
                new MongoSocketWriteException("reset", SERVER, cause),
                new MongoSocketClosedException("closed", SERVER),
                new MongoConnectionPoolClearedException(new ServerId(new ClusterId(), SERVER), cause),
                new MongoServerUnavailableException("no longer there"),
                new MongoNotPrimaryException(new BsonDocument(), SERVER),
                new MongoNodeIsRecoveringException(new BsonDocument(), SERVER),
                new MongoCursorNotFoundException(7, new BsonDocument(), SERVER),
                new MongoInterruptedException("told to stop", new InterruptedException()),
                new MongoSecurityException(
                        MongoCredential.createCredential("us", "admin", new char[] {'x'}), "refused"),
                new MongoWriteConcernException(concern(64, "WriteConcernTimeout"), SERVER),
                new MongoWriteConcernException(concern(91, "ShutdownInProgress"), SERVER),
                new MongoWriteConcernException(concern(100, "UnsatisfiableWriteConcern"), SERVER),
                bulk(concern(64, "WriteConcernTimeout")),
                // Some were there before, and nobody knows whether the others are.
                bulk(concern(64, "WriteConcernTimeout"), 11000),
                bulk(null, 11000, 10107),
                write(11602),
                answer(1, "RetryableWriteError"),
                answer(1, "TransientTransactionError"),
                answer(1, "SystemOverloadedError"),
                new MongoClientException("wrapped", new MongoTimeoutException("no server")),
                new DataIntegrityViolationException("by Spring", bulk(concern(64, "WriteConcernTimeout"))));
        Stream<RuntimeException> byCode = IntStream.of(
                        6, 7, 50, 64, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, 13, 18, 14031)
                .mapToObj(OutagesTest::answer);
        return Stream.concat(byType, byCode);
    }

    @ParameterizedTest
    @MethodSource("outages")
    void anOutageIsToldByItsTypeCodeOrLabel(RuntimeException thrown) {
        assertThat(new Outages().translateExceptionIfPossible(thrown))
                .isInstanceOf(StoreUnavailableException.class)
                .hasCause(thrown);
    }

    static Stream<RuntimeException> faults() {
        return Stream.of(
                write(11000),
                bulk(null, 11000),
                answer(11000),
                answer(2), // BadValue
                answer(9), // FailedToParse
                answer(14), // TypeMismatch
                answer(59), // CommandNotFound
                answer(85), // IndexOptionsConflict
                answer(86), // IndexKeySpecsConflict
                answer(121), // DocumentValidationFailure
                answer(10334), // BSONObjectTooLarge
                answer(17280), // KeyTooLong
                answer(17419), // Resulting document too large
                answer(1), // InternalError
                new MongoInternalException("a bug of the driver"),
                new MongoException("timeout, not available, no primary: a text is no proof"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aFaultOfWhatIsStoredIsNoOutage(RuntimeException thrown) {
        assertThat(new Outages().translateExceptionIfPossible(thrown))
                .isNotNull()
                .isNotInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void aDuplicateKeyStaysOne() {
        for (RuntimeException thrown : List.of(write(11000), bulk(null, 11000), answer(11000))) {
            assertThat(new Outages().translateExceptionIfPossible(thrown)).isInstanceOf(DuplicateKeyException.class);
        }
    }

    @Test
    void whatIsNotTheStoresIsLeftAsItIs() {
        for (RuntimeException thrown : List.of(
                new IllegalArgumentException("ours"),
                new IllegalStateException("ours", new IOException("connection reset")),
                new BsonMaximumSizeExceededException("17 MB"),
                new CodecConfigurationException("no codec"))) {
            assertThat(new Outages().translateExceptionIfPossible(thrown)).isNull();
        }
    }

    @Test
    void everyDoorTellsAnOutage() throws Exception {
        EmbeddedStore engine = EmbeddedStore.start(folder.resolve("store"));
        try (FleetStore store = FleetStore.connect(engine.connectionString())) {
            Map<String, ThrowingCallable> doors = Doors.of(store);
            engine.close();
            Map<String, Throwable> ends = Doors.endsOf(doors, StoreUnderTest.PATIENCE);
            assertThat(ends).containsOnlyKeys(doors.keySet());
            ends.forEach((door, end) -> assertThat(end).as(door).isInstanceOf(StoreUnavailableException.class));
        }
        assertThatThrownBy(() -> FleetStore.connect(engine.connectionString() + "?serverSelectionTimeoutMS=100"))
                .isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void whatIsWrongWithADocumentIsNoOutage() {
        try (EmbeddedStore engine = EmbeddedStore.start(folder.resolve("store"));
                FleetStore store = FleetStore.connect(engine.connectionString())) {
            assertThatThrownBy(() ->
                            store.mongo().insert(new Document("_id", new byte[17 * 1024 * 1024]), FleetDatabase.IMAGES))
                    .isNotInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> store.mongo().executeCommand("{noSuchCommand: 1}"))
                    .isNotInstanceOf(StoreUnavailableException.class);
        }
    }
}
