package io.basewatch.fleetstore;

import io.basewatch.embeddedstore.EmbeddedStore;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The doors' contracts on the embedded engine. */
class EmbeddedContractTest {

    @TempDir
    static Path directory;

    static EmbeddedStore engine;

    private static int engines;

    /** For each test: what an engine writes takes as long as there are collections, of all databases. */
    @BeforeEach
    void startEngine() {
        engine = EmbeddedStore.start(directory.resolve("store" + engines++ + ".mv"));
    }

    @AfterEach
    void stopEngine() {
        engine.close();
    }

    private static String database(String name) {
        return engine.connectionString().replaceFirst("/basewatch$", "/" + name);
    }

    @Nested
    class Ledger extends TagLedgerContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Archive extends ImageArchiveContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Judged extends JudgementArchiveContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Facts extends LayerFactsStoreContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Queries extends FleetQueriesContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Tidying extends HousekeepingContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Journal extends BacklogJournalContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Waived extends WaiversContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class History extends TagHistoryContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Trends extends TrendArchiveContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Tokens extends AccessTokensContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Audited extends AuditLogContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class InTurn extends TurnsContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Stale extends StaleImagesContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Comparison extends LedgerComparisonContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Roll extends WatchRollContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Book extends WatchBookContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Members extends WatchMembersContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Reading extends FleetReadingContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }

    @Nested
    class Summaries extends RepositorySummariesContract {
        @Override
        String connectionString(String database) {
            return database(database);
        }
    }
}
