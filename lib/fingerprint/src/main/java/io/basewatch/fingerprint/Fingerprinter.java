package io.basewatch.fingerprint;

import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.ImageElfFiles;
import io.basewatch.fingerprint.distro.DistroDetector;
import io.basewatch.fleetmodel.FileSketch;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.Conclusion;
import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.LaidLayers;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.Once;
import io.basewatch.layerfacts.SquashedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lays facts over each other and asks all detectors what they see. */
public final class Fingerprinter {

    /** Of the version's text; raised when results must be made again for another reason than what is listed behind it. */
    private static final String GENERATION = "6";

    private Fingerprinter() {}

    /**
     * @param reasons why it is not complete, or what else must be known: the layers' notes, what could not be laid, files that are broken; empty when all
     *     is well
     * @param seen what was looked at, for who judges next; large, not to be held for longer than that
     */
    public record Result(Fingerprint fingerprint, List<Reason> reasons, Seen seen) {
        public Result {
            reasons = List.copyOf(reasons);
        }
    }

    /** An image as detectors and rules see it; one thread. */
    public record Seen(ImageView view, ElfFiles elfFiles) {}

    /** As {@link #see(List, ImageInputs, boolean, ImageMemory)}, of one image alone. */
    public static Seen see(List<LayerFacts> bottomUp, ImageInputs inputs, boolean hasAllLayers) {
        return see(bottomUp, inputs, hasAllLayers, null);
    }

    /** The same for rules alone; parameters as of {@link #fingerprint(List, ImageInputs, boolean, ImageMemory)}. */
    public static Seen see(
            List<LayerFacts> bottomUp, ImageInputs inputs, boolean hasAllLayers, @Nullable ImageMemory memory) {
        SquashedImage image = lay(bottomUp, inputs, hasAllLayers, Kinds.all(), memory);
        image.lookForUnread();
        return new Seen(image, elfFiles(image, memory));
    }

    private static SquashedImage lay(
            List<LayerFacts> bottomUp,
            ImageInputs inputs,
            boolean hasAllLayers,
            List<FactsKind> kinds,
            @Nullable ImageMemory memory) {
        return memory == null
                ? new SquashedImage(bottomUp, inputs.kept(), kinds, hasAllLayers)
                : memory.footings().lay(bottomUp, inputs.kept(), kinds, hasAllLayers);
    }

    private static ImageElfFiles elfFiles(SquashedImage image, @Nullable ImageMemory memory) {
        return new ImageElfFiles(image, memory == null ? null : memory.elfFiles());
    }

    /** Does what the first fingerprint of a process takes longer for: a thread may do it while layers are read. */
    public static void prepare() {
        DistroDetector.readTables();
    }

    /** Names what was kept, and the detectors. Results of another version are to be derived again. */
    public static String version() {
        Stream<String> kinds = Stream.concat(
                Stream.of("inputs/" + ImageInputs.VERSION), Kinds.all().stream().map(kind -> "facts of " + kind));
        Stream<String> detectors = Stream.concat(
                Stream.of(SystemFiles.ID), Detectors.all().stream().map(Detector::id));
        return GENERATION + Stream.concat(kinds, detectors).sorted().collect(Collectors.joining(",", "[", "]"));
    }

    /**
     * @param bottomUp the lowest layer first; a plain root file system is a single one
     * @param inputs of which detectors get {@link ImageInputs#kept()}
     */
    public static Result fingerprint(List<LayerFacts> bottomUp, ImageInputs inputs) {
        return fingerprint(bottomUp, inputs, true);
    }

    /** As {@link #fingerprint(List, ImageInputs, boolean, ImageMemory)}, of one image alone. */
    public static Result fingerprint(List<LayerFacts> bottomUp, ImageInputs inputs, boolean hasAllLayers) {
        return fingerprint(bottomUp, inputs, hasAllLayers, null);
    }

    /**
     * @param hasAllLayers false when the image has layers of which nothing is known: what is not found may then be in these, and is called unknown. That a
     *     layer was not read to its end its facts say themselves.
     * @param memory of who looks at many images; null where it is this one alone
     */
    public static Result fingerprint(
            List<LayerFacts> bottomUp, ImageInputs inputs, boolean hasAllLayers, @Nullable ImageMemory memory) {
        return fingerprint(bottomUp, inputs, hasAllLayers, Detectors.all(), Kinds.ofDetectors(), memory);
    }

    /** As {@link #fingerprint(List, ImageInputs, boolean, ImageMemory)}, of one image alone whose layers were laid while they came. */
    public static Result fingerprint(LaidLayers laid, ImageInputs inputs, boolean hasAllLayers) {
        List<FactsKind> kinds = Kinds.ofDetectors();
        SquashedImage image = new SquashedImage(laid, inputs.kept(), kinds, hasAllLayers);
        return fingerprint(image, laid.layers(), inputs, Detectors.all(), null);
    }

    static Result fingerprint(
            List<LayerFacts> bottomUp,
            ImageInputs inputs,
            boolean hasAllLayers,
            List<Detector> detectors,
            List<FactsKind> kinds) {
        return fingerprint(bottomUp, inputs, hasAllLayers, detectors, kinds, null);
    }

    private static Result fingerprint(
            List<LayerFacts> bottomUp,
            ImageInputs inputs,
            boolean hasAllLayers,
            List<Detector> detectors,
            List<FactsKind> kinds,
            @Nullable ImageMemory memory) {
        SquashedImage image = lay(bottomUp, inputs, hasAllLayers, kinds, memory);
        return fingerprint(image, bottomUp, inputs, detectors, memory);
    }

    private static Result fingerprint(
            SquashedImage image,
            List<LayerFacts> bottomUp,
            ImageInputs inputs,
            List<Detector> detectors,
            @Nullable ImageMemory memory) {
        ImageElfFiles elfFiles = elfFiles(image, memory);
        Once<FileSketch> files = new Once<>(() -> files(image));
        if (memory == null) {
            beside(elfFiles, files);
        }
        Told told = image.conclude(
                Told.class,
                narrowed(inputs.kept()),
                detectors.stream().map(Detector::id).toList(),
                new Detection(image, elfFiles, detectors));
        List<Reason> reasons = new ArrayList<>();
        bottomUp.forEach(facts -> reasons.addAll(facts.notes()));
        reasons.addAll(told.reasons());
        Fingerprint fingerprint = image.isWhole() ? told.fingerprint().with(files.get()) : told.fingerprint();
        return new Result(fingerprint, reasons, new Seen(image, elfFiles));
    }

    /** What needs nothing of what detectors find: who waits for one image has a processor for it, who looks at many has other images for that. */
    private static void beside(ImageElfFiles elfFiles, Once<FileSketch> files) {
        Thread thread = new Thread(
                () -> {
                    elfFiles.decodeOutlines();
                    files.make();
                },
                "beside-detectors");
        thread.setDaemon(true);
        thread.start();
    }

    /** A question of its own: an upper layer that changes what detectors look at mostly leaves the system's files as they are, and the other way round. */
    private static FileSketch files(SquashedImage image) {
        return image.conclude(SystemFiles.Sketched.class, ImageInputs.NONE, SystemFiles.ID, new SystemFiles())
                .files();
    }

    /** What of an image's inputs detectors look at. */
    private static ImageInputs narrowed(ImageInputs inputs) {
        return inputs.narrowed(DistroDetector::readsLabel, step -> false);
    }

    private record Told(Fingerprint fingerprint, List<Reason> reasons) {}

    private record Detection(SquashedImage image, ElfFiles elfFiles, List<Detector> detectors)
            implements Conclusion<ImageView, Told> {

        /** Of a piece of evidence, a runtime, a library, about. */
        private static final int CLAIM_BYTES = 400;

        @Override
        public Told draw(ImageView view) {
            image.lookForUnread();
            ElfFiles seen = elfFiles.through(view);
            Findings findings = new Findings();
            List<Reason> mistakes = new ArrayList<>();
            for (Detector detector : detectors) {
                try {
                    detector.detect(view, seen, findings);
                } catch (RuntimeException e) {
                    // One detector's mistake must not hide what the others see, and must not look like a clean image
                    // either.
                    mistakes.add(new Reason(Reason.Code.INTERNAL_ERROR, "detector " + detector.id() + " failed: " + e));
                }
            }
            List<Reason> reasons = new ArrayList<>(image.reasons());
            reasons.addAll(elfFiles.reasons());
            reasons.addAll(mistakes);
            reasons.addAll(findings.reasons());
            return new Told(findings.toFingerprint(view.isWhole()), reasons);
        }

        @Override
        public boolean isLasting(Told told) {
            return told.reasons().isEmpty();
        }

        @Override
        public int bytes(Told told) {
            return CLAIM_BYTES * (20 + told.fingerprint().runtimes().size());
        }
    }
}
