package io.basewatch.backlog;

import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.FleetTree;
import java.time.LocalDate;

/** A backlog of one day that follows the fleet: each time that it is asked it takes in what has changed since, which costs as much as that is. Thread-safe. */
public final class FollowingBacklog {

    private final FleetTree fleet;
    private final LocalDate day;
    private final Gathering gathering;

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
        this.gathering = new Gathering(support, owners, weights, day, new Targets(lifecycle, day));
    }

    /** As the fleet is now. The first time goes through the whole fleet. */
    public synchronized Backlog now() {
        fleet.follow(gathering.version(), gathering::take);
        return Backlog.of(day, gathering);
    }
}
