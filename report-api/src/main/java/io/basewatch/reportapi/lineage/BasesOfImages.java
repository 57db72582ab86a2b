package io.basewatch.reportapi.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.lineage.Lineage;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The one base that an image's report names. */
@Component
public final class BasesOfImages {

    private final Projection projection;

    BasesOfImages(Projection projection) {
        this.projection = projection;
    }

    /** Null where none is known; {@link ImageReport.Base#PENDING} while nobody can say. */
    public ImageReport.@Nullable Base find(Digest image) {
        if (!projection.isFilled()) {
            return ImageReport.Base.PENDING;
        }
        return projection
                .tree()
                .lineage(image)
                .flatMap(Lineage::base)
                .map(base -> new ImageReport.Base(
                        base.names().isEmpty() ? null : base.names().get(0).reference(),
                        digest(base),
                        base.method().toString(),
                        base.confidence().toString()))
                .orElse(null);
    }

    private static @Nullable Digest digest(Lineage.StandsOn base) {
        Digest named = base.names().isEmpty() ? null : base.names().get(0).digest();
        return named != null || base.images().isEmpty() ? named : base.images().get(0);
    }
}
