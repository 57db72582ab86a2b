package io.basewatch.layeranalyzer;

import io.basewatch.caveats.Judge;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetstore.DigestRange;
import io.basewatch.fleetstore.JudgementArchive;
import io.basewatch.layeranalyzer.AnalyzerMetrics.Rederived;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Judges images whose present analysis was not judged by the catalogue of now: what is missing, or by an older one; from stored facts alone. */
final class Rejudgement implements Renewal.Stage {

    private final JudgementArchive judgements;
    private final ImageAnalyzer analyzer;
    private final String version = Judge.version();

    Rejudgement(JudgementArchive judgements, ImageAnalyzer analyzer) {
        this.judgements = judgements;
        this.analyzer = analyzer;
    }

    @Override
    public AnalyzerMetrics.Stage name() {
        return AnalyzerMetrics.Stage.JUDGEMENT;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public List<Digest> stale(DigestRange range, @Nullable Digest after, int limit) {
        return judgements.stale(version, range, after, limit);
    }

    @Override
    public long countStale() {
        return judgements.countStale(version);
    }

    @Override
    public Optional<Rederived> renew(Digest image) {
        return judgements.unjudged(version, image).map(unjudged -> {
            Judgement judgement = analyzer.judge(unjudged.analysis(), unjudged.basis());
            judgements.save(judgement);
            return judgement.reasons().isEmpty() ? Rederived.DERIVED : Rederived.FAILED;
        });
    }
}
