package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
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
    private static final Pattern CONFIG_NAME = Pattern.compile("(?:.*/)?([0-9a-f]{64})(?:\\.json)?");

    private final String label;
    private final ImageFiles files;
    private final Map<String, Digest> names = new LinkedHashMap<>();
    private final Map<Digest, byte[]> manifests = new LinkedHashMap<>();
    private final Map<Digest, String> paths = new LinkedHashMap<>();
    private final Map<String, Descriptor> layers = new LinkedHashMap<>();

    private SavedImages(String label, ImageFiles files) {
        this.label = label;
        this.files = files;
    }

    static ImageSources.Located open(String label, ImageFiles files) throws IOException {
        return new SavedImages(label, files).open();
    }

    private ImageSources.Located open() throws IOException {
        byte[] bytes = FileSource.read(
                files.find("manifest.json").orElse(null),
                RegistryRepository.MAX_MANIFEST_BYTES,
                label + ": manifest.json (is this the output of docker save?)",
                Reason.Code.MANIFEST_MISSING);
        List<Map<String, Object>> entries = new ArrayList<>();
        try {
            JsonNode root = LenientJson.tree(bytes);
            if (!root.isArray() || root.isEmpty() || root.size() > MAX_IMAGES) {
                throw new MalformedException("it is not a list of 1 to " + MAX_IMAGES + " images");
            }
            for (JsonNode image : root) {
                entries.add(image(image));
            }
        } catch (MalformedException e) {
            throw RegistryException.permanent(
                    Reason.Code.MANIFEST_INVALID, label + ": manifest.json is invalid: " + e.getMessage());
        }
        String name = entries.size() == 1
                ? String.valueOf(entries.get(0).get("digest"))
                : index(entries).toString();
        return new ImageSources.Located(new FileSource(label, files, names, manifests, paths), name);
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
    private Map<String, Object> image(JsonNode image) throws IOException, MalformedException {
        String configPath = LenientJson.textOr(image, "Config", "");
        List<String> layerPaths = LenientJson.texts(image, "Layers", MAX_LAYERS);
        byte[] config = FileSource.read(
                files.find(configPath).orElse(null),
                RegistryRepository.MAX_CONFIG_BYTES,
                label + ": config '" + Printable.text(configPath) + "'",
                Reason.Code.CONFIG_MISSING);
        Digest configDigest = Hashing.digest(config, "sha256");
        requireName(configPath, configDigest);
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

    /** A config's file is named after its digest, so a wrong one shows. */
    private void requireName(String path, Digest actual) throws RegistryException {
        Matcher name = CONFIG_NAME.matcher(path);
        if (name.matches() && !name.group(1).equals(actual.hex())) {
            throw RegistryException.permanent(
                    Reason.Code.DIGEST_MISMATCH,
                    label + ": config '" + Printable.text(path) + "': its bytes have the digest " + actual);
        }
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
     * The digest of a layer is nowhere to be had but from its bytes, which are therefore read once here; the config's diffIDs are what they are then checked against
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
        MessageDigest sha256 = Hashing.start("sha256");
        boolean gzip;
        try (InputStream in = new DigestInputStream(new SizedStream(part.open(), part.size(), what), sha256)) {
            byte[] magic = in.readNBytes(2);
            gzip = magic.length == 2 && magic[0] == 0x1f && (magic[1] & 0xff) == 0x8b;
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        Digest digest = Digest.ofSha256(sha256.digest());
        paths.put(digest, path);
        Descriptor layer = Descriptor.of(MediaTypes.DOCKER_LAYER + (gzip ? ".gzip" : ""), digest, part.size());
        layers.put(path, layer);
        return layer;
    }
}
