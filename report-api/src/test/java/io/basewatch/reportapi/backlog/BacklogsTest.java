package io.basewatch.reportapi.backlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.backlog.Backlog;
import io.basewatch.backlog.Weights;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.KnownBases;
import io.basewatch.lineage.Member;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BacklogsTest {

    private static final LocalDate DAY = LocalDate.of(2026, 11, 26);

    private final FleetTree tree = new FleetTree(KnownBases.none());
    private final AtomicInteger looks = new AtomicInteger();
    private LocalDate today = DAY;
    private long now;
    private Consumer<LocalDate> before = day -> {};
    private Duration step = Duration.ZERO;
    private final Backlogs backlogs = new Backlogs(
            () -> tree,
            Lifecycle::bundled,
            (ground, places, day) -> {
                looks.incrementAndGet();
                before.accept(day);
                return Support.unknown();
            },
            (repository, labels) -> null,
            Weights.DEFAULT,
            () -> today.atStartOfDay(ZoneOffset.UTC).toInstant(),
            () -> now += step.toNanos());

    private void push(String image) {
        push(image, null);
    }

    private void push(String image, @Nullable AnalysisStatus status) {
        tree.replace(
                new Repository("registry.example", image),
                List.of(new Member(
                        Digest.sha256Of(image.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                        null,
                        status,
                        List.of(),
                        List.of(),
                        null,
                        Libc.Family.UNKNOWN,
                        null,
                        null,
                        null,
                        List.of("1"),
                        List.of(),
                        Map.of(),
                        null)),
                List.of());
    }

    @Test
    void whatIsMadeQuicklyIsAlwaysThatOfNow() {
        assertThat(backlogs.of(DAY).pending()).isZero();
        push("one");
        assertThat(backlogs.of(DAY).pending()).isEqualTo(1);
    }

    @Test
    void onlyWhatHasChangedIsLookedAtForTheBacklogOfToday() {
        for (int number = 0; number < 100; number++) {
            push("image-" + number, AnalysisStatus.COMPLETE);
        }
        step = Duration.ofSeconds(4);
        assertThat(backlogs.of(DAY).entries()).hasSize(100);
        step = Duration.ZERO;
        looks.set(0);
        push("another", AnalysisStatus.COMPLETE);
        assertThat(backlogs.of(DAY).entries()).as("at once").hasSize(101);
        assertThat(looks).hasValue(1);

        today = DAY.plusDays(1);
        assertThat(backlogs.of(today).entries()).hasSize(101);
        assertThat(looks).as("by the dates of another day").hasValueGreaterThan(100);
    }

    @Test
    void nobodyWaitsForWhatTakesLongButTheFirst() {
        today = DAY.plusDays(1);
        step = Duration.ofSeconds(4);
        push("one");
        Backlog first = backlogs.of(DAY);
        assertThat(first.pending()).isEqualTo(1);
        push("two");
        backlogs.refresh();
        assertThat(backlogs.of(DAY))
                .as("never for longer than a tenth of the time")
                .isSameAs(first);
        now += Duration.ofMinutes(5).toNanos();
        assertThat(backlogs.of(DAY)).as("out of date, and answered at once").isSameAs(first);
        backlogs.refresh();
        assertThat(backlogs.of(DAY).pending()).isEqualTo(2);
    }

    @Test
    void whoAsksAboutTodayDoesNotWaitForAnotherDayWhichIsMadeOnceForAllWhoAskAboutIt() throws Exception {
        push("one", AnalysisStatus.COMPLETE);
        LocalDate later = DAY.plusDays(200);
        CountDownLatch isBeingMade = new CountDownLatch(1);
        CountDownLatch mayGoOn = new CountDownLatch(1);
        before = day -> {
            if (day.equals(later)) {
                isBeingMade.countDown();
                await(mayGoOn);
            }
        };
        ExecutorService people = Executors.newFixedThreadPool(3);
        try {
            Future<Backlog> first = people.submit(() -> backlogs.of(later));
            await(isBeingMade);
            Future<Backlog> second = people.submit(() -> backlogs.of(later));
            assertThat(people.submit(() -> backlogs.of(DAY))
                            .get(5, TimeUnit.MINUTES)
                            .entries())
                    .hasSize(1);
            assertThat(first.isDone()).isFalse();
            mayGoOn.countDown();
            assertThat(second.get(5, TimeUnit.MINUTES)).isSameAs(first.get(5, TimeUnit.MINUTES));
        } finally {
            mayGoOn.countDown();
            people.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(5, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
