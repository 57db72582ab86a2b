package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.eventlog.EventLogUnavailableException;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.HandMovedClock;
import io.basewatch.fleetstore.ImageArchive;
import io.basewatch.fleetstore.StoredTag;
import io.basewatch.fleetstore.TagFilter;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistrySettings;
import io.basewatch.registrytestkit.LocalRegistry;
import io.basewatch.registrywatcher.CuttingProxy.Cut;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tags are new, move, move back, go and come again while the watcher dies at each write to its ledger and at each acknowledgement of Kafka,
 * before and after; what it told arrives late, twice and in any order. In the end the fleet says what the registry says.
 */
class CrashTest {

    private static final String IMAGE_A = "image a";
    private static final String IMAGE_B = "image b";
    private static final String INDEX = "index of both";
    private static final String ARTIFACT = "artifact";
    private static final List<String> CONTENTS = List.of(IMAGE_A, IMAGE_B, INDEX, ARTIFACT);

    @TempDir
    static Path folder;

    private static final AtomicInteger engines = new AtomicInteger();

    private EmbeddedStore engine;
    private LocalRegistry registry;
    private FleetStore store;
    private ImageArchive archive;
    private Random dice = new Random(1);
    private final Map<String, String> truth = Collections.synchronizedMap(new TreeMap<>());
    private final Map<String, Optional<String>> before = Collections.synchronizedMap(new TreeMap<>());
    private final List<ImageEvent> underWay = Collections.synchronizedList(new ArrayList<>());
    private final HandMovedClock clock = new HandMovedClock();

    /** An engine for each story: what it writes takes as long as there are collections, of all databases. */
    @BeforeEach
    void begin() throws Exception {
        engine = EmbeddedStore.start(folder.resolve("store" + engines.incrementAndGet() + ".db"));
        registry = LocalRegistry.start();
        store = FleetStore.connect(
                connection(URI.create(engine.connectionString()).getPort()));
        archive = store.imageArchive();
        truth.clear();
        before.clear();
        underWay.clear();
    }

    @AfterEach
    void end() {
        registry.close();
        store.close();
        engine.close();
    }

    private void beginAnew() throws Exception {
        end();
        begin();
    }

    private String connection(int port) {
        return "mongodb://127.0.0.1:" + port + "/crash?retryWrites=false&retryReads=false";
    }

    /** When a watcher dies: at the so manieth of its moments, each of which is a write or an acknowledgement, before or after. */
    private static final class Fate {

        static final int NEVER = Integer.MAX_VALUE;

        private final int deadly;
        private final AtomicInteger moments = new AtomicInteger();

        Fate(int deadly) {
            this.deadly = deadly;
        }

        /** One moment before and one after; the ones of several threads never mix. */
        Cut next() {
            int before = moments.getAndAdd(2);
            return before == deadly ? Cut.BEFORE : before + 1 == deadly ? Cut.AFTER : Cut.NONE;
        }

        boolean wasMet() {
            return moments.get() > deadly;
        }
    }

    private static EventLogUnavailableException killed() {
        return new EventLogUnavailableException("killed", null);
    }

    /** One process of the watcher, from its start to its death. */
    private final class Watcher implements AutoCloseable {

        private final Fate fate;
        private final CuttingProxy network;
        private final FleetStore own;
        private final RegistrySweeper sweeper;
        private final CompletableFuture<Void> death = new CompletableFuture<>();
        private volatile int untilTimeOut;

        Watcher(Fate fate, RemovalBrake brake) {
            this.fate = fate;
            this.network =
                    new CuttingProxy(URI.create(engine.connectionString()).getPort(), this::atLedgerWrite);
            this.own = FleetStore.connect(connection(network.port()));
            this.sweeper = new RegistrySweeper(
                    Registry.connect(RegistrySettings.of(registry.url())
                            .withBudget(10_000, 16)
                            .withRetries(1, Duration.ofMillis(1), Duration.ofMillis(5))),
                    Rules.all(brake, Cadence.every(Duration.ofMinutes(5))),
                    own.tagLedger(),
                    own.watchBook(),
                    new Membership("watcher", "alone", own.watchMembers(), System::nanoTime),
                    this::publish,
                    new WatcherMetrics(new SimpleMeterRegistry(), registry.host()),
                    new WatcherProgress(),
                    clock);
        }

        private Cut atLedgerWrite() {
            Cut cut = fate.next();
            if (cut != Cut.NONE) {
                death.complete(null);
            }
            return cut;
        }

        private void publish(Urgency urgency, ImageEvent event) {
            if (network.isDead()) {
                throw killed();
            }
            Cut cut = fate.next();
            if (cut != Cut.BEFORE) {
                underWay.add(event);
            }
            if (cut != Cut.NONE) {
                network.close();
                death.complete(null);
                throw killed();
            }
            if (untilTimeOut > 0 && --untilTimeOut == 0) {
                throw new EventLogUnavailableException("no acknowledgement in time, though Kafka has the record", null);
            }
        }

        /** The acknowledgement of the so manieth event from now is not heard. */
        Watcher timesOutAt(int event) {
            untilTimeOut = event;
            return this;
        }

        /** Returns when the sweep has ended or the process is dead; nobody waits for what a dead one waits for. */
        void sweep() {
            CompletableFuture<Void> swept = new CompletableFuture<>();
            Thread thread = new Thread(
                    () -> {
                        sweeper.sweep();
                        swept.complete(null);
                    },
                    "crash-test-sweep");
            thread.setDaemon(true);
            thread.start();
            try {
                CompletableFuture.anyOf(swept, death).get(5, TimeUnit.MINUTES);
            } catch (Exception e) {
                throw new AssertionError("neither swept nor dead", e);
            }
        }

        boolean isDead() {
            return death.isDone();
        }

        @Override
        public void close() {
            sweeper.stop();
            Thread closing = new Thread(
                    () -> {
                        own.close();
                        network.close();
                    },
                    "crash-test-close");
            closing.setDaemon(true);
            closing.start();
        }
    }

    private static RemovalBrake looseBrake() {
        return new RemovalBrake(1, 1000, Duration.ZERO);
    }

    private Watcher watcher(Fate fate) {
        return new Watcher(fate, looseBrake());
    }

    private Digest put(String name, String content) {
        String repository = name.substring(0, name.indexOf(':'));
        String tag = name.substring(name.indexOf(':') + 1);
        truth.put(name, content);
        return switch (content) {
            case INDEX ->
                PushedImages.index(
                        registry,
                        repository,
                        tag,
                        List.of(image(repository, IMAGE_A), image(repository, IMAGE_B)),
                        List.of("linux/amd64", "linux/arm64"));
            case ARTIFACT -> PushedImages.artifact(registry, repository, tag);
            default -> PushedImages.image(registry, repository, tag, content);
        };
    }

    private Digest image(String repository, String content) {
        return PushedImages.image(registry, repository, null, content);
    }

    private void remove(String name) {
        truth.remove(name);
        registry.removeTag(name.substring(0, name.indexOf(':')), name.substring(name.indexOf(':') + 1));
    }

    private void arrives(ImageEvent event) {
        archive.apply(event);
    }

    private void everythingArrives() {
        List<ImageEvent> late = new ArrayList<>(underWay);
        underWay.clear();
        Collections.shuffle(late, dice);
        late.forEach(this::arrives);
    }

    /** Some of what is under way, in any order, and some of that twice. */
    private void someArrives() {
        for (int n = dice.nextInt(6); n > 0 && !underWay.isEmpty(); n--) {
            ImageEvent event = underWay.get(dice.nextInt(underWay.size()));
            arrives(event);
            if (dice.nextInt(4) > 0) {
                underWay.remove(event);
            }
        }
    }

    private void twoCleanSweepsMakeItTrue(RemovalBrake brake, String story) {
        try (Watcher last = new Watcher(new Fate(Fate.NEVER), brake)) {
            last.sweep();
            clock.pass(Duration.ofMinutes(5));
            last.sweep();
        }
        everythingArrives();
        assertTrue(story);
    }

    /** An artifact that never was an image need not be known; all else must be as it is. */
    private void assertTrue(String story) {
        Map<String, String> wanted = new TreeMap<>();
        Map<String, String> got = new TreeMap<>();
        Map<String, StoredTag> stored = new TreeMap<>();
        for (StoredTag tag : store.queries().tags(TagFilter.all(), null, 500).tags()) {
            stored.put(tag.repository().name() + ":" + tag.tag(), tag);
        }
        Map.copyOf(truth).forEach((name, content) -> {
            if (!content.equals(ARTIFACT) || stored.containsKey(name)) {
                wanted.put(name, put(name, content) + " " + images(name, content));
            }
        });
        stored.forEach((name, tag) -> got.put(
                name,
                tag.digest()
                        + " "
                        + tag.images().stream().map(Digest::shortHex).sorted().toList()));
        assertThat(got).as(story).isEqualTo(wanted);
    }

    private List<String> images(String name, String content) {
        String repository = name.substring(0, name.indexOf(':'));
        List<String> contents = content.equals(INDEX)
                ? List.of(IMAGE_A, IMAGE_B)
                : content.equals(ARTIFACT) ? List.of() : List.of(content);
        return contents.stream()
                .map(each -> image(repository, each).shortHex())
                .sorted()
                .toList();
    }

    /** What happens to one tag, step by step, with a sweep after each. */
    private enum Story {
        NEW_AND_GONE(IMAGE_A, null),
        MOVED_AND_BACK(IMAGE_A, IMAGE_B, IMAGE_A),
        REMOVED_AND_BACK(IMAGE_A, null, IMAGE_A),
        REMOVED_AND_BACK_AS_ANOTHER(IMAGE_A, null, IMAGE_B, IMAGE_A),
        INDEX_AND_BACK(IMAGE_A, INDEX, IMAGE_A),
        ARTIFACT_AND_BACK(IMAGE_A, ARTIFACT, IMAGE_A),
        ARTIFACT_FIRST(ARTIFACT, IMAGE_A, ARTIFACT),
        ARTIFACT_REMOVED_AND_BACK(IMAGE_A, ARTIFACT, null, ARTIFACT);

        private final String[] contents;

        Story(String... contents) {
            this.contents = contents;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCrashAtAnyWriteOrAcknowledgementLosesNoChange(Story story) throws Exception {
        int deadly = 0;
        boolean met = true;
        while (met) {
            met = tell(story, new Fate(deadly), "dead at moment " + deadly);
            deadly++;
            beginAnew();
        }
        assertThat(deadly).as("moments at which the watcher may die").isGreaterThan(5);
    }

    /** After a death the next step comes first, and only then the next sweep. */
    private boolean tell(Story story, Fate fate, String how) {
        dice = new Random(how.hashCode());
        put("team/other:1", IMAGE_A);
        Watcher watcher = watcher(fate);
        for (String content : story.contents) {
            if (content == null) {
                remove("team/app:1");
            } else {
                put("team/app:1", content);
            }
            clock.pass(Duration.ofMinutes(5));
            if (watcher.isDead()) {
                watcher.close();
                watcher = watcher(new Fate(Fate.NEVER));
            } else {
                watcher.sweep();
            }
            someArrives();
        }
        watcher.close();
        twoCleanSweepsMakeItTrue(looseBrake(), story + ", " + how);
        return fate.wasMet();
    }

    @ParameterizedTest
    @EnumSource
    void anAcknowledgementThatIsNotHeardLosesNoChange(Story story) throws Exception {
        for (int event = 1; event <= story.contents.length; event++) {
            put("team/other:1", IMAGE_A);
            try (Watcher watcher = watcher(new Fate(Fate.NEVER)).timesOutAt(event)) {
                for (String content : story.contents) {
                    if (content == null) {
                        remove("team/app:1");
                    } else {
                        put("team/app:1", content);
                    }
                    clock.pass(Duration.ofMinutes(5));
                    watcher.sweep();
                }
            }
            twoCleanSweepsMakeItTrue(looseBrake(), story + ", not heard at event " + event);
            beginAnew();
        }
    }

    /** For twenty seconds; {@code -Dbasewatch.crashes.seed} tells one story again, {@code -Dbasewatch.crashes.seconds} tells more of them. */
    @Test
    void whateverHappensInWhateverOrderTheFleetEndsAsTheRegistryIs() throws Exception {
        long seed = Long.getLong("basewatch.crashes.seed", System.nanoTime());
        long until = System.nanoTime()
                + Duration.ofSeconds(Long.getLong("basewatch.crashes.seconds", 20))
                        .toNanos();
        int stories = 0;
        do {
            String name = "-Dbasewatch.crashes.seed=" + (seed + stories);
            dice = new Random(seed + stories);
            try {
                randomStory(name);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("broken by " + name, e);
            }
            stories++;
            beginAnew();
        } while (System.nanoTime() < until && Long.getLong("basewatch.crashes.seed") == null);
        System.out.println(stories + " stories from seed " + seed);
    }

    private void randomStory(String name) {
        boolean braked = dice.nextBoolean();
        RemovalBrake brake = braked ? new RemovalBrake(0.2, 3, Duration.ofMinutes(4)) : looseBrake();
        Watcher watcher = new Watcher(fate(), brake);
        Random meanwhile = new Random(dice.nextLong());
        registry.faults().intercept(request -> {
            synchronized (meanwhile) {
                if (meanwhile.nextInt(25) == 0) {
                    change(meanwhile);
                }
            }
            return Optional.empty();
        });
        for (int step = 10 + dice.nextInt(15); step > 0; step--) {
            synchronized (meanwhile) {
                for (int n = dice.nextInt(4); n > 0; n--) {
                    change(dice);
                }
            }
            clock.pass(Duration.ofSeconds(dice.nextInt(600)));
            if (watcher.isDead() || dice.nextInt(6) == 0) {
                watcher.close();
                watcher = new Watcher(fate(), brake);
            }
            if (dice.nextInt(5) == 0) {
                watcher.timesOutAt(1 + dice.nextInt(4));
            }
            watcher.sweep();
            someArrives();
        }
        watcher.close();
        synchronized (meanwhile) {
            registry.faults().clear();
        }
        clock.pass(Duration.ofMinutes(5));
        twoCleanSweepsMakeItTrue(brake, name);
    }

    private Fate fate() {
        return new Fate(dice.nextInt(3) == 0 ? Fate.NEVER : dice.nextInt(30));
    }

    /** Often back to what it was before, which is what a watcher that forgets does not see. */
    private void change(Random choice) {
        String name = "team/app" + choice.nextInt(3) + ":" + choice.nextInt(2);
        Optional<String> now = Optional.ofNullable(truth.get(name));
        Optional<String> next = choice.nextBoolean()
                ? before.getOrDefault(name, Optional.of(IMAGE_A))
                : choice.nextInt(4) == 0
                        ? Optional.empty()
                        : Optional.of(CONTENTS.get(choice.nextInt(CONTENTS.size())));
        before.put(name, now);
        if (next.isPresent()) {
            put(name, next.get());
        } else if (now.isPresent()) {
            remove(name);
        }
    }
}
