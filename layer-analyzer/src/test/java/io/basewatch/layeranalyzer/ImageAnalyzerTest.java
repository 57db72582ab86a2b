package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.DerivationBasis;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.LayerFactsStore;
import io.basewatch.fleetstore.LayerFactsStore.Claim;
import io.basewatch.fleetstore.LayerFactsStore.Part;
import io.basewatch.layeranalyzer.ImageAnalyzer.Outcome;
import io.basewatch.layeranalyzer.ImageAnalyzer.Turn;
import io.basewatch.layeranalyzer.TestImages.TestLayer;
import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.FactsName;
import io.basewatch.layerfacts.FactsPart;
import io.basewatch.layerfacts.Isal;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.layerfacts.LayerReader;
import io.basewatch.layerfacts.SquashedImage;
import io.basewatch.layerfacts.Want;
import io.basewatch.ociregistry.ImageManifest;
import io.basewatch.ociregistry.Manifest;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistrySettings;
import io.basewatch.registrytestkit.Faults.Reply;
import io.basewatch.registrytestkit.LocalRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One image at a time, on a real registry protocol and a real store. */
class ImageAnalyzerTest {

    @TempDir
    Path folder;

    private LocalRegistry registry;
    private EmbeddedStore engine;
    private FleetStore store;
    private LayerFactsStore facts;
    private LayerWork layers;
    private ImageAnalyzer analyzer;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AnalyzerProgress progress = new AnalyzerProgress();
    private final AnalyzerMetrics metrics = new AnalyzerMetrics(meters, progress);

    @BeforeEach
    void start() throws Exception {
        registry = LocalRegistry.start();
        engine = EmbeddedStore.start(folder.resolve("store.db"));
        store = FleetStore.connect(engine.connectionString());
        facts = store.layerFacts();
        layers = layers(Duration.ofMinutes(1));
        analyzer = analyzer(layers, Duration.ofMinutes(5), Long.MAX_VALUE);
    }

    /** Only what hangs needs as long, and no claim on a layer runs out before. */
    private static final Duration LONG = Duration.ofMinutes(5);

    private LayerWork layers(Duration patience) {
        return layers(patience, true, Kinds.all());
    }

    private LayerWork layers(Duration patience, boolean lazily, List<FactsKind> kinds) {
        return new LayerWork(
                facts, LayerLimits.defaults(), lazily, Isal.none(), kinds, "test", LONG, patience, 2, metrics);
    }

    private ImageAnalyzer analyzer(LayerWork work, Duration imageTime, long maxFacts) {
        Registry client = Registry.connect(RegistrySettings.of(registry.url())
                .withBudget(10_000, 16)
                .withRetries(1, Duration.ofMillis(1), Duration.ofMillis(5))
                .withTimeouts(LONG, LONG));
        return new ImageAnalyzer(
                repository -> repository.registry().equals(client.host())
                        ? Optional.of(client.repository(repository.name()))
                        : Optional.empty(),
                work,
                imageTime,
                maxFacts,
                Clock.systemUTC());
    }

    @AfterEach
    void stop() {
        layers.close();
        store.close();
        engine.close();
        registry.close();
    }

    /** Seen by what happens when the store no longer has them. */
    @Test
    void factsOfALayerThatManyImagesHaveComeFromTheStoreOnce() throws Exception {
        TestLayer base = TestImages.alpine("3.19.1");
        ImagePushed one = pushed(TestImages.push(registry, "team/app", "1", base, TestImages.layer(Map.of("a", "1"))));
        ImagePushed two = pushed(TestImages.push(registry, "team/app", "2", base, TestImages.layer(Map.of("b", "2"))));
        analyzer.analyze(one, () -> {});
        ImageAnalysis before = analyzer.analyze(two, () -> {}).analysis();
        try (LayerWork cold = layers(Duration.ofMinutes(1))) {
            assertThat(analyzer(cold, Duration.ofMinutes(5), Long.MAX_VALUE)
                            .analyze(two, () -> {})
                            .analysis()
                            .fingerprint())
                    .isEqualTo(before.fingerprint());
        }
        try (MongoClient client = MongoClients.create(engine.connectionString())) {
            client.getDatabase("basewatch").getCollection("layers").deleteMany(new Document());
        }
        long read = meters.get("basewatch.analyzer.layer").timer().count();
        assertThat(analyzer.analyze(two, () -> {}).analysis().fingerprint()).isEqualTo(before.fingerprint());
        assertThat(meters.get("basewatch.analyzer.layer").timer().count()).isEqualTo(read);
    }

    private ImagePushed pushed(Digest digest) {
        return pushed(digest, registry.host());
    }

    private static ImagePushed pushed(Digest digest, String host) {
        return new ImagePushed(new Repository(host, "team/app"), "1", digest, digest, null, 1, Instant.EPOCH);
    }

    private Outcome analyze(Digest digest) {
        return analyze(analyzer, digest);
    }

    private Outcome analyze(ImageAnalyzer by, Digest digest) {
        try {
            return by.analyze(pushed(digest), () -> {});
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Reason.Code> codes(ImageAnalysis analysis) {
        return analysis.reasons().stream().map(Reason::code).toList();
    }

    @Test
    void anImageWhoseLayersAreAllReadIsComplete() {
        TestLayer base = TestImages.alpine("3.20.3");
        TestLayer top = TestImages.noise("a");
        Outcome outcome = analyze(TestImages.push(registry, "team/app", "1", base, top));
        ImageAnalysis analysis = outcome.analysis();
        assertThat(analysis.status()).as("%s", analysis.reasons()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(outcome.again()).isFalse();
        assertThat(analysis.settled()).isTrue();
        assertThat(analysis.platform()).isEqualTo(Platform.parse("linux/amd64"));
        assertThat(analysis.created()).isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));
        assertThat(analysis.fingerprint().distro().id()).isEqualTo("alpine");
        assertThat(analysis.layers())
                .extracting(ImageAnalysis.Layer::diffId)
                .containsExactly(base.diffId(), top.diffId());
        assertThat(analysis.uncompressedBytes()).isGreaterThan(200_000);
        assertThat(analysis.analyzerVersion()).isEqualTo(Fingerprinter.version());
        assertThat(progress.snapshot().layersRead()).isEqualTo(2);
        assertThat(progress.snapshot().bytesPulled()).isEqualTo(base.stored().length + top.stored().length);
        assertThat(meters.get("basewatch.analyzer.layer.bytes").counter().count())
                .isEqualTo(base.stored().length + top.stored().length);
    }

    @Test
    void aLayerOfTwoImagesIsPulledOnce() {
        TestLayer base = TestImages.alpine("3.20.3");
        Digest one = TestImages.push(registry, "team/app", "1", base, TestImages.noise("a"));
        Digest two = TestImages.push(registry, "team/app", "2", base, TestImages.noise("b"));
        analyze(one);
        assertThat(analyze(two).analysis().status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(registry.traffic().blobFetches(base.digest())).isEqualTo(1);
        assertThat(progress.snapshot().layersKnown()).isEqualTo(1);
    }

    @Test
    void fourThreadsThatMeetTheSameNewLayerPullItOnce() throws Exception {
        TestLayer base = TestImages.noise("shared");
        Digest image = TestImages.push(registry, "team/app", "1", base);
        registry.faults().latency(Duration.ofMillis(50));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<CompletableFuture<Outcome>> all = java.util.stream.IntStream.range(0, 4)
                    .mapToObj(n -> CompletableFuture.supplyAsync(() -> analyze(image), threads))
                    .toList();
            for (CompletableFuture<Outcome> one : all) {
                assertThat(one.get().analysis().status()).isEqualTo(AnalysisStatus.COMPLETE);
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } finally {
            threads.shutdownNow();
        }
        assertThat(registry.traffic().blobFetches(base.digest())).isEqualTo(1);
    }

    @Test
    void anArtifactIsSkipped() {
        String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + TestImages.MANIFEST
                + "\",\"artifactType\":\"application/spdx+json\",\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"digest\":\""
                + TestImages.digest("{}".getBytes(StandardCharsets.UTF_8)) + "\",\"size\":2},\"layers\":[]}";
        Digest digest = registry.push("team/app", "1", TestImages.MANIFEST, manifest.getBytes(StandardCharsets.UTF_8));
        Outcome outcome = analyze(digest);
        assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.SKIPPED);
        assertThat(codes(outcome.analysis())).containsExactly(Reason.Code.NOT_AN_IMAGE);
    }

    @Test
    void anImageForWindowsIsSkippedWithoutTouchingItsLayers() {
        TestLayer layer = TestImages.noise("windows");
        registry.pushBlob(layer.stored());
        Digest digest = TestImages.pushWithoutLayers(registry, "team/app", "1", "windows", layer);
        Outcome outcome = analyze(digest);
        assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.SKIPPED);
        assertThat(codes(outcome.analysis())).containsExactly(Reason.Code.NOT_LINUX);
        assertThat(registry.traffic().blobFetches(layer.digest())).isZero();
    }

    @Test
    void withoutConfigTheLayersAreStillReadAndTheImageIsPartial() {
        TestLayer base = TestImages.alpine("3.20.3");
        registry.pushBlob(base.stored());
        Digest missing = TestImages.digest(new byte[] {1});
        Outcome outcome = analyze(TestImages.manifest(registry, "team/app", "1", missing, 1, base));
        assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.PARTIAL);
        assertThat(codes(outcome.analysis())).containsExactly(Reason.Code.CONFIG_MISSING);
        assertThat(outcome.analysis().platform()).isNull();
        assertThat(outcome.analysis().fingerprint().distro().id()).isEqualTo("alpine");
        assertThat(outcome.again()).isFalse();
    }

    @Test
    void aMissingTopLayerLeavesTheImagePartialAndSaysHowFarThatReaches() {
        TestLayer base = TestImages.alpine("3.20.3");
        TestLayer top = TestImages.noise("gone");
        Digest digest = TestImages.push(registry, "team/app", "1", base, top);
        registry.removeBlob(top.digest());
        Outcome outcome = analyze(digest);
        assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.PARTIAL);
        assertThat(codes(outcome.analysis())).containsExactly(Reason.Code.BLOB_MISSING);
        assertThat(outcome.analysis().reasons().get(0).message())
                .contains("the top layer was not read")
                .contains(top.digest().toString());
        assertThat(outcome.analysis().fingerprint().distro().id()).isEqualTo("alpine");
        assertThat(outcome.analysis().uncompressedBytes()).isNull();
        assertThat(outcome.again()).isFalse();
    }

    @Test
    void aMissingLayerLeavesItUnknownWhatIsNotInTheOthers() {
        TestLayer base = TestImages.noise("base");
        TestLayer top = TestImages.noise("gone");
        Digest digest = TestImages.push(registry, "team/app", "1", base, top);
        registry.removeBlob(top.digest());
        Fingerprint found = analyze(digest).analysis().fingerprint();
        assertThat(found.systemLibc()).isEqualTo(Libc.unknown());
        assertThat(found.packages()).containsExactly(PackageDatabase.unknown());
        assertThat(found.distro()).isNull();
    }

    @Test
    void withoutAnyLayerTheImageIsUnscannableNotClean() {
        TestLayer only = TestImages.noise("only");
        Digest digest = TestImages.push(registry, "team/app", "1", only);
        registry.removeBlob(only.digest());
        Outcome outcome = analyze(digest);
        assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.UNSCANNABLE);
        assertThat(codes(outcome.analysis())).containsExactly(Reason.Code.BLOB_MISSING);
        assertThat(outcome.analysis().layers()).hasSize(1);
    }

    @Test
    void aLayerThatIsNotWhatItsDigestSaysIsNotBelievedAndNotKept() {
        TestLayer base = TestImages.alpine("3.20.3");
        TestLayer other = TestImages.alpine("3.19.1");
        Digest digest = TestImages.push(registry, "team/app", "1", TestImages.noise("below"), base);
        registry.corruptBlob(base.digest(), Arrays.copyOf(other.stored(), base.stored().length));
        Outcome outcome = analyze(digest);
        assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.PARTIAL);
        assertThat(codes(outcome.analysis())).containsAnyOf(Reason.Code.DIGEST_MISMATCH, Reason.Code.SIZE_MISMATCH);
        assertThat(outcome.analysis().fingerprint().distro()).isNull();
        assertThat(facts.nameOf(base.digest())).isEmpty();
    }

    @Test
    void aTruncatedArchiveGivesWhatItHasButIsNeverKeptAsTheLayersFacts() {
        TestLayer whole = TestImages.layer(java.util.Map.of(
                "etc/os-release",
                "ID=alpine\nVERSION_ID=3.20.3\n",
                "opt/noise",
                new String(TestImages.noise("x").stored(), StandardCharsets.ISO_8859_1)));
        byte[] half = Arrays.copyOf(whole.stored(), whole.stored().length / 2);
        TestLayer truncated = new TestLayer(half, TestImages.digest(half), whole.diffId());
        Outcome outcome = analyze(TestImages.push(registry, "team/app", "1", truncated));
        assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.PARTIAL);
        assertThat(codes(outcome.analysis())).contains(Reason.Code.LAYER_CORRUPT);
        assertThat(outcome.analysis().fingerprint().distro().id()).isEqualTo("alpine");
        assertThat(facts.nameOf(truncated.digest())).isEmpty();
        assertThat(facts.find(whole.diffId())).isEmpty();
        assertThat(progress.snapshot().layersFailed()).isEqualTo(1);
    }

    @Test
    void aWrongDiffIdLeavesTheImagePartialButTheFactsAreKeptUnderTheRightOne() {
        TestLayer base = TestImages.alpine("3.20.3");
        Digest wrong = TestImages.noise("other").diffId();
        Digest digest = TestImages.push(registry, "team/app", "1", new TestLayer(base.stored(), base.digest(), wrong));
        for (int attempt = 0; attempt < 2; attempt++) {
            Outcome outcome = analyze(digest);
            assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.PARTIAL);
            assertThat(codes(outcome.analysis())).containsExactly(Reason.Code.DIFF_ID_MISMATCH);
            assertThat(outcome.analysis().fingerprint().distro().id()).isEqualTo("alpine");
            assertThat(outcome.analysis().layers().get(0).diffId()).isEqualTo(base.diffId());
        }
        assertThat(registry.traffic().blobFetches(base.digest())).isEqualTo(1);
        assertThat(facts.find(wrong)).isEmpty();
    }

    @Test
    void aRegistryThatFailsForAMomentAsksForAnotherAttemptWhichIsComplete() {
        TestLayer base = TestImages.alpine("3.20.3");
        TestLayer top = TestImages.noise("a");
        Digest digest = TestImages.push(registry, "team/app", "1", base, top);
        registry.faults().refuse("/blobs/" + top.digest(), 1, 503);
        Outcome first = analyze(digest);
        assertThat(first.again()).isTrue();
        assertThat(first.analysis().status()).isEqualTo(AnalysisStatus.PARTIAL);
        Outcome second = analyze(digest);
        assertThat(second.analysis().status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(registry.traffic().blobFetches(base.digest())).isEqualTo(1);
    }

    @Test
    void aRegistryThatIsGoneIsAskedForNoMoreThanTwoLayersInOneAttempt() {
        TestLayer[] many = new TestLayer[10];
        for (int n = 0; n < many.length; n++) {
            many[n] = TestImages.layer(java.util.Map.of("opt/" + n, "x"));
        }
        Digest digest = TestImages.push(registry, "team/app", "1", many);
        for (TestLayer layer : many) {
            registry.faults().refuse("/blobs/" + layer.digest(), 100, 503);
        }
        Outcome outcome = analyze(digest);
        assertThat(outcome.again()).isTrue();
        assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.UNSCANNABLE);
        assertThat(outcome.analysis().reasons()).hasSize(10);
        long asked = registry.traffic().requests().stream()
                .filter(request -> request.status() == 503)
                .count();
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void aMissingManifestIsUnscannableUntilItIsLookedForAgain() {
        Outcome outcome = analyze(TestImages.digest(new byte[] {9}));
        assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.UNSCANNABLE);
        assertThat(codes(outcome.analysis())).containsExactly(Reason.Code.MANIFEST_MISSING);
        assertThat(outcome.again()).isFalse();
        assertThat(outcome.analysis().mayHeal()).isTrue();
    }

    @Test
    void aRegistryThatIsNotConfiguredIsNeverTalkedTo() throws Exception {
        Outcome outcome =
                analyzer.analyze(pushed(TestImages.digest(new byte[] {9}), "elsewhere.example.com"), () -> {});
        assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.UNSCANNABLE);
        assertThat(outcome.analysis().reasons().get(0).message())
                .contains("elsewhere.example.com")
                .contains("basewatch.registries");
        assertThat(outcome.again()).isFalse();
        assertThat(outcome.analysis().mayHeal()).isTrue();
    }

    @Test
    void aLayerThatAnotherAnalyzerReadsIsWaitedForAndNotPulled() throws Exception {
        TestLayer base = TestImages.alpine("3.20.3");
        Digest digest = TestImages.push(registry, "team/app", "1", base);
        List<Part> read = new LayerReader(LayerLimits.defaults(), Kinds.all())
                        .read(new ByteArrayInputStream(base.stored()), io.basewatch.layerfacts.Expected.NOTHING)
                        .encode()
                        .stream()
                        .map(part -> new Part(part.kind(), part.version(), part.bytes()))
                        .toList();
        Claim claim = facts.claim(base.digest(), "other", Duration.ofMinutes(1)).orElseThrow();
        CompletableFuture<Outcome> waiting = CompletableFuture.supplyAsync(() -> analyze(digest));
        assertThat(facts.save(claim, base.digest(), base.diffId(), FactsPart.ENTRIES_VERSION, read))
                .isTrue();
        facts.release(claim);
        assertThat(waiting.get().analysis().status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(registry.traffic().blobFetches(base.digest())).isZero();
    }

    @Test
    void aConfigThatNamesAnotherNumberOfLayersIsToldAndTheLayersAreReadWithoutIt() {
        TestLayer layer = TestImages.noise("uncompared");
        registry.pushBlob(layer.stored());
        byte[] config = TestImages.config("linux", List.of());
        Digest digest = TestImages.manifest(registry, "team/app", "1", registry.pushBlob(config), config.length, layer);
        Outcome outcome = analyze(digest);
        assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.PARTIAL);
        assertThat(outcome.analysis().reasons())
                .extracting(Reason::message)
                .containsExactly("the config names 0 diffIDs for 1 layer; the layers are read without comparing them");
    }

    @Test
    void aLayerThatAnotherAnalyzerHoldsForTooLongAsksForAnotherAttempt() {
        TestLayer base = TestImages.alpine("3.20.3");
        Digest digest = TestImages.push(registry, "team/app", "1", base);
        assertThat(facts.claim(base.digest(), "other", Duration.ofMinutes(1))).isPresent();
        try (LayerWork impatient = layers(Duration.ofMillis(1))) {
            Outcome outcome = analyze(analyzer(impatient, Duration.ofMinutes(5), Long.MAX_VALUE), digest);
            assertThat(outcome.again()).isTrue();
            assertThat(codes(outcome.analysis())).containsExactly(Reason.Code.TIMEOUT);
        }
    }

    private static final Turn BACKFILL = new Turn() {
        @Override
        public void await() {}

        @Override
        public Urgency urgency() {
            return Urgency.BACKFILL;
        }
    };

    private CompletableFuture<Outcome> backfill(ImageAnalyzer by, Digest image) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return by.analyze(pushed(image), BACKFILL);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void aLiveImageDoesNotWaitForALayerThatBackfillWaitsToRead() throws Exception {
        TestLayer slow = TestImages.noise("slow");
        TestLayer shared = TestImages.noise("shared");
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        registry.faults().intercept(request -> {
            if (request.path().contains("/blobs/" + slow.digest())) {
                begun.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return Optional.empty();
        });
        try (LayerWork one = new LayerWork(
                facts, LayerLimits.defaults(), false, Isal.none(), Kinds.all(), "test", LONG, LONG, 1, metrics)) {
            ImageAnalyzer narrow = analyzer(one, Duration.ofMinutes(5), Long.MAX_VALUE);
            CompletableFuture<Outcome> first = backfill(narrow, TestImages.push(registry, "team/app", "1", slow));
            begun.await();
            CompletableFuture<Outcome> second = backfill(narrow, TestImages.push(registry, "team/app", "2", shared));
            Outcome live = analyze(narrow, TestImages.push(registry, "team/app", "3", shared, TestImages.noise("l")));
            assertThat(live.analysis().status()).isEqualTo(AnalysisStatus.COMPLETE);
            assertThat(first.isDone()).isFalse();
            // It sees that the layer is known though no place is free for it.
            assertThat(second.get(LONG.toMillis(), TimeUnit.MILLISECONDS)
                            .analysis()
                            .status())
                    .isEqualTo(AnalysisStatus.COMPLETE);
            assertThat(first.isDone()).isFalse();
            assertThat(registry.traffic().blobFetches(shared.digest())).isEqualTo(1);
            go.countDown();
            assertThat(first.get().analysis().status()).isEqualTo(AnalysisStatus.COMPLETE);
        }
    }

    @Test
    void whatBreaksTheReaderOfALayerStopsThatImageAlone() throws Exception {
        for (Error error : List.of(new OutOfMemoryError("made up"), new StackOverflowError())) {
            TestLayer layer = TestImages.noise("breaks " + error.getClass().getSimpleName());
            MadeUpRegistry made = new MadeUpRegistry();
            ImagePushed event = pushed(made.image("broken", layer).digest(), MadeUpRegistry.HOST);
            made.brokenBlobs = error;
            ImageAnalyzer by =
                    new ImageAnalyzer(made::source, layers, Duration.ofMinutes(5), Long.MAX_VALUE, Clock.systemUTC());
            Outcome outcome = by.analyze(event, () -> {});
            assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.UNSCANNABLE);
            assertThat(codes(outcome.analysis())).containsExactly(Reason.Code.INTERNAL_ERROR);
            assertThat(outcome.again())
                    .as("other images may have had the memory")
                    .isEqualTo(error instanceof OutOfMemoryError);
            made.brokenBlobs = null;
            assertThat(by.analyze(event, () -> {}).analysis().status()).isEqualTo(AnalysisStatus.COMPLETE);
        }
    }

    @Test
    void aLayerIsLeftClaimableAfterAFailure() {
        TestLayer base = TestImages.alpine("3.20.3");
        Digest digest = TestImages.push(registry, "team/app", "1", base);
        registry.faults().refuse("/blobs/" + base.digest(), 1, 503);
        analyze(digest);
        assertThat(facts.claim(base.digest(), "other", Duration.ofMinutes(1))).isPresent();
    }

    @Test
    void anImageThatTakesTooLongGoesOnInTheNextAttempt() {
        TestLayer base = TestImages.alpine("3.20.3");
        TestLayer top = TestImages.noise("a");
        Digest digest = TestImages.push(registry, "team/app", "1", base, top);
        Outcome outcome = analyze(analyzer(layers, Duration.ofNanos(1), Long.MAX_VALUE), digest);
        assertThat(outcome.again()).isTrue();
        assertThat(codes(outcome.analysis())).containsOnly(Reason.Code.TIMEOUT);
        assertThat(analyze(digest).analysis().status()).isEqualTo(AnalysisStatus.COMPLETE);
    }

    @Test
    void factsOfOneImageAreBounded() {
        Digest digest = TestImages.push(registry, "team/app", "1", TestImages.alpine("3.20.3"));
        Outcome outcome = analyze(analyzer(layers, Duration.ofMinutes(5), 0), digest);
        assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.UNSCANNABLE);
        assertThat(codes(outcome.analysis())).containsExactly(Reason.Code.LIMIT_EXCEEDED);
    }

    @Test
    void countersAreThereBeforeAnythingHappens() {
        assertThat(meters.get("basewatch.analyzer.images")
                        .tag("status", "partial")
                        .counter()
                        .count())
                .isZero();
        assertThat(meters.get("basewatch.analyzer.failures")
                        .tag("reason", "layer-corrupt")
                        .counter()
                        .count())
                .isZero();
        assertThat(meters.get("basewatch.analyzer.layers")
                        .tag("outcome", "known")
                        .counter()
                        .count())
                .isZero();
        assertThat(meters.get("basewatch.analyzer.dead").counter().count()).isZero();
    }

    /** The same tar in another gzip stream, as when somebody pushes an image by another tool. */
    private static TestLayer recompressed(TestLayer layer) throws IOException {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (GZIPInputStream tar = new GZIPInputStream(new ByteArrayInputStream(layer.stored()));
                GZIPOutputStream gzip = new GZIPOutputStream(stored) {
                    {
                        def.setLevel(1);
                    }
                }) {
            tar.transferTo(gzip);
        }
        return new TestLayer(stored.toByteArray(), TestImages.digest(stored.toByteArray()), layer.diffId());
    }

    @Test
    void aBlobNobodyHasReadIsPulledWhateverDiffIdTheConfigClaims() throws Exception {
        TestLayer base = TestImages.alpine("3.20.3");
        TestLayer again = recompressed(base);
        TestLayer liar = TestImages.noise("another tar");
        TestLayer claiming = new TestLayer(liar.stored(), liar.digest(), base.diffId());
        assertThat(again.digest()).isNotEqualTo(base.digest());
        analyze(TestImages.push(registry, "team/app", "1", base));

        Outcome honest = analyze(TestImages.push(registry, "team/app", "2", again));
        assertThat(registry.traffic().blobFetches(again.digest())).isEqualTo(1);
        assertThat(honest.analysis().status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(honest.analysis().reasons()).isEmpty();

        Outcome lying = analyze(TestImages.push(registry, "team/app", "3", claiming));
        assertThat(lying.analysis().status()).isEqualTo(AnalysisStatus.PARTIAL);
        assertThat(lying.analysis().reasons()).extracting(Reason::code).containsExactly(Reason.Code.DIFF_ID_MISMATCH);
        assertThat(lying.analysis().fingerprint().distro()).isNull();
    }

    @Test
    void ofANewImageOnlyTheUnknownLayersArePulledAndOfOneWithNoneNothing() {
        TestLayer base = TestImages.alpine("3.20.3");
        TestLayer middle = TestImages.noise("m");
        TestLayer top = TestImages.noise("t");
        analyze(TestImages.push(registry, "team/app", "1", base, middle));
        long before = progress.snapshot().bytesPulled();

        analyze(TestImages.push(registry, "team/app", "2", base, middle, top));
        assertThat(progress.snapshot().bytesPulled() - before).isEqualTo(top.stored().length);

        assertThat(analyze(TestImages.push(registry, "team/app", "3", base, top))
                        .analysis()
                        .status())
                .isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(progress.snapshot().bytesPulled() - before).isEqualTo(top.stored().length);
        for (TestLayer layer : List.of(base, middle, top)) {
            assertThat(registry.traffic().blobFetches(layer.digest())).isEqualTo(1);
        }
    }

    /** As when it was frozen for longer than its lease: another one has the layer now, and only that one's facts count. */
    @Test
    void anAnalyzerThatLostItsClaimKeepsNothing() throws Exception {
        TestLayer base = TestImages.noise("lost");
        Digest digest = TestImages.push(registry, "team/app", "1", base);
        AtomicReference<Claim> other = new AtomicReference<>();
        try (LayerWork frozen = new LayerWork(
                facts,
                LayerLimits.defaults(),
                false,
                Isal.none(),
                Kinds.all(),
                "frozen",
                Duration.ofMillis(1),
                Duration.ofMinutes(1),
                2,
                metrics)) {
            registry.faults().intercept(request -> {
                if (request.path().contains("/blobs/" + base.digest()) && other.get() == null) {
                    await().atMost(LONG)
                            .until(() -> facts.claim(base.digest(), "other", Duration.ofMinutes(1))
                                    .map(claim -> other.compareAndSet(null, claim))
                                    .orElse(false));
                }
                return Optional.empty();
            });
            Outcome outcome = analyze(analyzer(frozen, Duration.ofMinutes(5), Long.MAX_VALUE), digest);
            assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.COMPLETE);
        }
        assertThat(facts.find(base.diffId())).isEmpty();
        assertThat(facts.renew(other.get(), Duration.ofMinutes(1)))
                .as("the other one's claim is untouched")
                .isTrue();
    }

    @Test
    void anAnalyzerThatWasKilledLeavesItsLayerToTheNextOne() {
        TestLayer base = TestImages.alpine("3.20.3");
        Digest digest = TestImages.push(registry, "team/app", "1", base);
        // Nobody renews or releases this one.
        assertThat(facts.claim(base.digest(), "killed", Duration.ofMillis(700))).isPresent();
        assertThat(analyze(digest).analysis().status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(registry.traffic().blobFetches(base.digest())).isEqualTo(1);
    }

    @Test
    void derivedAgainFromTheStoreAnAnalysisIsTheSame() throws Exception {
        TestLayer base = TestImages.alpine("3.20.3");
        TestLayer wrong = new TestLayer(
                base.stored(), base.digest(), TestImages.noise("other").diffId());
        TestLayer windows = TestImages.noise("windows");
        registry.pushBlob(windows.stored());
        List<Digest> images = List.of(
                TestImages.push(registry, "team/app", "1", base, TestImages.noise("a")),
                TestImages.push(registry, "team/app", "2", recompressed(base)),
                TestImages.push(registry, "team/app", "3", wrong),
                TestImages.manifest(registry, "team/app", "4", TestImages.digest(new byte[] {1}), 1, base),
                TestImages.pushWithoutLayers(registry, "team/app", "5", "windows", windows));
        for (Digest image : images) {
            Outcome outcome = analyze(image);
            registry.traffic().clear();
            ImageAnalysis again = analyzer.derive(outcome.analysis(), outcome.basis())
                    .orElseThrow()
                    .analysis();
            assertThat(again)
                    .usingRecursiveComparison()
                    .ignoringFields("analyzedAt")
                    .isEqualTo(outcome.analysis());
            assertThat(registry.traffic().requests()).isEmpty();
        }
    }

    @Test
    void whatWasNotReadToItsEndOrHasNoFactsCannotBeDerivedAgain() {
        TestLayer base = TestImages.alpine("3.20.3");
        TestLayer top = TestImages.noise("gone");
        Digest cut = TestImages.push(registry, "team/app", "1", base, top);
        registry.removeBlob(top.digest());
        assertThat(analyze(cut).basis()).isNull();

        Outcome whole = analyze(TestImages.push(registry, "team/app", "2", base));
        DerivationBasis basis = whole.basis();
        DerivationBasis older = new DerivationBasis(0, basis.inputs(), basis.reasons());
        assertThat(analyzer.derive(whole.analysis(), older)).isEmpty();
        store.close();
        engine.close();
        engine = EmbeddedStore.start(folder.resolve("empty.db"));
        store = FleetStore.connect(engine.connectionString());
        facts = store.layerFacts();
        try (LayerWork empty = layers(Duration.ofMinutes(1))) {
            assertThat(analyzer(empty, Duration.ofMinutes(5), Long.MAX_VALUE).derive(whole.analysis(), basis))
                    .isEmpty();
        }
    }

    // ---- facts by kind

    private static FactsKind notes(int version, int sameFilesSince, int bytes) {
        return new FactsKind(
                "notes",
                version,
                sameFilesSince,
                List.of((file, head) -> file.path().endsWith(".note") ? Want.content(bytes) : Want.NOTHING));
    }

    private List<FactsKind> with(FactsKind more) {
        List<FactsKind> kinds = new ArrayList<>(Kinds.all());
        kinds.add(more);
        return kinds;
    }

    @Test
    void aNewVersionOfAKindPullsOnlyLayersThatHaveSomethingForItAndKeepsTheOtherKinds() throws Exception {
        TestLayer base = TestImages.alpine("3.20.3");
        TestLayer noted = TestImages.layer(java.util.Map.of("opt/a.note", "remember", "opt/b.bin", "x"));
        Digest digest = TestImages.push(registry, "team/app", "1", base, noted);
        try (LayerWork first = layers(Duration.ofMinutes(1), false, with(notes(1, 1, 3)))) {
            analyze(analyzer(first, Duration.ofMinutes(5), Long.MAX_VALUE), digest);
        }
        assertThat(registry.traffic().blobFetches(base.digest())).isEqualTo(1);
        List<String> before = versions(noted);

        for (int attempt = 0; attempt < 2; attempt++) {
            try (LayerWork second = layers(Duration.ofMinutes(1), false, with(notes(2, 1, 100)))) {
                Outcome outcome = analyze(analyzer(second, Duration.ofMinutes(5), Long.MAX_VALUE), digest);
                assertThat(outcome.analysis().status()).isEqualTo(AnalysisStatus.COMPLETE);
                LayerFacts facts =
                        second.stored(FactsName.whole(noted.diffId())).orElseThrow();
                assertThat(SquashedImage.of(List.of(facts), ImageInputs.NONE)
                                .find("opt/a.note")
                                .orElseThrow()
                                .content())
                        .asString(StandardCharsets.UTF_8)
                        .isEqualTo("remember");
            }
        }
        assertThat(registry.traffic().blobFetches(base.digest()))
                .as("it had none, and the same files are chosen")
                .isEqualTo(1);
        assertThat(registry.traffic().blobFetches(noted.digest()))
                .as("once more")
                .isEqualTo(2);
        assertThat(versions(noted))
                .contains("notes/2")
                .doesNotContain("notes/1")
                .hasSameSizeAs(before);
        assertThat(versions(base)).contains("notes/2");
    }

    private List<String> versions(TestLayer layer) {
        return facts.find(layer.diffId()).stream()
                .map(part -> part.kind() + "/" + part.version())
                .toList();
    }

    @Test
    void anOlderAnalyzerBesideANewerOneNeitherBreaksItsFactsNorPullsForIt() throws Exception {
        TestLayer noted = TestImages.layer(java.util.Map.of("opt/a.note", "remember"));
        Digest digest = TestImages.push(registry, "team/app", "1", noted);
        try (LayerWork newer = layers(Duration.ofMinutes(1), false, with(notes(2, 1, 100)))) {
            analyze(analyzer(newer, Duration.ofMinutes(5), Long.MAX_VALUE), digest);
        }
        try (LayerWork older = layers(Duration.ofMinutes(1), false, with(notes(1, 1, 3)))) {
            assertThat(analyze(analyzer(older, Duration.ofMinutes(5), Long.MAX_VALUE), digest)
                            .analysis()
                            .status())
                    .isEqualTo(AnalysisStatus.COMPLETE);
        }
        assertThat(versions(noted)).contains("notes/2").doesNotContain("notes/1");
        try (LayerWork newer = layers(Duration.ofMinutes(1), false, with(notes(2, 1, 100)))) {
            analyze(analyzer(newer, Duration.ofMinutes(5), Long.MAX_VALUE), digest);
        }
        assertThat(registry.traffic().blobFetches(noted.digest())).isEqualTo(2);
    }

    @Test
    void damagedFactsAreReadAgainAndReplaced() throws Exception {
        TestLayer base = TestImages.alpine("3.20.3");
        Digest digest = TestImages.push(registry, "team/app", "1", base);
        assertThat(analyze(digest).analysis().status()).isEqualTo(AnalysisStatus.COMPLETE);
        Claim claim = facts.claim(base.digest(), "test", Duration.ofMinutes(1)).orElseThrow();
        Part elf = facts.find(base.diffId()).stream()
                .filter(part -> part.kind().equals("elf"))
                .findFirst()
                .orElseThrow();
        facts.save(
                claim,
                base.digest(),
                base.diffId(),
                FactsPart.ENTRIES_VERSION,
                List.of(new Part(elf.kind(), elf.version(), new byte[] {1, 2, 3})));
        facts.release(claim);

        // What an analyzer has decoded itself it need not ask for again: damage meets one that has just started.
        try (LayerWork started = layers(Duration.ofMinutes(1))) {
            ImageAnalyzer other = analyzer(started, Duration.ofMinutes(5), Long.MAX_VALUE);
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThat(analyze(other, digest).analysis().status()).isEqualTo(AnalysisStatus.COMPLETE);
            }
        }
        try (LayerWork third = layers(Duration.ofMinutes(1))) {
            assertThat(analyze(analyzer(third, Duration.ofMinutes(5), Long.MAX_VALUE), digest)
                            .analysis()
                            .status())
                    .isEqualTo(AnalysisStatus.COMPLETE);
        }
        assertThat(registry.traffic().blobFetches(base.digest())).isEqualTo(2);
    }

    // ---- layers with a table of contents

    /** An Alpine with an application of texts, the most of it. */
    private static TestLayer alpineWithTable() {
        Map<String, byte[]> files = new HashMap<>();
        files.put("etc/os-release", "ID=alpine\nVERSION_ID=3.20.3\n".getBytes(StandardCharsets.UTF_8));
        files.put("etc/alpine-release", "3.20.3\n".getBytes(StandardCharsets.UTF_8));
        byte[] program = new byte[100_000];
        new Random(1).nextBytes(program);
        files.put("usr/bin/app", program);
        byte[] text = new byte[2_000_000];
        new Random(2).nextBytes(text);
        files.put("usr/lib/app/words.txt", text);
        return TestImages.stargz(files);
    }

    private double saved() {
        return meters.get("basewatch.analyzer.layer.bytes.saved").counter().count();
    }

    private double pulled() {
        return meters.get("basewatch.analyzer.layer.bytes").counter().count();
    }

    @Test
    void ofALayerWithATableOnlyWhatMattersIsPulled() {
        TestLayer layer = alpineWithTable();
        Digest image = TestImages.push(registry, "team/app", "1", layer);
        Outcome outcome = analyze(image);
        ImageAnalysis analysis = outcome.analysis();
        assertThat(codes(analysis)).containsExactly(Reason.Code.READ_BY_TABLE);
        assertThat(analysis.status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(analysis.fingerprint().distro().id()).isEqualTo("alpine");
        ImageAnalysis.Layer listed = analysis.layers().get(0);
        assertThat(listed.diffId()).as("nobody saw the tar").isNull();
        assertThat(listed.claimedDiffId()).as("as the config says").isEqualTo(layer.diffId());
        assertThat(listed.uncompressedBytes()).isNull();
        assertThat(listed.table()).isNotNull();
        assertThat(pulled()).isBetween(100_000.0, 300_000.0);
        assertThat(saved()).isEqualTo(layer.stored().length - pulled());
        // What of an answer was on its way when it was left is a matter of buffers.
        assertThat(registry.traffic().blobBytes()).isLessThan(layer.stored().length / 2);
        assertThat(meters.get("basewatch.analyzer.layers")
                        .tag("outcome", "read")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(meters.get("basewatch.analyzer.layers")
                        .tag("outcome", "failed")
                        .counter()
                        .count())
                .isZero();
        assertThat(analyzer.derive(analysis, outcome.basis()).orElseThrow().analysis())
                .usingRecursiveComparison()
                .ignoringFields("analyzedAt")
                .isEqualTo(analysis);

        registry.traffic().clear();
        assertThat(analyze(TestImages.push(registry, "team/app", "2", layer, TestImages.noise("b")))
                        .analysis()
                        .layers()
                        .get(0))
                .isEqualTo(listed);
        assertThat(registry.traffic().blobFetches(layer.digest())).isZero();
    }

    @Test
    void readByItsTableALayerSaysTheSameAsReadWhole() {
        TestLayer layer = alpineWithTable();
        ImageAnalysis lazy =
                analyze(TestImages.push(registry, "team/app", "1", layer)).analysis();
        ImageAnalysis whole = analyze(TestImages.push(registry, "team/app", "1", layer.annotated("{}")))
                .analysis();
        assertThat(codes(whole)).isEmpty();
        assertThat(whole.layers().get(0).diffId()).isEqualTo(layer.diffId());
        assertThat(whole.layers().get(0).table()).isNull();
        assertThat(whole.fingerprint().toString().replace(layer.diffId().toString(), "layer"))
                .isEqualTo(lazy.fingerprint().toString().replace(layer.digest().toString(), "layer"));
        // Now that somebody saw the whole, that is what counts.
        ImageAnalysis again =
                analyze(TestImages.push(registry, "team/app", "1", layer)).analysis();
        assertThat(again.layers().get(0).diffId()).isEqualTo(layer.diffId());
        assertThat(codes(again)).isEmpty();
    }

    @Test
    void factsByATableAreNotBelievedOfAManifestThatNamesAnotherOrNone() {
        TestLayer layer = alpineWithTable();
        analyze(TestImages.push(registry, "team/app", "1", layer));
        for (String annotations :
                List.of("{}", "{\"containerd.io/snapshot/stargz/toc.digest\":\"sha256:" + "ab".repeat(32) + "\"}")) {
            registry.traffic().clear();
            ImagePushed other = pushed(TestImages.push(registry, "team/app", "1", layer.annotated(annotations)));
            assertThat(layers.known(
                            ((ImageManifest) manifest(other.digest())).layers().get(0), layer.diffId()))
                    .isEmpty();
        }
    }

    private Manifest manifest(Digest digest) {
        try {
            return Registry.connect(RegistrySettings.of(registry.url()))
                    .repository("team/app")
                    .manifest(digest.toString());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void assertReadWhole(TestLayer layer) {
        ImageAnalysis analysis =
                analyze(TestImages.push(registry, "team/app", "1", layer)).analysis();
        assertThat(analysis.status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(codes(analysis)).isEmpty();
        assertThat(analysis.layers().get(0).diffId()).isEqualTo(layer.diffId());
        assertThat(analysis.layers().get(0).table()).isNull();
        assertThat(saved()).isZero();
        assertThat(meters.get("basewatch.analyzer.layers")
                        .tag("outcome", "failed")
                        .counter()
                        .count())
                .isZero();
    }

    @Test
    void aLayerIsReadWholeWhereTheRegistryGivesNoParts() {
        registry.faults().withoutRange();
        assertReadWhole(alpineWithTable());
    }

    @Test
    void aLayerIsReadWholeWhereTheRegistryBreaksOnParts() {
        registry.faults()
                .intercept(request ->
                        request.headers().containsKey("range") ? Optional.of(Reply.of(500)) : Optional.empty());
        assertReadWhole(alpineWithTable());
    }

    @Test
    void aLayerIsReadWholeWhoseTableIsNotThePromisedOne() {
        assertReadWhole(alpineWithTable()
                .annotated("{\"containerd.io/snapshot/stargz/toc.digest\":\"sha256:" + "ab".repeat(32) + "\"}"));
    }

    @Test
    void aLayerIsReadWholeWhoseChunksAreNotThoseOfItsTable() {
        // The registry mixes up the parts, and is right about the whole.
        TestLayer layer = alpineWithTable();
        registry.faults()
                .intercept(request ->
                        request.headers().getOrDefault("range", "").matches("bytes=\\d{1,3}-.*")
                                ? Optional.of(new Reply(
                                        206,
                                        Map.of(
                                                "Content-Range",
                                                request.headers().get("range").replace("=", " ") + "/"
                                                        + layer.stored().length),
                                        "x".repeat(part(request.headers().get("range")))))
                                : Optional.empty());
        assertReadWhole(layer);
    }

    private static int part(String range) {
        String[] ends = range.substring("bytes=".length()).split("-");
        return Integer.parseInt(ends[1]) - Integer.parseInt(ends[0]) + 1;
    }

    @Test
    void lazyReadsCanBeSwitchedOff() {
        LayerWork whole = layers(Duration.ofMinutes(1), false, Kinds.all());
        TestLayer layer = alpineWithTable();
        ImageAnalysis analysis = analyze(
                        analyzer(whole, Duration.ofMinutes(5), Long.MAX_VALUE),
                        TestImages.push(registry, "team/app", "1", layer))
                .analysis();
        whole.close();
        assertThat(codes(analysis)).isEmpty();
        assertThat(analysis.layers().get(0).diffId()).isEqualTo(layer.diffId());
        assertThat(saved()).isZero();
    }
}
