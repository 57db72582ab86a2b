package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetstore.LayerFactsStore;
import io.basewatch.fleetstore.LayerFactsStore.Claim;
import io.basewatch.layeranalyzer.AnalyzerMetrics.LayerOutcome;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.LayerReader;
import io.basewatch.layerfacts.LazyLayerReader;
import io.basewatch.ociregistry.Descriptor;
import io.basewatch.ociregistry.ImageSource;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the facts of layers: from the store where they are there, else by reading the layer once, by one of all analyzers. Thread-safe; as many
 * layers are read at once as there are {@link Places}.
 *
 * <p>Facts belong to a diffID, the digest of the tar they were read from. A layer is known when its stored bytes, by the digest in a manifest, were
 * read once. That an image's config names a known diffID is not enough: nobody would have seen that the blob beside it really is that tar.
 *
 * <p>Of a layer that is read by its table of contents nobody saw the tar, nor all of the stored bytes: its facts are kept by the digests of both layer and table,
 * and known only where a manifest names both ({@link LazyLayerReader#factsName}).
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
    private final String factsVersion;
    private final String owner;
    private final Duration lease;
    private final Duration patience;
    private final Places places;
    private final AnalyzerMetrics metrics;
    private final ScheduledExecutorService renewals = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "layer-leases");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param lazy null when each layer is to be read as a whole
     * @param owner this process, for people
     * @param patience how long a layer that another analyzer works on is waited for
     * @param threads layers read at once, as {@link Places} takes it
     */
    LayerWork(
            LayerFactsStore store,
            LayerReader reader,
            @Nullable LazyLayerReader lazy,
            String factsVersion,
            String owner,
            Duration lease,
            Duration patience,
            int threads,
            AnalyzerMetrics metrics) {
        this.store = store;
        this.pull = new LayerPull(reader, lazy, metrics::pulled, metrics::saved);
        this.factsVersion = factsVersion;
        this.owner = owner;
        this.lease = lease;
        this.patience = patience;
        this.places = new Places(threads);
        this.metrics = metrics;
    }

    @Override
    public Optional<Result> known(Descriptor layer, @Nullable Digest diffId) {
        return knownWhole(layer, diffId).or(() -> knownByTable(layer));
    }

    private Optional<Result> knownByTable(Descriptor layer) {
        return pull.table(layer)
                .flatMap(table -> stored(LazyLayerReader.factsName(layer.digest(), table))
                        .filter(found -> table.equals(found.table())))
                .map(found -> {
                    metrics.layer(LayerOutcome.KNOWN);
                    return Result.of(found);
                });
    }

    private Optional<Result> knownWhole(Descriptor layer, @Nullable Digest diffId) {
        return store.diffIdOf(layer.digest(), factsVersion)
                .flatMap(this::stored)
                .filter(found -> !found.isLazy())
                .map(found -> {
                    metrics.layer(LayerOutcome.KNOWN);
                    Digest actual = found.diffId();
                    return diffId == null || diffId.equals(actual)
                            ? Result.of(found)
                            : new Result(
                                    found,
                                    new Reason(
                                            Reason.Code.DIFF_ID_MISMATCH,
                                            "layer " + layer.digest() + " has the diffID " + actual + ", not " + diffId
                                                    + " as the image's config says"),
                                    false);
                });
    }

    @Override
    public Optional<LayerFacts> stored(Digest diffId) {
        return store.find(diffId, factsVersion).flatMap(bytes -> decode(diffId, bytes));
    }

    private static Optional<LayerFacts> decode(Digest diffId, byte[] bytes) {
        try {
            return Optional.of(LayerFacts.decode(bytes));
        } catch (IllegalArgumentException e) {
            log.warn("stored facts not usable diffId={} problem=\"{}\"", diffId, e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public Result facts(ImageSource source, Descriptor layer, @Nullable Digest diffId, Urgency urgency)
            throws InterruptedException {
        long refusedSince = 0;
        while (true) {
            Optional<Result> known = known(layer, diffId);
            if (known.isPresent()) {
                return known.get();
            }
            // Now and then it is looked whether the layer became known while all places are taken.
            if (places.take(urgency, GLANCE)) {
                try {
                    Optional<Claim> claim = store.claim(layer.digest(), factsVersion, owner, lease);
                    if (claim.isPresent()) {
                        return claimed(claim.get(), source, layer, diffId);
                    }
                } finally {
                    places.giveBack(urgency);
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
        }
    }

    private Result claimed(Claim claim, ImageSource source, Descriptor layer, @Nullable Digest diffId) {
        long third = lease.toNanos() / 3;
        Future<?> renewal = renewals.scheduleWithFixedDelay(() -> renew(claim), third, third, TimeUnit.NANOSECONDS);
        try {
            // Between the look and the claim somebody else may have ended the work.
            return known(layer, diffId).orElseGet(() -> read(claim, source, layer, diffId));
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
        long start = System.nanoTime();
        Result result = pull.pull(source, layer, diffId);
        metrics.layerTook(Duration.ofNanos(System.nanoTime() - start));
        LayerFacts facts = result.facts();
        if (facts != null && facts.isComplete()) {
            byte[] encoded = facts.encode();
            if (encoded.length > LayerFactsStore.MAX_FACTS) {
                result = Result.failed(tooLarge(layer, encoded.length), false);
            } else if (!keep(claim, layer.digest(), facts, encoded)) {
                log.info("facts not kept, another analyzer has the layer layer={}", layer.digest());
            }
        }
        metrics.layer(result.problem() == null ? LayerOutcome.READ : LayerOutcome.FAILED);
        return result;
    }

    private static Reason tooLarge(Descriptor layer, long length) {
        return new Reason(
                Reason.Code.LIMIT_EXCEEDED,
                "the facts of layer " + layer.digest() + " need " + length + " bytes, more than the "
                        + LayerFactsStore.MAX_FACTS + " that the store takes of one layer");
    }

    private boolean keep(Claim claim, Digest layer, LayerFacts facts, byte[] encoded) {
        Digest diffId = facts.diffId();
        Digest table = facts.table();
        if (table != null) {
            Digest name = LazyLayerReader.factsName(layer, table);
            return store.save(claim, name, name, encoded);
        }
        return diffId == null || store.save(claim, layer, diffId, encoded);
    }

    @Override
    public void close() {
        renewals.shutdownNow();
    }
}
