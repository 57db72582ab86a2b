package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageInputs.Material;
import io.basewatch.fleetmodel.JsonTree;
import io.basewatch.ociregistry.ArtifactManifest;
import io.basewatch.ociregistry.Descriptor;
import io.basewatch.ociregistry.ImageSource;
import io.basewatch.ociregistry.IndexManifest;
import io.basewatch.ociregistry.RegistryException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What the attestation of a build says of the images that it used. Where attestations lie: BuildKit, docs/attestations/attestation-storage.md; what they say: in-toto, spec/v1/statement.md, and
 * SLSA, provenance v0.2 (materials) and v1 (buildDefinition.resolvedDependencies); how images are named there: purl-spec, PURL-TYPES.rst, docker.
 *
 * <p>It is a claim that an image can do without: whatever is wrong with it, or with getting at it, there is none.
 */
final class BuildProvenance {

    private static final String OF = "vnd.docker.reference.digest";
    private static final String PREDICATE = "in-toto.io/predicate-type";
    private static final String SLSA = "https://slsa.dev/provenance/";

    /** With what its builder wrote down of the build's definition it may be some MiB. */
    private static final int MAX_BYTES = 8 << 20;

    private static final int MAX_DEPTH = 64;
    private static final int MAX_STATEMENTS = 4;
    private static final int MAX_MATERIALS = 1_000;
    private static final int MAX_REFERENCE = 512;

    /** They run the build: nothing is built upon them. */
    private static final Set<String> TOOLS = Set.of(
            "docker.io/docker/dockerfile",
            "docker.io/docker/dockerfile-upstream",
            "docker.io/docker/buildkit-syft-scanner",
            "docker.io/moby/buildkit",
            "docker.io/tonistiigi/xx",
            "docker.io/tonistiigi/binfmt");

    private BuildProvenance() {}

    /**
     * Images that a build used, its tools left out.
     *
     * @param index that lists the image
     * @return each once, in the order of the attestation; empty when there is none that can be read
     */
    static List<Material> builtFrom(ImageSource source, Digest index, Digest image) {
        try {
            if (source.manifest(index.toString()) instanceof IndexManifest list) {
                for (Descriptor entry : list.manifests()) {
                    if (image.toString().equals(entry.annotations().get(OF))
                            && source.manifest(entry.digest().toString()) instanceof ArtifactManifest attestations) {
                        return read(source, attestations, image);
                    }
                }
            }
        } catch (RegistryException e) {
            // Told where the image itself is read, if it matters.
        }
        return List.of();
    }

    private static List<Material> read(ImageSource source, ArtifactManifest attestations, Digest image)
            throws RegistryException {
        Set<Material> found = new LinkedHashSet<>();
        int left = MAX_STATEMENTS;
        for (Descriptor blob : attestations.blobs()) {
            boolean isProvenance =
                    blob.annotations().getOrDefault(PREDICATE, "").startsWith(SLSA);
            if (isProvenance && left-- > 0) {
                statement(source, blob).ifPresent(read -> found.addAll(materials(read, image)));
            }
        }
        return List.copyOf(found);
    }

    private static Optional<JsonNode> statement(ImageSource source, Descriptor blob) throws RegistryException {
        if (blob.size() > MAX_BYTES) {
            return Optional.empty();
        }
        try (InputStream in = source.blob(blob)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            boolean isWhole =
                    bytes.length <= MAX_BYTES && Digest.sha256Of(bytes).equals(blob.digest());
            return isWhole ? Optional.of(new JsonTree(MAX_DEPTH).read(bytes)) : Optional.empty();
        } catch (RegistryException e) {
            throw e;
        } catch (IOException | JacksonException e) {
            return Optional.empty();
        }
    }

    private static List<Material> materials(JsonNode statement, Digest image) {
        if (!isOf(statement, image)) {
            return List.of();
        }
        JsonNode predicate = statement.path("predicate");
        JsonNode used = predicate.path("materials").isArray()
                ? predicate.path("materials")
                : predicate.path("buildDefinition").path("resolvedDependencies");
        List<Material> found = new ArrayList<>();
        int left = MAX_MATERIALS;
        for (JsonNode each : used) {
            if (left-- == 0) {
                break;
            }
            Material material = material(each);
            if (material != null) {
                found.add(material);
            }
        }
        return found;
    }

    /** One that names other images is not about this one. */
    private static boolean isOf(JsonNode statement, Digest image) {
        JsonNode subjects = statement.path("subject");
        return subjects.isEmpty()
                || subjects.valueStream()
                        .anyMatch(subject ->
                                image.hex().equals(subject.at("/digest/sha256").asString("")));
    }

    /** Null for what is no image, and for a tool. */
    private static @Nullable Material material(JsonNode used) {
        String reference = reference(used.path("uri").asString(""));
        if (reference == null) {
            return null;
        }
        String hex = used.at("/digest/sha256").asString("");
        Digest digest = hex.matches("[0-9a-f]{64}") ? Digest.parse("sha256:" + hex) : null;
        int colon = reference.indexOf(':', reference.lastIndexOf('/'));
        String name = colon < 0 ? reference : reference.substring(0, colon);
        return TOOLS.contains(name) ? null : new Material(reference, digest);
    }

    /** {@code pkg:docker/python@3.11-slim?platform=…} is {@code docker.io/library/python:3.11-slim}; null for what is none. */
    private static @Nullable String reference(String purl) {
        String kind = "pkg:docker/";
        if (!purl.startsWith(kind) || purl.length() > MAX_REFERENCE) {
            return null;
        }
        String text = purl.substring(kind.length()).replaceFirst("[?#].*", "");
        int at = text.lastIndexOf('@');
        String name = decoded(at < 0 ? text : text.substring(0, at));
        String version = at < 0 ? null : decoded(text.substring(at + 1));
        if (name == null || !name.matches("[a-zA-Z0-9._:/-]+") || (at >= 0 && version == null)) {
            return null;
        }
        String first = name.substring(0, Math.max(0, name.indexOf('/')));
        boolean hasHost = first.contains(".") || first.contains(":") || first.equals("localhost");
        String full = hasHost ? name : "docker.io/" + (first.isEmpty() ? "library/" : "") + name;
        // One that is pinned has its digest as version: that stands beside the name already.
        return version == null || version.contains(":") ? full : full + ":" + version;
    }

    private static @Nullable String decoded(String text) {
        try {
            String decoded = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
            return decoded.chars().allMatch(c -> c > ' ' && c < 127) ? decoded : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
