package io.basewatch.backlog;

import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.FleetTree;
import java.time.LocalDate;
import java.util.function.Supplier;

/** A backlog of one day that follows the fleet: each time that it is asked it takes in what has changed since, which costs as much as that is. Thread-safe. */
public final class FollowingBacklog {

    private final FleetTree fleet;
    private final LocalDate day;
    private final Supplier<Gathering> empty;
    private Gathering gathering;

    /**
     * @param lifecycle by which targets are chosen
     */
    public FollowingBacklog(
            FleetTree fleet,
            Lifecycle lifecycle,
            Backlog.SupportAt support,
            Backlog.OwnerOf owners,
            Weights weights,
            LocalDate day) {
        this.fleet = fleet;
        this.day = day;
        this.empty = () -> new Gathering(support, owners, weights, day, new Targets(lifecycle, day));
        this.gathering = empty.get();
    }

    /** As the fleet is now. The first time goes through the whole fleet. */
    public synchronized Backlog now() {
        Gathering last = gathering;
        // Where it breaks on the way it has taken in half of a change, and begins anew.
        gathering = empty.get();
        fleet.follow(last.version(), last::take);
        gathering = last;
        return Backlog.of(day, last);
    }
}
