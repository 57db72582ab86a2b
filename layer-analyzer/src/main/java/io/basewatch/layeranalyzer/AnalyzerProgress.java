package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.layeranalyzer.AnalyzerMetrics.LayerOutcome;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

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

    AnalyzerProgress() {}

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
