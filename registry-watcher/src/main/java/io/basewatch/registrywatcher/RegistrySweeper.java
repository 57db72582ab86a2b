package io.basewatch.registrywatcher;

import io.basewatch.eventlog.EventLogUnavailableException;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.TagLedger;
import io.basewatch.fleetstore.TagLedger.Entry;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.ociregistry.ImageTargets;
import io.basewatch.ociregistry.ImageTargets.Skipped;
import io.basewatch.ociregistry.Pages;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistryException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares one registry with what was told of it, and tells the difference. One sweep at a time.
 *
 * <p>What keeps anything from being lost: the {@link Teller}, by which the ledger knows of every change before its first event leaves and until
 * its last one is acknowledged. A crash anywhere leads to events that are told again (with a newer revision: harmless), never to a change of
 * which nobody knows.
 *
 * <p>What keeps anything from being removed wrongly: a tag is gone only when its repository was listed to the end without it and the registry
 * then says that there is no such tag; a repository, only when the registry does not know its tags any more. All this is told at the end of a
 * complete sweep, and of many at once only what the {@link RemovalBrake} lets through.
 */
final class RegistrySweeper {

    private static final Logger log = LoggerFactory.getLogger(RegistrySweeper.class);

    /** Tags that are told between two writes to the ledger: what a crash repeats at most, by repository. */
    private static final int BATCH = 100;

    /** So many requests in a row without an answer, and the registry is left alone until the next sweep. */
    private static final int UNANSWERED = 5;

    /** Names that were passed over and are remembered to have been told; of more than that, each is told each time. */
    private static final int REMEMBERED_NAMES = 10_000;

    private final Registry registry;
    private final NamePatterns repositories;
    private final NamePatterns tags;
    private final int parallelRepositories;
    private final RemovalBrake brake;
    private final TagLedger ledger;
    private final Teller teller;
    private final WatcherMetrics metrics;
    private final WatcherProgress progress;
    private final Clock clock;
    private final Set<String> passedOver = new ConcurrentSkipListSet<>();
    private volatile Instant letThroughTo = Instant.MIN;
    private volatile boolean firstSweepDone;
    private volatile int keptInARow;
    private volatile boolean stopped;

    /**
     * @param publisher returns after Kafka's acknowledgement or throws {@link EventLogUnavailableException}
     */
    RegistrySweeper(
            Registry registry,
            NamePatterns repositories,
            NamePatterns tags,
            int parallelRepositories,
            RemovalBrake brake,
            TagLedger ledger,
            BiConsumer<Urgency, ImageEvent> publisher,
            WatcherMetrics metrics,
            WatcherProgress progress,
            Clock clock) {
        this.registry = registry;
        this.repositories = repositories;
        this.tags = tags;
        this.parallelRepositories = parallelRepositories;
        this.brake = brake;
        this.ledger = ledger;
        this.teller = new Teller(ledger, publisher, clock);
        this.metrics = metrics;
        this.progress = progress;
        this.clock = clock;
        progress.watch(registry.host());
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
        stopped = true;
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
        log.info("sweep start registry={}", registry.host());
        progress.sweepStarts(registry.host());
        Sweep sweep = new Sweep(start.truncatedTo(ChronoUnit.MILLIS));
        boolean complete = false;
        try {
            complete = sweep.run();
        } catch (RuntimeException e) {
            sweep.failed(Reason.Code.INTERNAL_ERROR.toString());
            log.error("sweep broke registry={}", registry.host(), e);
        } finally {
            Instant end = clock.instant();
            metrics.sweepEnded(Duration.between(start, end));
            if (complete) {
                firstSweepDone = true;
                metrics.sweepCompleted(end, sweep.found.get());
            }
            keptInARow = sweep.kept ? keptInARow + 1 : 0;
            progress.sweepEnded(registry.host(), complete, sweep.kept);
            log.info(
                    "sweep done registry={} complete={} tags={} events={} failures={} seconds={}",
                    registry.host(),
                    complete,
                    sweep.found,
                    sweep.published,
                    sweep.failures,
                    Duration.between(start, end).toSeconds());
        }
        return complete;
    }

    /** Ends a sweep; what to tell is told already. */
    private static final class SweepEndedException extends RuntimeException {
        SweepEndedException(@Nullable Throwable cause) {
            super("sweep ended early", cause);
        }
    }

    private final class Sweep {

        final AtomicLong found = new AtomicLong();
        final AtomicLong published = new AtomicLong();
        final AtomicLong failures = new AtomicLong();
        volatile boolean kept;
        private final Instant start;
        private final AtomicInteger unanswered = new AtomicInteger();
        private final AtomicReference<@Nullable SweepEndedException> ended = new AtomicReference<>();
        private final AtomicLong known = new AtomicLong();
        private final AtomicLong notAgreed = new AtomicLong();
        private final Set<String> withMissing = new ConcurrentSkipListSet<>();

        Sweep(Instant start) {
            this.start = start;
        }

        boolean run() {
            ExecutorService workers = Executors.newFixedThreadPool(
                    parallelRepositories, work -> new Thread(work, "watch-" + registry.host()));
            try {
                if (repositories.isPlainNames()) {
                    each(workers, watched(repositories.include()), this::repository);
                } else {
                    each(workers, watched(vanished(catalog(workers))), this::repository);
                }
                removals(workers);
                return true;
            } catch (SweepEndedException e) {
                return false;
            } catch (RegistryException e) {
                unanswered.set(0);
                failed(e, "repositories not listed registry={}", registry.host());
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } finally {
                workers.shutdownNow();
            }
        }

        /** Sweeps the repositories as they are listed; gives all that were listed, watched or not. */
        private Set<String> catalog(ExecutorService workers) throws RegistryException, InterruptedException {
            Set<String> listed = new HashSet<>();
            Pages pages = registry.repositories();
            for (Optional<List<String>> page = pages.next(); page.isPresent(); page = pages.next()) {
                pages.passedOver().forEach(name -> passOver(WatcherMetrics.ILLEGAL_REPOSITORY, name));
                List<String> fresh = page.get().stream().filter(listed::add).toList();
                each(workers, watched(fresh), this::repository);
            }
            return listed;
        }

        /** Repositories that were told but not listed. Their tags say whether they are gone: some registries leave the empty or the private out of the list. */
        private List<String> vanished(Set<String> listed) {
            return stored(() -> ledger.repositories(registry.host())).stream()
                    .filter(name -> !listed.contains(name))
                    .toList();
        }

        private List<String> watched(List<String> names) {
            return names.stream().filter(repositories::accepts).toList();
        }

        private void each(ExecutorService workers, Collection<String> names, Consumer<String> task)
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
                    if (e.getCause() instanceof SweepEndedException end) {
                        throw end;
                    }
                    failed(Reason.Code.INTERNAL_ERROR.toString());
                    log.error("repository not swept registry={}", registry.host(), e.getCause());
                }
            }
        }

        private void repository(String name) {
            goOn();
            Pages pages;
            try {
                pages = registry.tags(name);
            } catch (IllegalArgumentException e) {
                passOver(WatcherMetrics.ILLEGAL_REPOSITORY, String.valueOf(e.getMessage()));
                return;
            }
            Repository repository = new Repository(registry.host(), name);
            Map<String, Entry> entries = stored(() -> ledger.entries(repository));
            long there =
                    entries.values().stream().filter(entry -> !entry.removed()).count();
            known.addAndGet(there);
            Urgency urgency = firstSweepDone || there > 0 ? Urgency.LIVE : Urgency.BACKFILL;
            Set<String> listed = new HashSet<>();
            try {
                for (Optional<List<String>> page = pages.next(); page.isPresent(); page = pages.next()) {
                    answered();
                    for (String tag : pages.passedOver()) {
                        passOver(WatcherMetrics.ILLEGAL_TAG, "a tag of " + name + ": " + tag);
                    }
                    listed.addAll(page.get());
                    List<String> watched =
                            page.get().stream().filter(tags::accepts).toList();
                    found.addAndGet(watched.size());
                    watched.forEach(tag -> progress.tagFound(registry.host()));
                    batches(repository, watched, entries, urgency);
                }
            } catch (RegistryException e) {
                boolean unknown = e.reason() == Reason.Code.MANIFEST_MISSING && listed.isEmpty();
                if (!unknown) {
                    failed(e, "tags not listed repository={}", repository);
                    return;
                }
            }
            notListed(repository, listed, entries, urgency);
        }

        private void batches(Repository repository, List<String> listed, Map<String, Entry> entries, Urgency urgency) {
            for (int from = 0; from < listed.size(); from += BATCH) {
                List<Change> changes = new ArrayList<>();
                for (String tag : listed.subList(from, Math.min(listed.size(), from + BATCH))) {
                    goOn();
                    try {
                        look(repository, tag, entries.get(tag), urgency).ifPresent(changes::add);
                    } catch (RegistryException e) {
                        failed(e, "tag not read repository={} tag={}", repository, tag);
                    } catch (SweepEndedException e) {
                        throw e;
                    } catch (RuntimeException e) {
                        failed(Reason.Code.INTERNAL_ERROR.toString());
                        log.error("tag not read repository={} tag={}", repository, tag, e);
                    }
                }
                tell(repository, changes);
            }
        }

        private Optional<Change> look(Repository repository, String tag, @Nullable Entry known, Urgency urgency)
                throws RegistryException {
            Optional<Digest> now = registry.digest(repository.name(), tag);
            answered();
            if (now.isEmpty()) {
                throw RegistryException.permanent(
                        Reason.Code.MANIFEST_MISSING,
                        "the registry lists the tag but has no manifest for it; remove the tag or push it again");
            }
            if (known != null && known.isToldToLeadTo(now.get())) {
                return Optional.empty();
            }
            try (ImageSource source = registry.repository(repository.name())) {
                ImageTargets targets = source.resolve(tag);
                answered();
                if (known != null && known.isToldToLeadTo(targets.tagDigest())) {
                    return Optional.empty();
                }
                // What is only put right is no news, and there may be much of it.
                boolean again = known != null
                        && known.pending() != null
                        && known.pending().differs();
                return Optional.of(new Change(tag, known, targets, again ? Urgency.BACKFILL : urgency));
            }
        }

        private void tell(Repository repository, List<Change> changes) {
            if (changes.isEmpty()) {
                return;
            }
            try {
                teller.tell(repository, changes, event -> {
                    metrics.published(event);
                    progress.published(registry.host(), event);
                    published.incrementAndGet();
                });
            } catch (EventLogUnavailableException e) {
                throw end(WatcherMetrics.KAFKA_UNAVAILABLE, e);
            } catch (RuntimeException e) {
                throw end(WatcherMetrics.STORE_UNAVAILABLE, e);
            }
            for (Change change : changes) {
                if (change.now() != null) {
                    change.now().skipped().forEach(skipped -> leftOut(repository, change.tag(), skipped));
                }
            }
        }

        private void leftOut(Repository repository, String tag, Skipped skipped) {
            metrics.left(skipped.reason().code());
            log.debug(
                    "left out repository={} tag={} digest={} reason={}",
                    repository,
                    tag,
                    skipped.digest(),
                    skipped.reason().message());
        }

        /** Asks for each tag by name before it is called missing: a list that changes while it is read page by page may lack what is there. */
        private void notListed(Repository repository, Set<String> listed, Map<String, Entry> entries, Urgency urgency) {
            List<String> missing = new ArrayList<>();
            List<String> back = new ArrayList<>();
            List<String> unlisted = new ArrayList<>();
            entries.forEach((tag, entry) -> {
                boolean there = listed.contains(tag);
                if (entry.removed()) {
                    return;
                }
                if (!there) {
                    goOn();
                    Presence presence = presence(repository, tag);
                    if (presence == Presence.MISSING) {
                        missing.add(tag);
                        notAgreed.addAndGet(isAgreed(entry) ? 0 : 1);
                    }
                    there = presence == Presence.THERE;
                    if (there && tags.accepts(tag)) {
                        unlisted.add(tag);
                    }
                }
                if (there && entry.missingSince() != null) {
                    back.add(tag);
                }
            });
            if (!back.isEmpty()) {
                stored(() -> ledger.found(repository, back));
            }
            if (!missing.isEmpty()) {
                stored(() -> ledger.missing(repository, missing, start));
                withMissing.add(repository.name());
            }
            batches(repository, unlisted, entries, urgency);
        }

        private Presence presence(Repository repository, String tag) {
            try {
                boolean there = registry.digest(repository.name(), tag).isPresent();
                answered();
                return there ? Presence.THERE : Presence.MISSING;
            } catch (RegistryException e) {
                failed(e, "missing tag not asked for repository={} tag={}", repository, tag);
            } catch (IllegalArgumentException e) {
                passOver(WatcherMetrics.ILLEGAL_TAG, "a tag of " + repository.name() + ": " + e.getMessage());
            }
            return Presence.NOT_SAID;
        }

        /** Whether it needs nobody's word any more that this tag is gone, if it is missing in this sweep too. */
        private boolean isAgreed(Entry entry) {
            if (entry.pending() != null && entry.pending().removal()) {
                return true;
            }
            Instant since = entry.missingSince();
            return since != null && (brake.isAgreement(since, start) || !since.isAfter(letThroughTo));
        }

        /** Tells at the end of the sweep what is gone. */
        private void removals(ExecutorService workers) throws InterruptedException {
            boolean hold = brake.holds(notAgreed.get(), known.get());
            long held = hold ? notAgreed.get() : 0;
            if (hold) {
                log.warn(
                        "removals held registry={} missing={} known={}: nothing of this is removed until a sweep at least {} s later finds the same, or POST /actuator/removals/{} says so",
                        registry.host(),
                        held,
                        known,
                        brake.agreement().toSeconds(),
                        registry.host());
            }
            metrics.removalsHeld(held);
            progress.removalsHeld(registry.host(), held);
            each(workers, withMissing, name -> remove(new Repository(registry.host(), name), hold));
        }

        private void remove(Repository repository, boolean agreedOnly) {
            List<Change> gone = new ArrayList<>();
            Map<String, Entry> entries = stored(() -> ledger.entries(repository));
            for (Map.Entry<String, Entry> each : entries.entrySet()) {
                Entry entry = each.getValue();
                if (entry.removed() || entry.missingSince() == null || (agreedOnly && !isAgreed(entry))) {
                    continue;
                }
                goOn();
                // Once more: it may have come back since it was found missing.
                if (presence(repository, each.getKey()) == Presence.MISSING) {
                    gone.add(Change.gone(each.getKey(), entry, Urgency.LIVE));
                }
                if (gone.size() == BATCH) {
                    tell(repository, gone);
                    gone.clear();
                }
            }
            tell(repository, gone);
        }

        /**
         * @param name fit to be printed
         */
        private void passOver(String reason, String name) {
            if (passedOver.contains(name)) {
                return;
            }
            if (passedOver.size() < REMEMBERED_NAMES) {
                passedOver.add(name);
            }
            metrics.passedOver(reason);
            log.warn(
                    "passed over, the others are watched registry={} reason={} what={}", registry.host(), reason, name);
        }

        private void stored(Runnable access) {
            stored(() -> {
                access.run();
                return Boolean.TRUE;
            });
        }

        /** The store's exceptions are of many kinds, and all mean the same here: this sweep cannot go on. */
        private <T> T stored(Supplier<T> access) {
            try {
                return access.get();
            } catch (RuntimeException e) {
                throw end(WatcherMetrics.STORE_UNAVAILABLE, e);
            }
        }

        private void goOn() {
            SweepEndedException end = ended.get();
            if (end != null) {
                throw end;
            }
            if (stopped || Thread.currentThread().isInterrupted()) {
                throw new SweepEndedException(null);
            }
        }

        private void answered() {
            unanswered.set(0);
        }

        private void failed(RegistryException e, String message, Object... values) {
            if (stopped) {
                return;
            }
            failed(e.reason().toString());
            List<Object> all = new ArrayList<>(List.of(values));
            all.add(e.reason());
            all.add(e.getMessage());
            log.warn(message + " reason={} problem=\"{}\"", all.toArray());
            boolean silent = e.reason() == Reason.Code.REGISTRY_UNAVAILABLE || e.reason() == Reason.Code.TIMEOUT;
            if (silent && e.isTemporary() && unanswered.incrementAndGet() >= UNANSWERED) {
                throw endWith(new SweepEndedException(e), "registry does not answer", String.valueOf(e.getMessage()));
            }
        }

        private void failed(String reason) {
            failures.incrementAndGet();
            metrics.failed(reason);
            progress.failed(registry.host());
        }

        private SweepEndedException end(String reason, RuntimeException cause) {
            SweepEndedException end = new SweepEndedException(cause);
            if (stopped) {
                return end;
            }
            kept = true;
            failed(reason);
            return endWith(end, reason, String.valueOf(cause.getMessage()));
        }

        private SweepEndedException endWith(SweepEndedException end, String why, String problem) {
            if (ended.compareAndSet(null, end)) {
                log.warn("sweep ended early registry={} reason={} problem=\"{}\"", registry.host(), why, problem);
            }
            return end;
        }
    }

    /** What the registry says of a tag by name. */
    private enum Presence {
        THERE,
        MISSING,
        /** It did not answer. */
        NOT_SAID
    }
}
