package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Under which name facts of a layer may be kept, and be believed by whoever finds them.
 *
 * <p>Facts of a layer that was read as a whole have its diffID, the digest of the tar they were read from. Of a layer that was read by its table of contents
 * nobody saw the tar: its facts follow from the table alone, and a manifest that names this layer and this table has them too. Neither the layer's digest nor a
 * diffID would do for these, so that one manifest could put facts under another's layer.
 *
 * @param digest the name itself
 * @param table by which digest a manifest names the table; null for a layer that was read as a whole
 */
public record FactsName(Digest digest, @Nullable Digest table) {

    public static FactsName whole(Digest diffId) {
        return new FactsName(diffId, null);
    }

    /**
     * @param layer the digest of the stored bytes, as the manifest says
     */
    public static FactsName byTable(Digest layer, Digest table) {
        MessageDigest name = Digesting.like(null);
        name.update(("facts of layer " + layer + " by its table " + table + "\n").getBytes(StandardCharsets.US_ASCII));
        return new FactsName(Digesting.finish(name), table);
    }

    /**
     * @param annotations of the layer in the manifest
     * @return empty when they name no table of contents, or none of a kind that is known
     */
    public static Optional<FactsName> promised(Digest layer, Map<String, String> annotations) {
        return TablePromise.of(annotations).map(promise -> byTable(layer, promise.digest()));
    }

    /** Of a layer of an image that was analysed; empty when nothing says what was read. */
    public static Optional<FactsName> of(ImageAnalysis.Layer layer) {
        Digest table = layer.table();
        if (table != null) {
            return Optional.of(byTable(layer.digest(), table));
        }
        return Optional.ofNullable(layer.diffId()).map(FactsName::whole);
    }

    /**
     * Facts that were kept under this name.
     *
     * @param parts as they were encoded
     * @return empty when there are none, the list of entries is of another version, or they are those of another layer
     * @throws IllegalArgumentException when they are damaged
     */
    public Optional<LayerFacts> read(List<FactsPart> parts) {
        boolean isOfNow = parts.stream()
                .anyMatch(part -> part.kind().equals(FactsPart.ENTRIES) && part.version() == FactsPart.ENTRIES_VERSION);
        return isOfNow ? Optional.of(LayerFacts.decode(parts)).filter(this::fits) : Optional.empty();
    }

    /** Whether facts found under this name are what it promises. */
    public boolean fits(LayerFacts facts) {
        return equals(facts.name());
    }
}
