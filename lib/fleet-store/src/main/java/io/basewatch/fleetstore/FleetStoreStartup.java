package io.basewatch.fleetstore;

import io.basewatch.worker.Worker;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/**
 * Upgrades the store and creates its indexes as soon as it can be reached, without anybody waiting for it, and lets nobody in before that,
 * nor when a newer program has upgraded it since. Tells the store's health.
 */
final class FleetStoreStartup implements HealthIndicator, SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(FleetStoreStartup.class);
    private static final Duration RETRY = Duration.ofSeconds(2);

    /** How often it is looked whether a newer program has upgraded the store. */
    private static final Duration GLANCE = Duration.ofSeconds(10);

    private final StoreAccess store;
    private final Schema schema;
    private final Schema probe;
    private volatile @Nullable String notReady = "its schema has not been looked at";
    private final Worker worker =
            Worker.every("fleet-store-startup", () -> notReady == null ? GLANCE : RETRY, this::glance);
    private boolean awayTold;

    FleetStoreStartup(StoreAccess store, Clock clock) {
        this.store = store;
        this.schema = new Schema(store.ungated(), clock);
        this.probe = schema.within(StoreDatabases.PROBE);
    }

    @Override
    public void start() {
        worker.start();
    }

    private void glance() {
        try {
            look();
        } catch (StoreUnavailableException e) {
            // Who is let in already finds that out himself.
            if (notReady != null) {
                store.gate().close("the store cannot be reached: " + e.getMessage());
            }
            if (!awayTold) {
                log.warn("store cannot be reached, trying again every {} s: {}", RETRY.toSeconds(), e.getMessage());
                awayTold = true;
            }
        } catch (RuntimeException e) {
            awayTold = false;
            notReady(String.valueOf(e.getMessage()));
        }
    }

    private void look() {
        if (notReady == null) {
            schema.check();
            awayTold = false;
        } else if (schema.bringUpToDate(Long.toString(ProcessHandle.current().pid()))) {
            notReady = null;
            awayTold = false;
            store.gate().open();
            log.info("store is ready");
        } else {
            notReady("another process upgrades it");
        }
    }

    private void notReady(String why) {
        if (!why.equals(notReady)) {
            log.warn("store is not ready: {}", why);
        }
        notReady = why;
        store.gate().close("the store is not ready: " + why);
    }

    @Override
    public void stop() {
        worker.stop();
    }

    @Override
    public boolean isRunning() {
        return worker.isRunning();
    }

    /** Before whatever uses the store. */
    @Override
    public int getPhase() {
        return Integer.MIN_VALUE;
    }

    /** Answers in less than two seconds, also when the store is frozen. Says what is wrong in the health itself; the log would get a stack trace for each probe. */
    @Override
    public Health health() {
        try {
            // A ping is answered by a server whose disk is gone, too.
            probe.version();
        } catch (RuntimeException e) {
            return Health.down()
                    .withDetail("error", String.valueOf(e.getMessage()))
                    .build();
        }
        String why = notReady;
        return why == null
                ? Health.up().build()
                : Health.outOfService().withDetail("reason", why).build();
    }
}
