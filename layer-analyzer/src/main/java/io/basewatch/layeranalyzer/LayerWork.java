package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetstore.LayerFactsStore;
import io.basewatch.fleetstore.LayerFactsStore.Claim;
import io.basewatch.fleetstore.LayerFactsStore.Part;
import io.basewatch.layeranalyzer.AnalyzerMetrics.LayerOutcome;
import io.basewatch.layeranalyzer.ImageAnalyzer.Turn;
import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.FactsName;
import io.basewatch.layerfacts.FactsPart;
import io.basewatch.layerfacts.Isal;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.ociregistry.Descriptor;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.tracing.Step;
import io.basewatch.tracing.What;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the facts of layers: from the store where they are there, else by reading the layer once, by one of all analyzers. Thread-safe; as many
 * layers are read at once as there are {@link Places}.
 *
 * <p>A layer is known when its stored bytes, by the digest in a manifest, were read once, or where a manifest names both it and a table of contents by which it
 * was read: {@link FactsName}. That an image's config names a known diffID is not enough: nobody would have seen that the blob beside it really is that
 * tar.
 *
 * <p>Facts are kept by kind. A layer that is known, but was not read for a kind in its version of now, is read again for that kind alone; and not at all when
 * what is known tells that it has nothing for it.
 *
 * <p>Who waits holds nothing: neither a claim while it waits for a place, so that whoever gets one first reads the layer, nor a place while
 * somebody else has the claim.
 */
final class LayerWork implements Layers, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LayerWork.class);

    /** This process, for people who look at claims. */
    static final String OWNER = ProcessHandle.current().pid() + "-" + UUID.randomUUID();

    /** How often a layer that another analyzer works on is looked at. */
    private static final Duration GLANCE = Duration.ofMillis(250);

    private final LayerFactsStore store;
    private final LayerPull pull;
    private final List<FactsKind> kinds;
    private final String owner;
    private final Duration lease;
    private final Duration patience;
    private final Places places;
    private final AnalyzerMetrics metrics;
    private final KnownFacts known = KnownFacts.ofThisProcess();
    private final ScheduledExecutorService renewals = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "layer-leases");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param kinds that each layer is read for
     * @param owner this process, for people
     * @param patience how long a layer that another analyzer works on is waited for
     * @param threads layers read at once, as {@link Places} takes it
     */
    LayerWork(
            LayerFactsStore store,
            LayerLimits limits,
            boolean lazily,
            Isal isal,
            List<FactsKind> kinds,
            String owner,
            Duration lease,
            Duration patience,
            int threads,
            AnalyzerMetrics metrics) {
        this.store = store;
        this.pull = new LayerPull(limits, lazily, isal, metrics::pulled, metrics::saved);
        this.kinds = List.copyOf(kinds);
        this.owner = owner;
        this.lease = lease;
        this.patience = patience;
        this.places = new Places(threads);
        this.metrics = metrics;
    }

    @Override
    public Optional<Result> known(Descriptor layer, @Nullable Digest diffId) {
        return kept(layer).filter(facts -> facts.lacks(kinds).isEmpty()).map(facts -> {
            metrics.layer(LayerOutcome.KNOWN);
            return fitting(facts, layer, diffId);
        });
    }

    /** Of this layer, perhaps not for all kinds. */
    private Optional<LayerFacts> kept(Descriptor layer) {
        return known.name(layer.digest(), () -> store.nameOf(layer.digest()).map(FactsName::whole))
                .flatMap(this::kept)
                .or(() -> pull.promised(layer).flatMap(this::kept));
    }

    private static Result fitting(LayerFacts facts, Descriptor layer, @Nullable Digest diffId) {
        Digest actual = facts.diffId();
        return facts.isLazy() || diffId == null || diffId.equals(actual)
                ? Result.of(facts)
                : new Result(
                        facts,
                        new Reason(
                                Reason.Code.DIFF_ID_MISMATCH,
                                "layer " + layer.digest() + " has the diffID " + actual + ", not " + diffId
                                        + " as the image's config says"),
                        false);
    }

    @Override
    public Optional<LayerFacts> stored(FactsName name) {
        return kept(name).filter(facts -> facts.lacks(kinds).isEmpty());
    }

    private Optional<LayerFacts> kept(FactsName name) {
        Optional<LayerFacts> held = known.facts(name);
        if (held.isPresent()) {
            return held;
        }
        Optional<LayerFacts> found = inStore(name);
        found.filter(facts -> facts.lacks(kinds).isEmpty()).ifPresent(facts -> known.hold(name, facts));
        return found;
    }

    private Optional<LayerFacts> inStore(FactsName name) {
        List<FactsPart> parts = store.find(name.digest()).stream()
                .map(part -> new FactsPart(part.kind(), part.version(), part.bytes()))
                .toList();
        try {
            return name.read(parts).map(facts -> withoutNeedless(name, facts));
        } catch (IllegalArgumentException e) {
            log.warn("stored facts not usable layer={} problem=\"{}\"", name.digest(), e.getMessage());
            return Optional.empty();
        }
    }

    /** Notes of the kinds that are missing, and for which the layer has nothing, that it is so: for good, if nobody is at the layer now. */
    private LayerFacts withoutNeedless(FactsName name, LayerFacts facts) {
        List<FactsKind> needless =
                facts.lacks(kinds).stream().filter(kind -> !facts.mayHave(kind)).toList();
        if (needless.isEmpty()) {
            return facts;
        }
        LayerFacts settled = facts.withNothingOf(needless);
        store.claim(name.digest(), owner, lease).ifPresent(claim -> {
            try {
                store.save(
                        claim,
                        name.digest(),
                        name.digest(),
                        FactsPart.ENTRIES_VERSION,
                        parts(settled.encode(needless)));
            } finally {
                store.release(claim);
            }
        });
        return settled;
    }

    private static List<Part> parts(List<FactsPart> encoded) {
        return encoded.stream()
                .map(part -> new Part(part.kind(), part.version(), part.bytes()))
                .toList();
    }

    @Override
    public Result facts(ImageSource source, Descriptor layer, @Nullable Digest diffId, Turn turn)
            throws InterruptedException {
        Optional<Result> known = known(layer, diffId);
        if (known.isPresent()) {
            return known.get();
        }
        turn.await();
        long refusedSince = 0;
        while (true) {
            // Now and then it is looked whether the layer became known while all places are taken.
            if (places.take(turn.urgency(), GLANCE)) {
                try {
                    Optional<Claim> claim = store.claim(layer.digest(), owner, lease);
                    if (claim.isPresent()) {
                        return claimed(claim.get(), source, layer, diffId, turn.step());
                    }
                } finally {
                    places.giveBack(turn.urgency());
                }
                long now = System.nanoTime();
                refusedSince = refusedSince == 0 ? now : refusedSince;
                if (now - refusedSince >= patience.toNanos()) {
                    return Result.failed(
                            new Reason(
                                    Reason.Code.TIMEOUT,
                                    "layer " + layer.digest() + " is being read by another analyzer for more than "
                                            + patience),
                            true);
                }
                TimeUnit.NANOSECONDS.sleep(Math.min(GLANCE.toNanos(), patience.toNanos()));
            }
            known = known(layer, diffId);
            if (known.isPresent()) {
                return known.get();
            }
        }
    }

    private Result claimed(Claim claim, ImageSource source, Descriptor layer, @Nullable Digest diffId, Step whole) {
        long third = lease.toNanos() / 3;
        Future<?> renewal = renewals.scheduleWithFixedDelay(() -> renew(claim), third, third, TimeUnit.NANOSECONDS);
        try (Step step = whole.below(What.LAYER_READ)) {
            step.with(Step.LAYER, layer.digest().toString());
            // Between the look and the claim somebody else may have ended the work.
            LayerFacts kept = kept(layer).orElse(null);
            if (kept == null) {
                return read(claim, source, layer, diffId);
            }
            if (kept.lacks(kinds).isEmpty()) {
                metrics.layer(LayerOutcome.KNOWN);
                return fitting(kept, layer, diffId);
            }
            return readMore(claim, kept, source, layer, diffId);
        } finally {
            renewal.cancel(false);
            store.release(claim);
        }
    }

    private void renew(Claim claim) {
        try {
            if (!store.renew(claim, lease)) {
                log.info("claim lost layer={}", claim.layer());
            }
        } catch (RuntimeException e) {
            // A lease that runs out costs a second reading at most; the next renewal may succeed.
            log.warn("claim not renewed layer={} problem=\"{}\"", claim.layer(), e.getMessage());
        }
    }

    private Result read(Claim claim, ImageSource source, Descriptor layer, @Nullable Digest diffId) {
        return told(keeping(claim, layer, kinds, timed(() -> pull.pull(source, layer, diffId, kinds))));
    }

    /** Only what is missing. */
    private Result readMore(
            Claim claim, LayerFacts kept, ImageSource source, Descriptor layer, @Nullable Digest diffId) {
        List<FactsKind> missing = kept.lacks(kinds);
        log.debug("layer read again layer={} for={}", layer.digest(), missing);
        Result again = timed(() -> kept.isLazy()
                ? pull.pull(source, layer, diffId, missing)
                : pull.pullWhole(source, layer, diffId, missing));
        LayerFacts read = again.facts();
        if (read == null || !read.isComplete()) {
            return told(again);
        }
        if (!Objects.equals(read.name(), kept.name())) {
            // It is no longer read by its table, or no longer as a whole: then all of it has another name.
            return read(claim, source, layer, diffId);
        }
        LayerFacts merged;
        try {
            merged = kept.with(read);
        } catch (IllegalArgumentException e) {
            log.warn("stored facts not usable layer={} problem=\"{}\"", layer.digest(), e.getMessage());
            return read(claim, source, layer, diffId);
        }
        return told(keeping(claim, layer, missing, new Result(merged, again.problem(), again.temporary())));
    }

    private Result timed(Supplier<Result> work) {
        long start = System.nanoTime();
        Result result = work.get();
        metrics.layerTook(Duration.ofNanos(System.nanoTime() - start));
        return result;
    }

    private Result told(Result result) {
        metrics.layer(result.problem() == null ? LayerOutcome.READ : LayerOutcome.FAILED);
        return result;
    }

    /**
     * @param read for which kinds just now
     */
    private Result keeping(Claim claim, Descriptor layer, List<FactsKind> read, Result result) {
        LayerFacts facts = result.facts();
        FactsName name = facts == null ? null : facts.name();
        if (facts == null || name == null) {
            return result;
        }
        List<FactsPart> encoded = read.equals(kinds) ? facts.encode() : facts.encode(read);
        long length = encoded.stream().mapToLong(part -> part.bytes().length).sum();
        if (length > LayerFactsStore.MAX_FACTS) {
            return Result.failed(tooLarge(layer, length), false);
        }
        Digest compressed = facts.isLazy() ? name.digest() : layer.digest();
        if (!store.save(claim, compressed, name.digest(), FactsPart.ENTRIES_VERSION, parts(encoded))) {
            log.info("facts not kept, another analyzer has the layer layer={}", layer.digest());
        } else if (facts.lacks(kinds).isEmpty()) {
            known.hold(name, facts);
            if (!facts.isLazy()) {
                // Of one read by its table, manifests that do not name the table must find nothing.
                known.name(layer.digest(), () -> Optional.of(name));
            }
        }
        return result;
    }

    private static Reason tooLarge(Descriptor layer, long length) {
        return new Reason(
                Reason.Code.LIMIT_EXCEEDED,
                "the facts of layer " + layer.digest() + " need " + length + " bytes, more than the "
                        + LayerFactsStore.MAX_FACTS + " that the store takes of one layer");
    }

    @Override
    public void close() {
        renewals.shutdownNow();
    }
}
