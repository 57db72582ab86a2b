package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Where an image is asked for: a repository with a tag, a digest or both (then the digest decides).
 *
 * @param tag null when only the digest is given
 * @param digest null when only the tag is given
 */
public record ImageReference(
        Repository repository,
        @Nullable String tag,
        @Nullable Digest digest) {

    public ImageReference {
        if (tag == null && digest == null) {
            throw new IllegalArgumentException("reference to '" + repository + "' has neither tag nor digest");
        }
    }

    /** What the registry's manifest endpoint is asked for: the digest where there is one, else the tag. */
    public String manifestName() {
        return digest != null ? digest.toString() : String.valueOf(tag);
    }

    @JsonValue
    @Override
    public String toString() {
        if (digest == null) {
            // In one go: lists of the fleet have tens of thousands of them.
            return repository.registry() + "/" + repository.name() + ":" + tag;
        }
        return repository + (tag == null ? "" : ":" + tag) + "@" + digest;
    }
}
