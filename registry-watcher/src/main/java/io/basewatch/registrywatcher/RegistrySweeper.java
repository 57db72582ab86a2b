package io.basewatch.registrywatcher;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.TagLedger;
import io.basewatch.fleetstore.TagLedger.SeenTag;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.ociregistry.ImageTargets;
import io.basewatch.ociregistry.ImageTargets.Skipped;
import io.basewatch.ociregistry.ImageTargets.Target;
import io.basewatch.ociregistry.Pages;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistryException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares one registry with what was told of it, and tells the difference. One sweep at a time.
 *
 * <p>What keeps anything from being lost: a tag counts as told only after Kafka has acknowledged all of its events, and the ledger knows of a
 * new tag <em>before</em> the first of them is sent. So a crash anywhere in between leads to events that are told again (same ids, same or
 * newer revision: harmless), never to one that is missing, and never to a tag in the reports that nobody would miss when it goes.
 *
 * <p>What keeps anything from being removed wrongly: a tag is gone only when its repository was listed to the end without it and the registry
 * then says that there is no such tag; a repository, only when the registry does not know its tags any more.
 */
final class RegistrySweeper {

    private static final Logger log = LoggerFactory.getLogger(RegistrySweeper.class);

    /** Tags that are told between two writes to the ledger: what a crash repeats at most, by repository. */
    private static final int BATCH = 100;

    /** So many requests in a row without an answer, and the registry is left alone until the next sweep. */
    private static final int UNANSWERED = 5;

    /** Stands in the ledger for a tag of which nothing is acknowledged yet; no content has this digest. */
    private static final Digest UNTOLD = Digest.ofSha256(new byte[32]);

    private final Registry registry;
    private final NamePatterns repositories;
    private final NamePatterns tags;
    private final int parallelRepositories;
    private final TagLedger ledger;
    private final BiConsumer<Urgency, ImageEvent> publisher;
    private final WatcherMetrics metrics;
    private final WatcherProgress progress;
    private final Clock clock;
    private volatile boolean firstSweepDone;
    private volatile boolean stopped;

    /**
     * @param publisher returns after Kafka's acknowledgement or throws {@link PublishingFailedException}
     */
    RegistrySweeper(
            Registry registry,
            NamePatterns repositories,
            NamePatterns tags,
            int parallelRepositories,
            TagLedger ledger,
            BiConsumer<Urgency, ImageEvent> publisher,
            WatcherMetrics metrics,
            WatcherProgress progress,
            Clock clock) {
        this.registry = registry;
        this.repositories = repositories;
        this.tags = tags;
        this.parallelRepositories = parallelRepositories;
        this.ledger = ledger;
        this.publisher = publisher;
        this.metrics = metrics;
        this.progress = progress;
        this.clock = clock;
        progress.watch(registry.host());
    }

    String registry() {
        return registry.host();
    }

    /** The sweep that runs ends after the batch it is at; there are no more after it. */
    void stop() {
        stopped = true;
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
        Sweep sweep = new Sweep();
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
            progress.sweepEnded(registry.host(), complete);
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
        private final AtomicInteger unanswered = new AtomicInteger();
        private final AtomicReference<@Nullable SweepEndedException> ended = new AtomicReference<>();

        boolean run() {
            ExecutorService workers = Executors.newFixedThreadPool(
                    parallelRepositories, work -> new Thread(work, "watch-" + registry.host()));
            try {
                if (repositories.isPlainNames()) {
                    repositories(workers, repositories.include());
                } else {
                    repositories(workers, vanished(catalog(workers)));
                }
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
                List<String> fresh = page.get().stream().filter(listed::add).toList();
                repositories(workers, fresh);
            }
            return listed;
        }

        /** Repositories that were told but not listed. Their tags say whether they are gone: some registries leave the empty or the private out of the list. */
        private List<String> vanished(Set<String> listed) {
            return stored(() -> ledger.repositories(registry.host())).stream()
                    .filter(name -> !listed.contains(name))
                    .toList();
        }

        private void repositories(ExecutorService workers, List<String> names) throws InterruptedException {
            List<Callable<Void>> work = new ArrayList<>();
            for (String name : names) {
                if (repositories.accepts(name)) {
                    work.add(() -> {
                        repository(name);
                        return null;
                    });
                }
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
            Repository repository = new Repository(registry.host(), name);
            Map<String, SeenTag> known = stored(() -> ledger.tags(repository));
            Urgency urgency = firstSweepDone || !known.isEmpty() ? Urgency.LIVE : Urgency.BACKFILL;
            Set<String> listed = new HashSet<>();
            try {
                Pages pages = registry.tags(name);
                for (Optional<List<String>> page = pages.next(); page.isPresent(); page = pages.next()) {
                    answered();
                    listed.addAll(page.get());
                    List<String> watched =
                            page.get().stream().filter(tags::accepts).toList();
                    found.addAndGet(watched.size());
                    watched.forEach(tag -> progress.tagFound(registry.host()));
                    batches(repository, watched, known, urgency);
                }
            } catch (RegistryException e) {
                boolean unknown = e.reason() == Reason.Code.MANIFEST_MISSING && listed.isEmpty();
                if (!unknown) {
                    failed(e, "tags not listed repository={}", repository);
                    return;
                }
            }
            List<String> missing =
                    known.keySet().stream().filter(tag -> !listed.contains(tag)).toList();
            for (int from = 0; from < missing.size(); from += BATCH) {
                removed(repository, missing.subList(from, Math.min(missing.size(), from + BATCH)), known);
            }
        }

        private void batches(Repository repository, List<String> listed, Map<String, SeenTag> known, Urgency urgency) {
            for (int from = 0; from < listed.size(); from += BATCH) {
                List<Change> changes = new ArrayList<>();
                for (String tag : listed.subList(from, Math.min(listed.size(), from + BATCH))) {
                    goOn();
                    try {
                        look(repository, tag, known.get(tag)).ifPresent(changes::add);
                    } catch (RegistryException e) {
                        failed(e, "tag not read repository={} tag={}", repository, tag);
                    }
                }
                if (!changes.isEmpty()) {
                    tell(repository, changes, urgency);
                }
            }
        }

        private Optional<Change> look(Repository repository, String tag, @Nullable SeenTag known)
                throws RegistryException {
            Optional<Digest> now = registry.digest(repository.name(), tag);
            answered();
            if (now.isEmpty()) {
                throw RegistryException.permanent(
                        Reason.Code.MANIFEST_MISSING,
                        "the registry lists the tag but has no manifest for it; remove the tag or push it again");
            }
            if (known != null && known.digest().equals(now.get())) {
                return Optional.empty();
            }
            try (ImageSource source = registry.repository(repository.name())) {
                ImageTargets targets = source.resolve(tag);
                answered();
                boolean same = known != null && known.digest().equals(targets.tagDigest());
                return same ? Optional.empty() : Optional.of(new Change(tag, known, targets));
            }
        }

        private void tell(Repository repository, List<Change> changes, Urgency urgency) {
            boolean someNew = changes.stream().anyMatch(change -> change.known == null);
            Map<String, Long> tombstones = someNew ? stored(() -> ledger.removedTags(repository)) : Map.of();
            Instant now = now();
            Map<String, SeenTag> untold = new TreeMap<>();
            for (Change change : changes) {
                long before = change.known != null
                        ? change.known.revision()
                        : tombstones.getOrDefault(change.tag, Long.MIN_VALUE);
                change.revision = revisionAfter(before, now);
                if (change.known == null) {
                    untold.put(change.tag, new SeenTag(UNTOLD, change.revision));
                }
            }
            if (!untold.isEmpty()) {
                remember(repository, untold, Map.of());
            }
            Map<String, SeenTag> told = new TreeMap<>();
            try {
                for (Change change : changes) {
                    for (ImageEvent event : change.events(repository, now)) {
                        publish(urgency, event);
                    }
                    for (Skipped skipped : change.targets.skipped()) {
                        metrics.left(skipped.reason().code());
                        log.debug(
                                "left out repository={} tag={} digest={} reason={}",
                                repository,
                                change.tag,
                                skipped.digest(),
                                skipped.reason().message());
                    }
                    told.put(change.tag, new SeenTag(change.targets.tagDigest(), change.revision));
                }
            } finally {
                if (!told.isEmpty()) {
                    remember(repository, told, Map.of());
                }
            }
        }

        /** Asks for each tag by name before it is called gone: a list that changes while it is read page by page may lack what is there. */
        private void removed(Repository repository, List<String> missing, Map<String, SeenTag> known) {
            Map<String, Long> gone = new TreeMap<>();
            Instant now = now();
            try {
                for (String tag : missing) {
                    goOn();
                    SeenTag last = known.get(tag);
                    if (last == null || isThere(repository, tag)) {
                        continue;
                    }
                    long revision = revisionAfter(last.revision(), now);
                    publish(Urgency.LIVE, new TagRemoved(repository, tag, last.digest(), revision, now));
                    gone.put(tag, revision);
                }
            } finally {
                if (!gone.isEmpty()) {
                    remember(repository, Map.of(), gone);
                }
            }
        }

        private boolean isThere(Repository repository, String tag) {
            try {
                boolean there = registry.digest(repository.name(), tag).isPresent();
                answered();
                return there;
            } catch (RegistryException e) {
                failed(e, "missing tag not asked for repository={} tag={}", repository, tag);
                return true;
            }
        }

        private void publish(Urgency urgency, ImageEvent event) {
            try {
                publisher.accept(urgency, event);
            } catch (PublishingFailedException e) {
                throw end(WatcherMetrics.KAFKA_UNAVAILABLE, e);
            }
            metrics.published(event);
            progress.published(registry.host());
            published.incrementAndGet();
        }

        private void remember(Repository repository, Map<String, SeenTag> told, Map<String, Long> removed) {
            stored(() -> {
                ledger.remember(repository, told, removed);
                return Boolean.TRUE;
            });
        }

        /** The store's exceptions are of many kinds, and all mean the same here: this sweep cannot go on. */
        private <T> T stored(java.util.function.Supplier<T> access) {
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

    /** Grows, also when the clock was set back. */
    private static long revisionAfter(long before, Instant now) {
        return before == Long.MIN_VALUE ? now.toEpochMilli() : Math.max(before + 1, now.toEpochMilli());
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /** A tag that is new or points elsewhere than it was told. */
    private static final class Change {

        final String tag;
        final @Nullable SeenTag known;
        final ImageTargets targets;
        long revision;

        Change(String tag, @Nullable SeenTag known, ImageTargets targets) {
            this.tag = tag;
            this.known = known;
            this.targets = targets;
        }

        List<ImageEvent> events(Repository repository, Instant now) {
            List<ImageEvent> events = new ArrayList<>();
            Digest to = targets.tagDigest();
            for (Target image : targets.images()) {
                events.add(new ImagePushed(repository, tag, to, image.digest(), image.platform(), revision, now));
            }
            if (known != null && !known.digest().equals(UNTOLD)) {
                events.add(new TagMoved(repository, tag, known.digest(), to, revision, now));
            }
            return events;
        }
    }
}
