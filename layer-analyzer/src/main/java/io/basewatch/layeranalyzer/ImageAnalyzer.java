package io.basewatch.layeranalyzer;

import io.basewatch.caveats.Judge;
import io.basewatch.caveats.JudgedImage;
import io.basewatch.caveats.kept.KeptImage;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.ImageMemory;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageAnalysis.Layer;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.DerivationBasis;
import io.basewatch.layerfacts.FactsName;
import io.basewatch.layerfacts.Isal;
import io.basewatch.layerfacts.LaidLayers;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.ociregistry.ArtifactManifest;
import io.basewatch.ociregistry.Descriptor;
import io.basewatch.ociregistry.ImageConfig;
import io.basewatch.ociregistry.ImageManifest;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.ociregistry.Manifest;
import io.basewatch.ociregistry.RegistryException;
import io.basewatch.tracing.Step;
import io.basewatch.tracing.What;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what one image stands on, as far as it can be read now. Stores nothing but layer facts. Thread-safe. */
public final class ImageAnalyzer {

    private static final Logger log = LoggerFactory.getLogger(ImageAnalyzer.class);

    /** Far above what builders and runtimes take (127). */
    private static final int MAX_LAYERS = 1_000;

    /** After so many failures that time may heal, no further layer of the image is pulled in this attempt. */
    private static final int TEMPORARY_FAILURES = 2;

    private static final int MEMORYS_SHARE_OF_HEAP = 16;
    private static final long MAX_MEMORY = 64L << 20;

    private static final String FINGERPRINTING = "fingerprinting";
    private static final String JUDGING = "judging";

    private final Function<Repository, Optional<ImageSource>> sources;
    private final Layers layers;
    private final Duration imageTime;
    private final long maxFactsBytes;
    private final Clock clock;
    private final int layersAtOnce;

    /** Of what image after image has; null where there is but one image. */
    private final @Nullable ImageMemory memory;

    /**
     * @param sources empty for a registry that this analyzer is not told about
     * @param imageTime after which no further layer is begun in one attempt
     * @param maxFactsBytes of all layers of one image, held in memory
     */
    ImageAnalyzer(
            Function<Repository, Optional<ImageSource>> sources,
            Layers layers,
            Duration imageTime,
            long maxFactsBytes,
            Clock clock) {
        this(
                sources,
                layers,
                imageTime,
                maxFactsBytes,
                clock,
                1,
                new ImageMemory(Math.min(MAX_MEMORY, Runtime.getRuntime().maxMemory() / MEMORYS_SHARE_OF_HEAP)));
    }

    /** @param layersAtOnce of one image: more than 1 where it is the only one in hand */
    private ImageAnalyzer(
            Function<Repository, Optional<ImageSource>> sources,
            Layers layers,
            Duration imageTime,
            long maxFactsBytes,
            Clock clock,
            int layersAtOnce,
            @Nullable ImageMemory memory) {
        this.sources = sources;
        this.layers = layers;
        this.imageTime = imageTime;
        this.maxFactsBytes = maxFactsBytes;
        this.clock = clock;
        this.layersAtOnce = layersAtOnce;
        this.memory = memory;
    }

    /**
     * For single images, by somebody who has neither store nor events: nothing is kept but the facts of the last few layers, in memory. Layers of an image are read side by side, as many as
     * there are processors, at most {@value LayersAhead#MOST_AT_ONCE}.
     */
    public static ImageAnalyzer withoutStore(LayerLimits limits) {
        return new ImageAnalyzer(
                repository -> Optional.empty(),
                new UnkeptLayers(new LayerPull(limits, true, isal(), bytes -> {}, bytes -> {})),
                Duration.ofHours(1),
                2 * limits.maxFactsBytes(),
                Clock.systemUTC(),
                LayersAhead.worthwhile(),
                null);
    }

    /** As services are told by the same variable. */
    private static Isal isal() {
        return "false".equalsIgnoreCase(System.getenv("BASEWATCH_ANALYZER_ISAL")) ? Isal.none() : Isal.installed();
    }

    /**
     * @param judgement of the analysis
     * @param image that was judged: large; null when nothing of it was read
     * @param layers facts of those that were read, from below
     */
    public record Judged(
            ImageAnalysis analysis,
            Judgement judgement,
            @Nullable JudgedImage image,
            List<LayerFacts> layers) {}

    /**
     * Reads an image now. Whatever goes wrong is told in the analysis.
     *
     * @param digest of the image's manifest
     * @param platform as an index says; null when none does
     */
    public Judged analyze(ImageSource source, Digest digest, @Nullable Platform platform) throws InterruptedException {
        Attempt attempt = new Attempt(digest, platform);
        Outcome outcome = attempt.run(source, () -> {});
        return new Judged(outcome.analysis(), outcome.judgement(), attempt.image, attempt.facts);
    }

    /** Called before each layer that might be pulled, so that work that is less urgent can give way. */
    interface Turn {
        void await() throws InterruptedException;

        default Urgency urgency() {
            return Urgency.LIVE;
        }

        /** What reading the layers is a part of. */
        default Step step() {
            return Step.NONE;
        }

        /** The same, as a part of this step. */
        default Turn within(Step step) {
            Turn whole = this;
            return new Turn() {
                @Override
                public void await() throws InterruptedException {
                    whole.await();
                }

                @Override
                public Urgency urgency() {
                    return whole.urgency();
                }

                @Override
                public Step step() {
                    return step;
                }
            };
        }
    }

    /**
     * @param analysis what is to be kept if this was the last attempt
     * @param basis to be kept with it; null when something of it is not in the store
     * @param judgement of the analysis
     * @param again whether another attempt, now or in a moment, may come further
     */
    record Outcome(ImageAnalysis analysis, @Nullable DerivationBasis basis, Judgement judgement, boolean again) {}

    Outcome analyze(ImagePushed event, Turn turn) throws InterruptedException {
        Attempt attempt = new Attempt(event.digest(), event.platform());
        attempt.index = event.tagDigest().equals(event.digest()) ? null : event.tagDigest();
        Optional<ImageSource> source = sources.apply(event.repository());
        if (source.isEmpty()) {
            return attempt.unscannable(new Reason(
                    Reason.Code.REGISTRY_UNAVAILABLE,
                    "registry " + event.repository().registry()
                            + " is not one of basewatch.registries; the image is read when it is added there"));
        }
        try (ImageSource open = source.get()) {
            return attempt.run(open, turn);
        } catch (RegistryException e) {
            throw new IllegalStateException("a source that holds nothing failed to close", e);
        }
    }

    /** What is said of an image that was not read at all. */
    Outcome unscannable(ImagePushed event, Reason reason) {
        return new Attempt(event.digest(), event.platform()).unscannable(reason);
    }

    /** One attempt on one image. */
    private final class Attempt {

        private final Digest digest;
        private final List<Reason> reasons = new ArrayList<>();
        private final List<Layer> listed = new ArrayList<>();
        private final List<LayerFacts> facts = new ArrayList<>();

        /** The facts, laid while layers above them are read; null where what is laid is shared with other images. */
        private final @Nullable LaidLayers laid = memory == null ? new LaidLayers() : null;

        private final long start = System.nanoTime();
        private @Nullable Platform platform;

        /** Through which the image was found; null where it was found by itself. */
        private @Nullable Digest index;

        private @Nullable Instant created;
        private Map<String, String> annotations = Map.of();
        private List<ImageInputs.Material> builtFrom = List.of();
        private long factsBytes;
        private int temporary;
        private boolean whole = true;
        private @Nullable DerivationBasis basis;
        private @Nullable JudgedImage image;

        /** What the laying of its layers broke with. */
        private @Nullable Throwable broken;

        Attempt(Digest digest, @Nullable Platform platform) {
            this.digest = digest;
            this.platform = platform;
        }

        Outcome run(ImageSource source, Turn turn) throws InterruptedException {
            Manifest manifest;
            try {
                manifest = source.manifest(digest.toString());
            } catch (RegistryException e) {
                note(e);
                return unscannable();
            }
            if (manifest instanceof ArtifactManifest artifact) {
                return skipped(new Reason(
                        Reason.Code.NOT_AN_IMAGE, "an artifact of type " + artifact.artifactType() + ", no image"));
            }
            if (!(manifest instanceof ImageManifest image)) {
                return unscannable(
                        new Reason(Reason.Code.MANIFEST_INVALID, "an index of images where one image was announced"));
            }
            if (image.layers().size() > MAX_LAYERS) {
                return unscannable(new Reason(
                        Reason.Code.LIMIT_EXCEEDED,
                        "the manifest lists " + image.layers().size() + " layers, more than " + MAX_LAYERS));
            }
            layers.expect(image.layers());
            annotations = image.annotations();
            builtFrom = index == null ? List.of() : BuildProvenance.builtFrom(source, index, digest);
            ImageConfig config = config(source, image);
            if (platform != null && !platform.isLinux()) {
                for (int n = 0; n < image.layers().size(); n++) {
                    list(image.layers().get(n), claimed(image, config, n), null);
                }
                return skipped(
                        new Reason(Reason.Code.NOT_LINUX, "an image for " + platform + ", which has no libc of Linux"));
            }
            read(source, image, config, turn);
            return result(config);
        }

        private @Nullable ImageConfig config(ImageSource source, ImageManifest image) {
            try {
                ImageConfig config = source.config(image.config());
                platform = config.platform() != null ? config.platform() : platform;
                created = config.created();
                if (config.diffIds().size() != image.layers().size()) {
                    problem(new Reason(
                            Reason.Code.CONFIG_INVALID,
                            "the config names " + Counted.of(config.diffIds().size(), "diffID", "diffIDs") + " for "
                                    + Counted.of(image.layers().size(), "layer", "layers")
                                    + "; the layers are read without comparing them"));
                }
                return config;
            } catch (RegistryException e) {
                note(e);
                return null;
            }
        }

        private void read(ImageSource source, ImageManifest image, @Nullable ImageConfig config, Turn turn)
                throws InterruptedException {
            int count = image.layers().size();
            try (LayersAhead ahead = new LayersAhead(
                    image.layers(),
                    n -> layer(source, image.layers().get(n), claimed(image, config, n), turn),
                    layersAtOnce)) {
                for (int n = 0; n < count; n++) {
                    Layers.Result result = ahead.next();
                    LayerFacts read = result.facts();
                    if (read != null && factsBytes + read.heldBytes() > maxFactsBytes) {
                        read = null;
                        result = Layers.Result.failed(
                                new Reason(
                                        Reason.Code.LIMIT_EXCEEDED,
                                        "the facts of the image's layers need more than " + maxFactsBytes + " bytes"),
                                false);
                    }
                    if (read != null) {
                        facts.add(read);
                        factsBytes += read.heldBytes();
                        lay(read);
                    }
                    boolean toItsEnd = read != null && read.isComplete();
                    whole &= toItsEnd;
                    list(image.layers().get(n), claimed(image, config, n), read);
                    Reason problem = result.problem();
                    if (problem != null) {
                        temporary += result.temporary() ? 1 : 0;
                        problem(new Reason(problem.code(), toItsEnd ? problem.message() : unread(n, count, problem)));
                    }
                }
            }
        }

        private void lay(LayerFacts read) {
            if (laid == null || broken != null) {
                return;
            }
            try {
                laid.lay(read);
            } catch (RuntimeException | Error e) {
                broken = e;
            }
        }

        /** What the config says of a layer; null when it does not, or names diffIDs for other layers than there are. */
        private @Nullable Digest claimed(ImageManifest image, @Nullable ImageConfig config, int n) {
            boolean isComparable =
                    config != null && config.diffIds().size() == image.layers().size();
            return isComparable && config != null ? config.diffIds().get(n) : null;
        }

        /** How the layer is read, as things stand now. */
        private Callable<Layers.Result> layer(
                ImageSource source, Descriptor layer, @Nullable Digest diffId, Turn turn) {
            boolean late = System.nanoTime() - start > imageTime.toNanos();
            if (temporary < TEMPORARY_FAILURES && !late) {
                return () -> layers.facts(source, layer, diffId, turn);
            }
            Reason left = late
                    ? new Reason(
                            Reason.Code.TIMEOUT,
                            "layer " + layer.digest() + " was not begun, the image took more than " + imageTime)
                    : new Reason(
                            Reason.Code.REGISTRY_UNAVAILABLE,
                            "layer " + layer.digest() + " was not asked for after other layers failed");
            return () -> layers.known(layer, diffId).orElseGet(() -> Layers.Result.failed(left, true));
        }

        /** The weaker the higher: an unread layer on top may change anything that those below say. */
        private String unread(int n, int count, Reason problem) {
            String above = n == count - 1 ? "the top layer" : "layer " + (n + 1) + " of " + count + " from below";
            return above + " was not read to its end, so what it adds, changes or removes is not known: "
                    + problem.message();
        }

        /**
         * @param claimed its diffID as the config says
         */
        private void list(Descriptor layer, @Nullable Digest claimed, @Nullable LayerFacts read) {
            boolean toItsEnd = read != null && read.isComplete();
            Digest seen = read != null && toItsEnd ? read.diffId() : null;
            listed.add(new Layer(
                    layer.digest(),
                    seen,
                    seen == null ? claimed : null,
                    layer.mediaType(),
                    layer.size(),
                    read != null && toItsEnd && !read.isLazy() ? (Long) read.uncompressedBytes() : null,
                    read == null ? null : read.table()));
        }

        private Outcome result(@Nullable ImageConfig config) {
            if (facts.isEmpty() && !listed.isEmpty()) {
                return unscannable();
            }
            ImageInputs inputs = (config == null ? ImageInputs.NONE : config.inputs())
                    .annotated(annotations)
                    .from(builtFrom)
                    .on(platform);
            if (whole) {
                basis = basis(inputs.kept(), reasons);
            }
            if (broken != null) {
                return broken(broken);
            }
            try {
                Fingerprinter.Result result = laid == null
                        ? Fingerprinter.fingerprint(facts, inputs, whole, memory)
                        : Fingerprinter.fingerprint(laid, inputs, whole);
                reasons.addAll(result.reasons());
                return outcome(status(reasons), result.fingerprint(), result.seen());
            } catch (RuntimeException | Error e) {
                return broken(e);
            }
        }

        private Outcome broken(Throwable e) {
            log.error("fingerprinting broke digest={}", digest, e);
            temporary += Breakdown.mayPass(e) ? 1 : 0;
            return unscannable(Breakdown.reason(FINGERPRINTING, e));
        }

        private void note(RegistryException e) {
            temporary += e.isTemporary() ? 1 : 0;
            problem(new Reason(e.reason(), String.valueOf(e.getMessage())));
        }

        private void problem(Reason reason) {
            reasons.add(reason);
        }

        private Outcome unscannable(Reason reason) {
            problem(reason);
            return unscannable();
        }

        private Outcome unscannable() {
            return outcome(AnalysisStatus.UNSCANNABLE, Fingerprint.unknown(), null);
        }

        private Outcome skipped(Reason reason) {
            reasons.clear();
            reasons.add(reason);
            temporary = 0;
            basis = basis(ImageInputs.NONE, reasons);
            return outcome(AnalysisStatus.SKIPPED, Fingerprint.unknown(), null);
        }

        private Outcome outcome(AnalysisStatus status, Fingerprint fingerprint, Fingerprinter.@Nullable Seen seen) {
            ImageAnalysis analysis = new ImageAnalysis(
                    digest,
                    platform,
                    status,
                    reasons,
                    fingerprint,
                    listed,
                    created,
                    Fingerprinter.version(),
                    // As exactly as the store can tell, so that every answer has the same time.
                    clock.instant().truncatedTo(ChronoUnit.MILLIS));
            image = seen == null ? null : JudgedImage.of(seen, fingerprint);
            return new Outcome(analysis, basis, judged(analysis, seen), temporary > 0);
        }
    }

    private static Judgement judged(ImageAnalysis analysis, Fingerprinter.@Nullable Seen seen) {
        if (seen == null) {
            return Judge.unseen(analysis);
        }
        try (Step step = Step.begin(What.IMAGE_JUDGE)) {
            return Judge.judge(analysis, JudgedImage.of(seen, analysis.fingerprint()));
        } catch (RuntimeException | Error e) {
            log.error("judging broke digest={}", analysis.digest(), e);
            return Judge.broken(analysis, Breakdown.reason(JUDGING, e));
        }
    }

    /**
     * Judges an analysis that is stored, by the facts in the store alone. Where some are missing, what rests on them is not certain.
     *
     * @param basis null when not all of it was kept
     */
    Judgement judge(ImageAnalysis analysis, @Nullable DerivationBasis basis) {
        if (analysis.status() == AnalysisStatus.SKIPPED || analysis.status() == AnalysisStatus.UNSCANNABLE) {
            return Judge.unseen(analysis);
        }
        try {
            return KeptImage.see(analysis, basis == null ? null : basis.inputs(), layers::stored, maxFactsBytes, memory)
                    .map(image -> Judge.judge(analysis, image))
                    .orElseGet(() -> Judge.unseen(analysis));
        } catch (RuntimeException | Error e) {
            log.error("judging broke digest={}", analysis.digest(), e);
            return Judge.broken(analysis, Breakdown.reason(JUDGING, e));
        }
    }

    private static DerivationBasis basis(ImageInputs inputs, List<Reason> reasons) {
        return new DerivationBasis(ImageInputs.VERSION, inputs, reasons);
    }

    /** Of an image of which something was read. */
    private static AnalysisStatus status(List<Reason> reasons) {
        boolean complete = reasons.stream().allMatch(reason -> switch (reason.code()) {
            // A table of contents told where all is that matters. A media type that lied was seen through.
            case MEDIA_TYPE_MISMATCH, READ_BY_TABLE -> true;
            default -> false;
        });
        return complete ? AnalysisStatus.COMPLETE : AnalysisStatus.PARTIAL;
    }

    /**
     * Makes an older analysis again, of the facts in the store alone: neither registry nor anybody else is asked.
     *
     * @return empty when something is missing that is kept now, so that the image must be read again
     */
    Optional<Outcome> derive(ImageAnalysis older, DerivationBasis basis) {
        if (basis.inputsVersion() != ImageInputs.VERSION) {
            return Optional.empty();
        }
        if (older.status() == AnalysisStatus.SKIPPED) {
            // The manifest and config alone said so, and they are the same.
            return Optional.of(
                    derived(older, AnalysisStatus.SKIPPED, basis, basis.reasons(), Fingerprint.unknown(), null));
        }
        List<LayerFacts> facts = stored(older).orElse(null);
        if (facts == null) {
            return Optional.empty();
        }
        List<Reason> reasons = new ArrayList<>(basis.reasons());
        try {
            Fingerprinter.Result result = Fingerprinter.fingerprint(facts, basis.inputs(), true, memory);
            reasons.addAll(result.reasons());
            return Optional.of(derived(older, status(reasons), basis, reasons, result.fingerprint(), result.seen()));
        } catch (RuntimeException | Error e) {
            log.error("fingerprinting broke digest={}", older.digest(), e);
            reasons.add(Breakdown.reason(FINGERPRINTING, e));
            return Optional.of(derived(older, AnalysisStatus.UNSCANNABLE, basis, reasons, Fingerprint.unknown(), null));
        }
    }

    /** Whether {@link #derive} gives anything now. */
    boolean isDerivable(ImageAnalysis older, DerivationBasis basis) {
        return basis.inputsVersion() == ImageInputs.VERSION
                && (older.status() == AnalysisStatus.SKIPPED || stored(older).isPresent());
    }

    /** Facts of all layers, from below; empty when one is missing, or all together are too large. */
    private Optional<List<LayerFacts>> stored(ImageAnalysis analysis) {
        List<LayerFacts> facts = new ArrayList<>();
        long bytes = 0;
        for (Layer layer : analysis.layers()) {
            LayerFacts kept = kept(layer).orElse(null);
            bytes += kept == null ? 0 : kept.heldBytes();
            if (kept == null || bytes > maxFactsBytes) {
                return Optional.empty();
            }
            facts.add(kept);
        }
        return Optional.of(facts);
    }

    private Optional<LayerFacts> kept(Layer layer) {
        return FactsName.of(layer).flatMap(layers::stored);
    }

    private Outcome derived(
            ImageAnalysis older,
            AnalysisStatus status,
            DerivationBasis basis,
            List<Reason> reasons,
            Fingerprint fingerprint,
            Fingerprinter.@Nullable Seen seen) {
        ImageAnalysis analysis = new ImageAnalysis(
                older.digest(),
                older.platform(),
                status,
                reasons,
                fingerprint,
                older.layers(),
                older.created(),
                Fingerprinter.version(),
                clock.instant().truncatedTo(ChronoUnit.MILLIS));
        return new Outcome(analysis, basis, judged(analysis, seen), false);
    }
}
