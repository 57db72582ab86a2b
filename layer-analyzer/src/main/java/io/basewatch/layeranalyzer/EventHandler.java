package io.basewatch.layeranalyzer;

import io.basewatch.eventlog.EventLogUnavailableException;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEventCodec;
import io.basewatch.fleetstore.ImageArchive;
import io.basewatch.fleetstore.JudgementArchive;
import io.basewatch.tracing.Step;
import io.basewatch.tracing.What;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles one event to its end: when it returns, all of it is in the store, so that the record may be acknowledged. Any event may come again,
 * and late. Nothing is handed to other threads.
 */
final class EventHandler {

    private static final Logger log = LoggerFactory.getLogger(EventHandler.class);

    private final ImageArchive archive;
    private final JudgementArchive judgements;
    private final ImageAnalyzer analyzer;
    private final LiveFirst liveFirst;
    private final Announcer announcer;
    private final AnalyzerMetrics metrics;
    private final SecondLooks secondLooks;
    private final ConsumerWatch consumers;

    EventHandler(
            ImageArchive archive,
            JudgementArchive judgements,
            ImageAnalyzer analyzer,
            LiveFirst liveFirst,
            Announcer announcer,
            AnalyzerMetrics metrics,
            SecondLooks secondLooks,
            ConsumerWatch consumers) {
        this.archive = archive;
        this.judgements = judgements;
        this.analyzer = analyzer;
        this.liveFirst = liveFirst;
        this.announcer = announcer;
        this.metrics = metrics;
        this.secondLooks = secondLooks;
        this.consumers = consumers;
    }

    /**
     * @throws UndecodableEventException when the record is no event; another try changes nothing
     * @throws AnalysisFailedException when the image could not be read wholly, and the event is to be tried again or kept
     * @throws io.basewatch.fleetstore.StoreUnavailableException in an outage of the store: the record must come again, however often
     * @throws EventLogUnavailableException likewise of Kafka
     * @throws RuntimeException when this program broke on the event; never an error, which would stop the consumer
     */
    void handle(Urgency urgency, byte[] record) {
        consumers.begins(urgency);
        if (urgency == Urgency.LIVE) {
            liveFirst.liveStarts();
        }
        try {
            if (urgency == Urgency.BACKFILL) {
                liveFirst.awaitTurn();
            }
            handle(decode(record), urgency == Urgency.BACKFILL ? backfill() : () -> {});
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted, the event comes again", e);
        } catch (Error e) {
            throw new IllegalStateException("handling the event broke", e);
        } finally {
            if (urgency == Urgency.LIVE) {
                liveFirst.liveEnds();
            }
            consumers.ends();
        }
    }

    private ImageAnalyzer.Turn backfill() {
        return new ImageAnalyzer.Turn() {
            @Override
            public void await() throws InterruptedException {
                liveFirst.awaitTurn();
            }

            @Override
            public Urgency urgency() {
                return Urgency.BACKFILL;
            }
        };
    }

    private static ImageEvent decode(byte[] record) {
        try {
            return ImageEventCodec.decode(record);
        } catch (IllegalArgumentException e) {
            throw new UndecodableEventException(String.valueOf(e.getMessage()), e);
        }
    }

    private void handle(ImageEvent event, ImageAnalyzer.Turn turn) throws InterruptedException {
        Step.inHand()
                .with(Step.REGISTRY, event.repository().registry())
                .with(Step.REPOSITORY, event.repository().name())
                .with(Step.TAG, event.tag());
        if (!archive.apply(event)) {
            metrics.tooLate();
            log.warn(
                    "event is older than what is remembered of tags that are gone, ignored repository={} tag={} time={}",
                    event.repository(),
                    event.tag(),
                    event.time());
            return;
        }
        if (!(event instanceof ImagePushed pushed)) {
            return;
        }
        Step.inHand().with(Step.DIGEST, pushed.digest().toString());
        if (archive.isAnalyzed(pushed.digest(), Fingerprinter.version())) {
            announceAgain(pushed);
            return;
        }
        long start = System.nanoTime();
        ImageAnalyzer.Outcome outcome = read(pushed, turn);
        metrics.imageTook(Duration.ofNanos(System.nanoTime() - start));
        ImageAnalysis analysis = outcome.analysis();
        secondLooks.heard(pushed.repository().registry(), analysis);
        boolean broken = !analysis.settled() && !analysis.mayHeal();
        if (outcome.again() || broken) {
            throw new AnalysisFailedException(outcome);
        }
        store(outcome);
        metrics.resultAfter(turn.urgency(), Duration.between(event.time(), Instant.now()));
    }

    private ImageAnalyzer.Outcome read(ImagePushed pushed, ImageAnalyzer.Turn turn) throws InterruptedException {
        try (Step step = Step.begin(What.IMAGE_READ)) {
            ImageAnalyzer.Outcome outcome = analyzer.analyze(pushed, turn.within(step));
            step.with(Step.STATUS, outcome.analysis().status().toString());
            return outcome;
        }
    }

    /** Stores that this program broke on the image of an event, unless something better is known; nothing when the event is about no image. */
    void storeBroken(byte[] record, Throwable thrown) {
        if (decode(record) instanceof ImagePushed pushed) {
            store(analyzer.unscannable(pushed, Breakdown.reason("the analysis of " + pushed.digest(), thrown)));
        }
    }

    /** If this very event led to the analysis, a crash may have come before the announcement. */
    private void announceAgain(ImagePushed event) {
        Optional<ImageAnalysis> there = archive.find(event.digest());
        Instant analyzedAt = there.map(ImageAnalysis::analyzedAt).orElse(Instant.MIN);
        if (there.isPresent() && !analyzedAt.isBefore(event.time())) {
            announcer.analyzed(there.get(), judgements.find(event.digest()).orElse(null));
        }
    }

    /** The analysis first: one whose judgement is missing is judged again, see {@link Rejudgement}. */
    void store(ImageAnalyzer.Outcome outcome) {
        ImageAnalysis analysis = outcome.analysis();
        try (Step step = Step.begin(What.RESULT_STORE)) {
            step.with(Step.DIGEST, analysis.digest().toString());
            archive.save(analysis, outcome.basis());
            judgements.save(outcome.judgement());
        }
        metrics.stored(analysis);
        announcer.analyzed(analysis, outcome.judgement());
        log.info(
                "image analyzed digest={} status={} distro={} libc={} layers={} reasons={}",
                analysis.digest(),
                analysis.status(),
                analysis.fingerprint().distro() == null
                        ? "unknown"
                        : analysis.fingerprint().distro().id(),
                analysis.fingerprint().systemLibc().family(),
                analysis.layers().size(),
                analysis.reasons().stream()
                        .map(reason -> reason.code())
                        .distinct()
                        .toList());
    }
}
