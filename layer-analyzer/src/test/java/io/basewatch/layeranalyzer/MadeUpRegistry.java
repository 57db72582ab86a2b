package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.layeranalyzer.TestImages.TestLayer;
import io.basewatch.ociregistry.Descriptor;
import io.basewatch.ociregistry.ImageConfig;
import io.basewatch.ociregistry.ImageManifest;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.ociregistry.ImageTargets;
import io.basewatch.ociregistry.Manifest;
import io.basewatch.ociregistry.RegistryException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Gives small images from memory, as one repository or many, and fails as it is told. Used by one thread. */
final class MadeUpRegistry implements ImageSource {

    static final String HOST = "registry.test";

    private final Map<Digest, MadeUpImage> images = new HashMap<>();
    private final Map<Digest, byte[]> blobs = new HashMap<>();
    final Set<Digest> missing = new HashSet<>();
    final Set<Digest> damaged = new HashSet<>();
    Predicate<Digest> exists = image -> true;

    /** Null while all is well. */
    @Nullable
    RegistryException failure;

    /** Thrown for a manifest, to see what becomes of what nobody expects. */
    @Nullable
    Error broken;

    /** Thrown in the middle of a blob. */
    @Nullable
    Error brokenBlobs;

    int pulls;

    record MadeUpImage(Digest digest, List<TestLayer> layers) {}

    /** An image whose lowest layer is an Alpine. */
    MadeUpImage image(String name, TestLayer... layers) {
        MadeUpImage image = new MadeUpImage(TestImages.digest(name.getBytes(StandardCharsets.UTF_8)), List.of(layers));
        images.put(image.digest(), image);
        for (TestLayer layer : layers) {
            blobs.put(layer.digest(), layer.stored());
        }
        return image;
    }

    Optional<ImageSource> source(Repository repository) {
        return repository.registry().equals(HOST) ? Optional.of(this) : Optional.empty();
    }

    private void answer() throws RegistryException {
        if (broken != null) {
            throw broken;
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public Manifest manifest(String digest) throws RegistryException {
        answer();
        MadeUpImage image = images.get(Digest.parse(digest));
        if (image == null || !exists.test(image.digest())) {
            throw RegistryException.permanent(Reason.Code.MANIFEST_MISSING, "no manifest " + digest);
        }
        return new ImageManifest(
                image.digest(),
                TestImages.MANIFEST,
                Descriptor.of("application/vnd.oci.image.config.v1+json", image.digest(), 2),
                image.layers().stream()
                        .map(layer -> Descriptor.of(TestImages.LAYER, layer.digest(), layer.stored().length))
                        .toList(),
                Map.of());
    }

    @Override
    public ImageConfig config(Descriptor config) throws RegistryException {
        answer();
        List<Digest> diffIds = images.get(config.digest()).layers().stream()
                .map(TestLayer::diffId)
                .toList();
        return new ImageConfig(Platform.parse("linux/amd64"), null, diffIds, ImageInputs.NONE);
    }

    @Override
    public InputStream blob(Descriptor blob) throws RegistryException {
        answer();
        if (missing.contains(blob.digest())) {
            throw RegistryException.permanent(Reason.Code.BLOB_MISSING, "no blob " + blob.digest());
        }
        pulls++;
        byte[] bytes = blobs.get(blob.digest()).clone();
        if (damaged.contains(blob.digest())) {
            bytes[bytes.length / 2] ^= 1;
        }
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] buffer, int offset, int length) {
                if (brokenBlobs != null) {
                    throw brokenBlobs;
                }
                return super.read(buffer, offset, length);
            }
        };
    }

    Stream<Digest> allBlobs() {
        return blobs.keySet().stream();
    }

    @Override
    public String reference(String tagOrDigest) {
        return HOST + "/x@" + tagOrDigest;
    }

    @Override
    public ImageTargets resolve(String tagOrDigest) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
