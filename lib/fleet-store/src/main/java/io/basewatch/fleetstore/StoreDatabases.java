package io.basewatch.fleetstore;

import com.mongodb.ClientSessionOptions;
import com.mongodb.MongoClientSettings;
import com.mongodb.ReadConcern;
import com.mongodb.ReadPreference;
import com.mongodb.WriteConcern;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoDatabase;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bson.codecs.configuration.CodecRegistry;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.support.PersistenceExceptionTranslator;
import org.springframework.data.mongodb.MongoDatabaseFactory;

/**
 * Where all doors get their database from: the one place that says how the store is spoken to, whatever the connection string says, and
 * what its exceptions mean. Everything is asked of the primary; what is read and what was written is on a majority's journal; and every
 * operation ends, with an answer or as a {@link StoreUnavailableException}.
 */
final class StoreDatabases implements MongoDatabaseFactory {

    /** How long an operation may take that reads or writes by a key, all attempts together. */
    static final Duration OPERATION = Duration.ofSeconds(15);

    /** How long one may take that goes through a collection, or builds an index. A server that is dead is found out much sooner. */
    static final Duration SCAN = Duration.ofMinutes(10);

    /** For who asks only whether the store is there. */
    static final Duration PROBE = Duration.ofMillis(1500);

    private static final long SERVER_SELECTION_MILLIS = 5000;

    /** For connecting, and for the answer to a heartbeat: what tells a frozen server from one that works on something long. */
    private static final int CONNECT_MILLIS = 5000;

    private static final int HEARTBEAT_MILLIS = 5000;

    private final MongoDatabaseFactory databases;
    private final Gate gate;
    private final Duration limit;
    private final PersistenceExceptionTranslator outages = new Outages();

    private StoreDatabases(MongoDatabaseFactory databases, Gate gate, Duration limit) {
        this.databases = databases;
        this.gate = gate;
        this.limit = limit;
    }

    /**
     * Whether the store may be used at all: not while its documents are of another version than this program's. Until that is known for the
     * first time, who comes waits as long as he would for a server.
     */
    static final class Gate {
        private final CountDownLatch decided = new CountDownLatch(1);
        private volatile @Nullable String closed = "the store is not ready yet: its schema has not been looked at";

        void open() {
            closed = null;
            decided.countDown();
        }

        /**
         * @param why for people
         */
        void close(String why) {
            closed = why;
            decided.countDown();
        }

        private void pass() {
            if (closed != null) {
                try {
                    decided.await(SERVER_SELECTION_MILLIS, TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new StoreUnavailableException("told to stop while the store is made ready", e);
                }
            }
            String why = closed;
            if (why != null) {
                throw new StoreUnavailableException(why, null);
            }
        }
    }

    /** The same databases for who must pass the gate. */
    static StoreDatabases behind(Gate gate, MongoDatabaseFactory databases) {
        return new StoreDatabases(bare(databases), gate, OPERATION);
    }

    /**
     * @param limit of each operation
     */
    static StoreDatabases of(MongoDatabaseFactory databases, Duration limit) {
        Gate gate;
        if (databases instanceof StoreDatabases already) {
            gate = already.gate;
        } else {
            gate = new Gate();
            gate.open();
        }
        return new StoreDatabases(bare(databases), gate, limit);
    }

    private static MongoDatabaseFactory bare(MongoDatabaseFactory databases) {
        return databases instanceof StoreDatabases already ? already.databases : databases;
    }

    /** What belongs to the client as a whole, to be applied after the connection string: that one may only make the wait for a server shorter. */
    static void pin(MongoClientSettings.Builder settings) {
        settings.readPreference(ReadPreference.primary())
                .readConcern(ReadConcern.MAJORITY)
                .writeConcern(WriteConcern.MAJORITY.withJournal(true))
                .timeout(OPERATION.toMillis(), TimeUnit.MILLISECONDS)
                .applyToSocketSettings(socket -> socket.connectTimeout(CONNECT_MILLIS, TimeUnit.MILLISECONDS))
                .applyToServerSettings(server -> server.heartbeatFrequency(HEARTBEAT_MILLIS, TimeUnit.MILLISECONDS))
                .applyToClusterSettings(cluster -> cluster.serverSelectionTimeout(
                        Math.min(
                                SERVER_SELECTION_MILLIS,
                                cluster.build().getServerSelectionTimeout(TimeUnit.MILLISECONDS)),
                        TimeUnit.MILLISECONDS));
    }

    private MongoDatabase pinned(MongoDatabase database) {
        gate.pass();
        return database.withReadPreference(ReadPreference.primary())
                .withReadConcern(ReadConcern.MAJORITY)
                .withWriteConcern(WriteConcern.MAJORITY.withJournal(true))
                .withTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public MongoDatabase getMongoDatabase() {
        return pinned(databases.getMongoDatabase());
    }

    @Override
    public MongoDatabase getMongoDatabase(String name) {
        return pinned(databases.getMongoDatabase(name));
    }

    @Override
    public PersistenceExceptionTranslator getExceptionTranslator() {
        return outages;
    }

    @Override
    public CodecRegistry getCodecRegistry() {
        return databases.getCodecRegistry();
    }

    @Override
    public ClientSession getSession(ClientSessionOptions options) {
        return databases.getSession(options);
    }

    @Override
    public MongoDatabaseFactory withSession(ClientSession session) {
        return new StoreDatabases(databases.withSession(session), gate, limit);
    }
}
