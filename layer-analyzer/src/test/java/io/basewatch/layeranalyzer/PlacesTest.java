package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PlacesTest {

    private static final Duration NO_TIME = Duration.ZERO;
    private static final Duration LONG = Duration.ofMinutes(5);

    @Test
    void backfillNeverTakesTheLastPlaces() throws Exception {
        for (int shared : new int[] {1, 2, 4}) {
            Places places = new Places(shared);
            for (int n = 0; n < shared; n++) {
                assertThat(places.take(Urgency.BACKFILL, NO_TIME)).isTrue();
            }
            assertThat(places.take(Urgency.BACKFILL, NO_TIME)).isFalse();
            assertThat(places.take(Urgency.LIVE, NO_TIME)).isTrue();
        }
    }

    @Test
    void liveWorkMayTakeAllPlacesThatAreFreeAndNoMore() throws Exception {
        Places places = new Places(2);
        for (int n = 0; n < 3; n++) {
            assertThat(places.take(Urgency.LIVE, NO_TIME)).isTrue();
        }
        assertThat(places.take(Urgency.LIVE, NO_TIME)).isFalse();
        assertThat(places.take(Urgency.BACKFILL, NO_TIME)).isFalse();
        places.giveBack(Urgency.LIVE);
        assertThat(places.take(Urgency.BACKFILL, NO_TIME)).isTrue();
    }

    @Test
    void aPlaceThatBecomesFreeIsGivenToLiveWorkThatWaits() throws Exception {
        Places places = new Places(2);
        assertThat(places.take(Urgency.BACKFILL, NO_TIME)).isTrue();
        assertThat(places.take(Urgency.LIVE, NO_TIME)).isTrue();
        assertThat(places.take(Urgency.LIVE, NO_TIME)).isTrue();
        CompletableFuture<Boolean> live = waiting(places, Urgency.LIVE);
        CompletableFuture<Boolean> backfill = waiting(places, Urgency.BACKFILL);
        places.giveBack(Urgency.LIVE);
        assertThat(live.get()).isTrue();
        assertThat(backfill.isDone()).isFalse();
        places.giveBack(Urgency.LIVE);
        assertThat(backfill.get()).isTrue();
    }

    /** Returns when it waits. */
    private static CompletableFuture<Boolean> waiting(Places places, Urgency urgency) throws InterruptedException {
        CompletableFuture<Boolean> taken = new CompletableFuture<>();
        Thread thread = new Thread(() -> taken.complete(take(places, urgency)), "waits-for-a-place");
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            assertThat(thread.isAlive()).isTrue();
            Thread.sleep(1);
        }
        return taken;
    }

    private static boolean take(Places places, Urgency urgency) {
        try {
            return places.take(urgency, LONG);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
