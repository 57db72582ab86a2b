package io.basewatch.layerfacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OnceTest {

    @Test
    void itIsMadeByTheFirstWhoNeedsItAndForAll() {
        AtomicInteger made = new AtomicInteger();
        Once<Integer> once = new Once<>(made::incrementAndGet);
        assertThat(made).hasValue(0);
        assertThat(once.get()).isEqualTo(1);
        once.make();
        assertThat(once.get()).isEqualTo(1);
    }

    @Test
    void whoeverNeedsItWhileAnotherThreadMakesItWaits() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Once<Thread> once = new Once<>(() -> {
            begun.countDown();
            go.await();
            return Thread.currentThread();
        });
        Thread making = new Thread(once::make);
        making.start();
        begun.await();
        List<Thread> got = new ArrayList<>();
        Thread waiting = new Thread(() -> got.add(once.get()));
        waiting.start();
        while (waiting.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        go.countDown();
        waiting.join();
        assertThat(got).containsExactly(making);
    }

    @Test
    void whoeverWaitsAndIsInterruptedHasItAndIsInterruptedStill() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Once<String> once = new Once<>(() -> {
            begun.countDown();
            go.await();
            return "made";
        });
        Thread making = new Thread(once::make);
        making.start();
        begun.await();
        List<Object> seen = new ArrayList<>();
        Thread waiting = new Thread(() -> {
            seen.add(once.get());
            seen.add(Thread.currentThread().isInterrupted());
        });
        waiting.start();
        waiting.interrupt();
        while (waiting.isInterrupted() || waiting.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        go.countDown();
        waiting.join();
        assertThat(seen).containsExactly("made", true);
    }

    @Test
    void whatMakingItThrowsIsThrownWhereItIsNeeded() {
        IllegalArgumentException mistake = new IllegalArgumentException("broken");
        Once<String> once = new Once<>(() -> {
            throw mistake;
        });
        once.make();
        assertThatThrownBy(once::get).isSameAs(mistake);
        assertThatThrownBy(once::get).isSameAs(mistake);
        StackOverflowError error = new StackOverflowError();
        Once<String> broken = new Once<>(() -> {
            throw error;
        });
        assertThatThrownBy(broken::get).isSameAs(error);
        Once<String> checked = new Once<>(() -> {
            throw new Exception("checked");
        });
        assertThatThrownBy(checked::get)
                .isInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("checked");
    }
}
