package io.basewatch.fleetstore;

import com.mongodb.ConnectionString;
import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import java.time.Clock;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.SimpleMongoClientDatabaseFactory;

/** The store opened by hand, for what runs without Spring's container: the command line, the demo, tests. */
public final class FleetStore implements AutoCloseable {

    private static final String DATABASE = "basewatch";

    private final MongoClient client;
    private final MongoTemplate mongo;
    private final Clock clock;

    private FleetStore(MongoClient client, String database, Clock clock) {
        this.client = client;
        this.mongo = FleetDatabase.durable(new MongoTemplate(new SimpleMongoClientDatabaseFactory(client, database)));
        this.clock = clock;
    }

    /**
     * Connects and creates the indexes that are missing.
     *
     * @param connectionString {@code mongodb://…}; without a database's name in it, {@code basewatch} is taken
     * @throws IllegalArgumentException when it is not a connection string
     * @throws StoreUnavailableException when the store cannot be reached
     */
    public static FleetStore connect(String connectionString) {
        return connect(connectionString, Clock.systemUTC());
    }

    static FleetStore connect(String connectionString, Clock clock) {
        ConnectionString parsed = new ConnectionString(connectionString);
        String database = parsed.getDatabase();
        FleetStore store = new FleetStore(MongoClients.create(parsed), database == null ? DATABASE : database, clock);
        try {
            FleetDatabase.createIndexes(store.mongo);
        } catch (MongoException | org.springframework.dao.DataAccessException e) {
            store.close();
            throw e;
        }
        return store;
    }

    public TagLedger tagLedger() {
        return new TagLedger(mongo, clock);
    }

    public ImageArchive imageArchive() {
        return new ImageArchive(mongo);
    }

    public LayerFactsStore layerFacts() {
        return new LayerFactsStore(mongo, clock);
    }

    public StaleImages staleImages() {
        return new StaleImages(mongo, clock);
    }

    public FleetQueries queries() {
        return new FleetQueries(mongo);
    }

    Housekeeping housekeeping() {
        return new Housekeeping(mongo, clock);
    }

    MongoTemplate mongo() {
        return mongo;
    }

    @Override
    public void close() {
        client.close();
    }
}
