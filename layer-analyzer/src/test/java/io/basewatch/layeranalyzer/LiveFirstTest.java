package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LiveFirstTest {

    private final LiveFirst liveFirst = new LiveFirst(Duration.ofMinutes(5));

    private Thread backfill() {
        Thread thread = new Thread(() -> {
            try {
                liveFirst.awaitTurn();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void assertWaits(Thread thread) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> thread.getState() == Thread.State.TIMED_WAITING || !thread.isAlive());
        assertThat(thread.isAlive()).isTrue();
    }

    private static void assertPasses(Thread thread) throws InterruptedException {
        thread.join(20_000);
        assertThat(thread.isAlive()).isFalse();
    }

    @Test
    void nothingPassesBeforeTheLiveConsumersHavePolled() throws Exception {
        Thread backfill = backfill();
        assertWaits(backfill);
        liveFirst.idle("live-0");
        assertWaits(backfill);
        liveFirst.idle("live-0");
        assertPasses(backfill);
    }

    @Test
    void oneBusyConsumerOfManyHoldsBackfillUp() throws Exception {
        for (String consumer : new String[] {"live-0", "live-0", "live-1", "live-1"}) {
            liveFirst.idle(consumer);
        }
        assertPasses(backfill());
        liveFirst.busy("live-1");
        Thread backfill = backfill();
        assertWaits(backfill);
        // It had its partitions before: one empty poll says enough.
        liveFirst.idle("live-1");
        assertPasses(backfill);
    }

    @Test
    void liveWorkInHandHoldsBackfillUp() throws Exception {
        liveFirst.idle("live-0");
        liveFirst.idle("live-0");
        liveFirst.liveStarts();
        Thread backfill = backfill();
        assertWaits(backfill);
        liveFirst.liveEnds();
        assertPasses(backfill);
    }

    @Test
    void whoeverWaitsIsToldWhenTheProcessEnds() throws Exception {
        CompletableFuture<Void> backfill = CompletableFuture.runAsync(() -> {
            try {
                liveFirst.awaitTurn();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        liveFirst.stop();
        assertThatThrownBy(backfill::get).hasCauseInstanceOf(LiveFirst.StoppedException.class);
        assertThatThrownBy(liveFirst::awaitTurn).isInstanceOf(LiveFirst.StoppedException.class);
    }

    @Test
    void backfillPassesWhenItsPatienceEnds() throws Exception {
        new LiveFirst(Duration.ofMillis(1)).awaitTurn();
    }
}
