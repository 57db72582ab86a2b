package io.basewatch.ociregistry;

import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.Repository;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Image references as people write them. Docker's short forms are understood: {@code alpine} is {@code registry-1.docker.io/library/alpine:latest}. */
public final class References {

    static final String DOCKER_HUB = "registry-1.docker.io";

    /** Far above the longest legal one. */
    private static final int MAX_CHARS = 1_024;

    private References() {}

    /**
     * @param text {@code [registry/]repository[:tag][@digest]}
     * @throws IllegalArgumentException naming the text and what is wrong with it
     */
    public static ImageReference parse(String text) {
        if (text.length() > MAX_CHARS) {
            throw new IllegalArgumentException("image reference '" + Printable.text(text) + "' is longer than "
                    + MAX_CHARS + " characters: expected [registry/]repository[:tag][@digest]");
        }
        com.google.cloud.tools.jib.api.ImageReference parsed;
        try {
            parsed = com.google.cloud.tools.jib.api.ImageReference.parse(text);
        } catch (InvalidImageReferenceException e) {
            throw new IllegalArgumentException(
                    "image reference '" + Printable.text(text)
                            + "' is malformed: expected [registry/]repository[:tag][@digest], the repository in lower case",
                    e);
        }
        if (parsed.isScratch()) {
            throw new IllegalArgumentException("image reference 'scratch' names no image that could be read");
        }
        Digest digest = parsed.getDigest().map(Digest::parse).orElse(null);
        // With a digest and no tag, jib's default tag is its own addition.
        String tag = digest != null && parsed.usesDefaultTag()
                ? null
                : parsed.getTag().orElse(digest == null ? "latest" : null);
        try {
            Repository repository = new Repository(registry(parsed.getRegistry()), parsed.getRepository());
            Names.requireRepository(repository.name());
            if (!repository.name().equals(repository.name().toLowerCase(Locale.ROOT))) {
                // jib lets UPPER/x through; no registry takes it in.
                throw new IllegalArgumentException(
                        "repository '" + Printable.text(repository.name()) + "' is not in lower case");
            }
            if (tag != null) {
                Names.requireTag(tag);
            }
            return new ImageReference(repository, tag, digest);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "image reference '" + Printable.text(text) + "' is malformed: " + e.getMessage(), e);
        }
    }

    private static String registry(@Nullable String host) {
        if (host == null || host.isEmpty() || host.equals("docker.io") || host.equals("index.docker.io")) {
            return DOCKER_HUB;
        }
        boolean looksLikeHost = host.indexOf('.') >= 0 || host.indexOf(':') >= 0 || host.equals("localhost");
        if (!looksLikeHost) {
            throw new IllegalArgumentException(
                    "'" + Printable.text(host) + "' is neither a registry host nor a repository in lower case");
        }
        return host.toLowerCase(Locale.ROOT);
    }
}
