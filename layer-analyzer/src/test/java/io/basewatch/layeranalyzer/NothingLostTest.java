package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.StoredImage;
import io.basewatch.fleetstore.StoredTag;
import io.basewatch.fleetstore.TagFilter;
import io.basewatch.layeranalyzer.MadeUpRegistry.MadeUpImage;
import io.basewatch.layeranalyzer.OneAnalyzer.Fate;
import io.basewatch.layeranalyzer.OneAnalyzer.Point;
import io.basewatch.layeranalyzer.TestImages.TestLayer;
import io.basewatch.ociregistry.RegistryException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An analyzer that dies anywhere, and store, Kafka and registry that are away, against a model of what must be known in the end. */
class NothingLostTest {

    private static final Fate NEVER = point -> false;
    private static final FailedEvents.Pauses NO_TIME = (pause, wanted) -> {};
    private static final AtomicInteger DATABASES = new AtomicInteger();

    @TempDir
    static Path folder;

    private static EmbeddedStore engine;

    @BeforeAll
    static void startEngine() {
        engine = EmbeddedStore.start(folder.resolve("store.db"));
    }

    @AfterAll
    static void stopEngine() {
        engine.close();
    }

    private static OneAnalyzer analyzer(MadeUpRegistry registry, Fate fate, FailedEvents.Pauses time) {
        int port = URI.create(engine.connectionString()).getPort();
        // The next one waits for what a dead one holds; what nobody loses by dying is not lost by a machine that stands
        // still either.
        Duration lease = fate == NEVER ? Duration.ofMinutes(5) : Duration.ofMillis(200);
        return new OneAnalyzer(registry, port, "lost" + DATABASES.incrementAndGet(), fate, lease, time);
    }

    /** What a registry has, what a watcher tells of it, and what the fleet must say in the end. */
    private static final class World {

        private final MadeUpRegistry registry = new MadeUpRegistry();
        private final List<MadeUpImage> images = new ArrayList<>();
        private final Map<Digest, String> versions = new HashMap<>();
        private final Map<String, Digest> tags = new TreeMap<>();
        private final Map<String, Long> revisions = new HashMap<>();

        World() {
            TestLayer shared = TestImages.layer(Map.of("opt/shared", "shared"));
            for (int n = 0; n < 5; n++) {
                String version = "3." + (10 + n) + ".1";
                TestLayer own = TestImages.layer(Map.of("opt/own", "own" + n));
                MadeUpImage image = registry.image("image" + n, TestImages.alpine(version), shared, own);
                images.add(image);
                versions.put(image.digest(), version);
            }
            registry.exists = tags::containsValue;
        }

        /** As a watcher tells that a tag leads to an image, or, of null, to nothing any more. */
        List<ImageEvent> change(String tag, @Nullable MadeUpImage image) {
            Repository repository = new Repository(MadeUpRegistry.HOST, "team/" + tag.charAt(0));
            Digest before = image == null ? tags.remove(tag) : tags.put(tag, image.digest());
            long revision = revisions.merge(tag, 1L, Long::sum);
            Instant now = Instant.now();
            List<ImageEvent> events = new ArrayList<>();
            if (image == null) {
                if (before != null) {
                    events.add(new TagRemoved(repository, tag, before, revision, now));
                }
                return events;
            }
            events.add(new ImagePushed(repository, tag, image.digest(), image.digest(), null, revision, now));
            if (before != null && !before.equals(image.digest())) {
                events.add(new TagMoved(repository, tag, before, image.digest(), revision, now));
            }
            return events;
        }

        private String reference(String tag) {
            return MadeUpRegistry.HOST + "/team/" + tag.charAt(0) + ":" + tag;
        }

        /** All differences; none when all that must be known is. */
        List<String> wrong(FleetStore store) {
            List<String> wrong = new ArrayList<>();
            Map<String, Digest> told = new TreeMap<>();
            for (StoredTag tag :
                    store.queries().tags(TagFilter.all(), null, 100).tags()) {
                told.put(tag.tag(), tag.digest());
                if (!tag.images().equals(List.of(tag.digest()))) {
                    wrong.add(tag.tag() + " leads to " + tag.images());
                }
            }
            if (!told.equals(tags)) {
                wrong.add("tags are " + told + ", not " + tags);
            }
            for (MadeUpImage image : images) {
                Set<String> leading = new TreeSet<>();
                tags.forEach((tag, digest) -> {
                    if (digest.equals(image.digest())) {
                        leading.add(reference(tag));
                    }
                });
                StoredImage stored = store.queries().image(image.digest()).orElse(null);
                Set<String> known = new TreeSet<>();
                if (stored != null) {
                    stored.tags().forEach(reference -> known.add(reference.toString()));
                }
                if (!known.equals(leading)) {
                    wrong.add(image.digest() + " has the tags " + known + ", not " + leading);
                }
                ImageAnalysis analysis =
                        store.imageArchive().find(image.digest()).orElse(null);
                if (!leading.isEmpty() && !isComplete(analysis, image)) {
                    wrong.add(image.digest() + " is "
                            + (analysis == null ? "not analyzed" : analysis.status() + " " + analysis.reasons()));
                }
            }
            return wrong;
        }

        private boolean isComplete(@Nullable ImageAnalysis analysis, MadeUpImage image) {
            return analysis != null
                    && analysis.status() == AnalysisStatus.COMPLETE
                    && analysis.fingerprint().distro() != null
                    && versions.get(image.digest())
                            .equals(analysis.fingerprint().distro().version());
        }

        void heal() {
            registry.failure = null;
            registry.missing.clear();
            registry.damaged.clear();
        }
    }

    private static void assertAllTold(World world, OneAnalyzer analyzer) {
        for (Digest image : new HashSet<>(world.tags.values())) {
            assertThat(analyzer.announced).contains(image.toString());
        }
        assertThat(analyzer.dead).isEmpty();
    }

    /** Counts the places and dies at one of them, once. */
    private static final class DiesOnce implements Fate {
        private final int at;
        private final AtomicInteger passed = new AtomicInteger();
        private volatile @Nullable Point died;

        DiesOnce(int at) {
            this.at = at;
        }

        @Override
        public boolean diesAt(Point point) {
            // A write that was not done leaves the store as the one before it did, which was seen without its answer.
            if (point == Point.WRITE_NOT_DONE || passed.incrementAndGet() != at) {
                return false;
            }
            died = point;
            return true;
        }
    }

    @Test
    void aProcessThatDiesAtAnyStepOfAShortStoryLosesNothing() {
        Map<Point, Integer> died = new TreeMap<>();
        int at = 1;
        for (boolean again = true; again; at++) {
            DiesOnce fate = new DiesOnce(at);
            World world = new World();
            try (OneAnalyzer analyzer = analyzer(world.registry, fate, NO_TIME)) {
                MadeUpImage one = world.images.get(0);
                MadeUpImage two = world.images.get(1);
                for (List<ImageEvent> events : List.of(
                        world.change("a1", one),
                        world.change("a1", two),
                        world.change("a1", one),
                        world.change("a1", null))) {
                    events.forEach(event -> analyzer.tell(Urgency.LIVE, event));
                }
                world.change("a1", two).forEach(event -> analyzer.tell(Urgency.BACKFILL, event));
                analyzer.deliverAll();
                try (FleetStore store = analyzer.open()) {
                    assertThat(world.wrong(store))
                            .as("after a death at step %d, %s", at, fate.died)
                            .isEmpty();
                }
                assertAllTold(world, analyzer);
            }
            again = fate.died != null;
            if (fate.died != null) {
                died.merge(fate.died, 1, Integer::sum);
            }
        }
        System.out.printf("died once at each of %d steps: %s%n", at - 2, died);
        assertThat(died)
                .containsKeys(
                        Point.WRITE_NOT_ANSWERED,
                        Point.TOLD_NOT_TAKEN,
                        Point.TOLD_NOT_ANSWERED,
                        Point.HANDLED_NOT_ACKNOWLEDGED,
                        Point.ACKNOWLEDGED);
    }

    @Test
    void whateverHappensTheFleetIsRightInTheEnd() {
        long until = System.nanoTime() + Duration.ofSeconds(25).toNanos();
        long seed = Long.getLong("basewatch.seed", System.nanoTime());
        int rounds = 0;
        int crashes = 0;
        while (System.nanoTime() < until) {
            System.out.println("seed " + seed + " (-Dbasewatch.seed)");
            crashes += story(new Random(seed));
            rounds++;
            seed++;
        }
        System.out.printf("%d stories with %d crashes%n", rounds, crashes);
    }

    private static int story(Random random) {
        World world = new World();
        Random deaths = new Random(random.nextLong());
        List<Boolean> peace = new ArrayList<>();
        Fate fate = point -> peace.isEmpty() && deaths.nextInt(25) == 0;
        try (OneAnalyzer analyzer = analyzer(world.registry, fate, NO_TIME)) {
            List<String> tags = List.of("a1", "a2", "b1", "b2");
            for (int step = 0; step < 40; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> {
                        MadeUpImage image =
                                random.nextInt(4) == 0 ? null : world.images.get(random.nextInt(world.images.size()));
                        Urgency urgency = random.nextBoolean() ? Urgency.LIVE : Urgency.BACKFILL;
                        world.change(tags.get(random.nextInt(tags.size())), image)
                                .forEach(event -> analyzer.tell(urgency, event));
                    }
                    case 3 -> spoil(world.registry, random);
                    default -> {
                        Urgency urgency = random.nextBoolean() ? Urgency.LIVE : Urgency.BACKFILL;
                        if (!analyzer.isCaughtUp(urgency)) {
                            analyzer.deliver(urgency);
                        }
                    }
                }
            }
            peace.add(true);
            world.heal();
            analyzer.deliverAll();
            analyzer.secondLooks().start();
            try (FleetStore store = analyzer.open()) {
                await().atMost(Duration.ofMinutes(5))
                        .pollInterval(Duration.ofMillis(20))
                        .until(() -> {
                            analyzer.deliverAll();
                            return world.wrong(store).isEmpty();
                        });
            }
            assertAllTold(world, analyzer);
            return analyzer.crashes;
        }
    }

    private static void spoil(MadeUpRegistry registry, Random random) {
        List<Digest> blobs = registry.allBlobs()
                .sorted((one, other) -> one.toString().compareTo(other.toString()))
                .toList();
        Digest blob = blobs.get(random.nextInt(blobs.size()));
        switch (random.nextInt(5)) {
            case 0 -> registry.missing.add(blob);
            case 1 -> registry.damaged.add(blob);
            case 2 ->
                registry.failure =
                        RegistryException.temporary(Reason.Code.REGISTRY_UNAVAILABLE, "the registry is down");
            case 3 -> registry.failure = RegistryException.permanent(Reason.Code.UNAUTHORIZED, "not let in");
            default -> {
                registry.failure = null;
                registry.missing.clear();
                registry.damaged.clear();
            }
        }
    }

    // ---- outages

    private static ImagePushed push(MadeUpImage image, String tag) {
        return new ImagePushed(
                new Repository(MadeUpRegistry.HOST, "team/app"),
                tag,
                image.digest(),
                image.digest(),
                null,
                1,
                Instant.now());
    }

    @Test
    void aStoreThatIsAwayForTwentyMinutesBuriesNothing() {
        World world = new World();
        AtomicLong seconds = new AtomicLong();
        OneAnalyzer[] analyzer = new OneAnalyzer[1];
        analyzer[0] = analyzer(world.registry, NEVER, (pause, wanted) -> {
            if (seconds.addAndGet(pause.toSeconds()) > 20 * 60) {
                analyzer[0].store().restore();
            }
        });
        try (OneAnalyzer one = analyzer[0]) {
            for (MadeUpImage image : world.images) {
                world.change("a" + image.digest().toString().substring(10, 14), image)
                        .forEach(event -> one.tell(Urgency.LIVE, event));
            }
            one.deliver(Urgency.LIVE);
            one.store().cutOff();
            one.deliverAll();
            assertThat(seconds.get()).isGreaterThan(20 * 60);
            assertThat(one.pauses).allSatisfy(pause -> assertThat(pause).isLessThanOrEqualTo(Duration.ofSeconds(30)));
            assertThat(one.pauses.size()).as("tries").isBetween(30, 90);
            try (FleetStore store = one.open()) {
                assertThat(world.wrong(store)).isEmpty();
            }
            assertAllTold(world, one);
        }
    }

    @Test
    void aStoreThatIsFrozenWhileAnEventIsInHandBuriesNothing() {
        World world = new World();
        OneAnalyzer[] analyzer = new OneAnalyzer[1];
        analyzer[0] = analyzer(world.registry, NEVER, (pause, wanted) -> {
            if (analyzer[0].pauses.size() >= 3) {
                analyzer[0].store().restore();
            }
        });
        try (OneAnalyzer one = analyzer[0]) {
            world.change("a1", world.images.get(0)).forEach(event -> one.tell(Urgency.LIVE, event));
            one.store().freeze();
            one.deliverAll();
            try (FleetStore store = one.open()) {
                assertThat(world.wrong(store)).isEmpty();
            }
            assertAllTold(world, one);
        }
    }

    @Test
    void whileKafkaTakesNoAnnouncementTheEventWaitsAndNothingIsPulledAgain() {
        World world = new World();
        AtomicLong seconds = new AtomicLong();
        try (OneAnalyzer one =
                analyzer(world.registry, NEVER, (pause, wanted) -> seconds.addAndGet(pause.toSeconds()))) {
            one.kafkaAway = () -> seconds.get() < 20 * 60;
            world.change("a1", world.images.get(0)).forEach(event -> one.tell(Urgency.LIVE, event));
            one.deliverAll();
            assertThat(seconds.get()).isGreaterThanOrEqualTo(20 * 60);
            assertThat(world.registry.pulls).isEqualTo(3);
            assertAllTold(world, one);
        }
    }

    @Test
    void whileKafkaTakesNoDeadEventTheEventWaitsAndIsBuriedOnceThen() {
        World world = new World();
        AtomicLong seconds = new AtomicLong();
        try (OneAnalyzer one =
                analyzer(world.registry, NEVER, (pause, wanted) -> seconds.addAndGet(pause.toSeconds()))) {
            one.kafkaAway = () -> seconds.get() < 20 * 60;
            one.tell(Urgency.LIVE, "not an event".getBytes(StandardCharsets.UTF_8));
            world.change("a1", world.images.get(0)).forEach(event -> one.tell(Urgency.LIVE, event));
            one.deliverAll();
            assertThat(one.dead)
                    .singleElement()
                    .satisfies(message -> assertThat((byte[]) message.getPayload())
                            .isEqualTo("not an event".getBytes(StandardCharsets.UTF_8)));
            try (FleetStore store = one.open()) {
                assertThat(world.wrong(store)).isEmpty();
            }
        }
    }

    @Test
    void anErrorOnOneImageStopsThatImageAloneAndIsKeptForAPerson() {
        World world = new World();
        MadeUpImage broken = world.images.get(0);
        MadeUpImage good = world.images.get(1);
        List<Error> errors =
                List.of(new OutOfMemoryError("made up"), new StackOverflowError(), new NoClassDefFoundError("made up"));
        for (Error error : errors) {
            try (OneAnalyzer one = analyzer(world.registry, NEVER, NO_TIME)) {
                world.registry.exists = image -> true;
                world.registry.broken = error;
                one.tell(Urgency.LIVE, push(broken, "broken"));
                while (!one.isCaughtUp()) {
                    one.deliver(Urgency.LIVE);
                }
                world.registry.broken = null;
                one.tell(Urgency.LIVE, push(good, "good"));
                one.deliverAll();
                assertThat(one.pauses).as("few tries").hasSizeLessThanOrEqualTo(2);
                try (FleetStore store = one.open()) {
                    ImageAnalysis analysis =
                            store.imageArchive().find(broken.digest()).orElseThrow();
                    assertThat(analysis.status()).isEqualTo(AnalysisStatus.UNSCANNABLE);
                    assertThat(analysis.reasons()).extracting(Reason::code).containsExactly(Reason.Code.INTERNAL_ERROR);
                    assertThat(store.imageArchive()
                                    .find(good.digest())
                                    .orElseThrow()
                                    .status())
                            .isEqualTo(AnalysisStatus.COMPLETE);
                }
                assertThat(one.dead).hasSize(1);
                // As by replay-dead, after it was put right.
                one.tell(Urgency.BACKFILL, (byte[]) one.dead.get(0).getPayload());
                one.deliverAll();
                try (FleetStore store = one.open()) {
                    assertThat(store.imageArchive()
                                    .find(broken.digest())
                                    .orElseThrow()
                                    .status())
                            .isEqualTo(AnalysisStatus.COMPLETE);
                }
            }
        }
    }
}
