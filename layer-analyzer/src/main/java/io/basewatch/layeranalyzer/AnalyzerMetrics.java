package io.basewatch.layeranalyzer;

import io.basewatch.eventlog.Ages;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.EventTopics;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** All meters of the analyzer, and its progress, which counts the same. Meters with known labels are there from the start, at zero. */
final class AnalyzerMetrics {

    /** What became of a layer. */
    enum LayerOutcome {
        /** Pulled and read to its end, or as far as its table of contents says that it matters. */
        READ,
        /** Its facts were there. */
        KNOWN,
        /** Not read to its end, or not what was promised. */
        FAILED
    }

    /** What became of an image whose analysis was by an older version, or missing. */
    enum Rederived {
        /** Made again of stored facts. */
        DERIVED,
        /** Told again by an event, as something has to be read. */
        REQUEUED,
        /** Made again, but with a mistake of ours in it: the older one stays. */
        FAILED
    }

    /** What is kept of images in a version of its own, and brought up to the version of now. */
    enum Stage {
        FINGERPRINT,
        JUDGEMENT
    }

    private final MeterRegistry meters;
    private final AnalyzerProgress progress;
    private final Counter bytes;
    private final Counter saved;
    private final Timer layer;
    private final Timer image;
    private final Counter dead;
    private final Counter tooLate;
    private final Counter lookedAgain;
    private final Map<Urgency, Double> lag = new ConcurrentHashMap<>();

    AnalyzerMetrics(MeterRegistry meters, AnalyzerProgress progress) {
        this.meters = meters;
        this.progress = progress;
        this.bytes = Counter.builder("basewatch.analyzer.layer.bytes")
                .description("What was pulled of layers, as the registry keeps them")
                .baseUnit("bytes")
                .register(meters);
        this.saved = Counter.builder("basewatch.analyzer.layer.bytes.saved")
                .description("Bytes that were not pulled of layers which were read by their table of contents")
                .register(meters);
        this.layer = Timer.builder("basewatch.analyzer.layer")
                .description("How long pulling and reading one layer took, to its end or not")
                .register(meters);
        this.image = Timer.builder("basewatch.analyzer.image")
                .description("How long the analysis of one image took, waiting for other analyzers included")
                .register(meters);
        this.tooLate = Counter.builder("basewatch.analyzer.late")
                .description(
                        "Events of unknown tags that were older than what is remembered of tags that are gone, ignored")
                .register(meters);
        this.dead = Counter.builder("basewatch.analyzer.dead")
                .description("Events moved to " + EventTopics.DEAD)
                .register(meters);
        this.lookedAgain = Counter.builder("basewatch.analyzer.second.looks")
                .description("Images told again that could not be read for a reason that may pass")
                .register(meters);
        Arrays.stream(AnalysisStatus.values()).forEach(this::images);
        Arrays.stream(Reason.Code.values()).forEach(this::failures);
        Arrays.stream(LayerOutcome.values()).forEach(this::layers);
        for (Stage stage : Stage.values()) {
            Arrays.stream(Rederived.values()).forEach(outcome -> rederivations(stage, outcome));
        }
        for (Urgency urgency : Urgency.values()) {
            results(urgency);
            Gauge.builder("basewatch.analyzer.lag.events", lag, known -> known.getOrDefault(urgency, Double.NaN))
                    .description("Events that wait for an analyzer of the group; NaN as long as nobody could be asked")
                    .baseUnit("events")
                    .tag("urgency", urgency.toString())
                    .register(meters);
        }
    }

    void stored(ImageAnalysis analysis) {
        images(analysis.status()).increment();
        progress.stored(analysis.status());
        if (analysis.status() == AnalysisStatus.PARTIAL || analysis.status() == AnalysisStatus.UNSCANNABLE) {
            analysis.reasons().stream()
                    .map(Reason::code)
                    .filter(code -> code != Reason.Code.READ_BY_TABLE)
                    .distinct()
                    .forEach(code -> failures(code).increment());
        }
    }

    void imageTook(Duration time) {
        image.record(time);
    }

    /** From when the watcher saw that a tag leads to an image until the image's result was stored; by the clocks of both. */
    void resultAfter(Urgency urgency, Duration time) {
        Ages.record(results(urgency), time);
    }

    private Timer results(Urgency urgency) {
        return Ages.timer(
                meters,
                "basewatch.analyzer.event.to.result",
                "From when the watcher saw that a tag leads to an image that was not analyzed until its result was stored",
                "urgency",
                urgency.toString());
    }

    void layer(LayerOutcome outcome) {
        layers(outcome).increment();
        progress.layer(outcome);
    }

    void layerTook(Duration time) {
        layer.record(time);
    }

    void pulled(long count) {
        bytes.increment((double) count);
        progress.pulled(count);
    }

    void saved(long count) {
        saved.increment((double) count);
    }

    void tooLate() {
        tooLate.increment();
    }

    void buried() {
        dead.increment();
        progress.buried();
    }

    /** What is asked whenever the meters are read. */
    void watch(ConsumerWatch consumers) {
        Gauge.builder("basewatch.analyzer.consumers.hung", consumers, ConsumerWatch::hung)
                .description("Consumers of this process that hang or have ended")
                .register(meters);
    }

    void lookedAgain() {
        lookedAgain.increment();
    }

    /**
     * @param events NaN when nobody could be asked
     */
    void lag(Urgency urgency, double events) {
        lag.put(urgency, events);
    }

    /**
     * @param began {@link System#nanoTime()} before Kafka was asked
     * @param waiting events of all topics together
     */
    void looked(long began, long waiting) {
        progress.looked(began, waiting);
    }

    /** What is asked whenever the meters are read. */
    void watch(Stage stage, StageProgress stale) {
        Gauge.builder("basewatch.analyzer.stale.images", stale, StageProgress::left)
                .description("Images whose result of this stage is by an older version; NaN before they were counted")
                .baseUnit("images")
                .tag("stage", label(stage))
                .register(meters);
        Gauge.builder("basewatch.analyzer.stale.forecast", stale, StageProgress::forecastSeconds)
                .description("When the last of them is done, at the rate of the last minutes; NaN while nobody can say")
                .baseUnit("seconds")
                .tag("stage", label(stage))
                .register(meters);
    }

    void rederived(Stage stage, Rederived outcome) {
        rederivations(stage, outcome).increment();
    }

    private Counter rederivations(Stage stage, Rederived outcome) {
        return Counter.builder("basewatch.analyzer.rederived")
                .description("Images whose result of this stage was by an older version, or missing")
                .tag("stage", label(stage))
                .tag("outcome", label(outcome))
                .register(meters);
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private Counter images(AnalysisStatus status) {
        return Counter.builder("basewatch.analyzer.images")
                .description("Analyses stored")
                .tag("status", status.toString())
                .register(meters);
    }

    private Counter failures(Reason.Code reason) {
        return Counter.builder("basewatch.analyzer.failures")
                .description("Analyses stored as partial or unscannable, once for each kind of reason")
                .tag("reason", reason.toString())
                .register(meters);
    }

    private Counter layers(LayerOutcome outcome) {
        return Counter.builder("basewatch.analyzer.layers")
                .description("Layers of analyzed images")
                .tag("outcome", label(outcome))
                .register(meters);
    }
}
