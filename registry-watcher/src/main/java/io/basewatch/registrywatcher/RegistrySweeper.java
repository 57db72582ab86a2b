package io.basewatch.registrywatcher;

import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetstore.TagLedger;
import io.basewatch.fleetstore.TagLedger.Entry;
import io.basewatch.fleetstore.WatchBook;
import io.basewatch.fleetstore.WatchBook.Pause;
import io.basewatch.ociregistry.Listing;
import io.basewatch.ociregistry.Pages;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistryException;
import io.basewatch.registrywatcher.LookTimes.Seen;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a {@link Look} at every repository of one registry that is this watcher's. One sweep at a time.
 *
 * <p>What keeps anything from being removed wrongly: a tag is gone only when its repository was listed to the end without it and the registry
 * then says that there is no such tag; a repository, only when the registry does not know its tags any more. All this is told at the end of a
 * complete sweep, and of many at once only what the {@link RemovalBrake} lets through.
 */
final class RegistrySweeper {

    private static final Logger log = LoggerFactory.getLogger(RegistrySweeper.class);

    private final WatchedRegistry watched;
    private final Registry registry;
    private final Listing listing;
    private final WatchRules rules;
    private final RemovalBrake brake;
    private final TagLedger ledger;
    private final WatchBook book;
    private final Membership membership;
    private final WatcherMetrics metrics;
    private final WatcherProgress progress;
    private final Clock clock;
    private volatile Instant letThroughTo = Instant.MIN;
    private volatile int keptInARow;
    private volatile boolean asOfIsKnown;
    private volatile boolean everything;
    private volatile int membershipChanges;
    private volatile Instant walked = Instant.MIN;
    private volatile Duration lastTook = Duration.ZERO;
    private volatile @Nullable Pause paused;

    /**
     * @param publisher returns after Kafka's acknowledgement or throws {@link io.basewatch.eventlog.EventLogUnavailableException}
     */
    RegistrySweeper(
            Registry registry,
            WatchRules rules,
            TagLedger ledger,
            WatchBook book,
            Membership membership,
            BiConsumer<Urgency, ImageEvent> publisher,
            WatcherMetrics metrics,
            WatcherProgress progress,
            Clock clock) {
        this.watched = new WatchedRegistry(registry, rules, ledger, publisher, metrics, progress, clock);
        this.registry = registry;
        this.listing = watched.listing();
        this.rules = rules;
        this.brake = rules.brake();
        this.ledger = ledger;
        this.book = book;
        this.membership = membership;
        this.metrics = metrics;
        this.progress = progress;
        this.clock = clock;
    }

    String registry() {
        return registry.host();
    }

    /** How many sweeps in a row our own store or Kafka has kept from their end, the last one with them: such a one need not wait for its next turn. */
    int keptInARow() {
        return keptInARow;
    }

    /** The sweep that runs ends after the batch it is at; there are no more after it. */
    void stop() {
        watched.stop();
    }

    /**
     * Looks at one repository before its turn, at the same time as a sweep or between two; not while the registry is paused, as all of it is looked at when that ends. Failures are
     * logged and counted.
     *
     * @param said when somebody said that it changed
     */
    void look(String repository, Instant said) {
        watched.times().due(repository);
        try {
            Look look = watched.look(said);
            Optional<Pause> pause = look.stored(() -> book.paused(registry.host()));
            if (pause.isEmpty()
                    || (pause.get().drains() && said.isBefore(pause.get().since()))) {
                look.repository(repository);
            }
        } catch (LookEndedException e) {
            // Logged where it ended; the next sweep finds what this one did not.
        }
    }

    /** As of when all that is known of each repository is known. */
    Instant oldest() {
        return watched.times().oldest();
    }

    /** Counts sweeps that should have begun while another one ran, and did not. */
    void missedTurns(long sweeps) {
        metrics.missedTurns(sweeps);
    }

    WatchRules rules() {
        return rules;
    }

    Registry asked() {
        return registry;
    }

    /**
     * Hears whether somebody has paused the registry; a sweep that runs ends then after the batches it is at, unless it drains.
     *
     * @param pause null for none
     * @return whether that is over just now
     */
    boolean hear(@Nullable Pause pause) {
        boolean wasPaused = paused != null;
        paused = pause;
        watched.pause(pause != null && !pause.drains());
        metrics.paused(pause != null);
        progress.paused(registry.host(), pause != null);
        return wasPaused && pause == null;
    }

    /** Null while nobody has. */
    @Nullable
    Pause paused() {
        return paused;
    }

    /** The next sweep looks at each repository, due or not. */
    void lookAtEverything() {
        everything = true;
    }

    /** Whatever was found missing up to now is removed by the next complete sweep, however much it is, unless it is there again. */
    void letRemovalsThrough() {
        letThroughTo = clock.instant();
    }

    /**
     * Sweeps once. Failures are logged and counted, not thrown.
     *
     * @return whether everything was listed
     */
    boolean sweep() {
        Instant start = clock.instant();
        progress.sweepStarts(registry.host(), start);
        AtomicLong found = new AtomicLong();
        Instant missingFrom = start.truncatedTo(ChronoUnit.MILLIS);
        Look look = new Look(watched, missingFrom, null, entry -> isAgreed(entry, missingFrom), () -> {
            found.incrementAndGet();
            progress.tagsFound(registry.host(), 1);
        });
        boolean complete = false;
        boolean left = false;
        try {
            hear(look.stored(() -> book.paused(registry.host())).orElse(null));
            if (paused != null) {
                left = true;
                return false;
            }
            log.info("sweep start registry={}", registry.host());
            if (!asOfIsKnown) {
                watched.times().knownBefore(look.stored(() -> book.knownAsOf(registry.host())));
                asOfIsKnown = true;
            }
            boolean all = everything;
            everything = false;
            share();
            // Where it walked later than now, the clock was set back.
            boolean walks = all
                    || walked.isAfter(start)
                    || !walked.plus(rules.cadence().staleness().dividedBy(2)).isAfter(start);
            complete = lookAtAll(new Round(look, all, walks, found), start);
            walked = complete && walks ? start : walked;
            everything |= all && !complete;
            left = !complete && watched.isPaused();
        } catch (LookEndedException e) {
            // Logged where it ended.
        } catch (RuntimeException e) {
            look.failed(Reason.Code.INTERNAL_ERROR.toString());
            log.error("sweep broke registry={}", registry.host(), e);
        } finally {
            ended(look, start, complete, left, found.get());
        }
        return complete;
    }

    /**
     * @param left whether somebody paused the registry
     */
    private void ended(Look look, Instant start, boolean complete, boolean left, long found) {
        if (left) {
            progress.sweepLeft(registry.host());
            keptInARow = 0;
            return;
        }
        Instant end = clock.instant();
        metrics.sweepEnded(Duration.between(start, end));
        if (complete) {
            lastTook = Duration.between(start, end);
            watched.swept();
            metrics.sweepCompleted(end, found);
        }
        keptInARow = look.wasKept() ? keptInARow + 1 : 0;
        progress.sweepEnded(registry.host(), complete, look.wasKept(), end);
        log.info(
                "sweep done registry={} complete={} tags={} events={} failures={} seconds={}",
                registry.host(),
                complete,
                found,
                look.published(),
                look.failures(),
                Duration.between(start, end).toSeconds());
    }

    /** Notices who else watches. */
    private void share() {
        int changes = membership.changes();
        if (changes != membershipChanges) {
            membershipChanges = changes;
            walked = Instant.MIN;
            watched.times()
                    .mayBeAsOldAs(
                            clock.instant().minus(rules.cadence().staleness()).minus(Membership.SILENCE));
        }
        registry.shareAmong(membership.size());
    }

    private boolean isMine(String repository) {
        return membership.isMine(registry.host() + "/" + repository);
    }

    /** One sweep's look, and at what it looks. */
    private final class Round {
        private final Look look;
        private final boolean all;
        private final boolean walks;
        private final AtomicLong found;
        private @Nullable Set<String> unsettled;

        /**
         * @param all whether it looks at each repository, due or not
         * @param walks whether it goes through all that was ever told of the registry: that costs as much as there is, and finds only what other versions or other watchers left behind
         */
        Round(Look look, boolean all, boolean walks, AtomicLong found) {
            this.look = look;
            this.all = all;
            this.walks = walks;
            this.found = found;
        }

        void lookAt(String repository) {
            Seen last = all ? null : watched.times().last(repository);
            Instant now = clock.instant();
            if (last == null || rules.cadence().isDue(repository, last, now, lastTook) || isUnsettled(repository)) {
                look.repository(repository);
            } else {
                look.leave(last);
                found.addAndGet(last.tags());
                progress.tagsFound(registry.host(), last.tags());
            }
            progress.repositoryDone(registry.host());
        }

        /** Whether the ledger has something to tell of it, which this process need not have begun. */
        private boolean isUnsettled(String repository) {
            return unsettled().contains(repository);
        }

        private synchronized Set<String> unsettled() {
            Set<String> known = unsettled;
            if (known == null) {
                known = look.stored(
                        () -> walks ? ledger.unsettled(registry.host()) : ledger.markedUnsettled(registry.host()));
                unsettled = known;
            }
            return known;
        }

        /** Repositories of which something was told. */
        Collection<String> told() {
            if (walks) {
                return look.stored(() -> ledger.repositories(registry.host()));
            }
            Set<String> told = new TreeSet<>(watched.times().told());
            told.addAll(unsettled());
            return told;
        }
    }

    private boolean lookAtAll(Round round, Instant start) {
        Look look = round.look;
        ExecutorService workers = Executors.newFixedThreadPool(
                rules.parallelRepositories(), work -> new Thread(work, "watch-" + registry.host()));
        try {
            Set<String> all = listed(workers, round);
            List<String> vanished = round.told().stream()
                    .filter(name -> !all.contains(name) && isMine(name))
                    .toList();
            // Told but not listed. Their tags say whether they are gone: some registries leave the empty or the private
            // out of the list.
            each(workers, look, vanished, look::repository);
            removals(workers, look);
            all.addAll(vanished);
            watched.times().swept(all.stream().filter(this::isMine).toList(), start);
            look.stored(() -> book.knownAsOf(registry.host(), oldest()));
            return true;
        } catch (LookEndedException e) {
            return false;
        } catch (RegistryException e) {
            look.answered();
            look.failed(e, "repositories not listed registry={}", registry.host());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            workers.shutdownNow();
        }
    }

    /** Looks at the repositories as they are listed; gives all that were listed, watched or not. */
    private Set<String> listed(ExecutorService workers, Round round) throws RegistryException, InterruptedException {
        Set<String> listed = new HashSet<>();
        Pages pages = listing.repositories();
        for (Optional<List<String>> page = pages.next(); page.isPresent(); page = pages.next()) {
            pages.passedOver().forEach(name -> watched.passOver(WatcherMetrics.ILLEGAL_REPOSITORY, name));
            List<String> fresh = page.get().stream().filter(listed::add).toList();
            each(workers, round.look, fresh.stream().filter(this::isMine).toList(), round::lookAt);
        }
        return listed;
    }

    private void each(ExecutorService workers, Look look, Collection<String> names, Consumer<String> task)
            throws InterruptedException {
        List<Callable<Void>> work = new ArrayList<>();
        for (String name : names) {
            work.add(() -> {
                task.accept(name);
                return null;
            });
        }
        for (Future<Void> done : workers.invokeAll(work)) {
            try {
                done.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof LookEndedException end) {
                    throw end;
                }
                look.failed(Reason.Code.INTERNAL_ERROR.toString());
                log.error("repository not swept registry={}", registry.host(), e.getCause());
            }
        }
    }

    /** Whether it needs nobody's word any more that this tag is gone, if it is missing in this sweep too. */
    private boolean isAgreed(Entry entry, Instant start) {
        if (entry.pending() != null && entry.pending().removal()) {
            return true;
        }
        Instant since = entry.missingSince();
        // What was let through to later than now was so by a clock that has been set back.
        Instant letThrough = letThroughTo.isAfter(clock.instant()) ? Instant.MIN : letThroughTo;
        return since != null && (brake.isAgreement(since, start) || !since.isAfter(letThrough));
    }

    /** Tells at the end of the sweep what is gone. */
    private void removals(ExecutorService workers, Look look) throws InterruptedException {
        boolean hold = brake.holds(look.notAgreed(), look.known());
        long held = hold ? look.notAgreed() : 0;
        if (hold) {
            log.warn(
                    "removals held registry={} missing={} known={}: nothing of this is removed until a sweep at least {} s later finds the same, or POST /actuator/removals/{} says so",
                    registry.host(),
                    held,
                    look.known(),
                    brake.agreement().toSeconds(),
                    registry.host());
        }
        metrics.removalsHeld(held);
        progress.removalsHeld(registry.host(), held);
        each(workers, look, look.withMissing(), name -> look.remove(name, hold));
    }
}
