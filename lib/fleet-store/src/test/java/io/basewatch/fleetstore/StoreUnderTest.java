package io.basewatch.fleetstore;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** One database of its own for each test, on the engine that the subclass runs, and a clock that the test moves. */
abstract class StoreUnderTest {

    /** How long what comes in a moment is waited for: only what hangs needs as long, a busy machine may stand still for half a minute. */
    static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final AtomicInteger DATABASES = new AtomicInteger();

    /** Opens the store in the database of this name. */
    abstract String connectionString(String database);

    final HandMovedClock clock = new HandMovedClock();

    FleetStore open() {
        return FleetStore.connect(anyConnectionString(), clock);
    }

    /** Of a database that nobody else has. */
    final String anyConnectionString() {
        return connectionString("test" + ProcessHandle.current().pid() + "x" + DATABASES.incrementAndGet());
    }
}
