package io.basewatch.reportapi.whatif;

import io.basewatch.caveats.JudgedImage;
import io.basewatch.caveats.kept.KeptImage;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetstore.DerivationBasis;
import io.basewatch.fleetstore.ImageArchive;
import io.basewatch.fleetstore.LayerFactsStore;
import io.basewatch.layerfacts.FactsName;
import io.basewatch.layerfacts.FactsPart;
import io.basewatch.layerfacts.LayerFacts;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Images of the fleet, seen again by what the store keeps of their files. */
@Component
class StoredImages {

    private static final Logger LOG = LoggerFactory.getLogger(StoredImages.class);

    /** Of all layers of one image. */
    private static final long MAX_FACTS_BYTES = 128L << 20;

    private final ImageArchive images;
    private final LayerFactsStore layers;

    StoredImages(ImageArchive images, LayerFactsStore layers) {
        this.images = images;
        this.layers = layers;
    }

    /** An image with its analysis; large, for one thread. */
    record Seen(ImageAnalysis analysis, JudgedImage image) {}

    Optional<ImageAnalysis> analysis(Digest digest) {
        return images.find(digest);
    }

    /**
     * @return empty when it is not analysed, or nothing is kept of its files
     * @throws RuntimeException whatever the store throws
     */
    Optional<Seen> find(Digest digest) {
        return images.findWithBasis(digest).flatMap(kept -> {
            DerivationBasis basis = kept.basis();
            return KeptImage.see(kept.analysis(), basis == null ? null : basis.inputs(), this::facts, MAX_FACTS_BYTES)
                    .map(image -> new Seen(kept.analysis(), image));
        });
    }

    private Optional<LayerFacts> facts(FactsName name) {
        try {
            return name.read(layers.find(name.digest()).stream()
                    .map(part -> new FactsPart(part.kind(), part.version(), part.bytes()))
                    .toList());
        } catch (IllegalArgumentException e) {
            LOG.warn("stored facts not usable layer={} problem=\"{}\"", name.digest(), e.getMessage());
            return Optional.empty();
        }
    }
}
