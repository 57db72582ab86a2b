package io.basewatch.standalone;

import io.basewatch.caveats.Judge;
import io.basewatch.caveats.JudgedImage;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.layeranalyzer.ImageAnalyzer;
import io.basewatch.layerfacts.LayerException;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.layerfacts.RootFs;
import io.basewatch.lifecycle.SupportPolicy;
import io.basewatch.lineage.Confidence;
import io.basewatch.lineage.KnownBases;
import io.basewatch.lineage.Method;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.ociregistry.ImageSources;
import io.basewatch.ociregistry.ImageSources.Located;
import io.basewatch.ociregistry.ImageTargets;
import io.basewatch.ociregistry.ImageTargets.Skipped;
import io.basewatch.ociregistry.ImageTargets.Target;
import io.basewatch.ociregistry.RegistryException;
import io.basewatch.ociregistry.RegistrySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Looks at single images without broker or store. Layers that several of them share are read once. */
final class Inspection {

    static final String ROOT_FS = "dir:";

    /** As docker does: what never leaves this machine may go in plain text. */
    private static final Pattern LOOPBACK =
            Pattern.compile("(localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1\\])(:\\d+)?/.*");

    /** registry/name, and then a tag, a digest or both. */
    private static final Pattern NAMED =
            Pattern.compile("([^/]*[.:][^/]*|localhost)/([^:@]+)(:[^:@/]+)?(@[a-z0-9]+:[0-9a-f]+)?");

    private final boolean plainHttp;
    private final @Nullable Path dockerConfig;
    private final List<String> tokenServices;
    private final ImageAnalyzer analyzer = ImageAnalyzer.withoutStore(LayerLimits.defaults());
    private final LocalDate asOf;
    private final SupportPolicy policy;

    /**
     * @param asOf the day that support phases are of
     * @param policy of images that have a repository
     */
    Inspection(RegistryOptions registries, LocalDate asOf, SupportPolicy policy) {
        this.asOf = asOf;
        this.policy = policy;
        this.plainHttp = registries.plainHttp;
        this.tokenServices = List.copyOf(registries.tokenServices);
        this.dockerConfig = registries.dockerConfig != null
                ? registries.dockerConfig
                : RegistrySettings.dockerConfigOfUser().orElse(null);
    }

    /**
     * One report for each image that the reference leads to, in the index's order; at least one.
     *
     * @param untold is given why, for each that might be an image as well and cannot be looked at
     * @throws InspectionException when nothing at all can be told
     */
    List<ImageReport> inspect(String reference, Consumer<String> untold)
            throws InspectionException, InterruptedException {
        return reference.startsWith(ROOT_FS)
                ? List.of(rootFs(reference, reference.substring(ROOT_FS.length())))
                : images(reference, untold);
    }

    /**
     * A folder as a root file system.
     *
     * @param problems what of it could not be read
     * @throws InspectionException when nothing can be
     */
    static LayerFacts folder(String folder, Consumer<Reason> problems) throws InspectionException {
        try {
            Path path = Path.of(folder);
            if (!Files.isDirectory(path)) {
                throw new InspectionException("there is no such folder");
            }
            return RootFs.read(path, LayerLimits.defaults(), Kinds.all());
        } catch (LayerException e) {
            problems.accept(e.reason());
            return e.facts()
                    .orElseThrow(() -> new InspectionException(e.reason().message(), e));
        } catch (InvalidPathException | IOException e) {
            throw new InspectionException("cannot be read: " + e.getMessage(), e);
        }
    }

    private ImageReport rootFs(String reference, String folder) throws InspectionException {
        List<Reason> reasons = new ArrayList<>();
        LayerFacts facts = folder(folder, reasons::add);
        boolean whole = reasons.isEmpty();
        Fingerprinter.Result result = Fingerprinter.fingerprint(List.of(facts), ImageInputs.NONE);
        reasons.addAll(result.reasons());
        AnalysisStatus status = reasons.isEmpty() ? AnalysisStatus.COMPLETE : AnalysisStatus.PARTIAL;
        Judge.Findings findings = Judge.look(status, JudgedImage.of(result.seen(), result.fingerprint()));
        return ImageReport.of(
                        reference,
                        null,
                        null,
                        status,
                        reasons,
                        result.fingerprint(),
                        Ahead.lifecycle().support(result.fingerprint().distro(), asOf),
                        new ImageReport.Bytes(null, whole ? facts.uncompressedBytes() : null))
                .judged(findings.whole(), findings.mistakes(), findings.caveats());
    }

    private List<ImageReport> images(String reference, Consumer<String> untold)
            throws InspectionException, InterruptedException {
        List<ImageReport> reports = new ArrayList<>();
        look(reference, untold, platform -> true, looked -> reports.add(looked.report));
        return reports;
    }

    /**
     * An image, what is told of it, and itself.
     *
     * @param image large; null when nothing of it was read
     * @param layers facts of those that were read, from below
     */
    record Looked(
            ImageReport report,
            ImageAnalysis analysis,
            @Nullable JudgedImage image,
            List<LayerFacts> layers) {}

    /**
     * @param wanted of each image's platform as an index says it, null where none does
     * @throws InspectionException when there is none that is wanted
     */
    private void look(
            String reference, Consumer<String> untold, Predicate<@Nullable Platform> wanted, Consumer<Looked> told)
            throws InspectionException, InterruptedException {
        String located = plainHttp || LOOPBACK.matcher(reference).matches() ? "http://" + reference : reference;
        try (Located image = ImageSources.open(
                located, settings -> settings.withDockerConfig(dockerConfig).withTokenServices(tokenServices))) {
            ImageTargets targets = image.source().resolve(image.name());
            boolean isAny = false;
            for (Target target : targets.images()) {
                if (!wanted.test(target.platform())) {
                    continue;
                }
                isAny = true;
                ImageAnalyzer.Judged judged = analyzer.analyze(image.source(), target.digest(), target.platform());
                ImageReport report = report(
                        image.reference(),
                        judged,
                        image.source().remarks(target.digest()),
                        Published.of(image.source(), targets.tagDigest(), target.digest()));
                told.accept(new Looked(report, judged.analysis(), judged.image(), judged.layers()));
            }
            if (!isAny) {
                throw new InspectionException("leads to no Linux image: " + why(targets.skipped()));
            }
            targets.skipped().stream()
                    .map(Skipped::reason)
                    .filter(Inspection::hides)
                    .map(Reason::message)
                    .forEach(untold);
        } catch (RegistryException | IllegalArgumentException e) {
            throw new InspectionException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * One image.
     *
     * @param platform that it is to be for, where the reference leads to several; null for the first
     * @throws InspectionException when there is none, or nothing of it can be read
     */
    Looked one(String reference, @Nullable Platform platform) throws InspectionException, InterruptedException {
        List<Looked> found = new ArrayList<>();
        look(
                reference,
                untold -> {},
                offered -> found.isEmpty()
                        && (platform == null
                                || offered == null
                                || (offered.os().equals(platform.os())
                                        && offered.architecture().equals(platform.architecture()))),
                found::add);
        Looked looked = found.get(0);
        if (looked.image == null) {
            throw new InspectionException("nothing of it could be read: "
                    + looked.report.reasons().stream().map(Reason::message).collect(Collectors.joining("; ")));
        }
        return looked;
    }

    /**
     * What its publisher says of an image, or else of the index that it was found in.
     *
     * @param unknown why it is not known; null where it is
     */
    private record Published(
            @Nullable LocalDate ends, @Nullable String unknown) {

        /** What it says is beside what is asked for: a registry that does not answer takes nothing from the rest. */
        static Published of(ImageSource source, Digest index, Digest image) {
            String unknown = null;
            for (Digest subject : index.equals(image) ? List.of(image) : List.of(image, index)) {
                try {
                    LocalDate ends = source.publisherEnds(subject).orElse(null);
                    if (ends != null) {
                        return new Published(ends, null);
                    }
                } catch (RegistryException e) {
                    unknown = String.valueOf(e.getMessage());
                }
            }
            return new Published(null, unknown);
        }
    }

    private ImageReport report(
            String reference, ImageAnalyzer.Judged judged, List<Reason> remarks, Published published) {
        ImageAnalysis analysis = judged.analysis();
        return ImageReport.of(
                        reference,
                        analysis,
                        judged.judgement(),
                        support(analysis.fingerprint().distro(), reference)
                                .endedByPublisher(published.ends())
                                .publisherUnknown(published.unknown()))
                .standingOn(base(analysis))
                .remarked(remarks);
    }

    /** Without a fleet only well-known images can be recognised. */
    private ImageReport.@Nullable Base base(ImageAnalysis analysis) {
        KnownBases bases = Ahead.bases();
        return bases.find(analysis.chains(), analysis.layers().size(), analysis.platform())
                .map(found -> new ImageReport.Base(
                        found.known().reference(),
                        found.known().digest(),
                        Method.KNOWN.toString(),
                        (found.isProven() ? Confidence.CERTAIN : Confidence.LIKELY).toString()))
                .or(() -> resembling(bases, analysis))
                .orElse(null);
    }

    /** One whose layers were squashed or written anew; a well-known image itself stands on none. */
    private static Optional<ImageReport.Base> resembling(KnownBases bases, ImageAnalysis analysis) {
        boolean isWellKnown = analysis.chains().size() == analysis.layers().size()
                && bases.all().stream()
                        .anyMatch(known -> analysis.chains().stream()
                                .anyMatch(chain -> chain.id().equals(known.chain())));
        return isWellKnown || analysis.status() != AnalysisStatus.COMPLETE
                ? Optional.empty()
                : bases.resembling(analysis.fingerprint(), analysis.platform())
                        .map(found -> new ImageReport.Base(
                                found.known().reference(),
                                found.known().digest(),
                                Method.LIKENESS.toString(),
                                Confidence.GUESS.toString()));
    }

    /** Whether what was left out might be an image; one that a file of one platform does not hold is no loss. */
    private static boolean hides(Reason reason) {
        return switch (reason.code()) {
            case NOT_AN_IMAGE, NOT_LINUX, MANIFEST_MISSING -> false;
            default -> true;
        };
    }

    private static String why(List<Skipped> skipped) {
        return skipped.isEmpty()
                ? "the index is empty"
                : skipped.get(0).reason().message();
    }

    private Support support(io.basewatch.fleetmodel.@Nullable Distro distro, String reference) {
        Support plain = Ahead.lifecycle().support(distro, asOf);
        return repository(reference)
                .map(repository -> policy.apply(plain, repository))
                .orElse(plain);
    }

    /** Empty for what lies in a file. */
    private static Optional<Repository> repository(String reference) {
        Matcher matcher = NAMED.matcher(reference);
        return matcher.matches() ? Optional.of(new Repository(matcher.group(1), matcher.group(2))) : Optional.empty();
    }
}
