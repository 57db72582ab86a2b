package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.ociregistry.server.LocalRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Small images with real layers. */
final class TestImages {

    static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

    private TestImages() {}

    /**
     * A layer as a registry keeps it.
     *
     * @param diffId of its tar
     */
    record TestLayer(byte[] stored, Digest digest, Digest diffId) {}

    static TestLayer layer(Map<String, String> files) {
        try {
            ByteArrayOutputStream tar = new ByteArrayOutputStream();
            try (TarArchiveOutputStream out = new TarArchiveOutputStream(tar)) {
                for (Map.Entry<String, String> file : new TreeMap<>(files).entrySet()) {
                    byte[] content = file.getValue().getBytes(StandardCharsets.ISO_8859_1);
                    TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                    entry.setSize(content.length);
                    entry.setModTime(0);
                    out.putArchiveEntry(entry);
                    out.write(content);
                    out.closeArchiveEntry();
                }
            }
            ByteArrayOutputStream stored = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(stored)) {
                gzip.write(tar.toByteArray());
            }
            return new TestLayer(stored.toByteArray(), digest(stored.toByteArray()), digest(tar.toByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lowest layer of an Alpine image, as far as its release files go. */
    static TestLayer alpine(String version) {
        return layer(Map.of(
                "etc/os-release",
                "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=" + version + "\nPRETTY_NAME=\"Alpine Linux v"
                        + version.substring(0, version.lastIndexOf('.')) + "\"\n",
                "etc/alpine-release",
                version + "\n"));
    }

    /** A layer that no other test has, large enough to be cut in the middle. */
    static TestLayer noise(String name) {
        byte[] noise = new byte[200_000];
        new Random(name.hashCode()).nextBytes(noise);
        return layer(Map.of("opt/" + name, new String(noise, StandardCharsets.ISO_8859_1)));
    }

    static Digest push(LocalRegistry registry, String repository, String tag, TestLayer... layers) {
        for (TestLayer layer : layers) {
            registry.pushBlob(layer.stored());
        }
        return pushWithoutLayers(registry, repository, tag, "linux", layers);
    }

    static Digest pushWithoutLayers(
            LocalRegistry registry, String repository, String tag, String os, TestLayer... layers) {
        List<Digest> diffIds = new ArrayList<>();
        for (TestLayer layer : layers) {
            diffIds.add(layer.diffId());
        }
        Digest config = registry.pushBlob(config(os, diffIds));
        return manifest(registry, repository, tag, config, config(os, diffIds).length, layers);
    }

    static byte[] config(String os, List<Digest> diffIds) {
        return ("{\"os\":\"" + os
                        + "\",\"architecture\":\"amd64\",\"created\":\"2026-01-02T03:04:05Z\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                        + diffIds.stream().map(id -> "\"" + id + "\"").collect(Collectors.joining(",")) + "]}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    static Digest manifest(
            LocalRegistry registry, String repository, String tag, Digest config, int configSize, TestLayer... layers) {
        StringBuilder list = new StringBuilder();
        for (TestLayer layer : layers) {
            list.append(list.length() == 0 ? "" : ",")
                    .append("{\"mediaType\":\"" + LAYER + "\",\"digest\":\"" + layer.digest() + "\",\"size\":"
                            + layer.stored().length + "}");
        }
        String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST
                + "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" + config
                + "\",\"size\":" + configSize + "},\"layers\":[" + list + "]}";
        return registry.push(repository, tag, MANIFEST, manifest.getBytes(StandardCharsets.UTF_8));
    }

    static Digest digest(byte[] bytes) {
        try {
            return Digest.ofSha256(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
