package io.basewatch.reportapi.whatif;

import io.basewatch.caveats.JudgedImage;
import io.basewatch.caveats.OwnObjects;
import io.basewatch.caveats.WhatIf;
import io.basewatch.caveats.WhatIfReport;
import io.basewatch.caveats.WhatIfReport.Own;
import io.basewatch.caveats.kept.BaseDescription;
import io.basewatch.caveats.kept.DescribedBases;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.lineage.Confidence;
import io.basewatch.lineage.Lineage;
import io.basewatch.reportapi.lineage.Projection;
import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.BusyException;
import io.basewatch.reportapi.web.NotFoundException;
import io.basewatch.reportapi.web.Parameters;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tries images on other bases. Each try holds two images in memory, so there are few at a time. */
@Component
public class Moves {

    /** The name of a described base, as a regular expression. */
    static final String NAME = "[a-z0-9][a-z0-9._/-]{0,99}(:[A-Za-z0-9._-]{1,60})?";

    private static final int AT_ONCE = 2;
    private static final int PATIENCE_SECONDS = 10;

    private final StoredImages images;
    private final Projection projection;
    private final Semaphore places = new Semaphore(AT_ONCE);

    Moves(StoredImages images, Projection projection) {
        this.images = images;
        this.projection = projection;
    }

    /**
     * @param on digest of an image of the fleet, or name of a described base
     * @param from the base on which the image was built; null to find out
     * @param limit of changes that are told
     */
    WhatIfReport whatIf(Digest image, String on, @Nullable Digest from, int limit) {
        if (!on.matches(Parameters.DIGEST) && !on.matches(NAME)) {
            throw new BadParameterException(
                    "on", on, "an image's digest, or the name of a base that /api/v1/what-if/bases lists");
        }
        return placed(() -> tried(image, on, from, limit));
    }

    /**
     * The same of an image of which the number of its base's layers is known.
     *
     * @param lowest of its layers, which are the base's; 0 where there is no base that is known
     * @return empty where nothing is kept of the image's files, or the base is not there for its platform
     */
    public Optional<WhatIfReport> tryOn(Digest image, String on, int lowest, int limit) {
        return placed(() -> images.find(image)
                .flatMap(moved -> found(on, moved.analysis())
                        .map(base -> report(moved, on, base, own(lowest), above(lowest, moved), limit))));
    }

    private <T> T placed(Supplier<T> work) {
        boolean isMine = false;
        try {
            isMine = places.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!isMine) {
                throw new BusyException("Other images are tried on other bases just now; ask again in a few seconds.");
            }
            return work.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BusyException("This process is about to stop.");
        } finally {
            if (isMine) {
                places.release();
            }
        }
    }

    private WhatIfReport tried(Digest digest, String on, @Nullable Digest from, int limit) {
        StoredImages.Seen moved = seen("image", digest);
        JudgedImage base = base(on, moved.analysis());
        if (from == null) {
            int lowest = layersOfBase(digest);
            return report(moved, on, base, own(lowest), above(lowest, moved), limit);
        }
        ImageAnalysis below = images.analysis(from)
                .orElseThrow(() ->
                        new NotFoundException("image-unknown", "There is no analysis of 'from', image " + from + "."));
        Predicate<String> isOwn = OwnObjects.above(below, moved.analysis(), moved.image())
                .orElseThrow(() -> new BadParameterException(
                        "from", from.toString(), "an image whose layers are the lowest ones of 'image'"));
        return report(moved, on, base, Own.FROM, isOwn, limit);
    }

    /** Of the nearest base that layers prove; 0 where there is none, and while nobody can say. */
    private int layersOfBase(Digest image) {
        if (!projection.isFilled()) {
            return 0;
        }
        return projection.tree().lineage(image).stream()
                .flatMap(lineage -> lineage.bases().stream())
                .filter(base -> base.confidence() == Confidence.CERTAIN && base.layers() > 0)
                .findFirst()
                .map(Lineage.StandsOn::layers)
                .orElse(0);
    }

    private static Own own(int lowest) {
        return lowest == 0 ? Own.GUESS : Own.BASE;
    }

    private static Predicate<String> above(int lowest, StoredImages.Seen moved) {
        return lowest == 0
                ? OwnObjects::liesApart
                : OwnObjects.above(Math.min(lowest, moved.analysis().layers().size()), moved.analysis(), moved.image());
    }

    private static WhatIfReport report(
            StoredImages.Seen moved, String on, JudgedImage base, Own own, Predicate<String> isOwn, int limit) {
        return WhatIfReport.of(
                moved.analysis().digest().toString(),
                on,
                own,
                moved.image().isWhole() && base.isWhole(),
                WhatIf.of(moved.image(), isOwn, base),
                limit);
    }

    private JudgedImage base(String on, ImageAnalysis moved) {
        return on.matches(Parameters.DIGEST)
                ? seen("on", Digest.parse(on)).image()
                : found(on, moved)
                        .orElseThrow(() -> new NotFoundException(
                                "base-unknown",
                                "There is no description of base '" + on + "' for " + moved.platform()
                                        + "; /api/v1/what-if/bases lists those there are, and every image of the fleet"
                                        + " can be named by its digest."));
    }

    private Optional<JudgedImage> found(String on, ImageAnalysis moved) {
        return on.matches(Parameters.DIGEST)
                ? images.find(Digest.parse(on)).map(StoredImages.Seen::image)
                : DescribedBases.find(on, moved.platform()).map(BaseDescription::image);
    }

    private StoredImages.Seen seen(String parameter, Digest digest) {
        return images.find(digest)
                .orElseThrow(() -> new NotFoundException(
                        "image-unread",
                        "Of '" + parameter + "', image " + digest + ", nothing is kept that could be tried: it is not"
                                + " known, not analysed yet, or could not be read."));
    }
}
