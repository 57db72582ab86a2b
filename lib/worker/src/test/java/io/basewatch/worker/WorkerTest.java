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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerTest {

    private static final Duration HOUR = Duration.ofHours(1);

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
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> rounds.get() >= number);
    }

    @Test
    void runsAtOnceAndAgainAndAgainUntilItIsStopped() {
        start(Worker.every("w", Duration.ofMillis(5), rounds::incrementAndGet));
        awaitRounds(3);
        assertThat(worker.isRunning()).isTrue();

        worker.stop();

        int after = rounds.get();
        assertThat(worker.isRunning()).isFalse();
        await().during(Duration.ofMillis(100)).until(() -> rounds.get() == after);
    }

    @Test
    void runsAgainAfterItWasStopped() {
        start(Worker.every("w", HOUR, rounds::incrementAndGet));
        awaitRounds(1);
        worker.stop();
        worker.start();
        worker.start();
        awaitRounds(2);
        await().during(Duration.ofMillis(100)).until(() -> rounds.get() == 2);
    }

    @Test
    void thePauseIsBetweenTheStartsOfTwoRoundsAndAskedForEachTime() throws Exception {
        List<Long> starts = new CopyOnWriteArrayList<>();
        AtomicInteger asked = new AtomicInteger();
        start(Worker.every(
                "w",
                () -> {
                    asked.incrementAndGet();
                    return Duration.ofMillis(400);
                },
                () -> {
                    starts.add(System.nanoTime());
                    Thread.sleep(200);
                }));
        await().atMost(Duration.ofSeconds(10)).until(() -> starts.size() >= 3);
        assertThat(Duration.ofNanos(starts.get(2) - starts.get(0)))
                .isBetween(Duration.ofMillis(790), Duration.ofMillis(1150));
        assertThat(asked.get()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void oneThatPausesFirstDoes() {
        start(Worker.every("w", Duration.ofSeconds(2), rounds::incrementAndGet).pausingFirst());
        await().during(Duration.ofMillis(150)).until(() -> rounds.get() == 0);
        awaitRounds(1);
    }

    @Test
    void whatBreaksOnceIsTriedAgainSoonerThanUsual() {
        start(Worker.every("w", HOUR, () -> {
            if (rounds.incrementAndGet() == 1) {
                throw new IllegalStateException("once");
            }
        }));
        awaitRounds(2);
        await().during(Duration.ofMillis(1200)).until(() -> rounds.get() == 2);
    }

    @Test
    void pausesGrowWhileItFails() {
        List<Long> starts = new CopyOnWriteArrayList<>();
        start(Worker.every("w", HOUR, () -> {
            starts.add(System.nanoTime());
            throw new IllegalStateException("always");
        }));
        await().atMost(Duration.ofSeconds(20)).until(() -> starts.size() >= 4);
        // A quarter less at most, by chance.
        assertThat(Duration.ofNanos(starts.get(1) - starts.get(0)))
                .isBetween(Duration.ofMillis(740), Duration.ofMillis(1500));
        assertThat(Duration.ofNanos(starts.get(3) - starts.get(2))).isGreaterThan(Duration.ofMillis(2900));
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
        AtomicBoolean ended = new AtomicBoolean();
        start(Worker.every("w", HOUR, () -> {
            within.countDown();
            try {
                Thread.sleep(HOUR.toMillis());
            } finally {
                ended.set(true);
            }
        }));
        within.await();
        long asked = System.nanoTime();
        worker.stop();
        assertThat(ended).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void stopWhileItPausesEndsItAtOnceAndStopFromWithinDoesNotWaitForItself() {
        start(Worker.every("w", HOUR, () -> {
            rounds.incrementAndGet();
            worker.stop();
        }));
        awaitRounds(1);
        await().atMost(Duration.ofSeconds(2)).until(() -> !worker.isRunning());
        worker = Worker.every("w", HOUR, rounds::incrementAndGet);
        worker.start();
        awaitRounds(2);
        long asked = System.nanoTime();
        worker.stop();
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(5));
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
        await().until(() -> !worker.isRunning());
        worker.start();
        await().during(Duration.ofMillis(200)).until(() -> rounds.get() == 1);
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
            await().until(() -> !worker.isRunning());
            worker.start();
        }
        await().during(Duration.ofMillis(300)).until(() -> rounds.get() == 1);
        mayEnd.release(10);
        awaitRounds(2);
        for (Thread each : stopping) {
            each.join();
        }
    }

    @Test
    void wakingBringsTheNextRoundAtOnceAndOnlyOneHoweverOften() {
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
        await().during(Duration.ofMillis(150)).until(() -> rounds.get() == 2);
        worker.wake();
        awaitRounds(3);
    }

    @Test
    void whatIsToBeDoneOnceIsTriedUntilItSucceeds() {
        start(Worker.untilDone("w", Duration.ofMillis(5), () -> {
            if (rounds.incrementAndGet() == 2) {
                throw new IllegalStateException("away");
            }
            return rounds.get() == 4;
        }));
        awaitRounds(4);
        await().during(Duration.ofMillis(100)).until(() -> rounds.get() == 4);
    }

    /** Starts, stops and wakes of several threads, in any order, while rounds break, hang and are interrupted. */
    @Test
    void whateverIsAskedOfItFromHoweverManySidesItNeverOverlapsAndEndsAsItWasToldLast() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            Random chance = new Random(seed);
            AtomicInteger within = new AtomicInteger();
            AtomicBoolean overlapped = new AtomicBoolean();
            AtomicInteger done = new AtomicInteger();
            Worker each = Worker.every("w" + seed, () -> Duration.ofNanos(chance.nextInt(300_000)), () -> {
                if (within.incrementAndGet() > 1) {
                    overlapped.set(true);
                }
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
            await().atMost(Duration.ofSeconds(10)).until(() -> done.get() > before);
            each.stop();
            int after = done.get();
            await().during(Duration.ofMillis(20)).until(() -> done.get() == after);
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
