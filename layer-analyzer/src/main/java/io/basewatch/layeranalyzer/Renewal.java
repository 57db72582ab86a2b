package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetstore.DigestRange;
import io.basewatch.fleetstore.Turn;
import io.basewatch.fleetstore.Turns;
import io.basewatch.layeranalyzer.AnalyzerMetrics.Rederived;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what is kept of images up to the versions of now, from what is stored alone, together with all other analyzers: the digests are cut into
 * ranges, and each range of each stage is done by who has its turn. A range that is done rests for the interval, and is then looked through again: an
 * older analyzer may still be at work in a rolling deployment. May be cut short at any point: what is still stale is found by the next who has the
 * turn. Live work goes first. See docs/adr/0008.
 */
final class Renewal {

    private static final Logger log = LoggerFactory.getLogger(Renewal.class);

    private static final int PAGE = 100;

    private static final Duration GLANCE = Duration.ofSeconds(15);

    /** What is kept of images in a version of its own. */
    interface Stage {

        AnalyzerMetrics.Stage name();

        /** Of now. Whoever has the same does the same. */
        String version();

        /** Up to so many images of this range that are of an older version, in order, after {@code after} if that is not null. */
        List<Digest> stale(DigestRange range, @Nullable Digest after, int limit);

        /** How many there are in all ranges. */
        long countStale();

        /** Makes it again and stores it; empty when it is not stale any more, or not all that is needed is stored. */
        Optional<Rederived> renew(Digest image) throws InterruptedException;
    }

    private final Turns turns;
    private final Map<Stage, StageProgress> stages = new LinkedHashMap<>();
    private final LiveFirst liveFirst;
    private final AnalyzerMetrics metrics;
    private final Duration lease;
    private final Duration interval;
    private volatile boolean wentThrough;

    /**
     * @param stages in the order in which one builds on the other
     * @param lease as of {@link Turns#of}
     * @param interval for which a range rests
     */
    Renewal(
            Turns turns,
            List<Stage> stages,
            LiveFirst liveFirst,
            AnalyzerMetrics metrics,
            Duration lease,
            Duration interval) {
        this.turns = turns;
        this.liveFirst = liveFirst;
        this.metrics = metrics;
        this.lease = lease;
        this.interval = interval;
        for (Stage stage : stages) {
            StageProgress progress = new StageProgress();
            this.stages.put(stage, progress);
            metrics.watch(stage.name(), progress);
        }
    }

    /** How often to look whether there is something to do. */
    Duration glance() {
        return interval.compareTo(GLANCE) < 0 ? interval : GLANCE;
    }

    /** Whether this process has found nothing more to begin at least once. */
    boolean wentThrough() {
        return wentThrough;
    }

    /** Does the ranges that nobody does now and that do not rest. */
    void round() throws InterruptedException {
        for (Map.Entry<Stage, StageProgress> each : stages.entrySet()) {
            new Round(each.getKey(), each.getValue()).run();
        }
        wentThrough = true;
    }

    /** Through the ranges of one stage. */
    private final class Round {

        private final Stage stage;
        private final StageProgress progress;
        private final Map<String, DigestRange> works = new LinkedHashMap<>();
        private long countedAt;
        private long derived;
        private long failed;

        Round(Stage stage, StageProgress progress) {
            this.stage = stage;
            this.progress = progress;
            for (DigestRange range : DigestRange.parts()) {
                works.put(stage.name() + "|" + stage.version() + "|" + range.name(), range);
            }
        }

        void run() throws InterruptedException {
            List<String> free = new ArrayList<>(turns.free(works.keySet()));
            // Who comes at the same moment begins elsewhere.
            Collections.shuffle(free);
            boolean some = false;
            try {
                for (String work : free) {
                    some |= turn(work);
                }
            } finally {
                if (derived + failed > 0) {
                    log.info(
                            "older results brought up to date stage={} derived={} failed={}",
                            stage.name(),
                            derived,
                            failed);
                }
            }
            // What others do is seen here too, until nothing is left.
            if (some || progress.left() != 0) {
                count();
            }
        }

        private boolean turn(String work) throws InterruptedException {
            Optional<Turn> taken = turns.of(work, lease).take();
            if (taken.isEmpty()) {
                return false;
            }
            try (Turn turn = taken.get()) {
                if (isDone(Objects.requireNonNull(works.get(work)), turn)) {
                    turn.rest(interval);
                }
            }
            return true;
        }

        /** False when the turn was lost, and with it the right to go on. */
        private boolean isDone(DigestRange range, Turn turn) throws InterruptedException {
            Digest after = null;
            while (true) {
                List<Digest> page = stage.stale(range, after, PAGE);
                for (Digest image : page) {
                    liveFirst.awaitTurn();
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                    if (!turn.isMine()) {
                        return false;
                    }
                    renew(image).ifPresent(this::note);
                    after = image;
                    if (System.nanoTime() - countedAt > GLANCE.toNanos()) {
                        count();
                    }
                }
                if (page.size() < PAGE) {
                    return true;
                }
            }
        }

        /** One image on which this program breaks keeps no other from its turn. */
        private Optional<Rederived> renew(Digest image) throws InterruptedException {
            try {
                return stage.renew(image);
            } catch (RuntimeException e) {
                if (FailedEvents.isOutage(e)) {
                    throw e;
                }
                log.error("bringing an older result up to date broke stage={} digest={}", stage.name(), image, e);
                return Optional.of(Rederived.FAILED);
            }
        }

        private void note(Rederived outcome) {
            metrics.rederived(stage.name(), outcome);
            derived += outcome == Rederived.DERIVED ? 1 : 0;
            failed += outcome == Rederived.FAILED ? 1 : 0;
        }

        private void count() {
            progress.counted(stage.countStale(), System.nanoTime());
            countedAt = System.nanoTime();
        }
    }
}
