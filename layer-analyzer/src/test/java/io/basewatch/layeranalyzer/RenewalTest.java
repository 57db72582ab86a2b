package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.basewatch.caveats.Judge;
import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.eventlog.EventLog;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.DerivationBasis;
import io.basewatch.fleetstore.DigestRange;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.StaleImages;
import io.basewatch.fleetstore.StoreUnavailableException;
import io.basewatch.layeranalyzer.AnalyzerMetrics.Rederived;
import io.basewatch.layerfacts.Isal;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.worker.GrowingPauses;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.cloud.stream.function.StreamOperations;
import org.springframework.util.MimeType;

/** Several analyzers bring old results of one store up to date together. */
class RenewalTest {

    private static final String OLD = "0[old/1]";
    private static final Duration LEASE = Duration.ofSeconds(3);

    @TempDir
    Path folder;

    private EmbeddedStore engine;
    private FleetStore store;
    private final List<OneOfMany> analyzers = new ArrayList<>();

    @BeforeEach
    void open() {
        engine = EmbeddedStore.start(folder.resolve("store.db"));
        store = FleetStore.connect(engine.connectionString());
    }

    @AfterEach
    void close() throws InterruptedException {
        for (OneOfMany analyzer : analyzers) {
            analyzer.stop();
        }
        store.close();
        engine.close();
    }

    private static Digest digest(int n) {
        return Digest.sha256Of(Integer.toString(n).getBytes(StandardCharsets.UTF_8));
    }

    /** As an older analyzer left it; of an image for another system, so that nothing but its config is needed. */
    private void leaveOld(int n) {
        leave(n, OLD);
    }

    private void leave(int n, String version) {
        store.imageArchive()
                .apply(new ImagePushed(
                        Repository.parse("registry.example.com/team/app"),
                        "t" + n,
                        digest(n),
                        digest(n),
                        null,
                        1,
                        Instant.now()));
        List<Reason> reasons = List.of(new Reason(Reason.Code.NOT_LINUX, "an image for windows/amd64"));
        store.imageArchive()
                .save(
                        new ImageAnalysis(
                                digest(n),
                                null,
                                AnalysisStatus.SKIPPED,
                                reasons,
                                Fingerprint.unknown(),
                                List.of(),
                                null,
                                version,
                                Instant.now().minusSeconds(60)),
                        new DerivationBasis(ImageInputs.VERSION, ImageInputs.NONE, reasons));
    }

    private void start(int count, Duration interval, Random random, int crashes) {
        for (int n = 0; n < count; n++) {
            analyzers.add(new OneOfMany(interval, new Random(random.nextLong()), crashes));
        }
        analyzers.forEach(OneOfMany::start);
    }

    private long left() {
        return store.staleImages().countOutdated(Fingerprinter.version());
    }

    @Test
    void analyzersThatAreKilledNowAndThenShareTheWorkAndNothingIsLeftOrDoneTwice() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        int images = 600;
        for (int n = 0; n < images; n++) {
            leaveOld(n);
        }
        start(3, Duration.ofHours(1), new Random(seed), 4);
        await().atMost(Duration.ofMinutes(3)).until(() -> left() == 0);
        await().atMost(Duration.ofSeconds(30)).until(() -> analyzers.stream().allMatch(one -> one.left() == 0));

        for (int n = 0; n < images; n++) {
            assertThat(store.imageArchive().find(digest(n)).orElseThrow().analyzerVersion())
                    .isEqualTo(Fingerprinter.version());
        }
        int crashes = analyzers.stream().mapToInt(one -> one.crashes.get()).sum();
        List<Digest> done = new ArrayList<>();
        int begun = 0;
        int looks = 0;
        for (OneOfMany one : analyzers) {
            assertThat(one.done).as("each has its share, seed %d", seed).isNotEmpty();
            done.addAll(one.done);
            begun += one.begun.get();
            looks += one.looks.get();
        }
        assertThat(done).as("seed %d", seed).doesNotHaveDuplicates();
        assertThat(begun).as("seed %d", seed).isBetween(images, images + crashes);
        assertThat(looks)
                .as("a range that is done is looked through by nobody else, seed %d", seed)
                .isLessThanOrEqualTo(DigestRange.parts().size() + crashes);
    }

    @Test
    void whatAnOlderAnalyzerStillDoesIsFoundInTheNextRound() {
        leaveOld(1);
        start(2, Duration.ofMillis(200), new Random(1), 0);
        await().atMost(Duration.ofSeconds(30)).until(() -> left() == 0);
        leaveOld(2);
        await().atMost(Duration.ofSeconds(30)).until(() -> left() == 0);
        await().atMost(Duration.ofSeconds(30)).until(() -> analyzers.stream().allMatch(one -> one.left() == 0));
    }

    /** As one that died before it had judged leaves them; and as the catalogue before left them. */
    @Test
    void whatNobodyOrAnOlderCatalogueHasJudgedIsJudgedByAllTogether() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        int images = 200;
        for (int n = 0; n < images; n++) {
            leave(n, Fingerprinter.version());
            if (n % 2 == 0) {
                ImageAnalysis analysis = store.imageArchive().find(digest(n)).orElseThrow();
                store.judgements()
                        .save(new Judgement(
                                digest(n),
                                "0[older/1]",
                                analysis.analyzerVersion(),
                                analysis.analyzedAt(),
                                false,
                                List.of(),
                                List.of(),
                                null));
            }
        }
        start(3, Duration.ofMillis(200), new Random(seed), 3);
        await().atMost(Duration.ofMinutes(2)).until(() -> store.judgements().countStale(Judge.version()) == 0);
        for (int n = 0; n < images; n++) {
            assertThat(store.judgements().find(digest(n)).orElseThrow().catalogueVersion())
                    .as("seed %d", seed)
                    .isEqualTo(Judge.version());
        }
        assertThat(analyzers).allSatisfy(one -> assertThat(one.done).isEmpty());
        await().atMost(Duration.ofSeconds(30))
                .until(() -> analyzers.stream().allMatch(one -> one.left("judgement") == 0));
    }

    @Test
    void anImageOnWhichTheAnalyzerBreaksKeepsNoOtherFromItsTurn() throws Exception {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        List<Digest> renewed = new ArrayList<>();
        Renewal.Stage stage = new Renewal.Stage() {
            @Override
            public AnalyzerMetrics.Stage name() {
                return AnalyzerMetrics.Stage.JUDGEMENT;
            }

            @Override
            public String version() {
                return "1[a/1]";
            }

            @Override
            public List<Digest> stale(DigestRange range, @Nullable Digest after, int limit) {
                return range.to() == null ? List.of(digest(1), digest(2)) : List.of();
            }

            @Override
            public long countStale() {
                return 1;
            }

            @Override
            public Optional<Rederived> renew(Digest image) {
                if (image.equals(digest(1))) {
                    throw new IllegalStateException("what is stored of it cannot be read");
                }
                renewed.add(image);
                return Optional.of(Rederived.DERIVED);
            }
        };
        new Renewal(
                        store.turns(),
                        List.of(stage),
                        new LiveFirst(Duration.ofMillis(1), member -> false),
                        new AnalyzerMetrics(meters, new AnalyzerProgress()),
                        LEASE,
                        Duration.ofHours(1))
                .round();
        assertThat(renewed).containsExactly(digest(2));
        for (String outcome : List.of("derived", "failed")) {
            assertThat(meters.get("basewatch.analyzer.rederived")
                            .tag("stage", "judgement")
                            .tag("outcome", outcome)
                            .counter()
                            .count())
                    .as(outcome)
                    .isEqualTo(1);
        }
    }

    @Test
    void rangesHoldEachDigestOnce() {
        for (int n = 0; n < 1000; n++) {
            String id = (n % 2 == 0
                            ? digest(n)
                            : Digest.parse(
                                    "sha512:" + digest(n).hex() + digest(n).hex()))
                    .toString();
            assertThat(DigestRange.parts().stream()
                            .filter(range -> range.from().compareTo(id) <= 0
                                    && (range.to() == null || id.compareTo(range.to()) < 0)))
                    .hasSize(1);
        }
    }

    @Test
    void theForecastIsByTheRateOfTheLastMinutes() {
        StageProgress progress = new StageProgress();
        assertThat(progress.left()).isNaN();
        assertThat(progress.forecastSeconds()).isNaN();
        long second = 1_000_000_000L;
        progress.counted(1000, 5 * second);
        assertThat(progress.left()).isEqualTo(1000);
        assertThat(progress.forecastSeconds())
                .as("nothing is known of the rate")
                .isNaN();
        progress.counted(900, 15 * second);
        assertThat(progress.forecastSeconds()).isEqualTo(90);
        progress.counted(2000, 25 * second);
        assertThat(progress.forecastSeconds()).as("new work came").isNaN();
        progress.counted(1000, 35 * second);
        progress.counted(1000, 2000 * second);
        assertThat(progress.forecastSeconds()).as("it stands still").isNaN();
        progress.counted(0, 2010 * second);
        assertThat(progress.forecastSeconds()).isZero();
    }

    /** One process after the other, each killed at some write. */
    private final class OneOfMany {

        final List<Digest> done = Collections.synchronizedList(new ArrayList<>());
        final AtomicInteger begun = new AtomicInteger();
        final AtomicInteger looks = new AtomicInteger();
        final AtomicInteger crashes = new AtomicInteger();
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final Duration interval;
        private final StoreProxy proxy;
        private final Thread thread = new Thread(this::live, "analyzer");
        private volatile boolean mayDie;
        private volatile @Nullable SimpleMeterRegistry meters;

        /**
         * @param mostCrashes after so many it lives on
         */
        OneOfMany(Duration interval, Random random, int mostCrashes) {
            this.interval = interval;
            int port = Integer.parseInt(engine.connectionString().replaceFirst(".*:(\\d+)/.*", "$1"));
            this.proxy = new StoreProxy(port, () -> dies(random, mostCrashes), () -> dies(random, mostCrashes));
        }

        private synchronized boolean dies(Random random, int mostCrashes) {
            boolean dies = mayDie && crashes.get() < mostCrashes && random.nextInt(100) == 0;
            if (dies) {
                crashes.incrementAndGet();
                mayDie = false;
            }
            return dies;
        }

        void start() {
            thread.start();
        }

        void stop() throws InterruptedException {
            stopped.set(true);
            thread.interrupt();
            thread.join();
            proxy.close();
        }

        double left() {
            return left("fingerprint");
        }

        double left(String stage) {
            SimpleMeterRegistry now = meters;
            return now == null
                    ? Double.NaN
                    : now.get("basewatch.analyzer.stale.images")
                            .tag("stage", stage)
                            .gauge()
                            .value();
        }

        private void live() {
            while (!stopped.get()) {
                proxy.restore();
                String address = "mongodb://127.0.0.1:" + proxy.port()
                        + "/basewatch?serverSelectionTimeoutMS=500&connectTimeoutMS=1000&socketTimeoutMS=5000";
                try (FleetStore own = FleetStore.connect(address)) {
                    mayDie = true;
                    Renewal renewal = renewal(own);
                    while (!stopped.get()) {
                        renewal.round();
                        Thread.sleep(20);
                    }
                } catch (StoreUnavailableException e) {
                    mayDie = false;
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        private Renewal renewal(FleetStore own) {
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            AnalyzerProgress progress = new AnalyzerProgress();
            AnalyzerMetrics metrics = new AnalyzerMetrics(registry, progress);
            ImageAnalyzer analyzer = new ImageAnalyzer(
                    repository -> Optional.empty(),
                    new UnkeptLayers(
                            new LayerPull(LayerLimits.defaults(), false, Isal.none(), bytes -> {}, bytes -> {})),
                    Duration.ofMinutes(5),
                    Long.MAX_VALUE,
                    Clock.systemUTC());
            Announcer announcer = new Announcer(new EventLog(new Silent()));
            LiveFirst liveFirst = new LiveFirst(Duration.ofMillis(1), member -> false);
            EventHandler events = new EventHandler(
                    own.imageArchive(),
                    own.judgements(),
                    analyzer,
                    liveFirst,
                    announcer,
                    metrics,
                    new SecondLooks(
                            own.staleImages(),
                            own.turns().of(StaleImages.UNREAD, LEASE),
                            new Retelling(announcer, progress),
                            metrics,
                            Set::of,
                            new GrowingPauses(Duration.ofMinutes(1), Duration.ofMinutes(1)),
                            Clock.systemUTC()),
                    new ConsumerWatch(Duration.ofHours(1), Duration.ofHours(1), System::nanoTime));
            Renewal renewal = new Renewal(
                    own.turns(),
                    List.of(
                            new Counting(new Rederivation(own.staleImages(), analyzer, events)),
                            new Rejudgement(own.judgements(), analyzer)),
                    liveFirst,
                    metrics,
                    LEASE,
                    interval);
            meters = registry;
            return renewal;
        }

        /** Counts what is begun and what is done. */
        private final class Counting implements Renewal.Stage {

            private final Renewal.Stage stage;

            Counting(Renewal.Stage stage) {
                this.stage = stage;
            }

            @Override
            public AnalyzerMetrics.Stage name() {
                return stage.name();
            }

            @Override
            public String version() {
                return stage.version();
            }

            @Override
            public List<Digest> stale(DigestRange range, @Nullable Digest after, int limit) {
                looks.incrementAndGet();
                return stage.stale(range, after, limit);
            }

            @Override
            public long countStale() {
                return stage.countStale();
            }

            @Override
            public Optional<Rederived> renew(Digest image) throws InterruptedException {
                try {
                    Optional<Rederived> outcome = stage.renew(image);
                    if (outcome.isPresent()) {
                        assertThat(outcome).contains(Rederived.DERIVED);
                        begun.incrementAndGet();
                        done.add(image);
                    }
                    return outcome;
                } catch (StoreUnavailableException e) {
                    begun.incrementAndGet();
                    throw e;
                }
            }
        }
    }

    /** Takes all, tells nobody. */
    private static final class Silent implements StreamOperations {
        @Override
        public boolean send(String binding, Object data) {
            return true;
        }

        @Override
        public boolean send(String binding, Object data, MimeType type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean send(String binding, String binder, Object data) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean send(String binding, String binder, Object data, MimeType type) {
            throw new UnsupportedOperationException();
        }
    }
}
