package io.basewatch.fleetmodel;

import org.jspecify.annotations.Nullable;

/**
 * Why a finding is believed.
 *
 * @param path in the image, without a leading slash: {@code etc/os-release}
 * @param layer diffID of the layer the file comes from, or its stored digest where only parts of it were read; null where the image has no layers (a plain root file system)
 * @param excerpt the few characters that say so, at most {@value #MAX_EXCERPT}; null when the file's presence is the evidence
 * @param detector id and version of the detector that saw it: {@code os-release/1}
 */
public record Evidence(
        String path, @Nullable Digest layer, @Nullable String excerpt, String detector) {

    public static final int MAX_EXCERPT = 200;

    public Evidence {
        if (excerpt != null && excerpt.length() > MAX_EXCERPT) {
            excerpt = excerpt.substring(0, MAX_EXCERPT - 1) + "…";
        }
    }
}
