package io.basewatch.reportapi.backlog;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetstore.ImageArchive;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What an image weighs once it is unpacked, what of that only building it needed, and about what it would weigh on another base. */
@Component
final class TrueCost {

    private static final String NOTE =
            "Unpacked bytes. What compilers and headers take is as the packages say; nothing that runs needs them, and"
                    + " where wheels, gems or addons are there for the target's libc nothing has to be compiled. On the"
                    + " target: the image's own layers, without these where the libc changes, on the target's layers; its"
                    + " other packages are taken to be as large there. A base is unpacked once on a node, however many"
                    + " images stand on it.";

    private final ImageArchive images;

    TrueCost(ImageArchive images) {
        this.images = images;
    }

    /**
     * Null where the image was not read wholly: nobody knows then what it weighs.
     *
     * @param base the image that it stands on; null for none
     * @param target an image of the fleet that is the target; null where it holds none
     */
    Plan.@Nullable Weight of(Digest image, @Nullable Digest base, @Nullable Digest target, boolean staysInFamily) {
        ImageAnalysis seen = analysis(image);
        return seen == null
                ? null
                : weigh(
                        seen,
                        base == null ? null : analysis(base),
                        target == null ? null : analysis(target),
                        staysInFamily);
    }

    private @Nullable ImageAnalysis analysis(Digest image) {
        return images.find(image).orElse(null);
    }

    static Plan.@Nullable Weight weigh(
            ImageAnalysis image, @Nullable ImageAnalysis base, @Nullable ImageAnalysis target, boolean staysInFamily) {
        Long all = image.uncompressedBytes();
        if (all == null || image.status() != AnalysisStatus.COMPLETE) {
            return null;
        }
        Long ofBase = base == null ? null : base.uncompressedBytes();
        Long ofTarget = target == null ? null : target.uncompressedBytes();
        Long compilers = ofPackages(image, "compilers");
        Long headers = ofPackages(image, "dev-packages");
        Long estimate = null;
        if (base != null && ofBase != null && ofTarget != null && compilers != null && headers != null) {
            Long compilersBelow = ofPackages(base, "compilers");
            Long headersBelow = ofPackages(base, "dev-packages");
            if (compilersBelow != null && headersBelow != null && ofBase <= all) {
                long left = staysInFamily
                        ? 0
                        : Math.max(0, compilers - compilersBelow) + Math.max(0, headers - headersBelow);
                estimate = Math.max(0, all - ofBase - left) + ofTarget;
            }
        }
        return new Plan.Weight(all, ofBase, compilers, headers, ofTarget, estimate, NOTE);
    }

    /** Null where their packages do not say how large they are. */
    private static @Nullable Long ofPackages(ImageAnalysis image, String kind) {
        for (var runtime : image.fingerprint().runtimes()) {
            if (runtime.name().equals(kind)) {
                String bytes = runtime.details().getOrDefault("bytes", "0");
                return bytes.matches("[1-9]\\d{0,15}") ? Long.valueOf(bytes) : null;
            }
        }
        return image.status() == AnalysisStatus.COMPLETE ? 0L : null;
    }
}
