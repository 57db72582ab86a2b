package io.basewatch.layeranalyzer;

import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetstore.StaleImages;
import io.basewatch.fleetstore.StaleImages.StaleImage;
import io.basewatch.fleetstore.Turn;
import io.basewatch.fleetstore.Turns;
import io.basewatch.layeranalyzer.AnalyzerMetrics.Rederived;
import io.basewatch.layeranalyzer.AnalyzerMetrics.Stage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells images with an older result that cannot be derived again, and those whose event was lost, once more on the backfill topic, so that only what
 * is missing is pulled; of these never so many that live work would see them. Unlike {@link Renewal}, one of all processes of a version does it at a
 * time: all share the room in that topic. May be cut short at any point and begun again; see docs/adr/0004.
 */
final class Requeue {

    private static final Logger log = LoggerFactory.getLogger(Requeue.class);

    private static final int PAGE = 100;

    /** An image that was told of longer ago than this, that has no analysis, and for which no event waits: its event is lost. */
    private static final Duration LOST_AFTER = Duration.ofMinutes(10);

    /** Between two times that one image is told; the first is {@link #LOST_AFTER}, and each next one is twice the one before. */
    private static final Duration LONGEST_PATIENCE = Duration.ofDays(1);

    private final StaleImages stale;
    private final ImageAnalyzer analyzer;
    private final Retelling retelling;
    private final AnalyzerProgress progress;
    private final AnalyzerMetrics metrics;
    private final Duration interval;
    private final Clock clock;
    private final String version = Fingerprinter.version();

    /**
     * @param interval between two passes
     */
    Requeue(
            StaleImages stale,
            ImageAnalyzer analyzer,
            Retelling retelling,
            AnalyzerProgress progress,
            AnalyzerMetrics metrics,
            Duration interval,
            Clock clock) {
        this.stale = stale;
        this.analyzer = analyzer;
        this.retelling = retelling;
        this.progress = progress;
        this.metrics = metrics;
        this.interval = interval;
        this.clock = clock;
    }

    /** Whose {@link #pass} it is: one of all processes of this version. */
    Turns.Work turns(Turns turns, Duration lease) {
        return turns.of(version, lease);
    }

    /** Goes through all images. Gives how long nobody needs to. */
    Duration pass(Turn turn) throws InterruptedException {
        long requeued = 0;
        try {
            Digest after = null;
            while (true) {
                List<StaleImage> page = stale.page(version, after, PAGE);
                for (StaleImage image : page) {
                    ImagePushed push = image.push();
                    if (!isMine(turn)) {
                        return Duration.ZERO;
                    }
                    if (push != null && isDue(image, push) && !isDerivable(image)) {
                        if (!awaitRoom(turn)) {
                            return Duration.ZERO;
                        }
                        tell(image, push);
                        requeued++;
                    }
                    after = image.digest();
                }
                if (page.size() < PAGE) {
                    return interval;
                }
            }
        } finally {
            if (requeued > 0) {
                log.info("images told again that cannot be derived requeued={}", requeued);
            }
        }
    }

    private static boolean isMine(Turn turn) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return turn.isMine();
    }

    /** False when the turn was lost meanwhile. */
    private boolean awaitRoom(Turn turn) throws InterruptedException {
        while (!retelling.mayTell()) {
            TimeUnit.SECONDS.sleep(1);
            if (!isMine(turn)) {
                return false;
            }
        }
        return true;
    }

    private void tell(StaleImage image, ImagePushed push) {
        retelling.tell(push);
        // After Kafka's acknowledgement. A crash in between tells it twice, which the second time changes nothing.
        stale.asked(image, version);
        metrics.rederived(Stage.FINGERPRINT, Rederived.REQUEUED);
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
                        // Far later than now is as lost as long ago: the clock that said so was ahead.
                        && Duration.between(push.time(), now).abs().compareTo(LOST_AFTER) > 0);
    }

    /** Then somebody does or has tried it, and reading it again would not help. */
    private boolean isDerivable(StaleImage image) {
        return image.analysis() != null
                && image.basis() != null
                && analyzer.isDerivable(image.analysis(), image.basis());
    }
}
