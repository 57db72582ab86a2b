package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Makes manifests of bytes. What a manifest is follows from its fields: the Content-Type of a registry is a hint only, and OCI manifests may leave {@code mediaType} out.
 * One that could be read as an index and as an image at once is refused, since two readers would see two things (CVE-2021-41190).
 */
final class ManifestParser {

    /** Ten times what any engine can stack. */
    private static final int MAX_LAYERS = 1_280;

    private static final int MAX_INDEX_ENTRIES = 10_000;
    private static final int MAX_TOLD = 100;

    private ManifestParser() {}

    /**
     * @param contentType as the registry answered; empty when it did not
     */
    static Manifest parse(byte[] bytes, Digest digest, String contentType) throws MalformedException {
        JsonNode root = LenientJson.object(bytes);
        String stated = LenientJson.textOr(root, "mediaType", "");
        String mediaType = stated.isEmpty() ? MediaTypes.essence(contentType) : stated;
        if (root.path("schemaVersion").asInt(0) == 1
                || MediaTypes.isSchema1(stated)
                || (root.has("fsLayers") && !root.has("layers"))) {
            throw new MalformedException("schema 1 is not supported, re-push with a current client");
        }
        boolean listsManifests = root.path("manifests").isArray();
        boolean listsLayers = root.path("layers").isArray();
        if (listsManifests && (listsLayers || root.path("config").isObject())) {
            throw new MalformedException("it is an index and an image at once");
        }
        Map<String, String> annotations = LenientJson.textMap(root, "annotations");
        if (listsManifests) {
            String type = MediaTypes.isIndex(mediaType) ? mediaType : MediaTypes.OCI_INDEX;
            return index(digest, type, LenientJson.elements(root, "manifests", MAX_INDEX_ENTRIES), annotations);
        }
        if (mediaType.equals(MediaTypes.OCI_ARTIFACT)
                || (root.path("blobs").isArray() && !root.path("config").isObject())) {
            return new ArtifactManifest(
                    digest,
                    MediaTypes.OCI_ARTIFACT,
                    LenientJson.textOr(root, "artifactType", "unknown"),
                    descriptors(root, "blobs", MAX_LAYERS));
        }
        if (!root.path("config").isObject()) {
            throw new MalformedException("it has neither 'config' nor 'manifests'");
        }
        Descriptor config = descriptor(root.path("config"), "config");
        List<Descriptor> layers = descriptors(root, "layers", MAX_LAYERS);
        String type = MediaTypes.isImageManifest(mediaType) ? mediaType : MediaTypes.OCI_MANIFEST;
        String artifactType = LenientJson.text(root, "artifactType");
        if (isImage(config, layers, artifactType)) {
            return new ImageManifest(digest, type, config, layers, annotations);
        }
        return new ArtifactManifest(digest, type, artifactName(config, layers, artifactType), layers);
    }

    /**
     * An image has an image's config and at least one layer that is a tar of a file system. Signatures and SBOMs borrow the config's media type, so it alone does not count.
     * An image without layers is one as well, unless it says what else it is.
     */
    private static boolean isImage(Descriptor config, List<Descriptor> layers, @Nullable String artifactType) {
        if (!MediaTypes.isImageConfig(config.mediaType())) {
            return false;
        }
        return layers.isEmpty()
                ? artifactType == null || artifactType.isEmpty()
                : layers.stream().anyMatch(layer -> MediaTypes.isLayer(layer.mediaType()));
    }

    private static String artifactName(Descriptor config, List<Descriptor> layers, @Nullable String artifactType) {
        if (artifactType != null && !artifactType.isEmpty()) {
            return artifactType;
        }
        boolean borrowed = MediaTypes.isImageConfig(config.mediaType());
        String name = borrowed && !layers.isEmpty() ? layers.get(0).mediaType() : config.mediaType();
        return name.isEmpty() ? "unknown" : name;
    }

    /** One bad entry hides no other: each stands for an image of its own. */
    private static IndexManifest index(
            Digest digest, String mediaType, List<JsonNode> entries, Map<String, String> annotations) {
        List<Descriptor> manifests = new ArrayList<>();
        List<String> passedOver = new ArrayList<>();
        int bad = 0;
        for (int n = 0; n < entries.size(); n++) {
            try {
                manifests.add(descriptor(entries.get(n), "manifests[" + n + "]"));
            } catch (MalformedException e) {
                if (++bad < MAX_TOLD) {
                    passedOver.add(String.valueOf(e.getMessage()));
                }
            }
        }
        if (bad > passedOver.size()) {
            passedOver.add((bad - passedOver.size()) + " more entries of 'manifests' are bad");
        }
        return new IndexManifest(digest, mediaType, manifests, passedOver, annotations);
    }

    private static List<Descriptor> descriptors(JsonNode root, String field, int atMost) throws MalformedException {
        List<Descriptor> descriptors = new ArrayList<>();
        for (JsonNode element : LenientJson.elements(root, field, atMost)) {
            descriptors.add(descriptor(element, field + "[" + descriptors.size() + "]"));
        }
        return descriptors;
    }

    private static Descriptor descriptor(JsonNode node, String where) throws MalformedException {
        if (!node.isObject()) {
            throw new MalformedException("'" + where + "' is not a descriptor");
        }
        try {
            return new Descriptor(
                    LenientJson.textOr(node, "mediaType", ""),
                    LenientJson.digest(node, "digest"),
                    LenientJson.size(node, "size", Descriptor.UNKNOWN_SIZE),
                    platform(node.path("platform")),
                    LenientJson.textMap(node, "annotations"),
                    LenientJson.texts(node, "urls", 100),
                    LenientJson.text(node, "artifactType"));
        } catch (MalformedException e) {
            throw new MalformedException("'" + where + "': " + e.getMessage());
        }
    }

    /** Null unless system and architecture are both named. Builders that write {@code Linux} mean {@code linux}. */
    static @Nullable Platform platform(JsonNode node) {
        String os = node.path("os").asString("").toLowerCase(Locale.ROOT);
        String architecture = node.path("architecture").asString("").toLowerCase(Locale.ROOT);
        String variant = node.path("variant").asString("");
        if (!isPlatformWord(os) || !isPlatformWord(architecture)) {
            return null;
        }
        return new Platform(os, architecture, isPlatformWord(variant) ? variant : null);
    }

    /** What is longer or has a slash could not be read back from {@code os/architecture/variant}. */
    private static boolean isPlatformWord(String word) {
        return !word.isEmpty()
                && word.length() <= 32
                && word.chars()
                        .allMatch(c -> (c >= 'a' && c <= 'z')
                                || (c >= 'A' && c <= 'Z')
                                || (c >= '0' && c <= '9')
                                || c == '.'
                                || c == '_'
                                || c == '-');
    }
}
