package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.basewatch.worker.Worker;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class TurnsContract extends StoreUnderTest {

    private static final Duration LEASE = Duration.ofMinutes(1);

    private FleetStore store;
    private Turns turns;

    @BeforeEach
    void openStore() {
        store = open();
        turns = new Turns(store.mongo(), clock, () -> clock.instant().toEpochMilli() * 1_000_000);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private Optional<Turn> take() {
        return turns.of("tidying", LEASE).take();
    }

    @Test
    void oneAtATimeHasTheTurnUntilItIsClosedOrTheLeaseIsOver() {
        Turn first = take().orElseThrow();
        assertThat(take()).isEmpty();
        assertThat(turns.of("other work", LEASE).take()).isPresent();
        first.close();
        assertThat(take()).isPresent();
        assertThat(take()).isEmpty();
        clock.pass(LEASE);
        assertThat(take()).as("who had it was killed").isPresent();
    }

    @Test
    void whoAsksNowAndThenKeepsItForAsLongAsItTakes() {
        Turn turn = take().orElseThrow();
        for (int n = 0; n < 20; n++) {
            clock.pass(LEASE.dividedBy(2));
            assertThat(turn.isMine()).isTrue();
            assertThat(take()).isEmpty();
        }
    }

    @Test
    void aTurnThatWasTakenOverIsLostForGoodAndDoesNotHarmTheNewOne() {
        Turn slow = take().orElseThrow();
        clock.pass(LEASE);
        Turn next = take().orElseThrow();
        assertThat(slow.isMine()).isFalse();
        slow.rest(Duration.ofDays(1));
        slow.close();
        assertThat(next.isMine()).isTrue();
        next.close();
        assertThat(take()).isPresent();
        assertThat(slow.isMine()).as("also when nobody has it").isFalse();
    }

    @Test
    void aTurnThatWasClosedIsNotRenewed() {
        Turn turn = take().orElseThrow();
        turn.close();
        clock.pass(LEASE);
        assertThat(turn.isMine()).isFalse();
        assertThat(take()).isPresent();
        turn.close();
        assertThat(take()).as("closed twice").isEmpty();
    }

    @Test
    void aLeaseThatIsOverIsStillHisForWhomNobodyTookIt() {
        Turn slow = take().orElseThrow();
        clock.pass(LEASE.multipliedBy(3));
        assertThat(slow.isMine()).isTrue();
        assertThat(take()).isEmpty();
    }

    @Test
    void afterItsEndTheWorkRestsForAsLongAsWasSaid() {
        Turn turn = take().orElseThrow();
        turn.rest(Duration.ofHours(6));
        turn.close();
        clock.pass(Duration.ofHours(6).minusSeconds(1));
        assertThat(take()).isEmpty();
        clock.pass(Duration.ofSeconds(1));
        assertThat(take()).isPresent();
    }

    @Test
    void workThatRestsUntilATimeSetByAClockThatWasAheadIsDoneAsSoonAsTheClockIsRight() {
        clock.pass(Duration.ofDays(4 * 365));
        Turn turn = take().orElseThrow();
        turn.rest(Duration.ofHours(6));
        turn.close();
        assertThat(turns.free(List.of("tidying"))).isEmpty();
        clock.pass(Duration.ofDays(-4 * 365));
        assertThat(turns.free(List.of("tidying"))).containsExactly("tidying");
        Turn next = take().orElseThrow();
        assertThat(take()).isEmpty();
        assertThat(turns.free(List.of("tidying"))).isEmpty();
        next.rest(Duration.ofDays(30));
        next.close();
        clock.pass(Duration.ofDays(29));
        assertThat(take()).as("a long rest by a clock that is right").isEmpty();
    }

    @Test
    void whoHasATurnByAClockThatIsAheadFindsOutThatAnotherOneTookIt() {
        clock.pass(Duration.ofDays(4 * 365));
        Turn ahead = take().orElseThrow();
        clock.pass(Duration.ofDays(-4 * 365));
        Turn next = take().orElseThrow();
        clock.pass(LEASE);
        assertThat(next.isMine()).isTrue();
        clock.pass(Duration.ofDays(4 * 365));
        assertThat(ahead.isMine()).isFalse();
        ahead.rest(Duration.ofDays(1));
        ahead.close();
        assertThat(next.isMine()).as("the late one did it no harm").isTrue();
    }

    @Test
    void whoKeepsATurnWhileItsClockIsSetRightKeepsIt() {
        clock.pass(Duration.ofDays(4 * 365));
        AtomicLong nanos = new AtomicLong();
        Turn turn = new Turns(store.mongo(), clock, nanos::get)
                .of("tidying", LEASE)
                .take()
                .orElseThrow();
        clock.pass(Duration.ofDays(-4 * 365));
        nanos.addAndGet(LEASE.dividedBy(2).toNanos());
        assertThat(turn.isMine()).isTrue();
        assertThat(take()).isEmpty();
        clock.pass(LEASE);
        assertThat(take()).as("no longer than by any clock").isPresent();
    }

    @Test
    void anEndThatAnOlderVersionSetIsBelievedForADayAtMost() {
        for (Duration ahead : List.of(Duration.ofHours(23), Duration.ofDays(400))) {
            store.mongo()
                    .getCollection(FleetDatabase.TURNS)
                    .insertOne(new Document("_id", "of old " + ahead)
                            .append("until", Date.from(clock.instant().plus(ahead)))
                            .append("token", 3L));
        }
        assertThat(turns.of("of old PT23H", LEASE).take()).isEmpty();
        assertThat(turns.free(List.of("of old PT23H", "of old PT9600H"))).containsExactly("of old PT9600H");
        assertThat(turns.of("of old PT9600H", LEASE).take()).isPresent();
    }

    /** Three processes that take, keep, end and lose turns, and are killed, in any order. */
    @Test
    void inWhateverOrderThingsHappenTwoNeverBelieveThatItIsTheirs() {
        Random random = new Random(7);
        for (int run = 0; run < 20; run++) {
            List<Turn> alive = new ArrayList<>();
            Turns.Work work = turns.of("run " + run, LEASE);
            int taken = 0;
            for (int step = 0; step < 60; step++) {
                switch (random.nextInt(6)) {
                    case 0, 1 -> {
                        Optional<Turn> turn = work.take();
                        turn.ifPresent(alive::add);
                        taken += turn.isPresent() ? 1 : 0;
                    }
                    case 2 -> {
                        if (!alive.isEmpty()) {
                            alive.get(random.nextInt(alive.size())).close();
                        }
                    }
                    case 3 -> {
                        if (!alive.isEmpty()) {
                            alive.remove(random.nextInt(alive.size()));
                        }
                    }
                    default -> clock.pass(Duration.ofSeconds(random.nextInt(60)));
                }
                long mine = alive.stream().filter(Turn::isMine).count();
                assertThat(mine).as("run %s step %s", run, step).isLessThanOrEqualTo(1);
            }
            clock.pass(LEASE);
            assertThat(taken).isGreaterThan(1);
        }
    }

    @Test
    void whoDoesNotGetAnAnswerDoesNotKnowWhoseItIs() {
        Turn turn = take().orElseThrow();
        assertThat(turn.isMine()).isTrue();
        store.close();
        assertThat(turn.isMine())
                .as("not asked before a third of the lease is over")
                .isTrue();
        clock.pass(LEASE.dividedBy(3));
        assertThatThrownBy(turn::isMine).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(turn::isMine).as("asked again").isInstanceOf(RuntimeException.class);
    }

    @Test
    void ofWorkersInSeveralProcessesOneWorksAndTheNextTakesOverWhenThatIsKilled() throws Exception {
        Turns real = new Turns(store.mongo(), Clock.systemUTC());
        Duration lease = Duration.ofSeconds(2);
        // So long that none of them loses it on a machine that stands still.
        Duration longLease = Duration.ofHours(1);
        AtomicLong firstRound = new AtomicLong();
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean foundItLost = new AtomicBoolean();
        AtomicInteger rounds = new AtomicInteger();
        AtomicInteger within = new AtomicInteger();
        AtomicBoolean together = new AtomicBoolean();
        Worker hanging = Worker.every(
                "one", Duration.ofMillis(10), real.of("work", lease).whenFree(turn -> {
                    hangs.countDown();
                    goOn.await();
                    if (turn.isMine()) {
                        return Duration.ZERO;
                    }
                    foundItLost.set(true);
                    return Duration.ofDays(1);
                }));
        List<Worker> others = new ArrayList<>();
        try {
            long before = System.nanoTime();
            hanging.start();
            hangs.await();
            for (int n = 0; n < 3; n++) {
                Worker other = Worker.every(
                        "other" + n,
                        Duration.ofMillis(10),
                        real.of("work", longLease).whenFree(turn -> {
                            firstRound.compareAndSet(0, System.nanoTime());
                            together.compareAndSet(false, within.incrementAndGet() > 1);
                            rounds.incrementAndGet();
                            Thread.sleep(5);
                            within.decrementAndGet();
                            return Duration.ZERO;
                        }));
                others.add(other);
                other.start();
            }
            await().atMost(PATIENCE).until(() -> rounds.get() >= 20);
            assertThat(Duration.ofNanos(firstRound.get() - before))
                    .as("not before the lease is over")
                    .isGreaterThan(lease.minusMillis(50));
            goOn.countDown();
            await().atMost(PATIENCE).untilTrue(foundItLost);
            int meanwhile = rounds.get();
            await().atMost(PATIENCE).until(() -> rounds.get() >= meanwhile + 5);
            assertThat(together).isFalse();
        } finally {
            hanging.stop();
            others.forEach(Worker::stop);
        }
    }

    @Test
    void aWorkerThatIsStoppedWhileItWorksGivesTheTurnBack() throws Exception {
        Turns real = new Turns(store.mongo(), Clock.systemUTC());
        Duration lease = Duration.ofHours(1);
        CountDownLatch within = new CountDownLatch(1);
        Worker worker = Worker.every(
                "one", Duration.ofMillis(10), real.of("work", lease).whenFree(turn -> {
                    within.countDown();
                    Thread.sleep(lease.toMillis());
                    return Duration.ofDays(1);
                }));
        worker.start();
        within.await();
        worker.stop();
        await().atMost(PATIENCE).until(() -> real.of("work", lease).take().isPresent());
    }
}
