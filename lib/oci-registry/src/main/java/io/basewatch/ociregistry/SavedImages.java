package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.ImageTargets.Skipped;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What {@code docker save} wrote before it wrote OCI layouts, and jib, kaniko and podman write still: {@code manifest.json} names each image's config and layer files.
 * Such an image has no manifest of its own, so one is made of its config and layers; its digest is the same for the same files, but is none that a registry knows.
 * Source of the format: moby, image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset Format".
 */
final class SavedImages {

    private static final int MAX_IMAGES = 1_000;
    private static final int MAX_LAYERS = 1_280;
    private static final Pattern CONFIG_NAME = Pattern.compile("(?:.*[/:])?([0-9a-f]{64})(?:\\.json)?");

    /** As recent dockers have it, whose archives are OCI layouts too. */
    private static final Pattern BLOB_PATH = Pattern.compile("(?:\\./)?blobs/sha256/([0-9a-f]{64})");

    private final String label;
    private final ImageFiles files;
    private final Map<String, Digest> names = new LinkedHashMap<>();
    private final Map<Digest, byte[]> manifests = new LinkedHashMap<>();
    private final Map<Digest, String> paths = new LinkedHashMap<>();
    private final Map<String, Descriptor> layers = new LinkedHashMap<>();
    private final List<Skipped> passedOver = new ArrayList<>();
    private final Map<Digest, Reason> remarks = new LinkedHashMap<>();

    private SavedImages(String label, ImageFiles files) {
        this.label = label;
        this.files = files;
    }

    /**
     * @param name of one image; empty for all there are
     * @throws RegistryException when not one image can be read
     */
    static ImageSources.Located open(String label, ImageFiles files, String name) throws IOException {
        return new SavedImages(label, files).open(name);
    }

    private ImageSources.Located open(String name) throws IOException {
        byte[] bytes = FileSource.read(
                files.find("manifest.json").orElse(null),
                RegistryRepository.MAX_MANIFEST_BYTES,
                label + ": manifest.json (is this the output of docker save?)",
                Reason.Code.MANIFEST_MISSING);
        JsonNode root;
        try {
            root = LenientJson.tree(bytes);
            if (!root.isArray() || root.isEmpty() || root.size() > MAX_IMAGES) {
                throw new MalformedException("it is not a list of 1 to " + MAX_IMAGES + " images");
            }
        } catch (MalformedException e) {
            throw invalid(e);
        }
        List<Map<String, Object>> entries = new ArrayList<>();
        RegistryException first = null;
        for (JsonNode image : root) {
            try {
                entries.add(image(image));
            } catch (RegistryException e) {
                first = first == null ? e : first;
                passedOver.add(new Skipped(null, new Reason(e.reason(), String.valueOf(e.getMessage()))));
            }
        }
        if (first != null && entries.isEmpty()) {
            throw first;
        }
        String whole = entries.size() == 1
                ? String.valueOf(entries.get(0).get("digest"))
                : index(entries).toString();
        FileSource source =
                new FileSource(label, files, names, manifests, paths, new FileSource.Told(whole, passedOver, remarks));
        return new ImageSources.Located(source, name.isEmpty() ? whole : name);
    }

    private RegistryException invalid(MalformedException e) {
        return RegistryException.permanent(
                Reason.Code.MANIFEST_INVALID, label + ": manifest.json is invalid: " + e.getMessage());
    }

    private Digest index(List<Map<String, Object>> entries) {
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("schemaVersion", 2);
        index.put("mediaType", MediaTypes.OCI_INDEX);
        index.put("manifests", entries);
        byte[] bytes = ModelJson.writeBytes(index);
        Digest digest = Hashing.digest(bytes, "sha256");
        manifests.put(digest, bytes);
        return digest;
    }

    /** Makes one image's manifest; returns the descriptor of it. */
    private Map<String, Object> image(JsonNode image) throws IOException {
        try {
            return imageOf(LenientJson.spelled(image, "Config", "RepoTags", "Layers"));
        } catch (MalformedException e) {
            throw invalid(e);
        }
    }

    private Map<String, Object> imageOf(JsonNode image) throws IOException, MalformedException {
        String configPath = LenientJson.textOr(image, "Config", "");
        List<String> layerPaths = LenientJson.texts(image, "Layers", MAX_LAYERS);
        byte[] config = FileSource.read(
                files.find(configPath).orElse(null),
                RegistryRepository.MAX_CONFIG_BYTES,
                label + ": config '" + Printable.text(configPath) + "'",
                Reason.Code.CONFIG_MISSING);
        Digest configDigest = Hashing.digest(config, "sha256");
        paths.put(configDigest, configPath);
        List<Digest> diffIds = diffIds(config);
        if (!diffIds.isEmpty() && diffIds.size() != layerPaths.size()) {
            throw new MalformedException("it lists " + layerPaths.size() + " layers, the config " + diffIds.size());
        }
        List<Map<String, Object>> layerList = new ArrayList<>();
        for (String path : layerPaths) {
            layerList.add(descriptor(layer(path)));
        }
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("schemaVersion", 2);
        manifest.put("mediaType", MediaTypes.DOCKER_MANIFEST);
        manifest.put("config", descriptor(Descriptor.of(MediaTypes.DOCKER_CONFIG, configDigest, config.length)));
        manifest.put("layers", layerList);
        byte[] bytes = ModelJson.writeBytes(manifest);
        Digest digest = Hashing.digest(bytes, "sha256");
        manifests.put(digest, bytes);
        Matcher name = CONFIG_NAME.matcher(configPath);
        if (name.matches() && !name.group(1).equals(configDigest.hex())) {
            remarks.put(
                    digest,
                    new Reason(
                            Reason.Code.DIGEST_MISMATCH,
                            label + ": config '" + Printable.text(configPath) + "': its bytes have the digest "
                                    + configDigest + ", so that it was changed after it got its name"));
        }
        for (String tag : LenientJson.texts(image, "RepoTags", MAX_IMAGES)) {
            names.putIfAbsent(tag, digest);
        }
        return descriptor(Descriptor.of(MediaTypes.DOCKER_MANIFEST, digest, bytes.length));
    }

    private static Map<String, Object> descriptor(Descriptor descriptor) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("mediaType", descriptor.mediaType());
        fields.put("digest", descriptor.digest().toString());
        fields.put("size", descriptor.size());
        return fields;
    }

    private List<Digest> diffIds(byte[] config) throws RegistryException {
        try {
            return ConfigParser.parse(config).diffIds();
        } catch (MalformedException e) {
            throw RegistryException.permanent(
                    Reason.Code.CONFIG_INVALID, label + ": the config is invalid: " + e.getMessage());
        }
    }

    /**
     * The digest of a layer is mostly nowhere to be had but from its bytes, which are therefore read once here; the config's diffIDs are what they are then checked against
     * by the layer's reader.
     */
    private Descriptor layer(String path) throws IOException {
        Descriptor known = layers.get(path);
        if (known != null) {
            return known;
        }
        String what = label + ": layer '" + Printable.text(path) + "'";
        ImageFiles.Part part = files.find(path)
                .orElseThrow(() -> RegistryException.permanent(Reason.Code.BLOB_MISSING, what + ": not there"));
        Matcher blob = BLOB_PATH.matcher(path);
        String packing;
        Digest digest;
        MessageDigest sha256 = Hashing.start("sha256");
        try (InputStream in = new DigestInputStream(new SizedStream(part.open(), part.size(), what), sha256)) {
            packing = packing(in.readNBytes(4));
            if (blob.matches()) {
                // Named by its digest, which the reader of the layer compares.
                digest = new Digest("sha256", blob.group(1));
            } else {
                in.transferTo(OutputStream.nullOutputStream());
                digest = Digest.ofSha256(sha256.digest());
            }
        }
        paths.put(digest, path);
        Descriptor layer = Descriptor.of(MediaTypes.DOCKER_LAYER + packing, digest, part.size());
        layers.put(path, layer);
        return layer;
    }

    /** The end of the media type. */
    private static String packing(byte[] magic) {
        String head = HexFormat.of().formatHex(magic);
        return head.startsWith("1f8b") ? ".gzip" : head.equals("28b52ffd") ? ".zstd" : "";
    }
}
