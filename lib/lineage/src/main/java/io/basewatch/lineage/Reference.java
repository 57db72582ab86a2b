package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An image's name as people write it, with what they leave out: {@code alpine} is {@code docker.io/library/alpine:latest}.
 *
 * @param tag null where only a digest is given
 */
record Reference(
        Repository repository,
        @Nullable String tag,
        @Nullable Digest digest) {

    private static final String DOCKER_HUB = "docker.io";
    private static final String OFFICIAL = "library/";

    /** Empty for what is none. */
    static Optional<Reference> parse(String text) {
        try {
            int at = text.indexOf('@');
            Digest digest = at < 0 ? null : Digest.parse(text.substring(at + 1));
            String name = at < 0 ? text : text.substring(0, at);
            int colon = name.lastIndexOf(':');
            boolean tagged = colon > name.lastIndexOf('/');
            String tag = tagged ? name.substring(colon + 1) : digest == null ? "latest" : null;
            String path = tagged ? name.substring(0, colon) : name;
            int slash = path.indexOf('/');
            String first = slash < 0 ? "" : path.substring(0, slash);
            boolean host = first.contains(".") || first.contains(":") || first.equals("localhost");
            String registry = host ? first : DOCKER_HUB;
            if (registry.equals("index.docker.io") || registry.equals("registry-1.docker.io")) {
                registry = DOCKER_HUB;
            }
            String rest = host ? path.substring(slash + 1) : path;
            if (registry.equals(DOCKER_HUB) && rest.indexOf('/') < 0) {
                rest = OFFICIAL + rest;
            }
            return path.isBlank() || rest.endsWith("/") || (tag != null && tag.isEmpty())
                    ? Optional.empty()
                    : Optional.of(new Reference(new Repository(registry, rest), tag, digest));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The registry of a company often has the images of public ones, under the same names below its own. */
    boolean mayBe(String reference) {
        String name = repository.name();
        String plain = name.startsWith(OFFICIAL) ? name.substring(OFFICIAL.length()) : name;
        return tag != null
                && (reference.endsWith("/" + name + ":" + tag)
                        || reference.endsWith("/" + plain + ":" + tag)
                        || reference.equals(plain + ":" + tag));
    }

    @Override
    public String toString() {
        return repository + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }
}
