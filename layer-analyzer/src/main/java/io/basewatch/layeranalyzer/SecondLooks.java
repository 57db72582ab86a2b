package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetstore.StaleImages;
import io.basewatch.fleetstore.StaleImages.UnreadImage;
import io.basewatch.fleetstore.Turn;
import io.basewatch.fleetstore.Turns;
import io.basewatch.worker.GrowingPauses;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has images looked at again that could not be read for a reason that may pass: with pauses that grow, and soon after their registry was seen
 * to work again. One of all processes does it at a time. An image is told again by an event on the backfill topic, as if a tag had just come to
 * lead to it; what the store does not know yet is all that is pulled.
 */
final class SecondLooks {

    private static final Logger log = LoggerFactory.getLogger(SecondLooks.class);

    private static final int PAGE = 100;

    /** The longest time between two looks at what is due. */
    private static final Duration GLANCE = Duration.ofSeconds(15);

    /** How often it is looked whether another image may be told. */
    private static final Duration RETELLING_GLANCE = Duration.ofMillis(200);

    /** Of an image's pause when its registry works again: so that one that fails all the same is not asked for all the time. */
    private static final int SOONER = 16;

    private final StaleImages stale;
    private final Retelling retelling;
    private final AnalyzerMetrics metrics;
    private final Supplier<Set<String>> registries;
    private final GrowingPauses pauses;
    private final Turns.Work turns;
    private final Clock clock;
    private final Set<String> failing = ConcurrentHashMap.newKeySet();
    private final Set<String> working = ConcurrentHashMap.newKeySet();

    /**
     * @param turns of {@link StaleImages#UNREAD}
     * @param registries by host: those that are configured, whose images alone can be read
     */
    SecondLooks(
            StaleImages stale,
            Turns.Work turns,
            Retelling retelling,
            AnalyzerMetrics metrics,
            Supplier<Set<String>> registries,
            GrowingPauses pauses,
            Clock clock) {
        this.stale = stale;
        this.retelling = retelling;
        this.metrics = metrics;
        this.registries = registries;
        this.pauses = pauses;
        this.turns = turns;
        this.clock = clock;
        // With new settings, perhaps: what they put right is seen soon.
        working.addAll(registries.get());
    }

    /** Registries have other settings now. */
    void changed(Set<String> hosts) {
        working.addAll(hosts);
    }

    /**
     * Takes note of how a registry is doing, from an image of it that was just analysed.
     *
     * @param registry by host
     */
    void heard(String registry, ImageAnalysis analysis) {
        if (analysis.reasons().stream().anyMatch(reason -> isOfTheRegistry(reason.code()))) {
            failing.add(registry);
        } else if (!analysis.mayHeal() && failing.remove(registry)) {
            working.add(registry);
        }
    }

    private static boolean isOfTheRegistry(Reason.Code code) {
        return switch (code) {
            case REGISTRY_UNAVAILABLE, UNAUTHORIZED, TIMEOUT -> true;
            default -> false;
        };
    }

    /** How often to {@link #look}. */
    Duration glance() {
        Duration half = pauses.first().dividedBy(2);
        return half.compareTo(GLANCE) < 0 ? half : GLANCE;
    }

    void look() throws InterruptedException {
        bringForward();
        Optional<Turn> taken = turns.take();
        if (taken.isPresent()) {
            try (Turn turn = taken.get()) {
                turn.rest(glance());
                lookAt(turn);
            }
        }
    }

    /** Of a registry that works again, what waits is due after a part of its pause. */
    private void bringForward() {
        for (String registry : List.copyOf(working)) {
            working.remove(registry);
            try {
                long sooner = bringForward(registry);
                if (sooner > 0) {
                    log.info("failed images are looked at sooner registry={} images={}", registry, sooner);
                }
            } catch (RuntimeException e) {
                working.add(registry);
                throw e;
            }
        }
    }

    private long bringForward(String registry) {
        long sooner = 0;
        Digest after = null;
        List<UnreadImage> page;
        do {
            page = stale.unread(Set.of(registry), null, after, PAGE);
            for (UnreadImage image : page) {
                after = image.digest();
                Instant soon = image.lookedAt().plus(pauses.next(image.looks()).dividedBy(SOONER));
                if (image.lookAgainAt() != null && soon.isBefore(image.lookAgainAt())) {
                    stale.reschedule(image, soon);
                    sooner++;
                }
            }
        } while (page.size() == PAGE);
        return sooner;
    }

    private void lookAt(Turn turn) throws InterruptedException {
        long told = 0;
        try {
            Digest after = null;
            List<UnreadImage> page;
            do {
                page = stale.unread(registries.get(), clock.instant(), after, PAGE);
                for (UnreadImage image : page) {
                    after = image.digest();
                    Instant first = image.lookedAt().plus(pauses.next(0));
                    if (image.lookAgainAt() == null && first.isAfter(clock.instant())) {
                        stale.reschedule(image, first);
                        continue;
                    }
                    ImagePushed push = stale.push(image, registries.get()).orElse(null);
                    if (push == null) {
                        continue;
                    }
                    if (!awaitMayTell(turn)) {
                        return;
                    }
                    retelling.tell(push);
                    // After Kafka's acknowledgement. A crash in between tells it twice, which does no harm.
                    stale.lookAgain(image, clock.instant().plus(pauses.next(image.looks() + 1)));
                    metrics.lookedAgain();
                    told++;
                }
            } while (page.size() == PAGE && turn.isMine());
        } finally {
            if (told > 0) {
                log.info("failed images are looked at again images={}", told);
            }
        }
    }

    /** False when the turn was lost meanwhile. */
    private boolean awaitMayTell(Turn turn) throws InterruptedException {
        while (turn.isMine()) {
            if (retelling.mayTell()) {
                return true;
            }
            Thread.sleep(RETELLING_GLANCE.toMillis());
        }
        return false;
    }
}
