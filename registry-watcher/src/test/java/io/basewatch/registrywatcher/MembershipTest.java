package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.eventlog.EventLogUnavailableException;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.HandMovedClock;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistrySettings;
import io.basewatch.registrytestkit.Faults.Reply;
import io.basewatch.registrytestkit.LocalRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several watchers of one name. */
class MembershipTest {

    private static final int REPOSITORIES = 300;

    @TempDir
    static Path folder;

    private static EmbeddedStore engine;
    private FleetStore store;
    private final AtomicLong nanos = new AtomicLong();

    @BeforeAll
    static void startEngine() {
        engine = EmbeddedStore.start(folder.resolve("store.db"));
    }

    @AfterAll
    static void stopEngine() {
        engine.close();
    }

    @BeforeEach
    void openStore() {
        store = FleetStore.connect(engine.connectionString());
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private Membership member(String watcher, String name) {
        return new Membership(watcher, name, store.watchMembers(), nanos::get);
    }

    private static List<String> of(Membership member) {
        return IntStream.range(0, REPOSITORIES)
                .mapToObj(n -> "r.example.com/team/app" + n)
                .filter(member::isMine)
                .toList();
    }

    private static void beat(Membership... members) {
        for (Membership member : members) {
            member.beat();
        }
    }

    @Test
    void eachRepositoryIsOnesAndEachHasItsShare() {
        Membership a = member("shares", "a");
        Membership b = member("shares", "b");
        Membership c = member("shares", "c");
        assertThat(of(a)).as("alone until it has looked").hasSize(REPOSITORIES);
        beat(a, b, c, a, b);
        assertThat(a.size()).isEqualTo(3);
        List<String> all = new ArrayList<>(of(a));
        all.addAll(of(b));
        all.addAll(of(c));
        assertThat(all).hasSize(REPOSITORIES).doesNotHaveDuplicates();
        for (Membership each : List.of(a, b, c)) {
            assertThat(of(each).size()).isBetween(REPOSITORIES / 5, REPOSITORIES / 2);
        }
        assertThat(member("others", "d").size()).isEqualTo(1);
    }

    @Test
    void oneThatWasKilledAndIsCalledTheSameAgainHasAllAtOnce() {
        Membership killed = member("killed", "only");
        beat(killed, killed);
        Membership again = member("killed", "only");
        beat(again);
        assertThat(again.size()).isEqualTo(1);
        assertThat(of(again)).hasSize(REPOSITORIES);
        Membership other = member("killed", "another");
        beat(other);
        assertThat(of(other)).as("with what is left of the first").hasSizeLessThan(REPOSITORIES);
    }

    @Test
    void ofOneThatIsNotHeardOfTheOthersTakeWhatItHadAndNothingElseMoves() {
        Membership a = member("gone", "a");
        Membership b = member("gone", "b");
        Membership c = member("gone", "c");
        beat(a, b, c, a, b);
        List<String> before = of(a);
        List<String> gone = of(c);
        int changes = a.changes();
        nanos.addAndGet(Membership.SILENCE.minusSeconds(1).toNanos());
        beat(a, b, a);
        assertThat(a.size()).as("it may only be slow").isEqualTo(3);
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        beat(a, b);
        assertThat(a.size()).isEqualTo(2);
        assertThat(a.changes()).isGreaterThan(changes);
        assertThat(of(a)).containsAll(before);
        assertThat(of(a).size() + of(b).size()).isEqualTo(REPOSITORIES);
        assertThat(of(a)).allMatch(each -> before.contains(each) || gone.contains(each));
        c.beat();
        beat(a, b);
        assertThat(of(a)).as("it was only slow").isEqualTo(before);
        b.leave();
        c.leave();
        beat(a);
        assertThat(of(a)).as("who says that it goes is not waited for").hasSize(REPOSITORIES);
    }

    /** One process, which may be killed: then Kafka and store are away for it from one moment to the next. */
    private final class Watcher {
        final FleetStore own = FleetStore.connect(engine.connectionString());
        final AtomicBoolean dead = new AtomicBoolean();
        final Membership membership;
        final RegistrySweeper sweeper;

        Watcher(LocalRegistry registry, String name, String self, HandMovedClock clock, Random random) {
            this.membership = new Membership(name, self, own.watchMembers(), nanos::get);
            int deadly = random.nextInt(40);
            AtomicLong events = new AtomicLong();
            this.sweeper = new RegistrySweeper(
                    Registry.connect(RegistrySettings.of(registry.url())
                            .withBudget(10_000, 8)
                            .withPageSize(3)
                            .withRetries(1, Duration.ofMillis(1), Duration.ofMillis(5))
                            .withTimeouts(Duration.ofMinutes(5), Duration.ofMinutes(5))),
                    Rules.all(new RemovalBrake(1, 1_000, Duration.ZERO), Cadence.every(Duration.ofMinutes(5))),
                    own.tagLedger(),
                    own.watchBook(),
                    membership,
                    (urgency, event) -> {
                        if (dead.get() || (deadly < 20 && events.getAndIncrement() == deadly)) {
                            kill();
                            throw new EventLogUnavailableException("killed", null);
                        }
                    },
                    new WatcherMetrics(new SimpleMeterRegistry(), registry.host()),
                    new WatcherProgress(),
                    clock);
        }

        void kill() {
            if (!dead.getAndSet(true)) {
                sweeper.stop();
            }
        }
    }

    /** More rounds by -Dbasewatch.rounds=N, one of them again by -Dbasewatch.seed=S. */
    @Test
    void threeWatchersThatAreKilledAndRestartedOverABadRegistryKnowInTheEndWhatIsThere() throws Exception {
        long seed = Long.getLong("basewatch.seed", ThreadLocalRandom.current().nextLong());
        for (int round = 0; round < Integer.getInteger("basewatch.rounds", 1); round++) {
            round(seed + round);
        }
    }

    private void round(long seed) throws Exception {
        Random random = new Random(seed);
        HandMovedClock clock = new HandMovedClock();
        String name = "killed" + seed;
        List<Watcher> all = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try (LocalRegistry registry = LocalRegistry.start()) {
            Watcher[] watchers = new Watcher[3];
            Map<String, Digest> there = new TreeMap<>();
            for (int step = 0; step < 12; step++) {
                change(registry, there, random, step == 0 ? 60 : 8);
                faults(registry, random);
                List<Callable<Boolean>> sweeps = new ArrayList<>();
                for (int n = 0; n < 3; n++) {
                    if (watchers[n] == null || watchers[n].dead.get()) {
                        watchers[n] = new Watcher(registry, name, n + "-" + step, clock, random);
                        all.add(watchers[n]);
                    }
                    sweeps.add(watchers[n].sweeper::sweep);
                }
                beat(watchers[0].membership, watchers[1].membership, watchers[2].membership);
                nanos.addAndGet(Duration.ofSeconds(random.nextInt(40)).toNanos());
                threads.invokeAll(sweeps);
                if (random.nextInt(3) == 0) {
                    watchers[random.nextInt(3)].kill();
                }
                clock.pass(Duration.ofMinutes(5));
            }
            // All is well again, and one of them is gone for good.
            registry.faults().clear();
            watchers[0].kill();
            nanos.addAndGet(Membership.SILENCE.plusSeconds(60).toNanos());
            Watcher[] last = {
                new Watcher(registry, name, "last-1", clock, new Random(7)),
                new Watcher(registry, name, "last-2", clock, new Random(7))
            };
            all.addAll(List.of(last));
            watchers[1].kill();
            watchers[2].kill();
            beat(last[0].membership, last[1].membership);
            nanos.addAndGet(Membership.SILENCE.plusSeconds(1).toNanos());
            beat(last[0].membership, last[1].membership, last[0].membership);
            assertThat(last[0].membership.size()).as("seed %s", seed).isEqualTo(2);
            for (int sweep = 0; sweep < 2; sweep++) {
                clock.pass(Duration.ofMinutes(6));
                for (Watcher each : last) {
                    each.sweeper.sweep();
                }
            }
            assertThat(known(registry)).as("seed %s", seed).isEqualTo(there);
        } finally {
            threads.shutdownNow();
            all.forEach(each -> each.own.close());
        }
    }

    private static void change(LocalRegistry registry, Map<String, Digest> there, Random random, int changes) {
        for (int n = 0; n < changes; n++) {
            String repository = "team/app" + random.nextInt(20);
            String tag = "t" + random.nextInt(4);
            if (random.nextInt(4) == 0) {
                registry.removeTag(repository, tag);
                there.remove(repository + ":" + tag);
            } else {
                Digest now = PushedImages.image(registry, repository, tag, "c" + random.nextInt(1000));
                there.put(repository + ":" + tag, now);
            }
        }
    }

    private static void faults(LocalRegistry registry, Random random) {
        registry.faults().clear();
        int percent = random.nextInt(4) == 0 ? 0 : random.nextInt(15);
        int status = List.of(429, 500, 503, 404).get(random.nextInt(4));
        Random each = new Random(random.nextLong());
        registry.faults().intercept(request -> {
            boolean bad;
            synchronized (each) {
                bad = each.nextInt(100) < percent;
            }
            // A registry may lose a list, but one that denies a tag by name means it.
            return bad && (status != 404 || request.path().endsWith("_catalog"))
                    ? Optional.of(Reply.of(status))
                    : Optional.empty();
        });
    }

    private Map<String, Digest> known(LocalRegistry registry) {
        Map<String, Digest> known = new HashMap<>();
        for (String repository : store.tagLedger().repositories(registry.host())) {
            store.tagLedger()
                    .entries(new Repository(registry.host(), repository))
                    .forEach((tag, entry) -> {
                        if (!entry.removed()) {
                            assertThat(entry.pending()).as("half told").isNull();
                            known.put(repository + ":" + tag, entry.digest());
                        }
                    });
        }
        return new TreeMap<>(known);
    }
}
