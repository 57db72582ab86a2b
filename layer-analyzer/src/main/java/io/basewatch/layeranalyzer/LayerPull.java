package io.basewatch.layeranalyzer;

import io.basewatch.fingerprint.Expected;
import io.basewatch.fingerprint.LayerException;
import io.basewatch.fingerprint.LayerFacts;
import io.basewatch.fingerprint.LayerReader;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layeranalyzer.Layers.Result;
import io.basewatch.ociregistry.Descriptor;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.ociregistry.RegistryException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads one layer from where it is stored, once. Whatever goes wrong is told in the result. */
final class LayerPull {

    private static final Logger log = LoggerFactory.getLogger(LayerPull.class);

    private final LayerReader reader;
    private final LongConsumer pulled;

    /**
     * @param pulled told of the stored bytes, while they come
     */
    LayerPull(LayerReader reader, LongConsumer pulled) {
        this.reader = reader;
        this.pulled = pulled;
    }

    Result pull(ImageSource source, Descriptor layer, @Nullable Digest diffId) {
        try (InputStream stored = new Counting(source.blob(layer))) {
            return Result.of(
                    reader.read(stored, new Expected(layer.digest(), layer.size(), diffId, layer.mediaType())));
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
        } catch (RuntimeException e) {
            log.error("reading a layer broke layer={}", layer.digest(), e);
            return Result.failed(
                    new Reason(
                            Reason.Code.INTERNAL_ERROR,
                            "reading layer " + layer.digest() + " broke with "
                                    + e.getClass().getSimpleName()
                                    + "; this is a mistake of Basewatch, please report it"),
                    false);
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
    }
}
