package io.basewatch.fleetstore;

import com.mongodb.MongoException;
import java.time.Duration;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.data.mongodb.core.MongoTemplate;

/** Creates the indexes as soon as the store can be reached, without anybody waiting for it; tells the store's health. */
final class FleetStoreStartup implements HealthIndicator, SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(FleetStoreStartup.class);
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final MongoTemplate mongo;
    private volatile boolean ready;
    private volatile @Nullable Thread thread;

    FleetStoreStartup(MongoTemplate mongo) {
        this.mongo = FleetDatabase.durable(mongo);
    }

    @Override
    public synchronized void start() {
        Thread worker = new Thread(this::createIndexes, "fleet-store-startup");
        worker.setDaemon(true);
        thread = worker;
        worker.start();
    }

    private void createIndexes() {
        boolean told = false;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                FleetDatabase.createIndexes(mongo);
                ready = true;
                log.info("store is ready");
                return;
            } catch (DataAccessException | MongoException e) {
                if (!told) {
                    log.warn("store cannot be reached, trying again every {} s: {}", RETRY.toSeconds(), e.getMessage());
                    told = true;
                }
            }
            try {
                Thread.sleep(RETRY.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public synchronized void stop() {
        Thread worker = thread;
        if (worker != null) {
            worker.interrupt();
            thread = null;
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    /** Before whatever uses the store. */
    @Override
    public int getPhase() {
        return Integer.MIN_VALUE;
    }

    /** Says what is wrong in the health itself; the log would get a stack trace for each probe. */
    @Override
    public Health health() {
        try {
            mongo.executeCommand(new Document("ping", 1));
        } catch (DataAccessException | MongoException e) {
            return Health.down()
                    .withDetail("error", String.valueOf(e.getMessage()))
                    .build();
        }
        return ready
                ? Health.up().build()
                : Health.outOfService()
                        .withDetail("reason", "indexes are being created")
                        .build();
    }
}
