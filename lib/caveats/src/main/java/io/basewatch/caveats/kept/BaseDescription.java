package io.basewatch.caveats.kept;

import io.basewatch.caveats.JudgedImage;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.FactsPart;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.PackedReader;
import io.basewatch.layerfacts.PackedWriter;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An image that was read once, kept to stand in for a base where no registry can be asked for it: all that {@link io.basewatch.caveats.WhatIf} needs to know of a base, and nothing of
 * its files but their facts.
 *
 * <p>Encoded: {@code BWBD}, format, {@link Origin} and {@link ImageInputs} as JSON, number of layers, and of each layer, from below, its parts as {@link
 * LayerFacts} encodes them, each as kind, version and bytes; numbers and texts as there. Facts of another version of a kind than this program's are refused: what
 * they do not say would pass for what is not there.
 */
public final class BaseDescription {

    private static final byte[] MAGIC = {'B', 'W', 'B', 'D'};
    private static final int FORMAT = 1;

    /** Far above what a base takes: a Debian has half a megabyte. */
    public static final int MAX_BYTES = 64 << 20;

    private static final int MAX_LAYERS = 1_000;
    private static final int MAX_PARTS = 100;

    private final Origin origin;
    private final List<LayerFacts> layers;
    private final ImageInputs inputs;

    /**
     * What was described.
     *
     * @param name by which it is asked for, such as {@code alpine:3.20.3}
     * @param source where it was read from: a reference, or what it was put together from
     * @param digest of the image's manifest; null for what had none
     * @param platform null where nothing says it
     * @param described on which day
     */
    public record Origin(
            String name,
            String source,
            @Nullable Digest digest,
            @Nullable Platform platform,
            LocalDate described) {}

    private BaseDescription(Origin origin, List<LayerFacts> layers, ImageInputs inputs) {
        this.origin = origin;
        this.layers = List.copyOf(layers);
        this.inputs = inputs;
    }

    /**
     * @param bottomUp facts of all its layers, each read to its end for all kinds of now
     * @param inputs of which {@link ImageInputs#kept()} is kept
     * @throws IllegalArgumentException when a layer was not read to its end
     */
    public static BaseDescription of(Origin origin, List<LayerFacts> bottomUp, ImageInputs inputs) {
        bottomUp.forEach(BaseDescription::requireAll);
        return new BaseDescription(origin, bottomUp, inputs.kept());
    }

    private static void requireAll(LayerFacts layer) {
        if (!layer.isComplete()) {
            throw new IllegalArgumentException("a layer was not read to its end: a base is described wholly or not");
        }
        List<FactsKind> lacks = layer.lacks(Kinds.all());
        if (!lacks.isEmpty()) {
            throw new IllegalArgumentException("it lacks what this version of Basewatch knows of files ("
                    + lacks.stream().map(FactsKind::toString).collect(Collectors.joining(", "))
                    + "): describe the base again");
        }
    }

    public Origin origin() {
        return origin;
    }

    /** What the layers stand for together, as {@link ImageAnalysis#chains()} counts; null where a layer has no diffID, and for a plain root file system. */
    public @Nullable Digest chainId() {
        Digest chain = null;
        for (LayerFacts layer : layers) {
            Digest diffId = layer.diffId();
            if (diffId == null) {
                return null;
            }
            chain = ImageAnalysis.Chain.id(chain, diffId);
        }
        return chain;
    }

    /** The base as an image; made anew with each call, large, for one thread. */
    public JudgedImage image() {
        Fingerprinter.Result result = Fingerprinter.fingerprint(layers, inputs);
        return JudgedImage.of(result.seen(), result.fingerprint());
    }

    public byte[] encode() {
        PackedWriter out = new PackedWriter().raw(MAGIC, 0, MAGIC.length).u8(FORMAT);
        out.text(ModelJson.write(origin)).text(ModelJson.write(inputs)).number(layers.size());
        for (LayerFacts layer : layers) {
            List<FactsPart> parts = layer.encode();
            out.number(parts.size());
            parts.forEach(part -> out.text(part.kind()).number(part.version()).bytes(part.bytes()));
        }
        return out.toBytes();
    }

    /**
     * @param what for messages: the file's name
     * @throws IllegalArgumentException when it is no description, is damaged, or was made by another version of this program than can be read; says what to do
     */
    public static BaseDescription decode(String what, byte[] bytes) {
        try {
            return decode(bytes);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    what + " is no description of a base that can be used: " + e.getMessage(), e);
        }
    }

    private static BaseDescription decode(byte[] bytes) {
        if (bytes.length > MAX_BYTES || !Arrays.equals(MAGIC, 0, 4, bytes, 0, Math.min(4, bytes.length))) {
            throw new IllegalArgumentException(
                    "it does not begin as one ('basewatch describe' makes them), or is larger than " + MAX_BYTES
                            + " bytes");
        }
        PackedReader in = new PackedReader("description", bytes, MAGIC.length, bytes.length);
        int format = in.u8();
        if (format != FORMAT) {
            throw new IllegalArgumentException(
                    "its format is " + format + ", this version of Basewatch reads " + FORMAT + ": describe it again");
        }
        Origin origin = ModelJson.read(in.text(), Origin.class);
        ImageInputs inputs = ModelJson.read(in.text(), ImageInputs.class);
        List<LayerFacts> layers = new ArrayList<>();
        for (int left = in.number(MAX_LAYERS, "number of layers"); left > 0; left--) {
            List<FactsPart> parts = new ArrayList<>();
            for (int more = in.number(MAX_PARTS, "number of parts"); more > 0; more--) {
                parts.add(new FactsPart(in.text(), in.number(Integer.MAX_VALUE, "version of a kind"), in.bytes()));
            }
            LayerFacts layer = LayerFacts.decode(parts);
            requireAll(layer);
            layers.add(layer);
        }
        in.end();
        return new BaseDescription(origin, layers, inputs);
    }
}
