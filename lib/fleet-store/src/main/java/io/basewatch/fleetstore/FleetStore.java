package io.basewatch.fleetstore;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.SimpleMongoClientDatabaseFactory;

/** The store opened by hand, for what runs without Spring's container: the command line, the demo, tests. */
public final class FleetStore implements AutoCloseable {

    private static final String DATABASE = "basewatch";
    private static final Duration UPGRADE_GLANCE = Duration.ofMillis(500);

    private final MongoClient client;
    private final MongoTemplate mongo;
    private final Clock clock;

    private FleetStore(MongoClient client, String database, Clock clock) {
        this.client = client;
        this.mongo = FleetDatabase.durable(new MongoTemplate(new SimpleMongoClientDatabaseFactory(client, database)));
        this.clock = clock;
    }

    /**
     * Connects, brings the documents to this program's version and creates the indexes that are missing.
     *
     * @param connectionString {@code mongodb://…}; without a database's name in it, {@code basewatch} is taken
     * @throws IllegalArgumentException when it is not a connection string
     * @throws StoreUnavailableException when the store cannot be reached
     */
    public static FleetStore connect(String connectionString) {
        return connect(connectionString, Clock.systemUTC());
    }

    private static MongoClient client(ConnectionString address, Consumer<MongoClientSettings.Builder> more) {
        MongoClientSettings.Builder settings = MongoClientSettings.builder().applyConnectionString(address);
        StoreDatabases.pin(settings);
        more.accept(settings);
        return MongoClients.create(settings.build());
    }

    /** As {@link #connect(String)}, by another clock. */
    public static FleetStore connect(String connectionString, Clock clock) {
        return connect(connectionString, clock, settings -> {});
    }

    /**
     * @param more of the client
     */
    static FleetStore connect(String connectionString, Clock clock, Consumer<MongoClientSettings.Builder> more) {
        ConnectionString parsed = new ConnectionString(connectionString);
        String database = parsed.getDatabase();
        FleetStore store = new FleetStore(client(parsed, more), database == null ? DATABASE : database, clock);
        try {
            store.upgrade();
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
        return store;
    }

    /** With the clock of this machine: that of a test stands still. */
    private void upgrade() {
        Schema schema = new Schema(mongo, Clock.systemUTC());
        String owner = Long.toString(ProcessHandle.current().pid());
        while (!schema.bringUpToDate(owner)) {
            try {
                Thread.sleep(UPGRADE_GLANCE.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreUnavailableException("told to stop while another process upgrades the store", e);
            }
        }
    }

    public TagLedger tagLedger() {
        return new TagLedger(mongo, clock);
    }

    public LedgerComparison ledgerComparison() {
        return new LedgerComparison(mongo, clock);
    }

    public WatchRoll watchRoll() {
        return new WatchRoll(mongo, clock);
    }

    public WatchBook watchBook() {
        return new WatchBook(mongo, clock);
    }

    public WatchMembers watchMembers() {
        return new WatchMembers(mongo);
    }

    public ImageArchive imageArchive() {
        return new ImageArchive(mongo, clock);
    }

    public JudgementArchive judgements() {
        return new JudgementArchive(mongo);
    }

    public LayerFactsStore layerFacts() {
        return new LayerFactsStore(mongo, clock);
    }

    public StaleImages staleImages() {
        return new StaleImages(mongo, clock);
    }

    public Turns turns() {
        return new Turns(mongo, clock);
    }

    public BacklogJournal backlogJournal() {
        return new BacklogJournal(mongo, clock);
    }

    public Waivers waivers() {
        return new Waivers(mongo);
    }

    public TagHistory tagHistory() {
        return new TagHistory(mongo);
    }

    public TrendArchive trends() {
        return new TrendArchive(mongo);
    }

    public AccessTokens accessTokens() {
        return new AccessTokens(mongo, clock);
    }

    public AuditLog auditLog() {
        return new AuditLog(mongo, clock);
    }

    public FleetQueries queries() {
        return new FleetQueries(mongo);
    }

    /** For one reader, see {@link FleetReading}. */
    public FleetReading reading() {
        return new FleetReading(mongo);
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
