package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * Why an analysis is not complete, or what must be known beside a complete one.
 *
 * @param message for people: names the layer, file or field, the offending value, and what to do; never a secret
 */
public record Reason(Code code, String message) {

    /** Few enough to be a metric's label. */
    public enum Code {
        /** The registry could not be reached, or answered with an error of its own. */
        REGISTRY_UNAVAILABLE,
        /** Credentials are missing or refused. */
        UNAUTHORIZED,
        MANIFEST_MISSING,
        MANIFEST_INVALID,
        CONFIG_MISSING,
        CONFIG_INVALID,
        BLOB_MISSING,
        /** The bytes are not those the manifest promised. */
        DIGEST_MISMATCH,
        SIZE_MISMATCH,
        /** The uncompressed tar is not the one the image's config names. */
        DIFF_ID_MISMATCH,
        /** The media type says another compression than the bytes do; read by the bytes. */
        MEDIA_TYPE_MISMATCH,
        /** Beside a complete result: of a layer only what matters was fetched, by its table of contents; that its tar is the config's was not seen. */
        READ_BY_TABLE,
        /** The compressed stream or the tar in it is broken or cut short. */
        LAYER_CORRUPT,
        /** A layer that its registry must not hand out. */
        FOREIGN_LAYER,
        UNSUPPORTED_FORMAT,
        /** A hard cap was passed. */
        LIMIT_EXCEEDED,
        TIMEOUT,
        /** A file a detector wanted is there, but broken. */
        FILE_INVALID,
        /** An image for Windows or another system, which has no libc of ours. */
        NOT_LINUX,
        /** A signature, SBOM, chart or another artifact that is no image. */
        NOT_AN_IMAGE,
        /** Our own mistake. */
        INTERNAL_ERROR;

        /**
         * Whether it may be gone when the same image is looked at later: a registry comes back, a credential is put right, a blob arrives after its manifest, the next transfer is
         * not damaged. What is not is the image's own, or ours.
         */
        public boolean mayPass() {
            return switch (this) {
                case REGISTRY_UNAVAILABLE,
                        UNAUTHORIZED,
                        TIMEOUT,
                        MANIFEST_MISSING,
                        CONFIG_MISSING,
                        BLOB_MISSING,
                        DIGEST_MISMATCH,
                        SIZE_MISMATCH -> true;
                default -> false;
            };
        }

        @JsonCreator
        public static Code parse(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
        }

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
