package io.basewatch.lineage;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.basewatch.fleetmodel.Digest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an image says itself of the image it was built on. At least one of the two is there.
 *
 * @param reference as written: {@code docker.io/library/alpine:3.20}; null when only a digest is given
 * @param digest of the base's manifest, or of the index that led to it; null when only a name is given
 */
public record BaseClaim(
        @Nullable String reference, @Nullable Digest digest, Source source) {

    /** A longer reference is none. */
    public static final int MAX_REFERENCE = 512;

    public BaseClaim {
        if (reference == null && digest == null) {
            throw new IllegalArgumentException("a claim of a base names neither reference nor digest");
        }
        if (reference != null && (reference.isEmpty() || reference.length() > MAX_REFERENCE)) {
            throw new IllegalArgumentException(
                    "a base's reference has " + reference.length() + " characters, not 1 to " + MAX_REFERENCE);
        }
    }

    /** Where it is said. */
    public enum Source {
        /** Of the manifest, by who built this image. */
        ANNOTATION,
        /** Of the config: images inherit it from their base, so it may be said of that one. */
        LABEL,
        /** Of the build, by who built this image: an attestation beside it in its index (SLSA provenance). */
        PROVENANCE;

        Method method() {
            return switch (this) {
                case ANNOTATION -> Method.ANNOTATION;
                case LABEL -> Method.LABEL;
                case PROVENANCE -> Method.PROVENANCE;
            };
        }

        @JsonCreator
        public static Source parse(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
