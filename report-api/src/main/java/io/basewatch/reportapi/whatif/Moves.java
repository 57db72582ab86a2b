package io.basewatch.reportapi.whatif;

import io.basewatch.caveats.kept.BaseDescription;
import io.basewatch.caveats.kept.DescribedBases;
import io.basewatch.caveats.JudgedImage;
import io.basewatch.caveats.OwnObjects;
import io.basewatch.caveats.WhatIf;
import io.basewatch.caveats.WhatIfReport;
import io.basewatch.caveats.WhatIfReport.Own;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.BusyException;
import io.basewatch.reportapi.web.NotFoundException;
import io.basewatch.reportapi.web.Parameters;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tries images on other bases. Each try holds two images in memory, so there are few at a time. */
@Component
class Moves {

    /** The name of a described base, as a regular expression. */
    static final String NAME = "[a-z0-9][a-z0-9._/-]{0,99}(:[A-Za-z0-9._-]{1,60})?";

    private static final int AT_ONCE = 2;
    private static final int PATIENCE_SECONDS = 10;

    private final StoredImages images;
    private final Semaphore places = new Semaphore(AT_ONCE);

    Moves(StoredImages images) {
        this.images = images;
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
        boolean isMine = false;
        try {
            isMine = places.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!isMine) {
                throw new BusyException("Other images are tried on other bases just now; ask again in a few seconds.");
            }
            return tried(image, on, from, limit);
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
        Predicate<String> isOwn = OwnObjects::liesApart;
        if (from != null) {
            ImageAnalysis below = images.analysis(from)
                    .orElseThrow(() -> new NotFoundException(
                            "image-unknown", "There is no analysis of 'from', image " + from + "."));
            isOwn = OwnObjects.above(below, moved.analysis(), moved.image())
                    .orElseThrow(() -> new BadParameterException(
                            "from", from.toString(), "an image whose layers are the lowest ones of 'image'"));
        }
        WhatIf whatIf = WhatIf.of(moved.image(), isOwn, base);
        return WhatIfReport.of(
                digest.toString(),
                on,
                from == null ? Own.GUESS : Own.FROM,
                moved.image().isWhole() && base.isWhole(),
                whatIf,
                limit);
    }

    private JudgedImage base(String on, ImageAnalysis moved) {
        if (on.matches(Parameters.DIGEST)) {
            return seen("on", Digest.parse(on)).image();
        }
        return DescribedBases.find(on, moved.platform())
                .map(BaseDescription::image)
                .orElseThrow(() -> new NotFoundException(
                        "base-unknown",
                        "There is no description of base '" + on + "' for " + moved.platform()
                                + "; /api/v1/what-if/bases lists those there are, and every image of the fleet can be"
                                + " named by its digest."));
    }

    private StoredImages.Seen seen(String parameter, Digest digest) {
        return images.find(digest)
                .orElseThrow(() -> new NotFoundException(
                        "image-unread",
                        "Of '" + parameter + "', image " + digest + ", nothing is kept that could be tried: it is not"
                                + " known, not analysed yet, or could not be read."));
    }
}
