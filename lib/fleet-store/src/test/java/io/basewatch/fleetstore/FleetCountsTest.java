package io.basewatch.fleetstore;

import static io.basewatch.fleetstore.Fleet.SHOP;
import static io.basewatch.fleetstore.Fleet.digest;
import static io.basewatch.fleetstore.Fleet.pushed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.embeddedstore.EmbeddedStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetCountsTest {

    private static final Clock NOON = Clock.fixed(Instant.parse("2026-11-01T12:00:00Z"), ZoneOffset.UTC);

    private static final Duration LONG = StoreUnderTest.PATIENCE;

    @TempDir
    Path folder;

    private EmbeddedStore engine;
    private FleetStore store;

    @BeforeEach
    void start() {
        engine = EmbeddedStore.start(folder.resolve("store"));
        store = FleetStore.connect(engine.connectionString());
    }

    @AfterEach
    void stop() {
        store.close();
        engine.close();
    }

    private void push(int image) {
        store.imageArchive().apply(pushed(SHOP, "t" + image, digest(image), 1));
    }

    private FleetCounts counts(LongSupplier nanos) {
        return new FleetCounts(store.queries(), NOON, nanos, LONG, LONG);
    }

    private interface Pause {
        void await() throws InterruptedException;
    }

    /** Gives the time after a pause. */
    private static Clock clock(InstantSource time, Pause before) {
        InstantSource paused = () -> {
            try {
                before.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return time.instant();
        };
        return paused.withZone(ZoneOffset.UTC);
    }

    @Test
    void aCountStandsForASecondAndSaysWhenItWasMade() {
        AtomicLong time = new AtomicLong();
        FleetCounts counts = counts(time::get);
        push(1);
        assertThat(counts.recent().summary().images()).isEqualTo(1);
        assertThat(counts.recent().asOf()).isEqualTo(NOON.instant());

        push(2);
        time.addAndGet(TimeUnit.MILLISECONDS.toNanos(999));
        assertThat(counts.recent().summary().images()).isEqualTo(1);
        time.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
        assertThat(counts.recent().summary().images()).isEqualTo(2);
    }

    @Test
    void aCountThatTookLongStandsTenTimesAsLong() {
        // When it is asked whether a count stands, at the count's begin and at its end.
        long[] seconds = {0, 0, 3, 32, 33, 33, 36};
        AtomicInteger asked = new AtomicInteger();
        FleetCounts counts = counts(() -> TimeUnit.SECONDS.toNanos(seconds[asked.getAndIncrement()]));
        // Nothing is asked of the clock while there is no count.
        asked.set(1);
        assertThat(counts.recent().summary().images()).isZero();
        push(1);
        assertThat(counts.recent().summary().images()).as("after 32 s").isZero();
        assertThat(counts.recent().summary().images()).as("after 33 s").isEqualTo(1);
    }

    @Test
    void whoAsksWhileOneIsMadeGetsThatOne() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Clock held = clock(NOON::instant, () -> {
            begun.countDown();
            goOn.await();
        });
        FleetCounts counts = new FleetCounts(store.queries(), held, () -> 0, LONG, LONG);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<FleetCount>> asked = new ArrayList<>();
            asked.add(threads.submit(counts::recent));
            begun.await();
            for (int i = 0; i < 7; i++) {
                asked.add(threads.submit(counts::recent));
            }
            goOn.countDown();
            FleetCount first = asked.get(0).get();
            for (Future<FleetCount> each : asked) {
                assertThat(each.get()).isSameAs(first);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whoAsksWhileALaterOneIsMadeGetsTheLastUnlessThatIsVeryOld() throws Exception {
        AtomicLong time = new AtomicLong();
        AtomicBoolean isHeld = new AtomicBoolean();
        CountDownLatch goOn = new CountDownLatch(1);
        Clock held = clock(() -> NOON.instant().plusNanos(time.get()), () -> {
            if (isHeld.get()) {
                goOn.await();
            }
        });
        FleetCounts counts = new FleetCounts(store.queries(), held, time::get, Duration.ofMillis(1), LONG);
        FleetCount first = counts.recent();
        push(1);
        isHeld.set(true);
        time.set(TimeUnit.SECONDS.toNanos(119));
        assertThat(counts.recent()).as("while the next is begun").isSameAs(first);
        assertThat(counts.recent()).as("while the next is made").isSameAs(first);

        time.set(TimeUnit.SECONDS.toNanos(120));
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<FleetCount> waiting = threads.submit(counts::recent);
            goOn.countDown();
            assertThat(waiting.get().summary().images()).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whoWaitsTooLongIsToldToComeBack() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        Clock held = clock(NOON::instant, goOn::await);
        FleetCounts counts =
                new FleetCounts(store.queries(), held, () -> 0, Duration.ofSeconds(1), Duration.ofSeconds(1));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<FleetCount>> asked = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                asked.add(threads.submit(counts::recent));
            }
            for (Future<FleetCount> each : asked) {
                assertThatThrownBy(each::get)
                        .hasCauseInstanceOf(StoreUnavailableException.class)
                        .hasMessageContaining("the fleet is not counted after 1 s");
            }
        } finally {
            goOn.countDown();
            threads.shutdownNow();
        }
        Awaitility.await()
                .atMost(LONG)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(counts.recent().asOf()).isEqualTo(NOON.instant()));
    }

    @Test
    void whoWouldWaitAsOneOfTooManyIsToldToComeBack() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        Clock held = clock(NOON::instant, goOn::await);
        FleetCounts counts = new FleetCounts(store.queries(), held, () -> 0, LONG, LONG);
        ExecutorService threads = Executors.newFixedThreadPool(40);
        try {
            List<Future<FleetCount>> asked = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                asked.add(threads.submit(counts::recent));
            }
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> asked.stream().filter(Future::isDone).count() == 8);
            List<Future<FleetCount>> waiting =
                    asked.stream().filter(each -> !each.isDone()).toList();
            for (Future<FleetCount> each : asked) {
                if (each.isDone()) {
                    assertThatThrownBy(each::get)
                            .hasCauseInstanceOf(StoreUnavailableException.class)
                            .hasMessageContaining("the fleet is being counted, and 32 wait for that already");
                }
            }
            assertThat(waiting).hasSize(32);
            goOn.countDown();
            for (Future<FleetCount> each : waiting) {
                assertThat(each.get().asOf()).isEqualTo(NOON.instant());
            }
        } finally {
            goOn.countDown();
            threads.shutdownNow();
        }
    }

    @Test
    void aStoreThatDoesNotAnswerIsAskedAgainByTheNext() {
        FleetCounts counts = counts(System::nanoTime);
        engine.close();
        assertThatThrownBy(counts::recent).isInstanceOf(RuntimeException.class);
        engine = EmbeddedStore.start(folder.resolve("store"), port());
        Awaitility.await()
                .atMost(LONG)
                .ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(counts.recent().summary().images()).isZero());
    }

    private int port() {
        String address = engine.connectionString();
        return Integer.parseInt(address.replaceAll(".*:(\\d+)/.*", "$1"));
    }
}
