package io.basewatch.layeranalyzer;

import com.sun.management.OperatingSystemMXBean;
import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.DigestRange;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.layeranalyzer.TestImages.TestLayer;
import io.basewatch.layerfacts.Isal;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.ociregistry.Descriptor;
import io.basewatch.ociregistry.ImageConfig;
import io.basewatch.ociregistry.ImageManifest;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.ociregistry.ImageTargets;
import io.basewatch.ociregistry.Manifest;
import io.basewatch.registrytestkit.CorpusRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The command of docs/benchmarks.md about known layers, no test: so many images on real bases, each with a tiny layer of its own, all layers known to the
 * store, are analysed and saved. Asked for by its name only.
 */
class KnownLayersBenchmark {

    private static final int IMAGES = Integer.getInteger("known.images", 1000);
    private static final int ROUNDS = Integer.getInteger("known.rounds", 3);
    private static final List<String> SMALL =
            List.of("library/alpine", "library/busybox", "distroless/static", "wolfi/glibc-base");
    private static final int BATCH = 500;
    private static final PrintStream OUT = System.out;

    private final Path blobs = Path.of(
            System.getProperty("basewatch.corpus", "../../shared/corpus"), "registry/docker/registry/v2/blobs/sha256");

    @Test
    void imagesAMinute(@TempDir Path folder) throws Exception {
        List<JsonNode> small = new ArrayList<>();
        List<JsonNode> debian = new ArrayList<>();
        for (JsonNode image : CorpusRegistry.truth("images")) {
            String name = image.get("repo").asString();
            if (SMALL.contains(name)
                    && small.stream()
                                    .filter(there ->
                                            there.get("repo").asString().equals(name))
                                    .count()
                            < 2) {
                small.add(image);
            } else if (name.equals("library/debian")) {
                debian.add(image);
            }
        }
        try (EmbeddedStore server = EmbeddedStore.start(folder.resolve("store.db"));
                FleetStore store = FleetStore.connect(server.connectionString())) {
            measure(store, "small bases", small);
            measure(store, "debian", debian);
        }
    }

    /** The command of docs/benchmarks.md about a new catalogue: so many analysed images are judged, one after the other, by what is in the store. */
    @Test
    void judgedAgain(@TempDir Path folder) throws Exception {
        List<JsonNode> bases = CorpusRegistry.truth("images").stream()
                .filter(image -> SMALL.contains(image.get("repo").asString())
                        || image.get("repo").asString().equals("library/debian"))
                .toList();
        try (EmbeddedStore server = EmbeddedStore.start(folder.resolve("store.db"));
                FleetStore store = FleetStore.connect(server.connectionString())) {
            MadeImages images = new MadeImages(bases);
            AnalyzerMetrics metrics = new AnalyzerMetrics(new SimpleMeterRegistry(), new AnalyzerProgress());
            List<Digest> made = images.make(IMAGES);
            analyze(store, metrics, images, made, true);
            for (Digest image : made) {
                // Who no tag leads to is not judged.
                store.imageArchive().apply(pushed(image));
            }
            images.pulled = 0;
            try (LayerWork layers = layers(store, metrics)) {
                Rejudgement again = new Rejudgement(store.judgements(), analyzer(layers, images));
                long stale = again.countStale();
                long cpu = cpu();
                long start = System.nanoTime();
                int judged = 0;
                for (DigestRange range : DigestRange.parts()) {
                    Digest after = null;
                    List<Digest> batch = again.stale(range, after, BATCH);
                    while (!batch.isEmpty()) {
                        for (Digest image : batch) {
                            judged += again.renew(image).isPresent() ? 1 : 0;
                        }
                        after = batch.get(batch.size() - 1);
                        batch = again.stale(range, after, BATCH);
                    }
                }
                OUT.printf(
                        Locale.ROOT,
                        "%d of %d images judged in %.1f s, %.2f ms of CPU each, %d left, %d bytes pulled, %d MB of heap%n",
                        judged,
                        stale,
                        (System.nanoTime() - start) / 1e9,
                        (cpu() - cpu) / 1e6 / judged,
                        again.countStale(),
                        images.pulled,
                        heap() >> 20);
            }
        }
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private void measure(FleetStore store, String what, List<JsonNode> bases) throws Exception {
        MadeImages images = new MadeImages(bases);
        AnalyzerMetrics metrics = new AnalyzerMetrics(new SimpleMeterRegistry(), new AnalyzerProgress());
        for (int round = 0; round < ROUNDS; round++) {
            List<Digest> made = images.make(IMAGES);
            analyze(store, metrics, images, made, false);
            System.gc();
            long cpu = cpu();
            long start = System.nanoTime();
            analyze(store, metrics, images, made, true);
            double seconds = (System.nanoTime() - start) / 1e9;
            double cpuSeconds = (cpu() - cpu) / 1e9;
            OUT.printf(
                    Locale.ROOT,
                    "%s, round %d: %d images, %.2f ms of CPU each, %.0f images a minute and core (%.0f by the clock)%n",
                    what,
                    round + 1,
                    made.size(),
                    cpuSeconds * 1000 / made.size(),
                    made.size() * 60 / cpuSeconds,
                    made.size() * 60 / seconds);
        }
    }

    /** By an analyzer that has just started. */
    private void analyze(FleetStore store, AnalyzerMetrics metrics, MadeImages images, List<Digest> made, boolean save)
            throws Exception {
        try (LayerWork layers = layers(store, metrics)) {
            ImageAnalyzer analyzer = analyzer(layers, images);
            for (Digest image : made) {
                ImagePushed event = pushed(image);
                if (save) {
                    ImageAnalyzer.Outcome outcome = analyzer.analyze(event, () -> {});
                    store.imageArchive().save(outcome.analysis(), outcome.basis());
                } else {
                    // Only so that the layers are known.
                    Descriptor own =
                            images.layersOf(image).get(images.layersOf(image).size() - 1);
                    for (Descriptor layer : List.of(images.layersOf(image).get(0), own)) {
                        layers.facts(images, layer, images.diffId(layer), () -> {});
                    }
                }
            }
        }
    }

    private static ImagePushed pushed(Digest image) {
        Repository repository = new Repository("registry.example", "made");
        return new ImagePushed(repository, "t-" + image.hex().substring(0, 20), image, image, null, 1, Instant.now());
    }

    private static LayerWork layers(FleetStore store, AnalyzerMetrics metrics) {
        return new LayerWork(
                store.layerFacts(),
                LayerLimits.defaults(),
                false,
                Isal.none(),
                Kinds.all(),
                "benchmark",
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                1,
                metrics);
    }

    private static ImageAnalyzer analyzer(LayerWork layers, MadeImages images) {
        return new ImageAnalyzer(
                repository -> Optional.of(images), layers, Duration.ofHours(1), Long.MAX_VALUE, Clock.systemUTC());
    }

    private static long cpu() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private final class MadeImages implements ImageSource {

        private final List<List<Descriptor>> bases = new ArrayList<>();
        private final Map<Digest, List<Descriptor>> images = new HashMap<>();
        private final Map<Digest, Digest> diffIds = new HashMap<>();
        private final Map<Digest, byte[]> own = new HashMap<>();
        private int made;
        private long pulled;

        MadeImages(List<JsonNode> corpus) {
            for (JsonNode image : corpus) {
                List<Descriptor> layers = new ArrayList<>();
                for (int n = 0; n < image.get("layers").size(); n++) {
                    JsonNode layer = image.get("layers").get(n);
                    Digest digest = Digest.parse(layer.get("digest").asString());
                    layers.add(Descriptor.of(
                            layer.get("mediaType").asString(),
                            digest,
                            layer.get("size").asLong()));
                    diffIds.put(
                            digest, Digest.parse(image.get("diff_ids").get(n).asString()));
                }
                bases.add(layers);
            }
        }

        List<Digest> make(int count) {
            List<Digest> digests = new ArrayList<>();
            for (int n = 0; n < count; n++) {
                TestLayer layer = TestImages.layer(Map.of("app/build-" + System.nanoTime(), "number " + made++));
                List<Descriptor> layers = new ArrayList<>(bases.get(n % bases.size()));
                layers.add(Descriptor.of(TestImages.LAYER, layer.digest(), layer.stored().length));
                diffIds.put(layer.digest(), layer.diffId());
                own.put(layer.digest(), layer.stored());
                Digest image = TestImages.digest(layers.toString().getBytes(StandardCharsets.UTF_8));
                images.put(image, layers);
                digests.add(image);
            }
            return digests;
        }

        List<Descriptor> layersOf(Digest image) {
            return images.getOrDefault(image, List.of());
        }

        Digest diffId(Descriptor layer) {
            return diffIds.get(layer.digest());
        }

        @Override
        public String reference(String tagOrDigest) {
            return "made@" + tagOrDigest;
        }

        @Override
        public Manifest manifest(String tagOrDigest) {
            Digest image = Digest.parse(tagOrDigest);
            Descriptor config = Descriptor.of("application/vnd.oci.image.config.v1+json", image, 1);
            return new ImageManifest(image, TestImages.MANIFEST, config, layersOf(image), Map.of());
        }

        @Override
        public ImageConfig config(Descriptor config) {
            return new ImageConfig(
                    Platform.parse("linux/amd64"),
                    Instant.EPOCH,
                    layersOf(config.digest()).stream().map(this::diffId).toList(),
                    ImageInputs.NONE);
        }

        @Override
        public InputStream blob(Descriptor blob) {
            byte[] made = own.get(blob.digest());
            try {
                pulled += blob.size();
                String hex = blob.digest().hex();
                return made != null
                        ? new ByteArrayInputStream(made)
                        : Files.newInputStream(blobs.resolve(hex.substring(0, 2) + "/" + hex + "/data"));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public ImageTargets resolve(String tagOrDigest) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
