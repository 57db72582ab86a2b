package io.basewatch.fleetstore;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.mongodb.MongoDBContainer;

/** The doors' contracts on a real MongoDB: what keeps the embedded engine honest. */
@Tag("docker")
@EnabledIf(
        value = "isDockerAvailable",
        disabledReason = "no Docker here: the contracts run on the embedded engine only")
class MongoContractIT {

    private static MongoDBContainer mongo;

    static boolean isDockerAvailable() {
        return DockerClientFactory.instance().isDockerAvailable();
    }

    @BeforeAll
    static void startMongo() {
        mongo = new MongoDBContainer("mongo:8.0");
        mongo.start();
    }

    @AfterAll
    static void stopMongo() {
        if (mongo != null) {
            mongo.stop();
        }
    }

    @Nested
    class Ledger extends TagLedgerContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Archive extends ImageArchiveContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Judged extends JudgementArchiveContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Facts extends LayerFactsStoreContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Queries extends FleetQueriesContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Tidying extends HousekeepingContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Journal extends BacklogJournalContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Waived extends WaiversContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class History extends TagHistoryContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Trends extends TrendArchiveContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Tokens extends AccessTokensContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Audited extends AuditLogContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class InTurn extends TurnsContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Stale extends StaleImagesContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Comparison extends LedgerComparisonContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Roll extends WatchRollContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Book extends WatchBookContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Members extends WatchMembersContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Reading extends FleetReadingContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }

    @Nested
    class Summaries extends RepositorySummariesContract {
        @Override
        String connectionString(String database) {
            return mongo.getReplicaSetUrl(database);
        }
    }
}
