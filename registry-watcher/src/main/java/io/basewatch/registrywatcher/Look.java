package io.basewatch.registrywatcher;

import io.basewatch.eventlog.EventLogUnavailableException;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.TagLedger;
import io.basewatch.fleetstore.TagLedger.Entry;
import io.basewatch.fleetstore.TagLedger.SeenTag;
import io.basewatch.fleetstore.TagReferrers;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.ociregistry.ImageTargets;
import io.basewatch.ociregistry.ImageTargets.Skipped;
import io.basewatch.ociregistry.Pages;
import io.basewatch.ociregistry.Referrers;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistryException;
import io.basewatch.ociregistry.WantedPlatforms;
import io.basewatch.registrywatcher.LookTimes.Seen;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One occasion of looking at a registry, by as many threads as there are: at a repository, or at one tag of it. Looks what the registry says,
 * compares it with the ledger, tells what is new or moved (look, tell, remember), and remembers what is missing. A sweep is such an occasion, and
 * so is a hint that something was pushed.
 *
 * <p>What keeps anything from being lost: the {@link Teller}, by which the ledger knows of every change before its first event leaves and until
 * its last one is acknowledged. A crash anywhere leads to events that are told again (with a newer revision: harmless), never to a change of
 * which nobody knows.
 *
 * <p>Failures are logged and counted. Each method throws a {@link LookEndedException} when store or Kafka are away, the registry does not answer
 * any more or the watcher stops; what was told until then is told.
 */
final class Look {

    private static final Logger log = LoggerFactory.getLogger(Look.class);

    /** Tags that are told between two writes to the ledger: what a crash repeats at most, by repository. */
    private static final int BATCH = 100;

    /** Of what a tag leads to, for so much it is asked what refers to it. */
    private static final int MAX_SUBJECTS = 16;

    /** So many requests in a row without an answer, and the registry is left alone until the next occasion. */
    private static final int UNANSWERED = 5;

    /** What the registry says of a tag by name. */
    private enum Presence {
        THERE,
        MISSING,
        /** It did not answer. */
        NOT_SAID
    }

    private final WatchedRegistry watched;
    private final Registry registry;
    private final TagLedger ledger;
    private final WatcherMetrics metrics;
    private final WatcherProgress progress;
    private final Instant start;
    private final @Nullable Instant said;
    private final Predicate<Entry> agreed;
    private final Runnable tagFound;
    private final AtomicLong published = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicInteger unanswered = new AtomicInteger();
    private final AtomicReference<@Nullable LookEndedException> ended = new AtomicReference<>();
    private final AtomicLong known = new AtomicLong();
    private final AtomicLong notAgreed = new AtomicLong();
    private final Map<String, Set<String>> tooOld = new ConcurrentHashMap<>();
    private final Set<String> withMissing = new ConcurrentSkipListSet<>();
    private volatile boolean kept;

    /**
     * @param start from which on what is missing is missing
     * @param said when somebody said that something changed there; null when nobody did
     * @param agreed whether it needs nobody's word any more that a tag is gone, if it is missing now too
     * @param tagFound is called for each watched tag that a repository lists
     */
    Look(WatchedRegistry watched, Instant start, @Nullable Instant said, Predicate<Entry> agreed, Runnable tagFound) {
        this.watched = watched;
        this.registry = watched.registry();
        this.ledger = watched.ledger();
        this.metrics = watched.metrics();
        this.progress = watched.progress();
        this.start = start.truncatedTo(ChronoUnit.MILLIS);
        this.said = said;
        this.agreed = agreed;
        this.tagFound = tagFound;
    }

    /** How one look at one repository went; by one thread. */
    private static final class Course {
        /** All that changed and was not seen before changed after this. */
        private final Instant since;

        private boolean failed;
        /** What the registry does not say this time, it may say another time. */
        private boolean unsaid;

        private long changes;

        Course(Instant since) {
            this.since = since;
        }

        void failed(RegistryException e) {
            failed = true;
            unsaid |= e.isTemporary();
        }
    }

    private Course course(String repository) {
        return new Course(said == null ? watched.times().asOf(repository) : said);
    }

    /** Events that were told. */
    long published() {
        return published.get();
    }

    long failures() {
        return failures.get();
    }

    /** Whether our own store or Kafka kept it from its end. */
    boolean wasKept() {
        return kept;
    }

    /** Tags that the ledger has of the repositories that were looked at. */
    long known() {
        return known.get();
    }

    /** Of these, the missing ones on which nobody agreed before. */
    long notAgreed() {
        return notAgreed.get();
    }

    /** The repositories with a tag that is missing: nothing of that is told before {@link #remove}. */
    Set<String> withMissing() {
        return Collections.unmodifiableSet(withMissing);
    }

    /**
     * Looks at one tag, tells when it is new or moved, and remembers when it is missing: a sweep tells that it is gone, if it still is then.
     * Nothing happens to a tag that is not watched.
     */
    void tag(String repositoryName, String tag) {
        goOn();
        boolean isWatched =
                watched.repositories().accepts(repositoryName) && watched.tags().accepts(tag);
        if (!isWatched || tags(repositoryName) == null) {
            return;
        }
        Repository repository = new Repository(registry.host(), repositoryName);
        Map<String, Entry> entry = stored(() -> ledger.entry(repository, tag))
                .map(known -> Map.of(tag, known))
                .orElse(Map.of());
        Course course = course(repositoryName);
        Presence presence = presence(repository, tag, course);
        if (presence == Presence.THERE) {
            batches(repository, List.of(tag), Map.of(), entry, Urgency.LIVE, course);
        }
        if (presence != Presence.NOT_SAID) {
            Set<String> listed = presence == Presence.THERE ? Set.of(tag) : Set.of();
            notListed(repository, listed, entry, Urgency.LIVE, course);
        }
    }

    /** Looks at all watched tags of a repository that is watched: tells what is new or moved, and remembers what is missing. */
    void repository(String name) {
        goOn();
        Pages pages = watched.repositories().accepts(name) ? tags(name) : null;
        if (pages == null) {
            return;
        }
        Course course = course(name);
        // Until it has come to its end.
        watched.times().due(name);
        Instant began = watched.now();
        Repository repository = new Repository(registry.host(), name);
        Map<String, Entry> entries = stored(() -> ledger.entries(repository));
        long there = entries.values().stream().filter(entry -> !entry.removed()).count();
        known.addAndGet(there);
        Urgency urgency = watched.isSwept() || there > 0 ? Urgency.LIVE : Urgency.BACKFILL;
        Set<String> listed = new HashSet<>();
        Map<String, Optional<Digest>> waiting = new LinkedHashMap<>();
        Map<String, Instant> dates = new HashMap<>();
        boolean all = watched.newest().isAll();
        long found = 0;
        try {
            for (Optional<List<String>> page = pages.next(); page.isPresent(); page = pages.next()) {
                answered();
                for (String tag : pages.passedOver()) {
                    watched.passOver(WatcherMetrics.ILLEGAL_TAG, "a tag of " + name + ": " + tag);
                }
                listed.addAll(page.get());
                List<String> tags =
                        page.get().stream().filter(watched.tags()::accepts).toList();
                if (all) {
                    tags.forEach(tag -> tagFound.run());
                    found += tags.size();
                    batches(repository, tags, pages.digests(), entries, urgency, course);
                } else {
                    Map<String, Digest> digests = pages.digests();
                    tags.forEach(tag -> waiting.put(tag, Optional.ofNullable(digests.get(tag))));
                    dates.putAll(pages.dates());
                }
            }
        } catch (RegistryException e) {
            boolean unknown = e.reason() == Reason.Code.MANIFEST_MISSING && listed.isEmpty();
            if (!unknown) {
                failed(e, "tags not listed repository={}", repository);
                return;
            }
        }
        if (!all) {
            // Which are the newest is known when all are.
            Set<String> old = watched.newest().leftOut(waiting.keySet(), dates);
            waiting.keySet().removeAll(old);
            listed.removeAll(old);
            tooOld.put(name, old);
            waiting.keySet().forEach(tag -> tagFound.run());
            found = waiting.size();
            Map<String, Digest> digests = new HashMap<>();
            waiting.forEach((tag, digest) -> digest.ifPresent(known -> digests.put(tag, known)));
            batches(repository, List.copyOf(waiting.keySet()), digests, entries, urgency, course);
        }
        notListed(repository, listed, entries, urgency, course);
        if (!course.unsaid) {
            boolean due = course.failed || withMissing.contains(name);
            Instant changed = course.changes > 0 ? began : lastChange(entries.values());
            watched.times().looked(name, new Seen(began, changed, found, Math.max(there, found), due));
            metrics.looked(true);
        }
    }

    /** Leaves a repository for a later sweep; of what is known of the registry it is a part nonetheless. */
    void leave(Seen last) {
        known.addAndGet(last.known());
        metrics.looked(false);
    }

    /** A revision is the moment at which a change was seen. */
    private static Instant lastChange(Collection<Entry> entries) {
        return Instant.ofEpochMilli(
                entries.stream().mapToLong(Entry::revision).max().orElse(0));
    }

    /** Null for a name that is none. */
    private @Nullable Pages tags(String repositoryName) {
        try {
            return watched.listing().tags(repositoryName);
        } catch (IllegalArgumentException e) {
            watched.passOver(WatcherMetrics.ILLEGAL_REPOSITORY, String.valueOf(e.getMessage()));
            return null;
        }
    }

    /**
     * @param digests that were listed with the tags
     */
    private void batches(
            Repository repository,
            List<String> listed,
            Map<String, Digest> digests,
            Map<String, Entry> entries,
            Urgency urgency,
            Course course) {
        for (int from = 0; from < listed.size(); from += BATCH) {
            List<Change> changes = new ArrayList<>();
            Map<String, SeenTag> noted = new HashMap<>();
            for (String tag : listed.subList(from, Math.min(listed.size(), from + BATCH))) {
                goOn();
                try {
                    Change change = look(repository, tag, digests.get(tag), entries.get(tag), urgency)
                            .orElse(null);
                    if (change != null && change.isOnlyNoted()) {
                        noted.put(tag, change.noted());
                    } else if (change != null) {
                        changes.add(change);
                    }
                } catch (RegistryException e) {
                    course.failed(e);
                    failed(e, "tag not read repository={} tag={}", repository, tag);
                } catch (LookEndedException e) {
                    throw e;
                } catch (RuntimeException e) {
                    course.failed = true;
                    failed(Reason.Code.INTERNAL_ERROR.toString());
                    log.error("tag not read repository={} tag={}", repository, tag, e);
                }
            }
            if (!noted.isEmpty()) {
                stored(() -> ledger.select(repository, noted));
            }
            course.changes += changes.size();
            tell(repository, changes, course.since);
        }
    }

    /**
     * As little as possible is asked: nothing of a tag that never moves and was told, nor of one that is listed with the digest that was told. What is told is what the registry says
     * of the tag by its name, never what was listed.
     */
    private Optional<Change> look(
            Repository repository, String tag, @Nullable Digest listed, @Nullable Entry known, Urgency urgency)
            throws RegistryException {
        WantedPlatforms platforms = watched.platforms();
        boolean asWanted = known != null && known.isToldFor(platforms.toString());
        if (known != null && asWanted && (isSettled(tag, known) || (listed != null && known.isToldToLeadTo(listed)))) {
            return Optional.empty();
        }
        Instant from = watched.now();
        if (listed == null) {
            Optional<Digest> now = registry.digest(repository.name(), tag);
            answered();
            if (now.isEmpty()) {
                throw RegistryException.permanent(
                        Reason.Code.MANIFEST_MISSING,
                        "the registry lists the tag but has no manifest for it; remove the tag or push it again");
            }
            if (known != null && asWanted && known.isToldToLeadTo(now.get())) {
                return Optional.empty();
            }
        }
        try (ImageSource source = registry.repository(repository.name())) {
            ImageTargets targets = source.resolve(tag).only(platforms);
            answered();
            boolean same = known != null && known.isToldToLeadTo(targets.tagDigest());
            if (same && asWanted) {
                return Optional.empty();
            }
            // What is only put right is no news, and there may be much of it.
            boolean again = same
                    || (known != null
                            && known.pending() != null
                            && known.pending().differs());
            Change.Looked looked = new Change.Looked(from, watched.now());
            Change change =
                    new Change(tag, known, targets, platforms, again ? Urgency.BACKFILL : urgency, null, looked);
            boolean asks = watched.asksForReferrers() && !change.isOnlyNoted();
            return Optional.of(asks ? change.with(referrers(repository, targets)) : change);
        }
    }

    /** What refers to what a tag leads to, the index before its images. What cannot be read is not complete. */
    private TagReferrers referrers(Repository repository, ImageTargets targets) {
        Set<Digest> subjects = new LinkedHashSet<>(Set.of(targets.tagDigest()));
        targets.images().forEach(image -> subjects.add(image.digest()));
        List<TagReferrers.Referrer> found = new ArrayList<>();
        boolean complete = subjects.size() <= MAX_SUBJECTS;
        Instant asOf = watched.now();
        for (Digest subject : subjects.stream().limit(MAX_SUBJECTS).toList()) {
            try {
                Referrers referrers = registry.referrers(repository.name(), subject);
                answered();
                complete &= !referrers.more();
                for (Referrers.Referrer each : referrers.found()) {
                    found.add(new TagReferrers.Referrer(subject, each.digest(), each.artifactType(), each.ends()));
                }
            } catch (RegistryException e) {
                complete = false;
                failed(e, "referrers not read repository={} digest={}", repository, subject);
            }
        }
        boolean all = complete && found.size() <= TagReferrers.MAX;
        return new TagReferrers(
                asOf, all, found.stream().limit(TagReferrers.MAX).toList());
    }

    private boolean isSettled(String tag, Entry known) {
        Digest told = known.digest();
        return told != null && known.isToldToLeadTo(told) && watched.isImmutable(tag);
    }

    /**
     * @param since after which all of it changed; null where that is not known
     */
    private void tell(Repository repository, List<Change> changes, @Nullable Instant since) {
        if (changes.isEmpty()) {
            return;
        }
        Map<String, Instant> acknowledged = new HashMap<>();
        try {
            watched.teller().tell(repository, changes, event -> {
                metrics.published(event);
                progress.published(registry.host(), event);
                published.incrementAndGet();
                acknowledged.put(event.tag(), watched.now());
            });
        } catch (EventLogUnavailableException e) {
            throw end(WatcherMetrics.KAFKA_UNAVAILABLE, e);
        } catch (RuntimeException e) {
            throw end(WatcherMetrics.STORE_UNAVAILABLE, e);
        }
        for (Change change : changes) {
            Instant at = acknowledged.get(change.tag());
            if (since != null && at != null && change.urgency() == Urgency.LIVE) {
                metrics.changeTold(Duration.between(since, at), said != null);
            }
            if (change.now() != null) {
                change.now().skipped().forEach(skipped -> leftOut(repository, change.tag(), skipped));
                metrics.unwatched(change.now().unwatched().size());
            }
        }
    }

    private void leftOut(Repository repository, String tag, Skipped skipped) {
        metrics.left(skipped);
        log.debug(
                "left out repository={} tag={} digest={} reason={}",
                repository,
                tag,
                skipped.digest(),
                skipped.reason().message());
    }

    /** Asks for each tag by name before it is called missing: a list that changes while it is read page by page may lack what is there. */
    private void notListed(
            Repository repository, Set<String> listed, Map<String, Entry> entries, Urgency urgency, Course course) {
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
                Presence presence = isTooOld(repository, tag) ? Presence.MISSING : presence(repository, tag, course);
                if (presence == Presence.MISSING) {
                    missing.add(tag);
                    notAgreed.addAndGet(agreed.test(entry) ? 0 : 1);
                }
                there = presence == Presence.THERE;
                if (there && watched.tags().accepts(tag)) {
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
        batches(repository, unlisted, Map.of(), entries, urgency, course);
    }

    /** It leaves the fleet as if it were gone. */
    private boolean isTooOld(Repository repository, String tag) {
        return tooOld.getOrDefault(repository.name(), Set.of()).contains(tag);
    }

    private Presence presence(Repository repository, String tag, Course course) {
        try {
            boolean there = registry.digest(repository.name(), tag).isPresent();
            answered();
            return there ? Presence.THERE : Presence.MISSING;
        } catch (RegistryException e) {
            course.failed(e);
            failed(e, "missing tag not asked for repository={} tag={}", repository, tag);
        } catch (IllegalArgumentException e) {
            watched.passOver(WatcherMetrics.ILLEGAL_TAG, "a tag of " + repository.name() + ": " + e.getMessage());
        }
        return Presence.NOT_SAID;
    }

    /**
     * Tells of what was remembered to be missing in a repository that it is gone, as long as the registry still says so.
     *
     * @param agreedOnly leaves alone what nobody has agreed to
     */
    void remove(String name, boolean agreedOnly) {
        Repository repository = new Repository(registry.host(), name);
        List<Change> gone = new ArrayList<>();
        Course course = course(name);
        Map<String, Entry> entries = stored(() -> ledger.entries(repository));
        for (Map.Entry<String, Entry> each : entries.entrySet()) {
            Entry entry = each.getValue();
            if (entry.removed() || entry.missingSince() == null || (agreedOnly && !agreed.test(entry))) {
                continue;
            }
            goOn();
            // Once more: it may have come back since it was found missing.
            if (isTooOld(repository, each.getKey())
                    || presence(repository, each.getKey(), course) == Presence.MISSING) {
                gone.add(Change.gone(each.getKey(), entry, Urgency.LIVE));
            }
            if (gone.size() == BATCH) {
                tell(repository, gone, null);
                gone.clear();
            }
        }
        tell(repository, gone, null);
    }

    void stored(Runnable access) {
        stored(() -> {
            access.run();
            return Boolean.TRUE;
        });
    }

    /** The store's exceptions are of many kinds, and all mean the same here: this sweep cannot go on. */
    <T extends @Nullable Object> T stored(Supplier<T> access) {
        try {
            return access.get();
        } catch (RuntimeException e) {
            throw end(WatcherMetrics.STORE_UNAVAILABLE, e);
        }
    }

    private void goOn() {
        LookEndedException end = ended.get();
        if (end != null) {
            throw end;
        }
        if (watched.isStopped() || watched.isPaused() || Thread.currentThread().isInterrupted()) {
            throw new LookEndedException(null);
        }
    }

    /** The registry is there. */
    void answered() {
        unanswered.set(0);
    }

    /**
     * Logs and counts what the registry did not answer as it should.
     *
     * @param message with a place for each of the values
     */
    void failed(RegistryException e, String message, Object... values) {
        if (watched.isStopped()) {
            return;
        }
        failed(e.reason().toString());
        progress.problem(registry.host(), watched.now(), String.valueOf(e.getMessage()));
        List<Object> all = new ArrayList<>(List.of(values));
        all.add(e.reason());
        all.add(e.getMessage());
        log.warn(message + " reason={} problem=\"{}\"", all.toArray());
        boolean silent = e.reason() == Reason.Code.REGISTRY_UNAVAILABLE || e.reason() == Reason.Code.TIMEOUT;
        if (silent && e.isTemporary() && unanswered.incrementAndGet() >= UNANSWERED) {
            throw endWith(new LookEndedException(e), "registry does not answer", String.valueOf(e.getMessage()));
        }
    }

    /** Counts a failure that was logged. */
    void failed(String reason) {
        failures.incrementAndGet();
        metrics.failed(reason);
        progress.failed(registry.host());
    }

    private LookEndedException end(String reason, RuntimeException cause) {
        LookEndedException end = new LookEndedException(cause);
        if (watched.isStopped()) {
            return end;
        }
        kept = true;
        failed(reason);
        return endWith(end, reason, String.valueOf(cause.getMessage()));
    }

    private LookEndedException endWith(LookEndedException end, String why, String problem) {
        if (ended.compareAndSet(null, end)) {
            log.warn("look ended early registry={} reason={} problem=\"{}\"", registry.host(), why, problem);
        }
        return end;
    }
}
