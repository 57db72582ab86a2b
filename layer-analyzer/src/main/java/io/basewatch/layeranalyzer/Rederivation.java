package io.basewatch.layeranalyzer;

import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetstore.DigestRange;
import io.basewatch.fleetstore.StaleImages;
import io.basewatch.fleetstore.StaleImages.StaleImage;
import io.basewatch.layeranalyzer.AnalyzerMetrics.Rederived;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Derives analyses of older analyzers again from stored facts, without any request to a registry; see docs/adr/0004. */
final class Rederivation implements Renewal.Stage {

    private final StaleImages stale;
    private final ImageAnalyzer analyzer;
    private final EventHandler events;
    private final String version = Fingerprinter.version();

    Rederivation(StaleImages stale, ImageAnalyzer analyzer, EventHandler events) {
        this.stale = stale;
        this.analyzer = analyzer;
        this.events = events;
    }

    @Override
    public AnalyzerMetrics.Stage name() {
        return AnalyzerMetrics.Stage.FINGERPRINT;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public List<Digest> stale(DigestRange range, @Nullable Digest after, int limit) {
        return stale.outdated(version, range, after, limit);
    }

    @Override
    public long countStale() {
        return stale.countOutdated(version);
    }

    @Override
    public Optional<Rederived> renew(Digest digest) {
        StaleImage image = stale.find(version, digest).orElse(null);
        if (image == null || image.analysis() == null || image.basis() == null) {
            return Optional.empty();
        }
        Optional<ImageAnalyzer.Outcome> again = analyzer.derive(image.analysis(), image.basis());
        if (again.isEmpty()) {
            return Optional.empty();
        }
        if (!isSound(again.get().analysis())) {
            return Optional.of(Rederived.FAILED);
        }
        events.store(again.get());
        return Optional.of(Rederived.DERIVED);
    }

    /** The store would keep the older result anyway, as time may heal the newer one. */
    private static boolean isSound(ImageAnalysis analysis) {
        return analysis.reasons().stream().noneMatch(reason -> reason.code() == Reason.Code.INTERNAL_ERROR);
    }
}
