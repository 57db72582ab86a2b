package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A reference from one content to another. Source of the format: OCI image-spec, descriptor.md.
 *
 * @param mediaType empty when the descriptor does not say
 * @param size in bytes; {@link #UNKNOWN_SIZE} when the descriptor does not say, so that the digest alone tells whether the content is whole
 * @param platform of an index entry; null when it has none
 * @param urls where a foreign layer is to be fetched from; never followed
 * @param artifactType of an index entry; null when it has none
 */
public record Descriptor(
        String mediaType,
        Digest digest,
        long size,
        @Nullable Platform platform,
        Map<String, String> annotations,
        List<String> urls,
        @Nullable String artifactType) {

    public static final long UNKNOWN_SIZE = -1;

    public Descriptor {
        if (size < UNKNOWN_SIZE) {
            throw new IllegalArgumentException("size " + size + " of " + digest + " is negative");
        }
        annotations = Map.copyOf(annotations);
        urls = List.copyOf(urls);
    }

    /** A plain reference without platform, annotations or addresses. */
    public static Descriptor of(String mediaType, Digest digest, long size) {
        return new Descriptor(mediaType, digest, size, null, Map.of(), List.of(), null);
    }

    boolean hasSize() {
        return size != UNKNOWN_SIZE;
    }

    Descriptor withSize(long bytes) {
        return new Descriptor(mediaType, digest, bytes, platform, annotations, urls, artifactType);
    }

    /** Whether the registry is not meant to hand the content out (Windows base layers). */
    public boolean isForeign() {
        return !urls.isEmpty() || MediaTypes.isForeignLayer(mediaType);
    }
}
