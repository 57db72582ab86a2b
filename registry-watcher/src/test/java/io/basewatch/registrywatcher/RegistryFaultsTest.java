package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.HandMovedClock;
import io.basewatch.fleetstore.StoredTag;
import io.basewatch.fleetstore.TagFilter;
import io.basewatch.ociregistry.Credentials;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistrySettings;
import io.basewatch.registrytestkit.Faults.Reply;
import io.basewatch.registrytestkit.LocalRegistry;
import io.basewatch.registrytestkit.Traffic.Request;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a registry does wrong while much changes in it, the fleet loses nothing that is there, and ends as the registry is. */
class RegistryFaultsTest {

    private static final Reply BROKEN = Reply.of(0);

    @TempDir
    static Path folder;

    private static final Duration LATE = Duration.ofMillis(300);

    private static EmbeddedStore engine;
    private static FleetStore store;

    private LocalRegistry registry;
    private final HandMovedClock clock = new HandMovedClock();
    private final Map<String, String> truth = Collections.synchronizedMap(new TreeMap<>());
    private final List<ImageEvent> told = Collections.synchronizedList(new ArrayList<>());

    /** What goes wrong, by the number of the request. */
    private enum Fault {
        NONE((test, request, n) -> null),
        TOO_MANY_REQUESTS((test, request, n) -> n % 3 == 0 ? null : new Reply(429, Map.of("Retry-After", "0"), "")),
        SERVER_ERRORS((test, request, n) ->
                n % 4 == 0 ? Reply.of(List.of(500, 502, 503, 504).get(n / 4 % 4)) : null),
        RESETS((test, request, n) -> n % 5 == 0 ? BROKEN : null),
        NO_ANSWER_AT_ALL((test, request, n) -> n > 10 ? BROKEN : null),
        TOO_SLOW((test, request, n) -> {
            if (n % 20 == 0) {
                test.isLate();
            }
            return null;
        }),
        PAGES_CUT_IN_THE_MIDDLE((test, request, n) -> request.path().endsWith("/tags/list") && n % 3 == 0
                ? new Reply(200, Map.of(), "{\"name\":\"team/app\",\"tags\":[\"t0\",\"t")
                : null),
        PAGES_THAT_LACK_TAGS((test, request, n) -> request.path().endsWith("/tags/list")
                ? new Reply(200, Map.of(), "{\"name\":\"team/app\",\"tags\":[\"t0\"]}")
                : null),
        EMPTY_PAGES((test, request, n) -> request.path().endsWith("/tags/list")
                ? new Reply(200, Map.of(), "{\"name\":\"team/app\",\"tags\":null}")
                : null),
        CATALOG_THAT_LACKS_REPOSITORIES((test, request, n) ->
                request.path().endsWith("/_catalog") ? new Reply(200, Map.of(), "{\"repositories\":[]}") : null),
        TAGS_CHANGE_WHILE_PAGING((test, request, n) -> {
            if (request.path().endsWith("/tags/list") && request.query().contains("last=")) {
                test.push("team/app:a" + n, "while paging");
                test.remove("team/app:t" + n % 4);
            }
            return null;
        }),
        TOKENS_EXPIRE((test, request, n) -> {
            if (n % 4 == 0) {
                test.registry.revokeTokens();
            }
            return null;
        }),
        ACCESS_DENIED((test, request, n) -> n % 2 == 0 ? Reply.of(403) : null),
        CLOCK_IS_SET_BACK((test, request, n) -> {
            if (n == 5) {
                test.clock.pass(Duration.ofDays(-3));
            }
            return null;
        }),
        REPOSITORY_IS_DELETED((test, request, n) -> {
            if (n == 6) {
                List.copyOf(test.truth.keySet()).stream()
                        .filter(name -> name.startsWith("team/old:"))
                        .forEach(test::remove);
            }
            return n >= 6 && request.path().contains("team/old") ? Reply.of(404) : null;
        }),
        DIGESTS_ARE_NOT_TOLD((test, request, n) -> {
            test.registry.faults().withoutContentDigest();
            return null;
        });

        private interface Doing {
            Reply of(RegistryFaultsTest test, Request request, int number);
        }

        private final Doing doing;

        Fault(Doing doing) {
            this.doing = doing;
        }
    }

    @BeforeAll
    static void startEngine() {
        engine = EmbeddedStore.start(folder.resolve("store.db"));
        store = FleetStore.connect(engine.connectionString());
    }

    @AfterAll
    static void stopEngine() {
        store.close();
        engine.close();
    }

    private void push(String name, String content) {
        int colon = name.indexOf(':');
        truth.put(
                name,
                PushedImages.image(registry, name.substring(0, colon), name.substring(colon + 1), content)
                        .toString());
    }

    private void remove(String name) {
        int colon = name.indexOf(':');
        registry.removeTag(name.substring(0, colon), name.substring(colon + 1));
        truth.remove(name);
    }

    /** Longer than is waited for. */
    private void isLate() {
        try {
            Thread.sleep(LATE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * @param patience how long an answer may take
     */
    private RegistrySweeper sweeper(Duration patience) {
        RegistrySettings settings = RegistrySettings.of(registry.url())
                .withCredentials(new Credentials("watcher", "s3cret"))
                .withBudget(10_000, 16)
                .withPageSize(2)
                .withRetries(2, Duration.ofMillis(1), Duration.ofMillis(5))
                .withTimeouts(Duration.ofMinutes(5), patience);
        return new RegistrySweeper(
                Registry.connect(settings),
                Rules.all(new RemovalBrake(0.2, 100, Duration.ofMinutes(4)), Cadence.every(Duration.ofMinutes(5))),
                store.tagLedger(),
                store.watchBook(),
                new Membership("watcher", "alone", store.watchMembers(), System::nanoTime),
                (urgency, event) -> told.add(event),
                new WatcherMetrics(new SimpleMeterRegistry(), registry.host()),
                new WatcherProgress(),
                clock);
    }

    private Map<String, String> fleet() {
        told.forEach(event -> store.imageArchive().apply(event));
        told.clear();
        Map<String, String> fleet = new TreeMap<>();
        for (StoredTag tag : store.queries()
                .tags(new TagFilter(registry.host(), null, null), null, 500)
                .tags()) {
            fleet.put(
                    tag.repository().name() + ":" + tag.tag(),
                    tag.images().size() == 1 && tag.images().get(0).equals(tag.digest())
                            ? tag.digest().toString()
                            : "leads to " + tag.images());
        }
        return fleet;
    }

    @ParameterizedTest
    @EnumSource
    void theFleetLosesNothingMeanwhileAndEndsAsTheRegistryIs(Fault fault) throws Exception {
        try (LocalRegistry own =
                LocalRegistry.builder().tokenAuth("watcher", "s3cret").start()) {
            registry = own;
            for (int n = 0; n < 4; n++) {
                push("team/app:t" + n, "a" + n);
                push("team/old:t" + n, "b" + n);
            }
            RegistrySweeper sweeper = sweeper(Duration.ofMinutes(5));
            assertThat(sweeper.sweep()).isTrue();
            assertThat(fleet()).isEqualTo(truth);

            push("team/app:t1", "moved");
            push("team/app:new", "new");
            push("team/new:1", "new");
            remove("team/old:t3");
            AtomicInteger requests = new AtomicInteger();
            Function<Request, Optional<Reply>> bad = request -> request.path().equals("/token")
                    ? Optional.empty()
                    : Optional.ofNullable(fault.doing.of(this, request, requests.incrementAndGet()));
            registry.faults().intercept(bad);
            RegistrySweeper during = fault == Fault.TOO_SLOW ? sweeper(LATE.dividedBy(2)) : sweeper;
            for (int sweeps = 0; sweeps < 2; sweeps++) {
                clock.pass(Duration.ofMinutes(1));
                during.sweep();
                assertThat(fleet().keySet())
                        .as("what was there before and is there still")
                        .containsAll(truth.keySet().stream()
                                .filter(name -> name.matches("team/(app|old):t\\d"))
                                .toList());
            }

            registry.faults().clear();
            for (int sweeps = 0; sweeps < 2; sweeps++) {
                clock.pass(Duration.ofMinutes(5));
                assertThat(sweeper.sweep()).isTrue();
            }
            assertThat(fleet()).isEqualTo(truth);
        }
    }
}
