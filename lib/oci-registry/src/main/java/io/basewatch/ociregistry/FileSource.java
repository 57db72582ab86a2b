package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.ImageTargets.Skipped;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Images that were written to disk. Nothing stays open between two calls. */
final class FileSource implements ImageSource {

    private static final Pattern DIGEST = Pattern.compile("sha(256|512):[0-9a-f]+");

    private final String label;
    private final ImageFiles files;
    private final Map<String, Digest> names;
    private final Map<Digest, byte[]> manifests;
    private final Map<Digest, String> paths;
    private final Told told;

    /**
     * What is to be known beside the images.
     *
     * @param whole the name that leads to all of them
     * @param passedOver what is listed beside them and cannot be read
     * @param remarks by image
     */
    record Told(String whole, List<Skipped> passedOver, Map<Digest, Reason> remarks) {
        static final Told NOTHING = new Told("", List.of(), Map.of());
    }

    /**
     * @param label for people: {@code oci:DIR}
     * @param names tags and what they point at
     * @param manifests those that are no files of their own
     * @param paths of blobs that are not at {@code blobs/ALGORITHM/HEX}
     */
    FileSource(
            String label,
            ImageFiles files,
            Map<String, Digest> names,
            Map<Digest, byte[]> manifests,
            Map<Digest, String> paths,
            Told told) {
        this.label = label;
        this.files = files;
        this.names = Map.copyOf(names);
        this.manifests = Map.copyOf(manifests);
        this.paths = Map.copyOf(paths);
        this.told = told;
    }

    @Override
    public String reference(String tagOrDigest) {
        boolean digest =
                !names.containsKey(tagOrDigest) && DIGEST.matcher(tagOrDigest).matches();
        return label + (digest ? "@" : ":") + tagOrDigest;
    }

    @Override
    public Manifest manifest(String tagOrDigest) throws RegistryException {
        Digest digest = digest(tagOrDigest);
        String what = label + ": manifest " + digest;
        byte[] bytes = manifests.get(digest);
        if (bytes == null) {
            bytes = read(digest, RegistryRepository.MAX_MANIFEST_BYTES, what, Reason.Code.MANIFEST_MISSING);
            requireDigest(bytes, digest, what);
        }
        try {
            return Blobs.sized(ManifestParser.parse(bytes, digest, ""), this::sizeOf);
        } catch (MalformedException e) {
            throw RegistryException.permanent(Reason.Code.MANIFEST_INVALID, what + " is invalid: " + e.getMessage());
        }
    }

    /** The bytes of a manifest that is no file of its own. */
    byte[] madeManifest(Digest digest) {
        byte[] bytes = manifests.get(digest);
        if (bytes == null) {
            throw new IllegalArgumentException(label + ": manifest " + digest + " was not made here");
        }
        return bytes.clone();
    }

    private Digest digest(String tagOrDigest) throws RegistryException {
        Digest named = names.get(tagOrDigest);
        if (named != null) {
            return named;
        }
        // A digest is no other way to write a name; to ask would load what reads names, a hundredth of a short run.
        Optional<Digest> written =
                DIGEST.matcher(tagOrDigest).matches() ? Optional.empty() : writtenOtherwise(tagOrDigest);
        if (written.isPresent()) {
            return written.get();
        }
        try {
            return Digest.parse(tagOrDigest);
        } catch (IllegalArgumentException e) {
            throw RegistryException.permanent(
                    Reason.Code.MANIFEST_MISSING,
                    label + ": holds no image named '" + Printable.text(tagOrDigest) + "'; it has "
                            + Printable.text(
                                    names.keySet().stream().sorted().toList().toString()));
        }
    }

    @Override
    public ImageConfig config(Descriptor config) throws RegistryException {
        String what = label + ": config " + config.digest();
        Blobs.requireConfigSize(config, what + ": ");
        byte[] bytes = read(config.digest(), RegistryRepository.MAX_CONFIG_BYTES, what, Reason.Code.CONFIG_MISSING);
        return Blobs.config(bytes, config, what + ": ");
    }

    private long sizeOf(Descriptor blob) throws RegistryException {
        String what = label + ": blob " + blob.digest();
        try {
            return find(blob.digest())
                    .orElseThrow(() -> missing(what, Reason.Code.BLOB_MISSING))
                    .size();
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            throw unreadable(what, Reason.Code.BLOB_MISSING, e);
        }
    }

    @Override
    public InputStream blob(Descriptor blob) throws RegistryException {
        String what = label + ": blob " + blob.digest();
        Blobs.requireOwn(blob, what + ": ");
        try {
            ImageFiles.Part part = find(blob.digest()).orElseThrow(() -> missing(what, Reason.Code.BLOB_MISSING));
            if (blob.hasSize() && part.size() != blob.size()) {
                throw RegistryException.permanent(
                        Reason.Code.SIZE_MISMATCH,
                        what + ": has " + part.size() + " bytes, the manifest says " + blob.size());
            }
            return new SizedStream(part.open(), part.size(), what);
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            throw unreadable(what, Reason.Code.BLOB_MISSING, e);
        }
    }

    @Override
    public ImageTargets resolve(String tagOrDigest) throws RegistryException {
        ImageTargets targets = TargetResolver.resolve(this, tagOrDigest, true);
        if (!tagOrDigest.equals(told.whole()) || told.passedOver().isEmpty()) {
            return targets;
        }
        List<Skipped> skipped = new ArrayList<>(targets.skipped());
        skipped.addAll(told.passedOver());
        return new ImageTargets(targets.tagDigest(), targets.images(), skipped);
    }

    @Override
    public List<Reason> remarks(Digest image) {
        Reason remark = told.remarks().get(image);
        return remark == null ? List.of() : List.of(remark);
    }

    /** The image of a name that means the same: {@code alpine:3} is {@code docker.io/library/alpine:3}. */
    private Optional<Digest> writtenOtherwise(String name) {
        Optional<String> wanted = parsed(name).map(ImageReference::toString);
        return names.entrySet().stream()
                .filter(entry -> wanted.isPresent()
                        && wanted.equals(parsed(entry.getKey()).map(ImageReference::toString)))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private static Optional<ImageReference> parsed(String name) {
        try {
            return Optional.of(References.parse(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Optional<ImageFiles.Part> find(Digest digest) throws IOException {
        String path = paths.get(digest);
        return files.find(path != null ? path : "blobs/" + digest.algorithm() + "/" + digest.hex());
    }

    private byte[] read(Digest digest, int atMost, String what, Reason.Code missing) throws RegistryException {
        try {
            return read(find(digest).orElse(null), atMost, what, missing);
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            throw unreadable(what, missing, e);
        }
    }

    /** A whole small file. */
    static byte[] read(ImageFiles.@Nullable Part part, int atMost, String what, Reason.Code missing)
            throws IOException {
        if (part == null) {
            throw missing(what, missing);
        }
        if (part.size() > atMost) {
            throw RegistryException.permanent(
                    Reason.Code.LIMIT_EXCEEDED, what + ": has " + part.size() + " bytes, more than " + atMost);
        }
        try (InputStream in = new SizedStream(part.open(), part.size(), what)) {
            return in.readAllBytes();
        }
    }

    private static void requireDigest(byte[] bytes, Digest expected, String what) throws RegistryException {
        Digest actual = Hashing.digest(bytes, expected.algorithm());
        if (!actual.equals(expected)) {
            throw RegistryException.permanent(
                    Reason.Code.DIGEST_MISMATCH, what + ": its bytes have the digest " + actual);
        }
    }

    private static RegistryException missing(String what, Reason.Code code) {
        return RegistryException.permanent(code, what + ": not there");
    }

    static RegistryException unreadable(String what, Reason.Code code, IOException e) {
        return RegistryException.permanent(
                code, what + ": cannot be read: " + Printable.text(String.valueOf(e.getMessage())), e);
    }

    @Override
    public void close() {}
}
