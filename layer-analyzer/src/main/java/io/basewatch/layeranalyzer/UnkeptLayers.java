package io.basewatch.layeranalyzer;

import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.layeranalyzer.ImageAnalyzer.Turn;
import io.basewatch.layerfacts.FactsName;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.ociregistry.Descriptor;
import io.basewatch.ociregistry.ImageSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads layers for somebody who has no store: the last ones are remembered, as images looked at together often share some. */
final class UnkeptLayers implements Layers {

    private static final long MAX_HELD_BYTES = 64L << 20;

    private final LayerPull pull;
    private final Map<Digest, LayerFacts> recent = new LinkedHashMap<>(16, 0.75f, true);
    private long held;

    UnkeptLayers(LayerPull pull) {
        this.pull = pull;
    }

    @Override
    public synchronized Optional<Result> known(Descriptor layer, @Nullable Digest diffId) {
        LayerFacts facts = recent.get(layer.digest());
        if (facts == null) {
            return Optional.empty();
        }
        // A diffID that does not fit is found and told by the reader; of a layer that was read by its table it is not
        // known.
        boolean fits = facts.isLazy()
                ? pull.promised(layer).equals(Optional.ofNullable(facts.name()))
                : diffId == null || diffId.equals(facts.diffId());
        return fits ? Optional.of(Result.of(facts)) : Optional.empty();
    }

    @Override
    public Optional<LayerFacts> stored(FactsName name) {
        return Optional.empty();
    }

    @Override
    public void expect(List<Descriptor> layers) {
        layers.stream()
                .filter(layer -> known(layer, null).isEmpty())
                .findFirst()
                .ifPresent(pull::expect);
    }

    @Override
    public Result facts(ImageSource source, Descriptor layer, @Nullable Digest diffId, Turn turn)
            throws InterruptedException {
        Optional<Result> known = known(layer, diffId);
        if (known.isPresent()) {
            return known.get();
        }
        turn.await();
        Result result = pull.pull(source, layer, diffId, Kinds.all());
        LayerFacts facts = result.facts();
        if (facts != null && facts.isComplete() && result.problem() == null) {
            remember(layer.digest(), facts);
        }
        return result;
    }

    private synchronized void remember(Digest layer, LayerFacts facts) {
        LayerFacts before = recent.put(layer, facts);
        held += facts.heldBytes() - (before == null ? 0 : before.heldBytes());
        var oldest = recent.values().iterator();
        while (held > MAX_HELD_BYTES && oldest.hasNext()) {
            held -= oldest.next().heldBytes();
            oldest.remove();
        }
    }
}
