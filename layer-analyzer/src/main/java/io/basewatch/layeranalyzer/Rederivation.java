package io.basewatch.layeranalyzer;

import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetstore.StaleImages;
import io.basewatch.fleetstore.StaleImages.StaleImage;
import io.basewatch.fleetstore.Turn;
import io.basewatch.fleetstore.Turns;
import io.basewatch.layeranalyzer.AnalyzerMetrics.Rederived;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings results of older analyzers up to this one's version: at the start, and now and then, as an older one may still be at work in a
 * rolling deployment. One of all processes of a version does it at a time; see docs/adr/0004.
 *
 * <p>First every image that can be is derived again from stored facts, without any request to a registry. Then each image that cannot be is
 * told again on the backfill topic, so that only what is missing is pulled; of these never so many that live work would see them. All of it
 * may be cut short at any point and begun again.
 */
final class Rederivation {

    private static final Logger log = LoggerFactory.getLogger(Rederivation.class);

    private static final int PAGE = 100;

    /** An image that was told of longer ago than this, that has no analysis, and for which no event waits: its event is lost. */
    private static final Duration LOST_AFTER = Duration.ofMinutes(10);

    /** Between two times that one image is told; the first is {@link #LOST_AFTER}, and each next one is twice the one before. */
    private static final Duration LONGEST_PATIENCE = Duration.ofDays(1);

    private static final Duration GLANCE = Duration.ofSeconds(15);

    private final StaleImages stale;
    private final ImageAnalyzer analyzer;
    private final EventHandler events;
    private final Retelling retelling;
    private final LiveFirst liveFirst;
    private final AnalyzerProgress progress;
    private final AnalyzerMetrics metrics;
    private final Duration interval;
    private final Clock clock;
    private final String version = Fingerprinter.version();

    Rederivation(
            StaleImages stale,
            ImageAnalyzer analyzer,
            EventHandler events,
            Retelling retelling,
            LiveFirst liveFirst,
            AnalyzerProgress progress,
            AnalyzerMetrics metrics,
            Duration interval,
            Clock clock) {
        this.stale = stale;
        this.analyzer = analyzer;
        this.events = events;
        this.retelling = retelling;
        this.liveFirst = liveFirst;
        this.progress = progress;
        this.metrics = metrics;
        this.interval = interval;
        this.clock = clock;
    }

    /** How often to look whether it is time. */
    Duration glance() {
        return interval.compareTo(GLANCE) < 0 ? interval : GLANCE;
    }

    /** Whose {@link #pass} it is: one of all processes of this version. */
    Turns.Work turns(Turns turns, Duration lease) {
        return turns.of(version, lease);
    }

    /** Goes through all images. Gives how long nobody needs to. */
    Duration pass(Turn turn) throws InterruptedException {
        return new Pass(turn).run();
    }

    /** Once through all images. */
    private final class Pass {

        private final Turn turn;
        private long derived;
        private long requeued;
        private long failed;

        Pass(Turn turn) {
            this.turn = turn;
        }

        Duration run() throws InterruptedException {
            try {
                return eachImage(this::derive) && eachImage(this::requeue) ? interval : Duration.ZERO;
            } finally {
                if (derived + requeued + failed > 0) {
                    log.info(
                            "older results brought up to date derived={} requeued={} failed={}",
                            derived,
                            requeued,
                            failed);
                }
            }
        }

        /** False when the turn was lost, and with it the right to go on. */
        private boolean eachImage(Step step) throws InterruptedException {
            Digest after = null;
            while (true) {
                List<StaleImage> page = stale.page(version, after, PAGE);
                for (StaleImage image : page) {
                    if (!isMine() || !step.take(image)) {
                        return false;
                    }
                    after = image.digest();
                }
                if (page.size() < PAGE) {
                    return true;
                }
            }
        }

        private boolean isMine() throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return turn.isMine();
        }

        private boolean derive(StaleImage image) throws InterruptedException {
            if (image.analysis() == null || image.basis() == null) {
                return true;
            }
            liveFirst.awaitTurn();
            Optional<ImageAnalysis> again = again(image);
            if (again.isPresent() && isSound(again.get())) {
                events.store(again.get(), image.basis());
                metrics.rederived(Rederived.DERIVED);
                derived++;
            } else if (again.isPresent()) {
                metrics.rederived(Rederived.FAILED);
                failed++;
            }
            return true;
        }

        private boolean requeue(StaleImage image) throws InterruptedException {
            ImagePushed push = image.push();
            // What could be derived now, but could not before, has been tried: reading it again would not help.
            if (push == null || !isDue(image, push) || again(image).isPresent()) {
                return true;
            }
            while (!retelling.mayTell()) {
                TimeUnit.SECONDS.sleep(1);
                if (!isMine()) {
                    return false;
                }
            }
            retelling.tell(push);
            // After Kafka's acknowledgement. A crash in between tells it twice, which the second time changes nothing.
            stale.asked(image, version);
            metrics.rederived(Rederived.REQUEUED);
            requeued++;
            return true;
        }

        private boolean isDue(StaleImage image, ImagePushed push) {
            Instant now = clock.instant();
            if (image.askedAt() != null) {
                Duration patience = LOST_AFTER.multipliedBy(1L << Math.min(16, image.asks() - 1));
                Duration bounded = patience.compareTo(LONGEST_PATIENCE) < 0 ? patience : LONGEST_PATIENCE;
                if (image.askedAt().plus(bounded).isAfter(now)) {
                    return false;
                }
            }
            OptionalLong waiting = progress.waiting(Retelling.FRESH);
            return image.analysis() != null
                    || (waiting.isPresent()
                            && waiting.getAsLong() == 0
                            && push.time().plus(LOST_AFTER).isBefore(now));
        }

        /** Empty when something has to be read; with a mistake of ours in it when detectors broke. */
        private Optional<ImageAnalysis> again(StaleImage image) {
            if (image.analysis() == null || image.basis() == null) {
                return Optional.empty();
            }
            return analyzer.derive(image.analysis(), image.basis());
        }
    }

    /** The store would keep the older result anyway, as time may heal the newer one. */
    private static boolean isSound(ImageAnalysis analysis) {
        return analysis.reasons().stream().noneMatch(reason -> reason.code() == Reason.Code.INTERNAL_ERROR);
    }

    private interface Step {
        /** False to end the pass. */
        boolean take(StaleImage image) throws InterruptedException;
    }
}
