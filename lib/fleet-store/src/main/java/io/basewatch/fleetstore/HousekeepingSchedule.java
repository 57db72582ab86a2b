package io.basewatch.fleetstore;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.mongodb.core.MongoTemplate;

/** Keeps the store small now and then; one of all processes does it at a time. */
final class HousekeepingSchedule implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(HousekeepingSchedule.class);

    private static final String TURN = "housekeeping";

    /** How often it is looked whether it is time; also before the first time, when there is more urgent work. */
    private static final Duration GLANCE = Duration.ofMinutes(1);

    private final Housekeeping housekeeping;
    private final Leases turns;
    private final HousekeepingSettings settings;
    private @Nullable Thread thread;

    HousekeepingSchedule(MongoTemplate mongo, HousekeepingSettings settings, Clock clock) {
        this.housekeeping = new Housekeeping(mongo, clock);
        this.turns = new Leases(FleetDatabase.durable(mongo), FleetDatabase.TURNS, clock);
        this.settings = settings;
    }

    @Override
    public synchronized void start() {
        Thread worker = new Thread(this::run, "store-housekeeping");
        worker.setDaemon(true);
        thread = worker;
        worker.start();
    }

    private void run() {
        Duration interval = settings.housekeepingInterval();
        Duration glance = interval.compareTo(GLANCE) < 0 ? interval : GLANCE;
        String owner = Long.toString(ProcessHandle.current().pid());
        try {
            while (true) {
                TimeUnit.NANOSECONDS.sleep(glance.toNanos());
                try {
                    // Not let go of: nobody else needs to do it before the interval is over.
                    if (turns.claim(TURN, owner, interval).isPresent()) {
                        tell(housekeeping.removeUnused(settings.retention()));
                    }
                } catch (RuntimeException e) {
                    log.warn("store not tidied up, trying again problem=\"{}\"", e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void tell(Housekeeping.Removed removed) {
        if (!removed.isNothing()) {
            log.info("store tidied up images={} tags={} claims={}", removed.images(), removed.tags(), removed.claims());
        }
    }

    @Override
    public synchronized void stop() {
        Thread worker = thread;
        thread = null;
        if (worker != null) {
            worker.interrupt();
            try {
                worker.join(TimeUnit.SECONDS.toMillis(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return thread != null;
    }
}
