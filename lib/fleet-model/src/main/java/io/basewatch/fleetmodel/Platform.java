package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an image runs on, in Go's names: {@code linux/amd64}, {@code linux/arm/v7}.
 * Source of the format: OCI image-spec, image-index.md, "platform".
 *
 * @param variant of the processor, null when the architecture has none or the image does not say
 */
public record Platform(
        String os, String architecture, @Nullable String variant) {

    /**
     * @throws IllegalArgumentException when the text is not {@code os/architecture[/variant]}
     */
    @JsonCreator
    public static Platform parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length < 2 || parts.length > 3 || parts[0].isEmpty() || parts[1].isEmpty()) {
            throw new IllegalArgumentException("platform '" + text + "' is not os/architecture[/variant]");
        }
        return new Platform(parts[0], parts[1], parts.length == 3 && !parts[2].isEmpty() ? parts[2] : null);
    }

    /** Some builders write it with a capital. */
    public boolean isLinux() {
        return os.equalsIgnoreCase("linux");
    }

    /** By hand, as what the JVM makes of a record takes a run that has just begun some milliseconds. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Platform platform
                && os.equals(platform.os)
                && architecture.equals(platform.architecture)
                && Objects.equals(variant, platform.variant);
    }

    @Override
    public int hashCode() {
        return (31 * os.hashCode() + architecture.hashCode()) * 31 + Objects.hashCode(variant);
    }

    @JsonValue
    @Override
    public String toString() {
        return os + "/" + architecture + (variant == null ? "" : "/" + variant);
    }
}
