package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layeranalyzer.Layers.Result;
import io.basewatch.layerfacts.Expected;
import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.FactsName;
import io.basewatch.layerfacts.Isal;
import io.basewatch.layerfacts.LayerException;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.layerfacts.LayerReader;
import io.basewatch.layerfacts.LazyLayerReader;
import io.basewatch.ociregistry.Descriptor;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.ociregistry.RegistryException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads one layer from where it is stored, once. Whatever goes wrong is told in the result. */
final class LayerPull {

    private static final Logger log = LoggerFactory.getLogger(LayerPull.class);

    private final LayerLimits limits;
    private final boolean lazily;
    private final Isal isal;
    private final AtomicBoolean refusalTold = new AtomicBoolean();
    private final LongConsumer pulled;
    private final LongConsumer saved;

    /**
     * @param lazily whether layers with a table of contents may be read by it
     * @param isal that may help with layers in gzip
     * @param pulled told of the stored bytes, while they come
     * @param saved told of the stored bytes that were not pulled, once for each layer that was read lazily
     */
    LayerPull(LayerLimits limits, boolean lazily, Isal isal, LongConsumer pulled, LongConsumer saved) {
        this.limits = limits;
        this.lazily = lazily;
        this.isal = isal;
        this.pulled = pulled;
        this.saved = saved;
    }

    /** Whether facts of this layer that were read by its table of contents are good enough; then their name. */
    Optional<FactsName> promised(Descriptor layer) {
        return lazily ? FactsName.promised(layer.digest(), layer.annotations()) : Optional.empty();
    }

    /** Before {@link #pull}, while it is found out what of a layer is wanted. */
    void expect(Descriptor layer) {
        isal.begin(expected(layer, null));
    }

    Result pull(ImageSource source, Descriptor layer, @Nullable Digest diffId, List<FactsKind> kinds) {
        LayerFacts byTable = promised(layer).isEmpty() ? null : pullLazily(source, layer, kinds);
        return byTable == null ? pullWhole(source, layer, diffId, kinds) : Result.of(byTable);
    }

    /** Whatever keeps a layer from being read so, reading the whole finds out too, and tells. */
    private @Nullable LayerFacts pullLazily(ImageSource source, Descriptor layer, List<FactsKind> kinds) {
        LazyLayerReader.Outcome outcome;
        try {
            outcome = new LazyLayerReader(limits, kinds)
                    .read(
                            (offset, length) ->
                                    source.range(layer, offset, length).map(Counting::new),
                            expected(layer, null),
                            layer.annotations());
        } catch (RuntimeException | Error e) {
            log.error("reading a layer by its table broke, it is read as a whole layer={}", layer.digest(), e);
            return null;
        }
        LayerFacts facts = outcome.facts();
        if (facts == null) {
            log.debug("layer read as a whole layer={} because=\"{}\"", layer.digest(), outcome.declined());
            return null;
        }
        log.debug("layer read by its table layer={} bytes={} of={}", layer.digest(), facts.storedBytes(), layer.size());
        saved.accept(layer.size() - facts.storedBytes());
        return facts;
    }

    Result pullWhole(ImageSource source, Descriptor layer, @Nullable Digest diffId, List<FactsKind> kinds) {
        try {
            LayerFacts facts = new LayerReader(limits, kinds)
                    .read(() -> new Counting(source.blob(layer)), expected(layer, diffId), isal);
            tellOfRefusal(layer);
            return Result.of(facts);
        } catch (LayerException e) {
            LayerFacts facts = e.facts().orElse(null);
            boolean empty = facts != null && !facts.isComplete() && facts.entries() == 0;
            return new Result(empty ? null : facts, e.reason(), false);
        } catch (RegistryException e) {
            return Result.failed(new Reason(e.reason(), String.valueOf(e.getMessage())), e.isTemporary());
        } catch (IOException e) {
            return Result.failed(
                    new Reason(
                            Reason.Code.REGISTRY_UNAVAILABLE,
                            "layer " + layer.digest() + " was not read to its end: " + e.getMessage()),
                    true);
        } catch (RuntimeException | Error e) {
            log.error("reading a layer broke layer={}", layer.digest(), e);
            return Result.failed(Breakdown.reason("reading layer " + layer.digest(), e), Breakdown.mayPass(e));
        }
    }

    private static Expected expected(Descriptor layer, @Nullable Digest diffId) {
        return new Expected(layer.digest(), layer.size(), diffId, layer.mediaType());
    }

    private void tellOfRefusal(Descriptor layer) {
        if (isal.isRefused() && !refusalTold.getAndSet(true)) {
            log.warn(
                    "ISA-L does not do here what zlib does, and is not used any more file={} layer={}",
                    isal.file().map(String::valueOf).orElse(""),
                    layer.digest());
        }
    }

    /** Counts what comes from the registry, while it comes. */
    private final class Counting extends FilterInputStream {

        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            if (value >= 0) {
                pulled.accept(1);
            }
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = super.read(buffer, offset, length);
            if (count > 0) {
                pulled.accept(count);
            }
            return count;
        }

        @Override
        public long skip(long count) throws IOException {
            long skipped = super.skip(count);
            pulled.accept(skipped);
            return skipped;
        }
    }
}
