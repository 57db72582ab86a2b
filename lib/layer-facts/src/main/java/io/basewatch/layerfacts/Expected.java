package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Digest;
import org.jspecify.annotations.Nullable;

/**
 * What the manifest and the config promise of one layer.
 *
 * @param digest of the stored bytes; null when nothing is promised
 * @param size of the stored bytes; -1 when unknown
 * @param diffId digest of the uncompressed tar; null when the config is missing or does not say
 * @param mediaType as in the manifest; empty when unknown
 */
public record Expected(
        @Nullable Digest digest, long size, @Nullable Digest diffId, String mediaType) {

    /** Nothing is promised, nothing is checked: the facts say what was computed. */
    public static final Expected NOTHING = new Expected(null, -1, null, "");

    public Expected {
        if (size < -1) {
            throw new IllegalArgumentException("layer size " + size + " is negative");
        }
    }
}
