package io.basewatch.registrywatcher;

import io.basewatch.fleetstore.WatchBook;
import io.basewatch.fleetstore.WatchBook.Order;
import io.basewatch.fleetstore.WatchBook.Pause;
import io.basewatch.registrywatcher.SweepSchedule.Entry;
import io.basewatch.registrywatcher.WatcherProgress.Problem;
import io.basewatch.registrywatcher.WatcherProgress.RegistryProgress;
import io.basewatch.registrywatcher.WatcherProgress.Sweep;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Where people are told how each registry is, and say what is to be done with it. Thread-safe. */
final class RegistryDesk {

    /** How soon a pause that another watcher was told of is noticed. */
    static final Duration GLANCE = Duration.ofSeconds(5);

    /** What a registry does at a moment. */
    enum Condition {
        /** Nothing is known of it yet. */
        NEW,
        SWEEPING,
        /** The last sweep listed everything; the next one waits for its time. */
        WAITING,
        /** The last sweep did not come to its end; see the problems. */
        FAILING,
        /** Somebody wants it paused, and what was under way is being finished. */
        DRAINING,
        /** Nobody looks at it: what is known of it gets older. */
        PAUSED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * How a registry is, in this process since it started.
     *
     * @param fresh whether what is known of each repository is not older than promised; never while nothing is looked at and that time is over
     * @param oldestSeconds how long ago the repository was looked at that was not looked at for longest
     * @param sweep that runs; null for none
     * @param lastSweep that listed everything; null for none
     * @param nextSweep null while one runs, or while it is paused
     * @param watchers that share the registry; all the rest is of the part that this one has
     * @param removalsHeld tags that are missing, and stay until another sweep or a person agrees
     * @param problems in words, the last different ones, the newest first
     */
    record State(
            String registry,
            String state,
            boolean fresh,
            long oldestSeconds,
            long promisedSeconds,
            @Nullable Running sweep,
            @Nullable Ended lastSweep,
            @Nullable Instant nextSweep,
            @Nullable Paused paused,
            Budget budget,
            long eventsPublished,
            long failures,
            long removalsHeld,
            int watchers,
            List<Problem> problems) {}

    /**
     * @param repositories that it has gone through
     * @param expected as many as the one before had; null where there was none
     * @param forecast when it ends if it goes on like this; null where that is not known
     */
    record Running(
            Instant began,
            long repositories,
            @Nullable Long expected,
            long tags,
            @Nullable Instant forecast) {}

    /** A sweep that is over. */
    record Ended(Instant began, Instant ended, long repositories, long tags) {}

    /** Since when and by whom. */
    record Paused(Instant since, String by) {}

    /**
     * @param requestsPerSecond that it is asked at most at this moment
     * @param remaining what the registry says may still be asked or pulled; null when it does not say
     */
    record Budget(
            double requestsPerSecond,
            long requests,
            long refused,
            @Nullable Long remaining) {}

    private final WatcherProgress progress;
    private final SweepSchedule schedule;
    private final DueRepositories due;
    private final WatchBook book;
    private final Membership membership;
    private final Clock clock;
    private final Map<String, Long> heard = new ConcurrentHashMap<>();

    RegistryDesk(
            WatcherProgress progress,
            SweepSchedule schedule,
            DueRepositories due,
            WatchBook book,
            Membership membership,
            Clock clock) {
        this.progress = progress;
        this.schedule = schedule;
        this.due = due;
        this.book = book;
        this.membership = membership;
        this.clock = clock;
    }

    /** All watched registries by name. */
    List<State> states() {
        Map<String, RegistrySweeper> sweepers = new HashMap<>();
        schedule.entries().forEach(each -> sweepers.put(each.sweeper().registry(), each.sweeper()));
        List<State> states = new ArrayList<>();
        for (RegistryProgress counts : progress.snapshot()) {
            RegistrySweeper sweeper = sweepers.get(counts.registry());
            if (sweeper != null) {
                states.add(state(sweeper, counts));
            }
        }
        return states;
    }

    /** Empty for one that is not watched. */
    Optional<State> state(String registry) {
        return states().stream()
                .filter(each -> each.registry().equals(registry))
                .findFirst();
    }

    /** Repositories of all registries that wait to be looked at before their turn. */
    int repositoriesDue() {
        return due.size();
    }

    private State state(RegistrySweeper sweeper, RegistryProgress counts) {
        String registry = sweeper.registry();
        Instant now = clock.instant();
        Sweep running = progress.running(registry);
        Sweep last = progress.lastComplete(registry);
        Pause pause = sweeper.paused();
        Duration oldest = Duration.between(sweeper.oldest(), now);
        Duration promised = sweeper.rules().cadence().staleness();
        return new State(
                registry,
                condition(pause, running, counts).word(),
                counts.firstSweepDone() && oldest.compareTo(promised) <= 0,
                Math.max(0, oldest.toSeconds()),
                promised.toSeconds(),
                running == null ? null : running(running, last, now),
                last == null || last.ended() == null
                        ? null
                        : new Ended(last.began(), last.ended(), last.repositories(), last.tags()),
                pause == null ? schedule.due(registry) : null,
                pause == null ? null : new Paused(pause.since(), pause.by()),
                budget(sweeper),
                counts.eventsPublished(),
                counts.failures(),
                counts.removalsHeld(),
                membership.size(),
                progress.problems(registry));
    }

    private static Running running(Sweep sweep, @Nullable Sweep last, Instant now) {
        return new Running(
                sweep.began(),
                sweep.repositories(),
                last == null ? null : last.repositories(),
                sweep.tags(),
                last == null ? null : sweep.forecast(last.repositories(), now));
    }

    private static Budget budget(RegistrySweeper sweeper) {
        return new Budget(
                sweeper.asked().requestsPerSecond(),
                sweeper.asked().requests(),
                sweeper.asked().refusals(),
                sweeper.asked().remaining().isPresent()
                        ? sweeper.asked().remaining().getAsLong()
                        : null);
    }

    private static Condition condition(@Nullable Pause pause, @Nullable Sweep running, RegistryProgress counts) {
        if (pause != null) {
            return running != null ? Condition.DRAINING : Condition.PAUSED;
        }
        if (running != null) {
            return Condition.SWEEPING;
        }
        return switch (counts.lastSweep()) {
            case NONE -> Condition.NEW;
            case COMPLETE -> Condition.WAITING;
            case FAILED -> Condition.FAILING;
        };
    }

    /** Sweeps it now, or at once after the sweep that runs; the other watchers do so with their parts soon. */
    void sweep(String registry) {
        order(registry, Order.SWEEP);
    }

    /** Lets through the removals that are held, likewise. */
    void letRemovalsThrough(String registry) {
        order(registry, Order.REMOVALS);
    }

    private void order(String registry, Order what) {
        hear(registry);
        book.order(registry, what);
        hear(registry);
    }

    /** Looks at one repository before its turn. */
    void look(String registry, String repository) {
        due.add(registry, repository);
    }

    /**
     * Nobody begins anything at the registry from now on, in any process and however often they are started, until it is resumed.
     *
     * @param drains whether what is under way is finished
     */
    void pause(String registry, String by, boolean drains) {
        book.pause(registry, by, drains);
        hear(registry);
    }

    /** All of it is looked at now. */
    void resume(String registry) {
        book.resume(registry);
        hear(registry);
    }

    /** What was ordered before this process was there, the others have done; its own first sweep looks at everything anyway. */
    private boolean isNew(String registry, Order what) {
        long now = book.ordered(registry, what);
        Long before = heard.put(what + " " + registry, now);
        return before != null && now > before;
    }

    /** Notices what other watchers were told. */
    void glance() {
        schedule.registries().forEach(this::hear);
    }

    private synchronized void hear(String registry) {
        if (isNew(registry, Order.REMOVALS)) {
            schedule.letRemovalsThrough(registry);
        }
        if (isNew(registry, Order.SWEEP)) {
            schedule.sweepNow(registry);
        }
        for (Entry entry : schedule.entries()) {
            if (entry.sweeper().registry().equals(registry)
                    && entry.sweeper().hear(book.paused(registry).orElse(null))) {
                schedule.sweepNow(registry);
            }
        }
    }
}
