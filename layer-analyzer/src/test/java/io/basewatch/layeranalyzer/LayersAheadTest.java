package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layeranalyzer.Layers.Result;
import io.basewatch.ociregistry.Descriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The time is for what hangs alone. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class LayersAheadTest {

    private static List<Descriptor> layers(int... names) {
        return IntStream.of(names)
                .mapToObj(name -> Descriptor.of("x", new Digest("sha256", String.format("%064x", name)), 1))
                .toList();
    }

    private static Result result(int n) {
        return Result.failed(new Reason(Reason.Code.TIMEOUT, "layer " + n), false);
    }

    @Test
    void givesWhatCameOfEachInTheirOrderWhicheverIsReadyFirst() throws Exception {
        CountDownLatch second = new CountDownLatch(1);
        try (LayersAhead ahead = new LayersAhead(
                layers(1, 2, 3),
                n -> () -> {
                    if (n == 0) {
                        second.await();
                    } else if (n == 1) {
                        second.countDown();
                    }
                    return result(n);
                },
                2)) {
            for (int n = 0; n < 3; n++) {
                assertThat(ahead.next()).isEqualTo(result(n));
            }
        }
    }

    @Test
    void readsSoManyAtOnceAndNeverMore() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CyclicBarrier both = new CyclicBarrier(2);
        try (LayersAhead ahead = new LayersAhead(
                layers(1, 2, 3, 4),
                n -> () -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    if (n < 2) {
                        both.await(5, TimeUnit.MINUTES);
                    }
                    now.decrementAndGet();
                    return result(n);
                },
                2)) {
            for (int n = 0; n < 4; n++) {
                ahead.next();
            }
        }
        assertThat(most).hasValue(2);
    }

    @Test
    void readsALayerThatOccursTwiceOnlyWhenItsTwinWasRead() throws Exception {
        List<String> events = new ArrayList<>();
        try (LayersAhead ahead = new LayersAhead(
                layers(1, 1, 2),
                n -> {
                    events.add("begin " + n);
                    return () -> result(n);
                },
                2)) {
            for (int n = 0; n < 3; n++) {
                ahead.next();
                events.add("given " + n);
            }
        }
        assertThat(events).containsExactly("begin 0", "given 0", "begin 1", "begin 2", "given 1", "given 2");
    }

    @Test
    void oneAtATimeIsReadByTheThreadThatAsksAndNotBefore() throws Exception {
        List<Integer> begun = new ArrayList<>();
        Thread asking = Thread.currentThread();
        try (LayersAhead ahead = new LayersAhead(
                layers(1, 2),
                n -> {
                    begun.add(n);
                    return () -> {
                        assertThat(Thread.currentThread()).isSameAs(asking);
                        return result(n);
                    };
                },
                1)) {
            assertThat(ahead.next()).isEqualTo(result(0));
            assertThat(begun).containsExactly(0);
            assertThat(ahead.next()).isEqualTo(result(1));
        }
    }

    @Test
    void whatBreaksReadingALayerBreaksTheOneWhoAsksForIt() throws Exception {
        for (int atOnce = 1; atOnce <= 2; atOnce++) {
            Callable<Result> breaking = () -> {
                throw new IllegalArgumentException("broken");
            };
            try (LayersAhead ahead = new LayersAhead(layers(1, 2), n -> n == 0 ? () -> result(0) : breaking, atOnce)) {
                ahead.next();
                assertThatThrownBy(ahead::next)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("broken");
            }
        }
    }

    @Test
    void whatIsStillBeingReadIsGivenUpAtTheEnd() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        try (LayersAhead ahead = new LayersAhead(
                layers(1, 2),
                n -> () -> {
                    if (n == 0) {
                        begun.await();
                    } else {
                        begun.countDown();
                        try {
                            new CountDownLatch(1).await();
                        } catch (InterruptedException e) {
                            interrupted.countDown();
                        }
                    }
                    return result(n);
                },
                2)) {
            ahead.next();
        }
        assertThat(interrupted.await(5, TimeUnit.MINUTES)).isTrue();
    }
}
