package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.FileSketch;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.PackageSketch;
import io.basewatch.lineage.BaseClaim;
import io.basewatch.lineage.Member;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.bson.Document;
import org.bson.types.Binary;
import org.jspecify.annotations.Nullable;

/**
 * What an image's line says of how the image was built, in one field of few bytes: layers, what it claims of its base, and its history. Written and removed with the rest of the line's analysis.
 *
 * @param history see {@link Member#history}
 * @param packages see {@link Member#packages}
 * @param files see {@link Member#files}
 */
record LineageLine(
        List<Member.Layer> layers,
        @Nullable BaseClaim claim,
        List<Long> history,
        @Nullable PackageSketch packages,
        @Nullable FileSketch files) {

    /** Field of an image's line. */
    static final String FIELD = "lineage";

    /** Field of an image's line, a text: see {@link Member#effort}. */
    static final String EFFORT = "effort";

    /** Field of an image's line, a list of {@code k} and {@code v}: see {@link Member#labels}. */
    static final String LABELS = "labels";

    /** Of an image that has more labels, the last ones are left out. */
    private static final int MAX_LABELS = 32;

    /** Who owns an image is told in few words: longer values are left out. */
    private static final int MAX_LABEL = 100;

    static final LineageLine NONE = new LineageLine(List.of(), null, List.of(), null, null);

    private static final byte FORMAT = 3;

    /** Of before files were sketched; the rest is the same. */
    private static final byte WITHOUT_FILES = 2;

    /** Of before packages were; the rest is the same. */
    private static final byte WITHOUT_PACKAGES = 1;

    private static final String COMPACT = "sha256";
    private static final int COMPACT_BYTES = 32;

    private static final int HAS_DIFF_ID = 1;
    private static final int CLAIMED = 2;
    private static final int HAS_REFERENCE = 4;
    private static final int HAS_DIGEST = 8;
    private static final int IS_LABEL = 16;
    private static final int IS_PROVENANCE = 32;

    private static final String NAME = "org.opencontainers.image.base.name";
    private static final String DIGEST = "org.opencontainers.image.base.digest";

    /** The image that OpenShift's source-to-image put the program upon. */
    private static final String BUILDER = "io.openshift.s2i.build.image";

    /** A longer history is none. */
    private static final int MAX_STEPS = 200;

    /** Builders that make the same of the same write a time around this: it says nothing. */
    private static final Instant NO_TIME = Instant.parse("1981-01-01T00:00:00Z");

    /**
     * @param inputs null when they are not kept
     */
    static LineageLine of(ImageAnalysis analysis, @Nullable ImageInputs inputs) {
        List<Member.Layer> layers = analysis.layers().stream()
                .map(layer -> new Member.Layer(
                        layer.digest(),
                        layer.diffId() != null ? layer.diffId() : layer.claimedDiffId(),
                        layer.diffId() == null && layer.claimedDiffId() != null,
                        layer.compressedBytes()))
                .toList();
        return inputs == null
                ? new LineageLine(layers, null, List.of(), packages(analysis), files(analysis))
                : new LineageLine(
                        layers, claim(inputs), history(inputs.history()), packages(analysis), files(analysis));
    }

    /** Of the system's own packages; null of an image that was not read wholly: which are missing is not known. */
    private static @Nullable PackageSketch packages(ImageAnalysis analysis) {
        return analysis.status() == AnalysisStatus.COMPLETE
                ? analysis.fingerprint().packageSketch()
                : null;
    }

    private static @Nullable FileSketch files(ImageAnalysis analysis) {
        return analysis.status() == AnalysisStatus.COMPLETE
                ? analysis.fingerprint().files()
                : null;
    }

    /** Those that may say whose an image is; in the order of their names. */
    static List<Document> labels(@Nullable ImageInputs inputs) {
        return inputs == null
                ? List.of()
                : new TreeMap<>(inputs.labels())
                        .entrySet().stream()
                                .filter(label -> isShort(label.getKey()) && isShort(label.getValue()))
                                .limit(MAX_LABELS)
                                .map(label -> new Document("k", label.getKey()).append("v", label.getValue()))
                                .toList();
    }

    private static boolean isShort(String text) {
        return !text.isBlank() && text.length() <= MAX_LABEL && text.chars().noneMatch(Character::isISOControl);
    }

    static Map<String, String> labels(Document image) {
        Map<String, String> labels = new HashMap<>();
        for (Document label : image.getList(LABELS, Document.class, List.of())) {
            labels.put(label.getString("k"), label.getString("v"));
        }
        return labels;
    }

    private static @Nullable BaseClaim claim(ImageInputs inputs) {
        BaseClaim claim = claim(inputs.annotations(), NAME, BaseClaim.Source.ANNOTATION);
        // Said of this very build, where a label may be its base's.
        claim = claim != null ? claim : attested(inputs.builtFrom());
        claim = claim != null ? claim : claim(inputs.labels(), NAME, BaseClaim.Source.LABEL);
        return claim != null ? claim : claim(inputs.labels(), BUILDER, BaseClaim.Source.LABEL);
    }

    /** A build that used several images does not say which of them is the base. */
    private static @Nullable BaseClaim attested(List<ImageInputs.Material> builtFrom) {
        if (builtFrom.size() != 1) {
            return null;
        }
        ImageInputs.Material only = builtFrom.get(0);
        return only.reference().length() > BaseClaim.MAX_REFERENCE
                ? null
                : new BaseClaim(only.reference(), only.digest(), BaseClaim.Source.PROVENANCE);
    }

    private static @Nullable BaseClaim claim(Map<String, String> pairs, String name, BaseClaim.Source source) {
        String said = pairs.getOrDefault(name, "").strip();
        String reference = said.isEmpty()
                        || said.length() > BaseClaim.MAX_REFERENCE
                        || said.chars().anyMatch(c -> c <= ' ' || c == 127)
                ? null
                : said;
        Digest digest = name.equals(NAME) ? digest(pairs.get(DIGEST)) : null;
        return reference == null && digest == null ? null : new BaseClaim(reference, digest, source);
    }

    private static @Nullable Digest digest(@Nullable String said) {
        try {
            return said == null ? null : Digest.parse(said.strip());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Empty where a step does not say when it was made and of what: others may have the same by chance. */
    private static List<Long> history(List<ImageInputs.Step> steps) {
        List<Long> history = new ArrayList<>();
        long below = 0;
        for (ImageInputs.Step step : steps) {
            if (step.created() == null
                    || step.created().isBefore(NO_TIME)
                    || step.createdBy().isBlank()
                    || history.size() == MAX_STEPS) {
                return List.of();
            }
            String text = below + "\n" + step.created() + "\n" + step.emptyLayer() + "\n" + step.createdBy();
            Digest digest = Digest.sha256Of(text.getBytes(StandardCharsets.UTF_8));
            below = ByteBuffer.wrap(HexFormat.of().parseHex(digest.hex())).getLong();
            history.add(below);
        }
        return history;
    }

    byte[] write() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeShort(layers.size());
            for (Member.Layer layer : layers) {
                out.writeByte((layer.diffId() == null ? 0 : HAS_DIFF_ID) | (layer.claimed() ? CLAIMED : 0));
                write(out, layer.digest());
                if (layer.diffId() != null) {
                    write(out, layer.diffId());
                }
                out.writeLong(layer.bytes());
            }
            out.writeByte(claim == null ? 0 : flags(claim));
            if (claim != null) {
                if (claim.reference() != null) {
                    out.writeUTF(claim.reference());
                }
                if (claim.digest() != null) {
                    write(out, claim.digest());
                }
            }
            out.writeShort(history.size());
            for (long step : history) {
                out.writeLong(step);
            }
            out.writeUTF(packages == null ? "" : packages.toString());
            out.writeUTF(files == null ? "" : files.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static int flags(BaseClaim claim) {
        return (claim.reference() == null ? 0 : HAS_REFERENCE)
                | (claim.digest() == null ? 0 : HAS_DIGEST)
                | source(claim.source());
    }

    private static int source(BaseClaim.Source source) {
        return switch (source) {
            case ANNOTATION -> 0;
            case LABEL -> IS_LABEL;
            case PROVENANCE -> IS_PROVENANCE;
        };
    }

    private static BaseClaim.Source source(int flags) {
        if ((flags & IS_PROVENANCE) != 0) {
            return BaseClaim.Source.PROVENANCE;
        }
        return (flags & IS_LABEL) == 0 ? BaseClaim.Source.ANNOTATION : BaseClaim.Source.LABEL;
    }

    private static void write(DataOutputStream out, Digest digest) throws IOException {
        if (digest.algorithm().equals(COMPACT)) {
            out.writeBoolean(true);
            out.write(HexFormat.of().parseHex(digest.hex()));
        } else {
            out.writeBoolean(false);
            out.writeUTF(digest.toString());
        }
    }

    /** Empty where a line says nothing, or what no program of this version has written. */
    static Optional<LineageLine> of(Document image) {
        byte[] bytes = image.get(FIELD) instanceof Binary binary ? binary.getData() : null;
        if (bytes == null) {
            return Optional.empty();
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            byte format = in.readByte();
            return format >= WITHOUT_PACKAGES && format <= FORMAT ? Optional.of(read(in, format)) : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static LineageLine read(DataInputStream in, byte format) throws IOException {
        List<Member.Layer> layers = new ArrayList<>();
        for (int left = in.readUnsignedShort(); left > 0; left--) {
            int flags = in.readByte();
            Digest digest = readDigest(in);
            Digest diffId = (flags & HAS_DIFF_ID) == 0 ? null : readDigest(in);
            layers.add(new Member.Layer(digest, diffId, (flags & CLAIMED) != 0, in.readLong()));
        }
        int flags = in.readByte();
        BaseClaim claim = null;
        if (flags != 0) {
            String reference = (flags & HAS_REFERENCE) == 0 ? null : in.readUTF();
            Digest digest = (flags & HAS_DIGEST) == 0 ? null : readDigest(in);
            claim = new BaseClaim(reference, digest, source(flags));
        }
        List<Long> history = new ArrayList<>();
        for (int left = in.readUnsignedShort(); left > 0; left--) {
            history.add(in.readLong());
        }
        String packages = format == WITHOUT_PACKAGES ? "" : in.readUTF();
        String files = format <= WITHOUT_FILES ? "" : in.readUTF();
        return new LineageLine(
                layers,
                claim,
                history,
                packages.isEmpty() ? null : PackageSketch.parse(packages),
                files.isEmpty() ? null : FileSketch.parse(files));
    }

    private static Digest readDigest(DataInputStream in) throws IOException {
        if (!in.readBoolean()) {
            return Digest.parse(in.readUTF());
        }
        byte[] bytes = in.readNBytes(COMPACT_BYTES);
        if (bytes.length < COMPACT_BYTES) {
            throw new IOException("digest of " + bytes.length + " bytes");
        }
        return Digest.ofSha256(bytes);
    }

    /** ChainID of all layers; null where one of them is not known, or there is none. */
    ImageAnalysis.@Nullable Chain chain() {
        Digest chain = null;
        boolean claimed = false;
        for (Member.Layer layer : layers) {
            if (layer.diffId() == null) {
                return null;
            }
            chain = ImageAnalysis.Chain.id(chain, layer.diffId());
            claimed |= layer.claimed();
        }
        return chain == null ? null : new ImageAnalysis.Chain(chain, claimed);
    }
}
