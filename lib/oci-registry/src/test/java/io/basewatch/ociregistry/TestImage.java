package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/** An image of one layer; the layer is just text, since this module does not look into layers. */
record TestImage(byte[] manifest, byte[] config, byte[] layer) {

    static TestImage of(String content) {
        return of(content, "linux", "amd64");
    }

    static TestImage of(String content, String os, String architecture) {
        byte[] layer = content.getBytes(StandardCharsets.UTF_8);
        byte[] config =
                """
                {"os":"%s","architecture":"%s","created":"2026-01-02T03:04:05Z","config":{"Cmd":["sh"]},
                "rootfs":{"type":"layers","diff_ids":["%s"]}}""".formatted(os, architecture, Hashing.digest(layer, "sha256")).getBytes(StandardCharsets.UTF_8);
        byte[] manifest = """
                {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}""".formatted(
                        MediaTypes.OCI_MANIFEST,
                        descriptor(MediaTypes.OCI_CONFIG, config),
                        descriptor(MediaTypes.OCI_LAYER, layer))
                .getBytes(StandardCharsets.UTF_8);
        return new TestImage(manifest, config, layer);
    }

    static String descriptor(String mediaType, byte[] content) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                .formatted(mediaType, Hashing.digest(content, "sha256"), content.length);
    }

    Digest digest() {
        return Hashing.digest(manifest, "sha256");
    }

    Descriptor layerDescriptor() {
        return Descriptor.of(MediaTypes.OCI_LAYER, Hashing.digest(layer, "sha256"), layer.length);
    }

    static byte[] index(Map<Digest, String> platforms) {
        String entries = platforms.entrySet().stream()
                .map(entry ->
                        "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":1,\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\"}}"
                                .formatted(
                                        MediaTypes.OCI_MANIFEST,
                                        entry.getKey(),
                                        entry.getValue().split("/")[0],
                                        entry.getValue().split("/")[1]))
                .collect(Collectors.joining(","));
        return ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"manifests\":[" + entries + "]}")
                .getBytes(StandardCharsets.UTF_8);
    }
}
