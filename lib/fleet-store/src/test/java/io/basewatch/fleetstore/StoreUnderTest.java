package io.basewatch.fleetstore;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicInteger;

/** One database of its own for each test, on the engine that the subclass runs, and a clock that the test moves. */
abstract class StoreUnderTest {

    private static final AtomicInteger DATABASES = new AtomicInteger();

    /** Opens the store in the database of this name. */
    abstract String connectionString(String database);

    static final class HandMovedClock extends Clock {
        private Instant now = Instant.parse("2026-11-01T12:00:00Z");

        void pass(Duration time) {
            now = now.plus(time);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    final HandMovedClock clock = new HandMovedClock();

    FleetStore open() {
        return FleetStore.connect(
                connectionString("test" + ProcessHandle.current().pid() + "x" + DATABASES.incrementAndGet()), clock);
    }
}
