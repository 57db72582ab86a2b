package io.basewatch.ociregistry;

import java.util.Set;

/**
 * The media types this module decides by. Sources: OCI image-spec, media-types.md; distribution, docs/spec/manifest-v2-2.md.
 */
final class MediaTypes {

    static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    static final String OCI_ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json";
    static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
    static final String OCI_FOREIGN_LAYER = "application/vnd.oci.image.layer.nondistributable.v1.tar";
    static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
    static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar";
    static final String DOCKER_FOREIGN_LAYER = "application/vnd.docker.image.rootfs.foreign.diff.tar";

    /** Docker's first schema 2 pushes named their config so. */
    private static final String OLD_CONFIG = "application/octet-stream";

    private static final String SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+";

    /** All that is understood. A registry that is not told so answers in schema 1. */
    static final String ACCEPT = String.join(", ", DOCKER_MANIFEST, DOCKER_LIST, OCI_MANIFEST, OCI_INDEX);

    private static final Set<String> INDEXES = Set.of(OCI_INDEX, DOCKER_LIST);
    private static final Set<String> MANIFESTS = Set.of(OCI_MANIFEST, DOCKER_MANIFEST);

    private MediaTypes() {}

    static boolean isIndex(String mediaType) {
        return INDEXES.contains(mediaType);
    }

    static boolean isImageManifest(String mediaType) {
        return MANIFESTS.contains(mediaType);
    }

    static boolean isSchema1(String mediaType) {
        return mediaType.startsWith(SCHEMA_1);
    }

    static boolean isImageConfig(String mediaType) {
        return mediaType.equals(OCI_CONFIG) || mediaType.equals(DOCKER_CONFIG) || mediaType.equals(OLD_CONFIG);
    }

    /** Whether a layer is a tar of a root file system, however compressed or encrypted: {@code …tar}, {@code …tar+gzip}, {@code …tar.gzip}. */
    static boolean isLayer(String mediaType) {
        return isKindOf(OCI_LAYER, mediaType) || isKindOf(DOCKER_LAYER, mediaType) || isForeignLayer(mediaType);
    }

    static boolean isForeignLayer(String mediaType) {
        return isKindOf(OCI_FOREIGN_LAYER, mediaType) || isKindOf(DOCKER_FOREIGN_LAYER, mediaType);
    }

    private static boolean isKindOf(String tar, String mediaType) {
        return mediaType.startsWith(tar)
                && (mediaType.length() == tar.length()
                        || mediaType.charAt(tar.length()) == '+'
                        || mediaType.charAt(tar.length()) == '.');
    }

    /** A Content-Type without its parameters, in lower case. */
    static String essence(String contentType) {
        int semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .trim()
                .toLowerCase(java.util.Locale.ROOT);
    }
}
