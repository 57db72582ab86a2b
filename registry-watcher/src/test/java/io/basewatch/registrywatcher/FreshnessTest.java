package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.HandMovedClock;
import io.basewatch.fleetstore.TagLedger.Intent;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistrySettings;
import io.basewatch.registrytestkit.Faults.Reply;
import io.basewatch.registrytestkit.LocalRegistry;
import io.basewatch.registrywatcher.RegistryDesk.State;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How old what is known may be said to be, and what a pause makes of that; by a clock that is moved by hand. */
class FreshnessTest {

    private static final Duration PROMISED = Duration.ofMinutes(10);

    @TempDir
    static Path folder;

    private static EmbeddedStore engine;

    private final HandMovedClock clock = new HandMovedClock();
    private final List<ImageEvent> told = Collections.synchronizedList(new ArrayList<>());
    private LocalRegistry registry;
    private FleetStore store;
    private Watcher watcher;
    private Cadence cadence = Cadence.every(Duration.ofMinutes(5));

    @BeforeAll
    static void startEngine() {
        engine = EmbeddedStore.start(folder.resolve("store.db"));
    }

    @AfterAll
    static void stopEngine() {
        engine.close();
    }

    @BeforeEach
    void start() throws Exception {
        registry = LocalRegistry.start();
        store = FleetStore.connect(engine.connectionString());
        watcher = new Watcher();
    }

    @AfterEach
    void stop() {
        store.close();
        registry.close();
    }

    /** One process. */
    private final class Watcher {
        final SimpleMeterRegistry meters = new SimpleMeterRegistry();
        final WatcherProgress progress = new WatcherProgress();
        final Membership membership = new Membership("watcher", "alone", store.watchMembers(), System::nanoTime);
        final RegistrySweeper sweeper = new RegistrySweeper(
                Registry.connect(RegistrySettings.of(registry.url())
                        .withBudget(10_000, 16)
                        .withRetries(1, Duration.ofMillis(1), Duration.ofMillis(5))),
                Rules.all(new RemovalBrake(0.2, 100, Duration.ZERO), cadence),
                store.tagLedger(),
                store.watchBook(),
                membership,
                (urgency, event) -> told.add(event),
                new WatcherMetrics(meters, registry.host()),
                progress,
                clock);
        final SweepSchedule schedule =
                new SweepSchedule(List.of(new SweepSchedule.Entry(sweeper, Duration.ofMinutes(5))), clock);
        final DueRepositories due = new DueRepositories(
                (host, repository, said) -> sweeper.look(repository, said), schedule::sweepNow, clock);
        final RegistryDesk desk = new RegistryDesk(progress, schedule, due, store.watchBook(), membership, clock);

        State state() {
            return desk.state(registry.host()).orElseThrow();
        }

        double count(String name, String key, String value) {
            return meters.get(name).tag(key, value).counter().count();
        }

        double gauge(String name) {
            return meters.get(name).gauge().value();
        }

        Duration slowest(String since) {
            return Duration.ofMillis((long) meters.get("basewatch.watcher.change.to.event")
                    .tag("since", since)
                    .timer()
                    .max(TimeUnit.MILLISECONDS));
        }
    }

    private void push(String repository, String content) {
        PushedImages.image(registry, repository, "1", content);
    }

    @Test
    void aChangeIsTimedFromTheLookBeforeItAndLateOnesAreCounted() {
        push("team/app", "a");
        assertThat(watcher.sweeper.sweep()).isTrue();
        assertThat(watcher.slowest("looked"))
                .as("what was there before is no change")
                .isZero();

        clock.pass(Duration.ofMinutes(3));
        push("team/app", "b");
        watcher.sweeper.sweep();
        assertThat(watcher.slowest("looked")).isEqualTo(Duration.ofMinutes(3));
        assertThat(watcher.count("basewatch.watcher.changes", "in_time", "true"))
                .isEqualTo(1);

        clock.pass(PROMISED.plusSeconds(1));
        push("team/app", "c");
        watcher.sweeper.sweep();
        assertThat(watcher.count("basewatch.watcher.changes", "in_time", "false"))
                .isEqualTo(1);
    }

    @Test
    void aChangeThatWasSaidIsTimedFromWhenItWasSaidFirst() throws Exception {
        push("team/app", "a");
        watcher.sweeper.sweep();
        clock.pass(Duration.ofMinutes(4));
        push("team/app", "b");
        watcher.due.add(registry.host(), "team/app");
        clock.pass(Duration.ofSeconds(2));
        watcher.due.add(registry.host(), "team/app");
        watcher.due.lookAtNext();
        assertThat(watcher.slowest("said")).isEqualTo(Duration.ofSeconds(2));
        assertThat(watcher.slowest("looked")).isZero();
    }

    @Test
    void theOldestRepositoryIsTheOneThatCouldNotBeRead() {
        push("team/app", "a");
        push("team/other", "a");
        watcher.sweeper.sweep();
        clock.pass(Duration.ofMinutes(6));
        registry.faults().refuse("/v2/team/other/tags", 1, 503);
        watcher.sweeper.sweep();
        assertThat(watcher.gauge("basewatch.watcher.oldest.repository")).isEqualTo(360);
        assertThat(watcher.state().fresh()).isTrue();
        clock.pass(Duration.ofMinutes(6));
        assertThat(watcher.state().fresh()).isFalse();
        assertThat(watcher.state().problems().get(0).text()).contains("team/other", "503");
        watcher.sweeper.sweep();
        assertThat(watcher.gauge("basewatch.watcher.oldest.repository")).isZero();
        assertThat(watcher.gauge("basewatch.watcher.promised.staleness")).isEqualTo(600);
    }

    @Test
    void aProcessThatHasJustBegunKnowsAsOfWhenTheOneBeforeItKnewAll() {
        push("team/app", "a");
        watcher.sweeper.sweep();
        clock.pass(Duration.ofHours(2));
        push("team/app", "b");
        Watcher next = new Watcher();
        assertThat(next.state().fresh()).isFalse();
        next.sweeper.sweep();
        assertThat(next.slowest("looked")).isEqualTo(Duration.ofHours(2));
        assertThat(next.state().fresh()).isTrue();
    }

    @Test
    void aPausedRegistryIsNotAskedByAnyProcessAndIsNeverFreshForLong() throws Exception {
        push("team/app", "a");
        watcher.sweeper.sweep();
        watcher.desk.pause(registry.host(), "ann", false);
        Watcher next = new Watcher();
        push("team/app", "b");
        registry.traffic().clear();

        assertThat(watcher.sweeper.sweep()).isFalse();
        assertThat(next.sweeper.sweep()).isFalse();
        next.due.add(registry.host(), "team/app");
        next.due.lookAtNext();

        assertThat(registry.traffic().requests()).isEmpty();
        assertThat(next.state().state()).isEqualTo("paused");
        assertThat(next.state().paused().by()).isEqualTo("ann");
        assertThat(next.state().nextSweep()).isNull();
        assertThat(next.gauge("basewatch.watcher.paused")).isEqualTo(1);
        clock.pass(PROMISED.plusSeconds(1));
        assertThat(watcher.state().fresh()).isFalse();

        watcher.desk.resume(registry.host());
        next.desk.glance();
        assertThat(next.state().state()).isEqualTo("new");
        told.clear();
        assertThat(next.sweeper.sweep()).isTrue();
        assertThat(told).as("pushed and moved").hasSize(2);
    }

    @Test
    void aPauseEndsTheSweepThatRunsWithoutAFailureAndADrainDoesNot() {
        for (int n = 0; n < 20; n++) {
            push("team/app" + n, "a");
        }
        assertThat(duringItsSweep(true)).isTrue();
        assertThat(told).hasSize(20);
        assertThat(watcher.state().state()).isEqualTo("paused");
        assertThat(watcher.sweeper.sweep()).isFalse();
        watcher.desk.resume(registry.host());

        assertThat(duringItsSweep(false)).isFalse();
        assertThat(watcher.state().state()).isEqualTo("paused");
        assertThat(watcher.progress.snapshot().get(0).lastSweep()).isEqualTo(WatcherProgress.LastSweep.COMPLETE);
        assertThat(watcher.state().failures()).isZero();
        watcher.desk.resume(registry.host());
        assertThat(watcher.sweeper.sweep()).isTrue();
    }

    private boolean duringItsSweep(boolean drains) {
        AtomicBoolean once = new AtomicBoolean();
        registry.faults().intercept(request -> {
            if (request.path().endsWith("/tags/list") && once.compareAndSet(false, true)) {
                watcher.desk.pause(registry.host(), "ann", drains);
                assertThat(watcher.state().state()).isEqualTo("draining");
            }
            return Optional.empty();
        });
        boolean complete = watcher.sweeper.sweep();
        assertThat(once).isTrue();
        registry.faults().clear();
        return complete;
    }

    @Test
    void aSweepTellsHowFarItIsAndWhenItWillEndAndHowItEnded() {
        for (int n = 0; n < 4; n++) {
            push("team/app" + n, "a");
        }
        watcher.sweeper.sweep();
        assertThat(watcher.state().lastSweep().repositories()).isEqualTo(4);
        assertThat(watcher.state().sweep()).isNull();
        List<State> during = Collections.synchronizedList(new ArrayList<>());
        registry.faults().intercept(request -> {
            if (request.path().endsWith("/tags/list")) {
                clock.pass(Duration.ofSeconds(10));
                during.add(watcher.state());
            }
            return Optional.empty();
        });
        watcher.sweeper.sweep();
        assertThat(during).extracting(State::state).containsOnly("sweeping");
        assertThat(during).extracting(each -> each.sweep().expected()).containsOnly(4L);
        assertThat(during.get(0).sweep().forecast()).as("nothing is known yet").isNull();
        assertThat(during.get(3).sweep().forecast()).isAfterOrEqualTo(clock.instant());
        assertThat(watcher.state().lastSweep().tags()).isEqualTo(4);
    }

    @Test
    void whatHasRestedForLongIsPassedOverUntilSomethingIsSaidOrSomebodyAsksForAll() throws Exception {
        cadence = new Cadence(Duration.ofMinutes(5), Duration.ofHours(12));
        watcher = new Watcher();
        push("team/app", "a");
        push("team/other", "a");
        watcher.sweeper.sweep();
        // To know that nothing changes takes two looks.
        clock.pass(Duration.ofDays(20));
        watcher.sweeper.sweep();
        registry.traffic().clear();
        clock.pass(Duration.ofMinutes(5));
        push("team/app", "b");
        push("team/new", "a");
        told.clear();
        watcher.sweeper.sweep();
        assertThat(registry.traffic().count("GET", "/tags/list")).isEqualTo(1);
        assertThat(told).as("team/new").hasSize(1);
        assertThat(watcher.count("basewatch.watcher.repositories", "due", "false"))
                .isEqualTo(2);
        assertThat(watcher.gauge("basewatch.watcher.tags.seen")).isEqualTo(3);
        assertThat(watcher.state().oldestSeconds()).isEqualTo(300);

        watcher.due.add(registry.host(), "team/app");
        watcher.due.lookAtNext();
        assertThat(told).as("and team/app pushed and moved").hasSize(3);

        push("team/other", "b");
        watcher.desk.sweep(registry.host());
        watcher.sweeper.sweep();
        assertThat(told).as("and team/other").hasSize(5);
        assertThat(watcher.progress.snapshot().get(0).failures()).isZero();
    }

    @Test
    void whatTheLedgerHasStillToTellIsToldByTheNextSweepHoweverLongItHasRested() {
        cadence = new Cadence(Duration.ofMinutes(5), Duration.ofHours(12));
        watcher = new Watcher();
        push("team/app", "a");
        watcher.sweeper.sweep();
        clock.pass(Duration.ofDays(20));
        watcher.sweeper.sweep();
        clock.pass(Duration.ofMinutes(5));
        Repository app = new Repository(registry.host(), "team/app");
        long revision = clock.millis();
        // What a process that died leaves behind.
        store.tagLedger()
                .intend(
                        app,
                        Map.of(
                                "1",
                                new Intent(
                                        store.tagLedger()
                                                .entry(app, "1")
                                                .orElseThrow()
                                                .digest(),
                                        false,
                                        revision)));
        told.clear();
        watcher.sweeper.sweep();
        assertThat(told).hasSize(1);
    }

    @Test
    void aRepositoryThatVanishesWhileNothingIsDueLeavesTheFleet() {
        cadence = new Cadence(Duration.ofMinutes(5), Duration.ofHours(12));
        watcher = new Watcher();
        push("team/app", "a");
        push("team/old", "a");
        watcher.sweeper.sweep();
        clock.pass(Duration.ofDays(20));
        watcher.sweeper.sweep();
        told.clear();
        registry.removeTag("team/old", "1");
        registry.faults().intercept(request -> {
            if (request.path().contains("team/old")) {
                return Optional.of(Reply.of(404));
            }
            return request.path().contains("_catalog")
                    ? Optional.of(new Reply(200, Map.of(), "{\"repositories\":[\"team/app\"]}"))
                    : Optional.empty();
        });
        for (int sweeps = 0; sweeps < 2; sweeps++) {
            clock.pass(Duration.ofMinutes(5));
            assertThat(watcher.sweeper.sweep()).isTrue();
        }
        assertThat(told)
                .singleElement()
                .isInstanceOfSatisfying(
                        TagRemoved.class,
                        removed -> assertThat(removed.repository().name()).isEqualTo("team/old"));
        clock.pass(Duration.ofMinutes(5));
        registry.traffic().clear();
        assertThat(watcher.sweeper.sweep()).isTrue();
        clock.pass(Duration.ofMinutes(5));
        assertThat(watcher.sweeper.sweep()).isTrue();
        assertThat(told).hasSize(1);
        assertThat(registry.traffic().count("GET", "/tags/list"))
                .as("what is gone is looked at once more at most")
                .isLessThanOrEqualTo(1);
    }

    @Test
    void aMessageThatIsLostOrCannotBeReadLeavesTheRepositoryDue() throws Exception {
        cadence = new Cadence(Duration.ofMinutes(5), Duration.ofHours(12));
        watcher = new Watcher();
        push("team/app", "a");
        watcher.sweeper.sweep();
        clock.pass(Duration.ofDays(20));
        watcher.sweeper.sweep();
        clock.pass(Duration.ofMinutes(5));
        push("team/app", "b");
        told.clear();
        registry.faults().refuse("/tags/list", 1, 503);
        watcher.due.add(registry.host(), "team/app");
        watcher.due.lookAtNext();
        assertThat(told).isEmpty();
        watcher.sweeper.sweep();
        assertThat(told).hasSize(2);
    }

    @Test
    void aForecastIsOfThePaceSoFar() {
        WatcherProgress.Sweep sweep = new WatcherProgress.Sweep(clock.instant(), null, 25, 0);
        Instant now = clock.instant().plusSeconds(10);
        assertThat(sweep.forecast(100, now)).isEqualTo(now.plusSeconds(30));
        assertThat(sweep.forecast(24, now)).as("more than there were").isNull();
    }
}
