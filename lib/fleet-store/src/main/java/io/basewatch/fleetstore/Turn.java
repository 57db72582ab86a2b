package io.basewatch.fleetstore;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The right to do a piece of work until the lease ends, which asking for it puts off: who hangs is not waited for longer than that. Whoever had
 * it before and did not notice may still be at work, so what is done in a turn must bear to be done twice. Thread-safe.
 */
public final class Turn implements AutoCloseable {

    private final Leases leases;
    private final String work;
    private final long token;
    private final Duration lease;
    private final LongSupplier nanos;
    private long renewed;
    private boolean over;
    private Duration rest = Duration.ZERO;

    Turn(Leases leases, String work, long token, Duration lease, LongSupplier nanos, long taken) {
        this.leases = leases;
        this.work = work;
        this.token = token;
        this.lease = lease;
        this.nanos = nanos;
        this.renewed = taken;
    }

    /**
     * Whether nobody else has taken it, and keeps it so; to be asked before each small piece of the work. The store is asked when a third of the
     * lease is over, not more often. Once false, it stays so.
     *
     * @throws StoreUnavailableException when nobody can say; the turn may be lost or not
     */
    public synchronized boolean isMine() {
        if (over) {
            return false;
        }
        long now = nanos.getAsLong();
        if (now - renewed >= lease.toNanos() / 3) {
            over = !leases.extend(work, token, lease);
            renewed = now;
        }
        return !over;
    }

    /** For how long from {@link #close} on nobody needs to do the work again; zero if not called. */
    public synchronized void rest(Duration time) {
        rest = time;
    }

    /**
     * Ends the turn; nothing happens when another one took it since.
     *
     * @throws StoreUnavailableException when the store cannot be told: the lease then ends by itself
     */
    @Override
    public synchronized void close() {
        if (!over) {
            over = true;
            leases.extend(work, token, rest);
        }
    }
}
