package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.layeranalyzer.AnalyzerMetrics.LayerOutcome;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** How far the analyzer is since this process started, for whoever shows it to people. Thread-safe. */
public final class AnalyzerProgress {

    /**
     * @param complete images, like the next three
     * @param dead events that were given up
     * @param layersRead pulled and read
     * @param layersKnown not pulled, for their facts were there
     * @param layersFailed not read to their end
     * @param bytesPulled of layers
     */
    public record Snapshot(
            long complete,
            long partial,
            long unscannable,
            long skipped,
            long dead,
            long layersRead,
            long layersKnown,
            long layersFailed,
            long bytesPulled) {

        /** All images with a stored analysis. */
        public long images() {
            return complete + partial + unscannable + skipped;
        }
    }

    private final Map<AnalysisStatus, LongAdder> images = new ConcurrentHashMap<>();
    private final Map<LayerOutcome, LongAdder> layers = new ConcurrentHashMap<>();
    private final AtomicLong dead = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    private volatile @Nullable Look lastLook;

    /** One look at what waits for the analyzers. */
    private record Look(long began, long waiting) {}

    AnalyzerProgress() {}

    /**
     * Whether everything that was told to Kafka before a moment has been handled, as far as Kafka was asked since.
     *
     * @param moment {@link System#nanoTime()}
     */
    public boolean hasCaughtUp(long moment) {
        Look look = lastLook;
        return look != null && look.began - moment >= 0 && look.waiting == 0;
    }

    /** Events that waited for the analyzers when Kafka was last asked; empty when that is longer ago than this. */
    public OptionalLong waiting(Duration longestAgo) {
        Look look = lastLook;
        return look == null || System.nanoTime() - look.began > longestAgo.toNanos()
                ? OptionalLong.empty()
                : OptionalLong.of(look.waiting);
    }

    /** Changes with each answer of Kafka. */
    long lastLookBegan() {
        Look look = lastLook;
        return look == null ? 0 : look.began;
    }

    void looked(long began, long waiting) {
        lastLook = new Look(began, waiting);
    }

    public Snapshot snapshot() {
        return new Snapshot(
                sum(images, AnalysisStatus.COMPLETE),
                sum(images, AnalysisStatus.PARTIAL),
                sum(images, AnalysisStatus.UNSCANNABLE),
                sum(images, AnalysisStatus.SKIPPED),
                dead.get(),
                sum(layers, LayerOutcome.READ),
                sum(layers, LayerOutcome.KNOWN),
                sum(layers, LayerOutcome.FAILED),
                bytes.get());
    }

    private static <K> long sum(Map<K, LongAdder> counts, K key) {
        LongAdder count = counts.get(key);
        return count == null ? 0 : count.sum();
    }

    void stored(AnalysisStatus status) {
        images.computeIfAbsent(status, key -> new LongAdder()).increment();
    }

    void layer(LayerOutcome outcome) {
        layers.computeIfAbsent(outcome, key -> new LongAdder()).increment();
    }

    void buried() {
        dead.incrementAndGet();
    }

    void pulled(long count) {
        bytes.addAndGet(count);
    }
}
