package io.basewatch.fleetstore;

import io.basewatch.worker.Worker;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.springframework.data.mongodb.core.MongoTemplate;

/** The door to every piece of work of which only one process at a time is to do any. */
public final class Turns {

    private static final String OWNER = owner();

    private final Leases leases;
    private final LongSupplier nanos;

    Turns(MongoTemplate mongo, Clock clock) {
        this(mongo, clock, System::nanoTime);
    }

    /**
     * @param nanos as of {@link System#nanoTime}
     */
    Turns(MongoTemplate mongo, Clock clock, LongSupplier nanos) {
        this.leases = new Leases(FleetDatabase.durable(mongo), FleetDatabase.TURNS, clock);
        this.nanos = nanos;
    }

    /** For people: which process, and where it runs. */
    private static String owner() {
        long process = ProcessHandle.current().pid();
        String host = Objects.requireNonNullElse(System.getenv("HOSTNAME"), "");
        return host.isEmpty() ? Long.toString(process) : process + "@" + host;
    }

    /**
     * @param name of the work, the same in all processes
     * @param lease how long the others leave the work alone while nothing is heard of who does it; far above the time between two calls of {@link Turn#isMine}
     */
    public Work of(String name, Duration lease) {
        return new Work(name, lease);
    }

    /**
     * Those of these works, by name and in the same order, that nobody does now and that do not rest; what one question to the store costs, where taking
     * each would cost two writes.
     *
     * @throws StoreUnavailableException when nobody can say
     */
    public List<String> free(Collection<String> names) {
        Set<String> held = leases.held(names);
        return names.stream().filter(name -> !held.contains(name)).toList();
    }

    /** What is done by whoever has the turn. */
    public interface InTurn {
        /**
         * Ends early when the turn is no longer its own.
         *
         * @return for how long from now on nobody needs to do it again
         */
        Duration run(Turn turn) throws InterruptedException;
    }

    /** One piece of work. Thread-safe. */
    public final class Work {

        private final String name;
        private final Duration lease;

        private Work(String name, Duration lease) {
            this.name = name;
            this.lease = lease;
        }

        /**
         * The right to do it; to be closed.
         *
         * @return empty while another one has it, or the work rests
         * @throws StoreUnavailableException when nobody can say
         */
        public Optional<Turn> take() {
            long asked = nanos.getAsLong();
            return leases.claim(name, OWNER, lease).map(token -> new Turn(leases, name, token, lease, nanos, asked));
        }

        /** Does the work in a turn of its own when that is free now, and nothing when it is not; as a {@link Worker} tries it again and again. */
        public Worker.Task whenFree(InTurn task) {
            return () -> {
                Optional<Turn> taken = take();
                if (taken.isPresent()) {
                    try (Turn turn = taken.get()) {
                        turn.rest(task.run(turn));
                    }
                }
            };
        }
    }
}
