package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetstore.WatchBook.Order;
import io.basewatch.fleetstore.WatchBook.Pause;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class WatchBookContract extends StoreUnderTest {

    private static final String REGISTRY = "a.example.com:5000";

    private FleetStore store;
    private WatchBook book;

    @BeforeEach
    void openStore() {
        store = open();
        book = store.watchBook();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void aRegistryIsPausedUntilSomebodyResumesIt() {
        assertThat(book.paused(REGISTRY)).isEmpty();
        assertThat(book.resume(REGISTRY)).isFalse();
        Instant at = clock.instant();
        book.pause(REGISTRY, "ann", true);
        assertThat(book.paused(REGISTRY)).contains(new Pause(at, "ann", true));
        assertThat(book.paused("b.example.com")).isEmpty();
        assertThat(store.watchBook().resume(REGISTRY)).isTrue();
        assertThat(book.paused(REGISTRY)).isEmpty();
    }

    @Test
    void whoPausedItFirstIsTheOneWhoDidAndDrainingEndsByAPause() {
        Instant at = clock.instant();
        book.pause(REGISTRY, "ann", true);
        clock.pass(Duration.ofMinutes(1));
        book.pause(REGISTRY, "bob", true);
        assertThat(book.paused(REGISTRY)).contains(new Pause(at, "ann", true));
        book.pause(REGISTRY, "bob", false);
        assertThat(book.paused(REGISTRY)).contains(new Pause(at, "ann", false));
        book.pause(REGISTRY, "bob", true);
        assertThat(book.paused(REGISTRY)).contains(new Pause(at, "ann", false));
    }

    @Test
    void whatIsOrderedIsCountedByKindAndRegistry() {
        assertThat(book.ordered(REGISTRY, Order.SWEEP)).isZero();
        book.order(REGISTRY, Order.SWEEP);
        book.order(REGISTRY, Order.SWEEP);
        book.order(REGISTRY, Order.REMOVALS);
        assertThat(book.ordered(REGISTRY, Order.SWEEP)).isEqualTo(2);
        assertThat(book.ordered(REGISTRY, Order.REMOVALS)).isEqualTo(1);
        assertThat(book.ordered("b.example.com", Order.SWEEP)).isZero();
    }

    @Test
    void asOfWhenARegistryIsKnownNeverGoesBackAndOutlivesPauses() {
        assertThat(book.knownAsOf(REGISTRY)).isNull();
        Instant now = clock.instant();
        book.knownAsOf(REGISTRY, now);
        book.knownAsOf(REGISTRY, now.minusSeconds(5));
        book.pause(REGISTRY, "ann", false);
        book.resume(REGISTRY);
        assertThat(book.knownAsOf(REGISTRY)).isEqualTo(now);
    }
}
