package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Platform;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an image's config says. Source of the format: OCI image-spec, config.md.
 *
 * @param platform null when the config names no system or no architecture
 * @param created null when the config does not say or says nonsense
 * @param diffIds of the layers, bottom-up; empty when the config has none
 * @param inputs all of it, without the manifest's annotations; may hold secrets, so it is left out of {@link #toString()}
 */
public record ImageConfig(
        @Nullable Platform platform, @Nullable Instant created, List<Digest> diffIds, ImageInputs inputs) {

    public ImageConfig {
        diffIds = List.copyOf(diffIds);
    }

    @Override
    public String toString() {
        return "ImageConfig[platform=" + platform + ", created=" + created + ", diffIds=" + diffIds + "]";
    }
}
