package io.basewatch.registrywatcher;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.registrytestkit.LocalRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Small images for a registry; the watcher never looks into layers, so they have none. */
final class PushedImages {

    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String INDEX = "application/vnd.oci.image.index.v1+json";

    private PushedImages() {}

    /** Another content gives another digest. */
    static Digest image(LocalRegistry registry, String repository, String tag, String content) {
        return image(registry, repository, tag, content, "linux/amd64");
    }

    static Digest image(LocalRegistry registry, String repository, String tag, String content, String platform) {
        String[] parts = platform.split("/");
        byte[] config = ("{\"os\":\"" + parts[0] + "\",\"architecture\":\"" + parts[1]
                        + "\",\"config\":{\"Labels\":{\"content\":\"" + content
                        + "\"}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}")
                .getBytes(StandardCharsets.UTF_8);
        Digest digest = registry.pushBlob(config);
        String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST
                + "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" + digest
                + "\",\"size\":" + config.length + "},\"layers\":[]}";
        return registry.push(repository, tag, MANIFEST, manifest.getBytes(StandardCharsets.UTF_8));
    }

    /** An index of images for these platforms, by digest in the platforms' order. */
    static Digest index(
            LocalRegistry registry, String repository, String tag, List<Digest> images, List<String> platforms) {
        StringBuilder entries = new StringBuilder();
        for (int n = 0; n < images.size(); n++) {
            String[] parts = platforms.get(n).split("/");
            entries.append(n == 0 ? "" : ",")
                    .append("{\"mediaType\":\"" + MANIFEST + "\",\"digest\":\"" + images.get(n)
                            + "\",\"size\":300,\"platform\":{\"os\":\"" + parts[0] + "\",\"architecture\":\""
                            + parts[1] + "\"}}");
        }
        String index = "{\"schemaVersion\":2,\"mediaType\":\"" + INDEX + "\",\"manifests\":[" + entries + "]}";
        return registry.push(repository, tag, INDEX, index.getBytes(StandardCharsets.UTF_8));
    }

    /** A signature as cosign pushes it. */
    static Digest artifact(LocalRegistry registry, String repository, String tag) {
        byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
        Digest digest = registry.pushBlob(empty);
        String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST
                + "\",\"artifactType\":\"application/vnd.dev.cosign.artifact.sig.v1+json\",\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"digest\":\""
                + digest + "\",\"size\":2},\"layers\":[]}";
        return registry.push(repository, tag, MANIFEST, manifest.getBytes(StandardCharsets.UTF_8));
    }
}
