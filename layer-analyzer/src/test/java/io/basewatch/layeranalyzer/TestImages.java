package io.basewatch.layeranalyzer;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.registrytestkit.LocalRegistry;
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
     * @param annotations of the layer in a manifest, as JSON
     */
    record TestLayer(byte[] stored, Digest digest, Digest diffId, String annotations) {
        TestLayer(byte[] stored, Digest digest, Digest diffId) {
            this(stored, digest, diffId, "{}");
        }

        TestLayer annotated(String json) {
            return new TestLayer(stored, digest, diffId, json);
        }
    }

    /** In eStargz: each file's content is a gzip member of its own, and the last file tells where. Source: containerd/stargz-snapshotter, docs/estargz.md. */
    static TestLayer stargz(Map<String, byte[]> files) {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        ByteArrayOutputStream member = new ByteArrayOutputStream();
        List<String> entries = new ArrayList<>();
        new TreeMap<>(files).forEach((name, content) -> {
            member.writeBytes(header(name, content.length));
            end(member, stored, tar);
            entries.add("{\"name\":\"" + name + "\",\"type\":\"reg\",\"mode\":420,\"size\":" + content.length
                    + ",\"offset\":" + stored.size() + ",\"chunkDigest\":\"" + digest(content) + "\"}");
            member.writeBytes(content);
            member.writeBytes(new byte[-content.length & 511]);
        });
        end(member, stored, tar);
        int offset = stored.size();
        byte[] table =
                ("{\"version\":1,\"entries\":[" + String.join(",", entries) + "]}").getBytes(StandardCharsets.UTF_8);
        member.writeBytes(header("stargz.index.json", table.length));
        member.writeBytes(table);
        member.writeBytes(new byte[(-table.length & 511) + 1024]);
        end(member, stored, tar);
        stored.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, (byte) 0xff, 26, 0, 'S', 'G', 22, 0});
        stored.writeBytes(String.format("%016xSTARGZ", offset).getBytes(StandardCharsets.US_ASCII));
        stored.writeBytes(new byte[] {1, 0, 0, (byte) 0xff, (byte) 0xff, 0, 0, 0, 0, 0, 0, 0, 0});
        return new TestLayer(
                stored.toByteArray(),
                digest(stored.toByteArray()),
                digest(tar.toByteArray()),
                "{\"containerd.io/snapshot/stargz/toc.digest\":\"" + digest(table) + "\"}");
    }

    private static byte[] header(String name, long size) {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(size);
        entry.setModTime(0);
        byte[] header = new byte[512];
        entry.writeEntryHeader(header);
        return header;
    }

    private static void end(ByteArrayOutputStream member, ByteArrayOutputStream stored, ByteArrayOutputStream tar) {
        tar.writeBytes(member.toByteArray());
        stored.writeBytes(gzip(member.toByteArray()));
        member.reset();
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(stored)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return stored.toByteArray();
    }

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
                            + layer.stored().length + ",\"annotations\":" + layer.annotations() + "}");
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
