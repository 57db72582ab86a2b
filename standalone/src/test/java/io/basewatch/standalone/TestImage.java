package io.basewatch.standalone;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.registrytestkit.LocalRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** One small image in every form in which Basewatch can be given it. */
final class TestImage {

    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

    /** Stored bytes, and the digest of the tar in them. */
    private record Layer(byte[] stored, byte[] tar) {}

    private final List<Map<String, byte[]>> files;
    private final List<Layer> layers;
    private final byte[] config;
    private final byte[] manifest;

    /**
     * @param files of each layer, bottom-up, each path → content
     */
    TestImage(List<Map<String, byte[]>> files) throws IOException {
        this.files = files;
        this.layers = new ArrayList<>();
        for (Map<String, byte[]> each : files) {
            byte[] tar = tar(each);
            layers.add(new Layer(gzip(tar), tar));
        }
        String diffIds =
                layers.stream().map(layer -> "\"" + digest(layer.tar) + "\"").collect(Collectors.joining(","));
        this.config = utf8("{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{},"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diffIds + "]}}");
        this.manifest = utf8("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"config\":"
                + descriptor(CONFIG, config) + ",\"layers\":["
                + layers.stream().map(layer -> descriptor(LAYER, layer.stored)).collect(Collectors.joining(","))
                + "]}");
    }

    /** The first image of the sample fleet that has this name. */
    static TestImage ofSampleFleet(String repository, String tag) throws IOException {
        return new TestImage(SampleFleet.now().stream()
                .filter(stay ->
                        stay.repository().equals(repository) && stay.tag().equals(tag))
                .findFirst()
                .orElseThrow()
                .images()
                .get(0)
                .layers());
    }

    Digest digest() {
        return digest(manifest);
    }

    Digest configDigest() {
        return digest(config);
    }

    /** Bottom-up. */
    List<Digest> layerDigests() {
        return layers.stream().map(layer -> digest(layer.stored)).toList();
    }

    Digest topLayer() {
        return layerDigests().get(layers.size() - 1);
    }

    TestImage pushTo(LocalRegistry registry, String repository, String tag) {
        registry.pushBlob(config);
        layers.forEach(layer -> registry.pushBlob(layer.stored));
        registry.push(repository, tag, MANIFEST, manifest);
        return this;
    }

    /** The registry has only the first half of the top layer, and answers with that. */
    void truncateTopLayerIn(LocalRegistry registry) {
        byte[] whole = layers.get(layers.size() - 1).stored;
        registry.corruptBlob(topLayer(), java.util.Arrays.copyOf(whole, whole.length / 2));
    }

    Path writeLayout(Path folder) throws IOException {
        Path blobs = Files.createDirectories(folder.resolve("blobs/sha256"));
        Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        List<byte[]> all = new ArrayList<>(List.of(config, manifest));
        layers.forEach(layer -> all.add(layer.stored));
        for (byte[] blob : all) {
            Files.write(blobs.resolve(digest(blob).toString().substring("sha256:".length())), blob);
        }
        Files.writeString(
                folder.resolve("index.json"),
                "{\"schemaVersion\":2,\"manifests\":[" + descriptor(MANIFEST, manifest) + "]}");
        return folder;
    }

    /** As {@code docker save} writes it. */
    Path writeDockerArchive(Path file, String name) throws IOException {
        Map<String, byte[]> content = new LinkedHashMap<>();
        content.put("config.json", config);
        List<String> names = new ArrayList<>();
        for (int n = 0; n < layers.size(); n++) {
            names.add("\"" + n + "/layer.tar\"");
            content.put(n + "/layer.tar", layers.get(n).tar);
        }
        content.put(
                "manifest.json",
                utf8("[{\"Config\":\"config.json\",\"RepoTags\":[\"" + name + "\"],\"Layers\":["
                        + String.join(",", names) + "]}]"));
        return Files.write(file, tar(content));
    }

    Path writeRootFs(Path folder) throws IOException {
        for (Map<String, byte[]> layer : files) {
            for (Map.Entry<String, byte[]> file : layer.entrySet()) {
                Path path = folder.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.write(path, file.getValue());
            }
        }
        return folder;
    }

    private static String descriptor(String mediaType, byte[] bytes) {
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + digest(bytes) + "\",\"size\":" + bytes.length
                + "}";
    }

    static byte[] tar(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(file.getValue().length);
                entry.setModTime(0);
                entry.setMode(file.getValue().length > 0 && file.getValue()[0] == 0x7f ? 0100755 : 0100644);
                tar.putArchiveEntry(entry);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(stored)) {
            gzip.write(bytes);
        }
        return stored.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Digest digest(byte[] bytes) {
        try {
            return Digest.ofSha256(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
