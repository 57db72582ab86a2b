package io.basewatch.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerTest {

    private static final Duration HOUR = Duration.ofHours(1);

    /** Only what hangs needs as long: a busy machine may stand still for half a minute. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** How long a stop waits for the round that runs. Where all stand still for that time, it is right to return. */
    private static final Duration STOP = Duration.ofSeconds(10);

    private final AtomicInteger rounds = new AtomicInteger();
    private Worker worker;

    private void start(Worker made) {
        worker = made;
        worker.start();
    }

    @AfterEach
    void stop() {
        if (worker != null) {
            worker.stop();
        }
    }

    private void awaitRounds(int number) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> rounds.get() >= number);
    }

    /** There is no further round though there was time for one. Whoever is slower sees the same. */
    private void noRoundIn(long millis, int number) throws InterruptedException {
        Thread.sleep(millis);
        assertThat(rounds).hasValue(number);
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    @Test
    void runsAtOnceAndAgainAndAgainUntilItIsStopped() throws Exception {
        AtomicReference<Thread> runs = new AtomicReference<>();
        start(Worker.every("w", Duration.ofMillis(5), () -> {
            runs.set(Thread.currentThread());
            rounds.incrementAndGet();
        }));
        awaitRounds(3);
        assertThat(worker.isRunning()).isTrue();

        stopAndSeeItEnd(runs);

        int after = rounds.get();
        assertThat(worker.isRunning()).isFalse();
        noRoundIn(100, after);
    }

    @Test
    void runsAgainAfterItWasStopped() throws Exception {
        start(Worker.every("w", HOUR, rounds::incrementAndGet));
        awaitRounds(1);
        worker.stop();
        worker.start();
        worker.start();
        awaitRounds(2);
        noRoundIn(100, 2);
    }

    /** A machine that is slow makes some of the times longer, never all of them: one is looked for that is neither without a pause nor one and a round. */
    @Test
    void thePauseIsBetweenTheStartsOfTwoRoundsAndAskedForEachTime() {
        Duration round = Duration.ofMillis(350);
        Duration pause = Duration.ofMillis(400);
        List<Long> starts = new CopyOnWriteArrayList<>();
        AtomicInteger asked = new AtomicInteger();
        start(Worker.every(
                "w",
                () -> {
                    asked.incrementAndGet();
                    return pause;
                },
                () -> {
                    starts.add(System.nanoTime());
                    Thread.sleep(round.toMillis());
                }));
        await().atMost(PATIENCE)
                .until(() -> IntStream.range(1, starts.size())
                        .mapToObj(n -> Duration.ofNanos(starts.get(n) - starts.get(n - 1)))
                        .anyMatch(between -> between.compareTo(pause.minusMillis(5)) >= 0
                                && between.compareTo(pause.plus(round).minusMillis(50)) < 0));
        await().atMost(PATIENCE).until(() -> starts.size() >= 3);
        assertThat(asked.get()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void oneThatPausesFirstDoes() {
        Duration pause = Duration.ofMillis(300);
        AtomicLong asked = new AtomicLong();
        AtomicLong began = new AtomicLong();
        start(Worker.every(
                        "w",
                        () -> {
                            asked.compareAndSet(0, System.nanoTime());
                            return pause;
                        },
                        () -> {
                            began.compareAndSet(0, System.nanoTime());
                            rounds.incrementAndGet();
                        })
                .pausingFirst());
        awaitRounds(1);
        assertThat(asked).doesNotHaveValue(0);
        assertThat(Duration.ofNanos(began.get() - asked.get())).isGreaterThanOrEqualTo(pause.minusMillis(5));
    }

    @Test
    void whatBreaksOnceIsTriedAgainSoonerThanUsual() throws Exception {
        start(Worker.every("w", HOUR, () -> {
            if (rounds.incrementAndGet() == 1) {
                throw new IllegalStateException("once");
            }
        }));
        awaitRounds(2);
        noRoundIn(1200, 2);
    }

    @Test
    void pausesGrowWhileItFails() {
        List<Long> starts = new CopyOnWriteArrayList<>();
        startFailing(starts);
        await().atMost(PATIENCE).until(() -> starts.size() >= 4);
        // A quarter less at most, by chance.
        assertThat(Duration.ofNanos(starts.get(1) - starts.get(0))).isGreaterThanOrEqualTo(Duration.ofMillis(740));
        assertThat(Duration.ofNanos(starts.get(3) - starts.get(2))).isGreaterThan(Duration.ofMillis(2900));
    }

    /** One of several first pauses is as short as that: a slow machine makes some longer. */
    @Test
    void theFirstPauseAfterAFailureIsASecond() {
        await().atMost(PATIENCE).until(() -> {
            List<Long> starts = new CopyOnWriteArrayList<>();
            startFailing(starts);
            await().atMost(PATIENCE).until(() -> starts.size() >= 2);
            worker.stop();
            return Duration.ofNanos(starts.get(1) - starts.get(0)).compareTo(Duration.ofMillis(1500)) < 0;
        });
    }

    private void startFailing(List<Long> starts) {
        start(Worker.every("w", HOUR, () -> {
            starts.add(System.nanoTime());
            throw new IllegalStateException("always");
        }));
    }

    @Test
    void whatFailsWaitsNoLongerThanUsual() {
        start(Worker.every("w", Duration.ofMillis(2), () -> {
            rounds.incrementAndGet();
            throw new IllegalStateException("always");
        }));
        awaitRounds(50);
    }

    @Test
    void anErrorDoesNotEndIt() {
        start(Worker.every("w", Duration.ofMillis(5), () -> {
            if (rounds.incrementAndGet() == 1) {
                throw new StackOverflowError();
            }
        }));
        awaitRounds(3);
    }

    @Test
    void anInterruptionThatIsNotOfItsStopDoesNotEndIt() {
        start(Worker.every("w", Duration.ofMillis(5), () -> {
            switch (rounds.incrementAndGet()) {
                case 1 -> Thread.currentThread().interrupt();
                case 2 -> throw new InterruptedException("somebody else's");
                case 3 -> {
                    Thread task = Thread.currentThread();
                    // Comes during the pause.
                    Thread other = new Thread(() -> {
                        for (int n = 0; n < 20; n++) {
                            task.interrupt();
                        }
                    });
                    other.start();
                }
                default -> {}
            }
        }));
        awaitRounds(6);
    }

    @Test
    void stopInterruptsTheRoundThatRunsAndWaitsForItsEnd() throws Exception {
        CountDownLatch within = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        start(Worker.every("w", HOUR, () -> {
            within.countDown();
            try {
                Thread.sleep(HOUR.toMillis());
            } finally {
                // So late that a stop which does not wait for it returns before.
                Thread.interrupted();
                Thread.sleep(200);
                ended.countDown();
            }
        }));
        within.await();
        long asked = System.nanoTime();
        worker.stop();
        assertThat(ended.getCount() == 0 || since(asked).compareTo(STOP) >= 0).isTrue();
        assertThat(ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    /** Without waiting for more than the thread needs to end, nor for the pause of an hour. */
    private void stopAndSeeItEnd(AtomicReference<Thread> runs) throws InterruptedException {
        long asked = System.nanoTime();
        worker.stop();
        assertThat(!runs.get().isAlive() || since(asked).compareTo(STOP) >= 0).isTrue();
        runs.get().join(PATIENCE.toMillis());
        assertThat(runs.get().isAlive()).isFalse();
    }

    @Test
    void stopWhileItPausesEndsItAtOnceAndStopFromWithinDoesNotWaitForItself() throws Exception {
        start(Worker.every("w", HOUR, () -> {
            rounds.incrementAndGet();
            worker.stop();
        }));
        awaitRounds(1);
        await().atMost(PATIENCE).until(() -> !worker.isRunning());
        AtomicReference<Thread> runs = new AtomicReference<>();
        start(Worker.every("w", HOUR, () -> {
            runs.set(Thread.currentThread());
            rounds.incrementAndGet();
        }));
        awaitRounds(2);
        stopAndSeeItEnd(runs);
    }

    @Test
    void neverRunsTwiceAtATimeThoughItIsStartedAgainWhileOneRoundWouldNotEnd() throws Exception {
        Semaphore mayEnd = new Semaphore(0);
        AtomicInteger within = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        start(Worker.every("w", HOUR, () -> {
            most.accumulateAndGet(within.incrementAndGet(), Math::max);
            rounds.incrementAndGet();
            mayEnd.acquireUninterruptibly();
            within.decrementAndGet();
        }));
        awaitRounds(1);
        Thread stopping = new Thread(worker::stop);
        stopping.start();
        await().atMost(PATIENCE).until(() -> !worker.isRunning());
        worker.start();
        noRoundIn(200, 1);
        mayEnd.release();
        awaitRounds(2);
        mayEnd.release(10);
        stopping.join();
        assertThat(most).hasValue(1);
    }

    @Test
    void neverRunsTwiceAtATimeThoughOneThatWaitedForARoundWasStoppedToo() throws Exception {
        Semaphore mayEnd = new Semaphore(0);
        start(Worker.every("w", HOUR, () -> {
            rounds.incrementAndGet();
            mayEnd.acquireUninterruptibly();
        }));
        awaitRounds(1);
        Thread[] stopping = new Thread[2];
        for (int n = 0; n < stopping.length; n++) {
            stopping[n] = new Thread(worker::stop);
            stopping[n].start();
            await().atMost(PATIENCE).until(() -> !worker.isRunning());
            worker.start();
        }
        noRoundIn(300, 1);
        mayEnd.release(10);
        awaitRounds(2);
        for (Thread each : stopping) {
            each.join();
        }
    }

    @Test
    void wakingBringsTheNextRoundAtOnceAndOnlyOneHoweverOften() throws Exception {
        Semaphore mayEnd = new Semaphore(0);
        start(Worker.every("w", HOUR, () -> {
            rounds.incrementAndGet();
            mayEnd.acquire();
        }));
        awaitRounds(1);
        worker.wake();
        worker.wake();
        mayEnd.release(3);
        awaitRounds(2);
        noRoundIn(150, 2);
        worker.wake();
        awaitRounds(3);
    }

    @Test
    void whatIsToBeDoneOnceIsTriedUntilItSucceeds() throws Exception {
        start(Worker.untilDone("w", Duration.ofMillis(5), () -> {
            if (rounds.incrementAndGet() == 2) {
                throw new IllegalStateException("away");
            }
            return rounds.get() == 4;
        }));
        awaitRounds(4);
        noRoundIn(100, 4);
    }

    /** Starts, stops and wakes of several threads, in any order, while rounds break, hang and are interrupted. */
    @Test
    void whateverIsAskedOfItFromHoweverManySidesItNeverOverlapsAndEndsAsItWasToldLast() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            Random chance = new Random(seed);
            AtomicInteger within = new AtomicInteger();
            AtomicBoolean overlapped = new AtomicBoolean();
            AtomicInteger done = new AtomicInteger();
            AtomicReference<Thread> runs = new AtomicReference<>();
            Worker each = Worker.every("w" + seed, () -> Duration.ofNanos(chance.nextInt(300_000)), () -> {
                if (within.incrementAndGet() > 1) {
                    overlapped.set(true);
                }
                runs.set(Thread.currentThread());
                try {
                    done.incrementAndGet();
                    switch (done.get() % 4) {
                        case 0 -> throw new IllegalStateException("broken");
                        case 1 -> TimeUnit.MICROSECONDS.sleep(200);
                        case 2 -> Thread.currentThread().interrupt();
                        default -> Thread.onSpinWait();
                    }
                } finally {
                    within.decrementAndGet();
                }
            });
            Thread[] people = new Thread[3];
            for (int person = 0; person < people.length; person++) {
                Random own = new Random(seed * 31L + person);
                people[person] = new Thread(() -> {
                    for (int n = 0; n < 60; n++) {
                        switch (own.nextInt(3)) {
                            case 0 -> each.start();
                            case 1 -> each.stop();
                            default -> each.wake();
                        }
                    }
                });
                people[person].start();
            }
            for (Thread person : people) {
                person.join();
            }
            each.start();
            int before = done.get();
            await().atMost(PATIENCE).until(() -> done.get() > before);
            each.stop();
            runs.get().join(PATIENCE.toMillis());
            int after = done.get();
            Thread.sleep(20);
            assertThat(done).hasValue(after);
            assertThat(overlapped).as("seed %s", seed).isFalse();
        }
    }

    @Test
    void itsThreadHasItsNameKeepsNoProcessAliveAndIsVirtualWhereThatHarmsNobody() throws Exception {
        Thread[] seen = new Thread[1];
        start(Worker.every("named", HOUR, () -> {
            seen[0] = Thread.currentThread();
            rounds.incrementAndGet();
        }));
        awaitRounds(1);
        assertThat(seen[0].getName()).isEqualTo("named");
        assertThat(seen[0].isDaemon()).isTrue();
        if (Runtime.version().feature() >= 24) {
            assertThat(Thread.class.getMethod("isVirtual").invoke(seen[0])).isEqualTo(true);
        }
    }
}
